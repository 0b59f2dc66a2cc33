import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLog, logLevel, maskSecrets } from '../../src/platform/log.ts';

function recorded(level: 'warn' | 'debug', secrets: readonly string[] = []) {
  const lines: string[] = [];
  return { lines, log: createLog({ level, secrets: () => secrets, write: (line) => lines.push(line) }) };
}

describe('the level', () => {
  it.each([
    [{}, 'error'],
    [{ HINDCAST_LOG: '' }, 'error'],
    [{ HINDCAST_LOG: 'DEBUG' }, 'debug'],
    [{ HINDCAST_LOG: 'silent' }, 'silent'],
  ])('of %j is %s', (env, level) => {
    expect(logLevel(env)).toBe(level);
  });

  it('a server tells more where nothing is said', () => {
    expect([logLevel({}, 'info'), logLevel({ HINDCAST_LOG: 'warn' }, 'info')]).toEqual(['info', 'warn']);
  });

  it('that no one knows is refused with those that are known', () => {
    expect(() => logLevel({ HINDCAST_LOG: 'loud' })).toThrow('HINDCAST_LOG must be one of silent, error, warn, info, debug');
  });
});

describe('a line', () => {
  it('is one JSON object with a static message and its fields beside it', () => {
    const { log, lines } = recorded('warn');
    log.info({ source: 'github' }, 'page read');
    log.warn({ source: 'github', stream: 'deployments', reason: 'retention' }, 'gap recorded');
    expect(lines).toHaveLength(1);
    expect(lines[0]?.endsWith('\n')).toBe(true);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      source: 'github',
      stream: 'deployments',
      reason: 'retention',
      msg: 'gap recorded',
    });
  });

  it('shows no secret, wherever it came in', () => {
    const token = 'u+Zq"7/secret-token';
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END KEY-----';
    const { log, lines } = recorded('debug', [token, key]);
    const cause = new Error(`401 for Authorization: Token token=${token}`);
    log.debug({ headers: { authorization: [`Bearer ${token}`] } }, 'asked');
    log.warn({ error: new Error('vendor refused', { cause }) }, `refused ${token}`);
    log.error({ url: `https://h/?t=${encodeURIComponent(token)}`, [token]: 1 }, 'sent');
    log.error({ key, line: 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC', basic: Buffer.from(token).toString('base64') }, 'sent');
    const all = lines.join('');
    for (const form of [token, JSON.stringify(token).slice(1, -1), encodeURIComponent(token), 'MIIEvQ', 'secret-token']) {
      expect(all).not.toContain(form);
    }
    expect(all).toContain('vendor refused');
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['asked', 'refused [redacted: secret]', 'sent', 'sent']);
  });

  it('masks the secret that contains another one whole', () => {
    expect(maskSecrets('token=abcdefgh-long', ['abcdefgh', 'abcdefgh-long'])).toBe('token=[redacted: secret]');
  });

  it('law: no secret of at least six characters is ever readable, and a line stays JSON', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6 }), fc.string(), fc.string(), (secret, before, after) => {
        fc.pre(!'[redacted: secret] "level":"warn","time":,"text":"msg":{}'.includes(secret) && secret.trim().length >= 6);
        const { log, lines } = recorded('warn', [secret]);
        log.warn({ text: before + secret + after }, 'kept');
        const line: { text: string } = JSON.parse(lines[0] ?? '');
        expect(line.text.replaceAll('[redacted: secret]', '\u0007')).not.toContain(secret);
      }),
    );
  });
});
