import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/app/errors.ts';
import { createSecrets, parseTokens, readTokens, readWebhookSecrets } from '../../src/platform/secrets.ts';

const LONG = 'k7Jq2wPz9LmN4vXc8RtB6yHd';
const OTHER = 'Zx3fGh5jKl7QwEr9TyUi1OpA';

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof AppError && error.code === 'config') return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a secret of a source', () => {
  it('is read from the variable that the configuration names, without the line end that a file left on it', () => {
    const secrets = createSecrets({ PAGERDUTY_TOKEN: 'pd-secret-value\n' });
    expect(secrets.values()).toEqual([]);
    expect(secrets.read('PAGERDUTY_TOKEN', 'pagerduty')).toBe('pd-secret-value');
    expect(secrets.values()).toEqual(['pd-secret-value']);
  });

  it.each([
    [{}, 'source `github` needs the environment variable GITHUB_TOKEN, which is not set: export it, or name another in its `_env` key'],
    [
      { GITHUB_TOKEN: ' ' },
      'source `github` needs the environment variable GITHUB_TOKEN, which is empty: export it, or name another in its `_env` key',
    ],
  ])('that is missing is named with its source: %j', (env, message) => {
    expect(refusal(() => createSecrets(env).read('GITHUB_TOKEN', 'github'))).toBe(message);
  });

  it.each(['ghp_abc\ndef', 'ghp_abc\u200b'])('that can be none is refused before anybody is asked: %j', (value) => {
    expect(refusal(() => createSecrets({ GITHUB_TOKEN: value }).read('GITHUB_TOKEN', 'github'))).toBe(
      'source `github`: the environment variable GITHUB_TOKEN holds a line break or another character that no token has: copy it anew',
    );
  });

  it('may be a private key, which is lines of text', () => {
    const key = '-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----';
    expect(createSecrets({ KEY: `${key}\n` }).read('KEY', 'github')).toBe(key);
  });
});

describe('the tokens of the API', () => {
  it('are names with a scope and a secret', () => {
    expect(parseTokens(`jane:write:${LONG}, dashboards:read:${OTHER},`)).toEqual([
      { name: 'jane', scope: 'write', secret: LONG },
      { name: 'dashboards', scope: 'read', secret: OTHER },
    ]);
  });

  it('may hold a colon in the secret', () => {
    expect(parseTokens(`ci:read:abc:${LONG}`)[0]?.secret).toBe(`abc:${LONG}`);
  });

  it('are none where the variable is not set', () => {
    expect(readTokens({}, 'HINDCAST_TOKENS')).toEqual([]);
  });

  const form = 'write name:read:secret or name:write:secret, separated by commas';
  it.each([
    ['a secret alone', LONG, `HINDCAST_TOKENS: entry 1 has no scope: ${form}`],
    ['another scope', `jane:write:${LONG},joe:admin:${OTHER}`, `HINDCAST_TOKENS: entry 2 has no scope: ${form}`],
    ['the secret first', `${LONG}:jane:write`, `HINDCAST_TOKENS: entry 1 has no scope: ${form}`],
    ['no name', `:read:${LONG}`, `HINDCAST_TOKENS: entry 1 has no usable name: ${form}`],
    [
      'a short secret',
      'jane:write:hunter2',
      'HINDCAST_TOKENS: entry 1 has a secret of fewer than 24 characters: make one with `openssl rand -hex 24`',
    ],
    ['white space in the secret', `jane:write:abc ${LONG}`, 'HINDCAST_TOKENS: entry 1 has white space inside its secret'],
    [
      'one name twice',
      `jane:write:${LONG},jane:read:${OTHER}`,
      'HINDCAST_TOKENS: entry 2 repeats the name or the secret of an earlier one',
    ],
    [
      'one secret twice',
      `jane:write:${LONG},joe:read:${LONG}`,
      'HINDCAST_TOKENS: entry 2 repeats the name or the secret of an earlier one',
    ],
  ])('with %s are refused, and nothing of the entry is printed', (_what, text, message) => {
    const said = refusal(() => parseTokens(text));
    expect(said).toBe(message);
    for (const part of [LONG, OTHER, 'hunter2']) expect(said).not.toContain(part);
  });
});

describe('the secrets of a webhook', () => {
  const read = (value: string | undefined) => {
    const secrets = createSecrets({ HOOK: value });
    return { found: readWebhookSecrets(secrets, { source: 'pagerduty', secrets_env: 'HOOK' }), known: secrets.values() };
  };
  const [old, fresh] = ['o'.repeat(40), 'n'.repeat(40)];

  it('are several while one is exchanged, and each is masked in the log', () => {
    const { found, known } = read(`${old}, ${fresh},`);
    expect(found).toEqual([old, fresh]);
    expect(known).toEqual(expect.arrayContaining([old, fresh]));
  });

  it.each([
    ['none', undefined, /needs the environment variable HOOK, which is not set/],
    ['nothing but commas', ' , ,', /^HOOK names none: /],
    ['a short one', `${old},short`, /^HOOK: secret 2 has fewer than 24 characters: /],
  ])('that are %s stop the server before it starts, and are not printed', (_what, value, message) => {
    expect(() => read(value)).toThrow(message);
  });
});
