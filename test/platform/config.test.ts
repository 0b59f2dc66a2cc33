import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/app/errors.ts';
import { DEFAULT_DRAFT, DEFAULT_POLICY } from '../../src/core/analysis/policy.ts';
import { loadSettings } from '../../src/platform/config.ts';
import { cronProblem } from '../../src/storage/schedule.ts';
import { KNOWN } from './connectors.ts';

const TOKEN = { PAGERDUTY_TOKEN: 'pd-token-of-the-test' };

interface Given {
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly path?: string;
}

function load({ files = {}, env = {}, path }: Given) {
  const cwd = mkdtempSync(join(tmpdir(), 'hindcast-config-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(cwd, name, '..'), { recursive: true });
      writeFileSync(join(cwd, name), text);
    }
    return { cwd, settings: loadSettings({ ...KNOWN, cronProblem, env, cwd, ...(path === undefined ? {} : { path }) }) };
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

function settingsOf(text: string, env: Given['env'] = {}) {
  return load({ files: { 'hindcast.yaml': text }, env }).settings;
}

function refusal(given: Given | string): string {
  try {
    load(typeof given === 'string' ? { files: { 'hindcast.yaml': given } } : given);
  } catch (error) {
    if (error instanceof AppError && error.code === 'config') return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

const SOURCES =
  'sources:\n  pagerduty: { connector: pagerduty, token_env: PAGERDUTY_TOKEN }\n  forge: { connector: forge, token_env: FORGE_TOKEN }\n';

describe('with no file', () => {
  it('a PagerDuty token is enough: one source, and every default', () => {
    const { settings, cwd } = load({ env: { ...TOKEN, GITHUB_TOKEN: 'ignored' } });
    expect(settings).toEqual({
      sources: { pagerduty: { connector: 'pagerduty', config: { token_env: 'PAGERDUTY_TOKEN', base_url: 'https://api.pagerduty.com' } } },
      services: [],
      people: [],
      policy: DEFAULT_POLICY,
      draft: DEFAULT_DRAFT,
      storage: { url: `sqlite:${join(cwd, 'hindcast.db')}` },
      server: { host: '127.0.0.1', port: 8080, tokens_env: 'HINDCAST_TOKENS', requests_per_minute: 600, trust_proxy: [] },
    });
  });

  it.each([{}, { PAGERDUTY_TOKEN: ' ' }])('and no token (%j) it says what to do', (env) => {
    expect(refusal({ env })).toBe(
      'there is no hindcast.yaml here and PAGERDUTY_TOKEN is not set: export PAGERDUTY_TOKEN (a read-only REST API key) to draft from PagerDuty alone, ' +
        'or write hindcast.yaml with your `sources`',
    );
  });
});

describe('the file', () => {
  const three = {
    'hindcast.yaml': 'draft: { authors: [here] }',
    'a.yaml': 'draft: { authors: [a] }',
    'b/b.yaml': 'draft: { authors: [b] }',
  };

  it.each([
    ['--config before all', { path: 'b/b.yaml', env: { HINDCAST_CONFIG: 'a.yaml', ...TOKEN } }, 'b', 'b/b.yaml'],
    ['HINDCAST_CONFIG before the folder', { env: { HINDCAST_CONFIG: 'a.yaml', ...TOKEN } }, 'a', 'a.yaml'],
    ['the one in the folder', { env: { HINDCAST_CONFIG: '', ...TOKEN } }, 'here', 'hindcast.yaml'],
  ])('is %s', (_which, given, author, path) => {
    const { settings, cwd } = load({ files: three, ...given });
    expect(settings.draft.authors).toEqual([author]);
    expect(settings.path).toBe(join(cwd, path));
  });

  it.each([
    [{ path: 'none.yaml' }, 'the configuration none.yaml cannot be read: there is no such file'],
    [
      { env: { HINDCAST_CONFIG: 'none.yaml' } },
      'the configuration none.yaml, which HINDCAST_CONFIG names, cannot be read: there is no such file',
    ],
    [{ path: '.' }, 'the configuration . cannot be read: it is a folder'],
    [{ path: process.execPath }, `the configuration ${process.execPath} is not UTF-8: save it as UTF-8`],
  ])('named by %j and not readable is said so', (given, message) => {
    expect(refusal(given)).toBe(message);
  });

  it('fills in what it leaves out, down to single windows and targets', () => {
    const settings = settingsOf(
      `${SOURCES}policy: { windows: { after: 48h }, targets: { time_to_detect: 1m, time_to_resolve: 4h }, actors: names }\nserver: { port: 0 }\n`,
    );
    expect(settings.policy).toEqual({
      ...DEFAULT_POLICY,
      actors: 'names',
      windows: { ...DEFAULT_POLICY.windows, after: '48h' },
      targets: { ...DEFAULT_POLICY.targets, time_to_detect: '1m', time_to_resolve: '4h' },
    });
    expect(settings.server).toEqual({ host: '127.0.0.1', port: 0, tokens_env: 'HINDCAST_TOKENS' });
  });

  it('gives each source what its connector reads, and each service its claims with the defaults of their connector', () => {
    const settings = settingsOf(
      `${SOURCES}services:\n  - { name: api, owns: { forge: { repositories: [acme/api] } }, depends_on: [db] }\n  - { name: db }\npeople: [{ role: DBA, github: jsmith }]\n`,
    );
    expect(settings.sources['forge']).toEqual({ connector: 'forge', config: { connector: 'forge', token_env: 'FORGE_TOKEN' } });
    expect(settings.sources['pagerduty']?.config).toEqual({ token_env: 'PAGERDUTY_TOKEN', base_url: 'https://api.pagerduty.com' });
    expect(settings.services).toEqual([
      { name: 'api', owns: { forge: { repositories: ['acme/api'], deploys: 'deployments' } }, depends_on: ['db'] },
      { name: 'db', owns: {}, depends_on: [] },
    ]);
    expect(settings.people).toEqual([{ role: 'DBA', github: 'jsmith', names: [] }]);
  });

  it.each(['', '# only a comment\n', 'policy:\nservices:\n', 'sources: {}\n'])(
    'that names no source (%j) has the one of the defaults, where the token is set',
    (text) => {
      expect(Object.keys(settingsOf(text, TOKEN).sources)).toEqual(['pagerduty']);
      expect(refusal(text)).toMatch(/^hindcast\.yaml names no source and PAGERDUTY_TOKEN is not set: /);
    },
  );

  it('may share a block by an alias', () => {
    const text = `${SOURCES}services:\n  - { name: a, owns: &both { forge: { repositories: [x/y] } } }\npolicy: { settle: &t 20m, stable_for: *t }\n`;
    expect(settingsOf(text).policy).toMatchObject({ settle: '20m', stable_for: '20m' });
  });

  it.each([
    ['sqlite::memory:', 'sqlite::memory:'],
    ['sqlite:/var/lib/h.db', 'sqlite:/var/lib/h.db'],
    ['sqlite:///var/lib/h.db', 'sqlite:///var/lib/h.db'],
    ['postgres://user@host/database', 'postgres://user@host/database'],
  ])('names its store as %s', (url, expected) => {
    expect(settingsOf(`${SOURCES}storage: { url: "${url}" }\n`).storage.url).toBe(expected);
  });
});

describe('a mistake is told with its line and what to write:', () => {
  const lead = SOURCES.split('\n').length;
  const owns = (scope: string) => `${SOURCES}services:\n  - name: api\n    owns:\n${scope}`;

  it.each([
    ['a mistyped block', 'polcy: {}\n', 'hindcast.yaml:1: unknown key `polcy`: did you mean `policy`?'],
    [
      'a mistyped key',
      'policy:\n  windows:\n    aftr: 2h\n',
      'hindcast.yaml:3: unknown key `aftr` in `policy.windows`: did you mean `after`?',
    ],
    ['two letters swapped', 'policy: { settel: 1m }\n', 'hindcast.yaml:1: unknown key `settel` in `policy`: did you mean `settle`?'],
    [
      'a key that is like no other',
      'storage: { flavour: 1 }\n',
      'hindcast.yaml:1: unknown key `flavour` in `storage`; known are `url`, `keep_evidence`',
    ],
    [
      'a key in a list',
      'people:\n  - role: DBA\n    names: [x]\n  - { rôle: x, names: [y] }\n',
      'hindcast.yaml:4: missing key `role` in `people[1]`\nhindcast.yaml:4: unknown key `rôle` in `people[1]`: did you mean `role`?',
    ],
    ['a wrong kind of value', 'policy: 15m\n', 'hindcast.yaml:1: `policy` must be a block of keys'],
    ['a list that is none', 'services: api\n', 'hindcast.yaml:1: `services` must be a list'],
    [
      'a word that is none of those known',
      'policy:\n  actors: people\n',
      'hindcast.yaml:2: `policy.actors` must be one of `roles`, `names`',
    ],
    ['text where text or nothing must be', 'draft: { template: 3 }\n', 'hindcast.yaml:1: `draft.template` must be text or `null`'],
    [
      'a duration without a unit',
      'policy:\n  # minutes\n  settle: 15\n',
      'hindcast.yaml:3: `policy.settle` must be a duration of at most 400 days, such as 30s, 15m, 24h or 7d',
    ],
    [
      'a store of a kind that is not known',
      'storage: { url: "mysql://db/x" }\n',
      'hindcast.yaml:1: `storage.url` must be sqlite:./hindcast.db, with the path of a file after `sqlite:`, or postgres://user@host/database',
    ],
    [
      'a duration in words',
      'policy: { settle: 15 minutes }\n',
      'hindcast.yaml:1: `policy.settle` must be a duration of at most 400 days, such as 30s, 15m, 24h or 7d',
    ],
    [
      'a duration of years',
      'policy: { windows: { baseline_before: 401d } }\n',
      'hindcast.yaml:1: `policy.windows.baseline_before` must be a duration of at most 400 days, such as 30s, 15m, 24h or 7d',
    ],
    [
      'a target for a duration that there is not',
      'policy: { targets: { time_to_recovr: 1h } }\n',
      'hindcast.yaml:1: unknown key `time_to_recovr` in `policy.targets`: did you mean `time_to_recover`?',
    ],
    [
      'a baseline that ends before it begins',
      `${SOURCES}policy:\n  windows:\n    alarms_before: 2h\n    baseline_before: 90m\n`,
      `hindcast.yaml:${lead + 3}: \`policy.windows.baseline_before\` must be longer than \`policy.windows.alarms_before\`: what is usual is learned from the time between`,
    ],
    ['a port that is none', 'server: { port: 70000 }\n', 'hindcast.yaml:1: `server.port` must be at most 65535'],
    [
      'a proxy by its name',
      'server: { trust_proxy: [10.0.0.0/8, proxy.acme.com] }\n',
      'hindcast.yaml:1: `server.trust_proxy` must list addresses of proxies, or networks: 10.0.0.7 or 10.0.0.0/8, not "proxy.acme.com"',
    ],
    [
      'everybody as a proxy',
      'server: { trust_proxy: ["::/0"] }\n',
      'hindcast.yaml:1: `server.trust_proxy` must list addresses of proxies, or networks: 10.0.0.7 or 10.0.0.0/8, not "::/0"',
    ],
    ['a list for a file', '- sources\n', 'hindcast.yaml:1: the file must be a block of keys'],
    ['a key twice', 'draft: {}\ndraft: {}\n', 'hindcast.yaml:2: Map keys must be unique'],
    ['broken YAML', 'policy:\n  windows: { after: 2h\n', expect.stringMatching(/^hindcast\.yaml:3: Flow map .* must .*end with a }/)],
    [
      'an alias bomb',
      `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c]\n`,
      'hindcast.yaml:1: the file expands its aliases more than 100 times',
    ],
    ['a file of megabytes', `#${'x'.repeat(1_000_000)}`, 'hindcast.yaml:1: the file is longer than 1000000 characters'],
    [
      'a connector that there is not',
      'sources:\n  pd:\n    connector: pagerdutty\n',
      'hindcast.yaml:3: unknown connector `pagerdutty`: did you mean `pagerduty`?',
    ],
    [
      'a connector of another name',
      'sources: { jira: { connector: jira } }\n',
      'hindcast.yaml:1: unknown connector `jira`; known are `pagerduty`, `forge`',
    ],
    ['a source without a connector', 'sources:\n  pd: {}\n', 'hindcast.yaml:2: missing key `connector` in `sources.pd`'],
    ['an empty source', 'sources:\n  pd:\n', 'hindcast.yaml:2: `sources.pd` must be a block of keys'],
    [
      'a source whose name would break an id',
      'sources:\n  a/b: { connector: pagerduty, token_env: X }\n',
      "hindcast.yaml:2: the source's name `a/b` may hold letters, digits, `.`, `_` and `-` only",
    ],
    [
      'a source with a name of ours',
      'sources:\n  derived: { connector: pagerduty, token_env: X }\n',
      'hindcast.yaml:2: the name `derived` is taken: call the source something else',
    ],
    [
      'a key that the connector does not know',
      'sources:\n  pd:\n    connector: pagerduty\n    token_env: X\n    base_uri: https://h\n',
      'hindcast.yaml:5: unknown key `base_uri` in `sources.pd`: did you mean `base_url`?',
    ],
    [
      'a key of one of two forms',
      'sources:\n  f:\n    connector: forge\n    app: { app_id: 0, private_key_env: KEY }\n',
      'hindcast.yaml:4: `sources.f.app.app_id` must be at least 1',
    ],
    [
      'an address in the clear',
      'sources: { pd: { connector: pagerduty, token_env: X, base_url: "http://api.pagerduty.com" } }\n',
      'hindcast.yaml:1: `sources.pd.base_url` must be an https address, or http on this machine (localhost, 127.0.0.1, [::1]), with no user or password in it',
    ],
    [
      'a claim of a source that there is not',
      owns('      forg: { repositories: [a/b] }\n'),
      `hindcast.yaml:${lead + 3}: service \`api\` owns records of an unknown source \`forg\`: did you mean \`forge\`?`,
    ],
    [
      'a claim in the wrong form',
      owns('      forge:\n        repository: a/b\n'),
      `hindcast.yaml:${lead + 3}: missing key \`repositories\` in \`services[0].owns.forge\`\n` +
        `hindcast.yaml:${lead + 4}: unknown key \`repository\` in \`services[0].owns.forge\`: did you mean \`repositories\`?`,
    ],
    [
      'one claim of two services',
      `${SOURCES}services:\n  - { name: api, owns: { forge: { repositories: [a/b, a/c] } } }\n  - { name: web, owns: { forge: { repositories: [a/b] } } }\n`,
      `hindcast.yaml:${lead + 2}: services \`api\` and \`web\` both claim \`forge/repo:a/b\`: a record belongs to one service`,
    ],
    [
      'one name of two services',
      `${SOURCES}services:\n  - name: api\n  - name: api\n`,
      `hindcast.yaml:${lead + 2}: two services are called \`api\``,
    ],
    [
      'a service with a word of ours',
      `${SOURCES}services: [{ name: unmapped }]\n`,
      `hindcast.yaml:${lead}: the name \`unmapped\` is taken: call the service something else`,
    ],
    [
      'a dependency that there is not',
      `${SOURCES}services:\n  - name: database\n  - name: api\n    depends_on: [databse]\n`,
      `hindcast.yaml:${lead + 3}: service \`api\` depends on an unknown service \`databse\`: did you mean \`database\`?`,
    ],
    [
      'a service that depends on itself',
      `${SOURCES}services: [{ name: api, depends_on: [api] }]\n`,
      `hindcast.yaml:${lead}: service \`api\` depends on itself`,
    ],
    [
      'a person who is no one',
      `${SOURCES}people: [{ role: DBA }]\n`,
      `hindcast.yaml:${lead}: \`DBA\` stands for no one: give \`pagerduty\`, \`github\` or \`names\``,
    ],
    [
      'a webhook of a source that is not there',
      `${SOURCES}webhooks: { pagerduty: { source: pager, secrets_env: S } }\n`,
      `hindcast.yaml:${lead}: unknown pagerduty source \`pager\`; known are \`pagerduty\``,
    ],
    [
      'a note whose link carries more than a place',
      `${SOURCES}webhooks: { pagerduty: { source: pagerduty, secrets_env: S, note: { link: "https://h.acme.com/?a=1", token_env: T } } }\n`,
      `hindcast.yaml:${lead}: \`webhooks.pagerduty.note.link\` must be an http or https address with nothing behind its path, such as https://hindcast.acme.com`,
    ],
    [
      'a webhook with its secret in the file',
      `${SOURCES}webhooks: { pagerduty: { source: pagerduty, secrets_env: s3cr3t } }\n`,
      `hindcast.yaml:${lead}: \`webhooks.pagerduty.secrets_env\` must be the name of an environment variable, such as GITHUB_TOKEN: a secret itself does not belong in the file`,
    ],
    [
      'a schedule by no cron expression',
      `${SOURCES}schedule:\n  - { cron: "0 6 * * 1", backfill: { last: 7d } }\n  - { cron: every monday, backfill: { last: 7d } }\n`,
      `hindcast.yaml:${lead + 2}: \`schedule[1].cron\` "every monday" is no cron expression: write five fields, such as "0 6 * * 1"`,
    ],
    [
      'a schedule of a day that never comes',
      `${SOURCES}schedule: [{ cron: "0 0 30 2 *", backfill: { last: 7d } }]\n`,
      `hindcast.yaml:${lead}: \`schedule[0].cron\` "0 0 30 2 *" names a time that never comes round`,
    ],
    [
      'evidence that is kept for less than a day',
      `${SOURCES}storage: { keep_evidence: 23h }\n`,
      `hindcast.yaml:${lead}: \`storage.keep_evidence\` must be a duration of at least a day, such as 24h, 90d or 400d`,
    ],
    ['a template', `${SOURCES}draft:\n  template: ./t.liquid\n`, 'draft.template: ./t.liquid cannot be read: there is no such file'],
  ])('%s', (_what, text, message) => {
    expect(refusal(text)).toEqual(message);
  });

  it('values that ask for nothing of what is to come are taken', () => {
    expect(() => settingsOf(`${SOURCES}webhooks: {}\nschedule: []\ndraft: { template: null }\n`)).not.toThrow();
  });

  it.each(['24h', '100h', '90d', '3650d'])('evidence may be kept for %s', (kept) => {
    const { storage } = settingsOf(`${SOURCES}storage: { url: "sqlite:/h.db", keep_evidence: ${kept} }\n`);
    expect(storage).toEqual({ url: 'sqlite:/h.db', keep_evidence: kept });
  });

  it('and the file is named as the person named it', () => {
    expect(refusal({ files: { 'ops/h.yaml': 'polcy: 1' }, path: './ops/h.yaml' })).toBe(
      './ops/h.yaml:1: unknown key `polcy`: did you mean `policy`?',
    );
  });

  it('of many mistakes the first ten', () => {
    const text = `${SOURCES}services: [${Array.from({ length: 14 }, () => '{ name: other }').join(', ')}]\npeople: [{ role: x }]\n`;
    expect(refusal(text).split('\n')).toHaveLength(2);
    const lines = `${SOURCES}people:\n${Array.from({ length: 14 }, (_, index) => `  - { role: r${index} }`).join('\n')}\n`;
    expect(refusal(lines).split('\n').slice(9)).toEqual([
      `hindcast.yaml:${lead + 10}: \`r9\` stands for no one: give \`pagerduty\`, \`github\` or \`names\``,
      'and 4 more',
    ]);
  });
});

describe('a secret in the file', () => {
  const secret = 'u+Zq7secretsecretsecret';

  it.each([
    [
      `sources:\n  pd:\n    connector: pagerduty\n    token: ${secret}\n    token_env: X\n`,
      'hindcast.yaml:4: `sources.pd.token` would put a secret into the file: export it as an environment variable and name the variable with `token_env`',
    ],
    [
      `sources:\n  pd: { connector: pagerduty, token_env: X, api_key: ${secret} }\n`,
      'hindcast.yaml:2: `sources.pd.api_key` would put a secret into the file: export it as an environment variable and name the variable with `token_env`',
    ],
    [
      `server: { tokens: "jane:write:${secret}" }\n`,
      'hindcast.yaml:1: `server.tokens` would put a secret into the file: export it as an environment variable and name the variable with `tokens_env`',
    ],
    [
      `sources:\n  pd: { connector: pagerduty, token_env: ${secret} }\n`,
      'hindcast.yaml:2: `sources.pd.token_env` must be the name of an environment variable, such as GITHUB_TOKEN: a secret itself does not belong in the file',
    ],
    [
      `sources:\n  f: { connector: forge, app: { app_id: 1, private_key: ${secret}, private_key_env: ${secret} } }\n`,
      'hindcast.yaml:2: `sources.f.app.private_key` would put a secret into the file: export it as an environment variable and name the variable with `private_key_env`',
    ],
    [
      `server: { tokens_env: "${secret}" }\nsources:\n  pd: { connector: pagerduty, token_env: X }\n`,
      'hindcast.yaml:1: `server.tokens_env` must be the name of an environment variable, such as GITHUB_TOKEN: a secret itself does not belong in the file',
    ],
  ])('is refused, with the way to name it instead: %#', (text, message) => {
    const said = refusal(text);
    expect(said).toContain(message);
    expect(said).not.toContain(secret);
  });

  it.each([
    `sources: { pd: { connector: pagerduty, token_env: X, base_url: "https://user:${secret}@api.pagerduty.com" } }\n`,
    `sources: { pd: { connector: pagerduty, token_env: ${secret}\n`,
    `sources: { pd: { connector: pagerduty, token_env: "${secret}\n`,
    `token: !secret ${secret}\n`,
    `sources: { pd: { connector: pagerduty, token_env: [${secret}] } }\n`,
    `storage: { url: { password: ${secret} } }\n`,
  ])('is not printed by any other refusal: %#', (text) => {
    expect(refusal(text)).not.toContain(secret);
  });
});
