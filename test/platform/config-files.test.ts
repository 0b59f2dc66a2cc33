import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CONNECTORS } from '../../connectors/index.ts';
import { DEFAULT_DRAFT, DEFAULT_POLICY } from '../../src/core/analysis/policy.ts';
import { loadSettings } from '../../src/platform/config.ts';
import { configJsonSchema } from '../../src/platform/config-schema.ts';
import { packageRoot } from '../../src/platform/package-root.ts';
import { sharedFile } from '../support/shared.ts';

const CONFIG = join(packageRoot(), 'config');
const SCHEMA = join(CONFIG, 'hindcast.schema.json');
const read = (name: string): string => readFileSync(join(CONFIG, name), 'utf8');
const schemaText = `${JSON.stringify(configJsonSchema(CONNECTORS), null, 2)}\n`;

/** `npm run schema` is this file with SCHEMA=write: the test that compares is the script that writes. */
if (process.env['SCHEMA'] === 'write') writeFileSync(SCHEMA, schemaText);

function accepts(value: unknown): boolean | string {
  const ajv = new Ajv({ strict: false });
  return ajv.validate(JSON.parse(schemaText), value) || ajv.errorsText();
}

const connectorById = (id: string) => CONNECTORS.find((connector) => connector.id === id);

function inFolder<T>(act: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-files-'));
  try {
    return act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The YAML that stands commented out below its block, with the comments' own remarks left as comments. */
function withExamples(text: string): string {
  return text
    .replaceAll(/^(services|people): \[\]\n/gm, '')
    .replaceAll(/^# ((?:services|people):| {2,}\S.*)$/gm, '$1')
    .replaceAll(/^ {2}# (.*)$/gm, '  $1');
}

describe('config/policy.yaml', () => {
  it('is the default policy, whole', () => {
    expect(parse(read('policy.yaml'))).toEqual({ policy: DEFAULT_POLICY });
  });

  it('says of each threshold what it means', () => {
    const bare = read('policy.yaml')
      .split('\n')
      .filter((line) => /^ +\w+: \S/.test(line) && !line.includes('#'));
    expect(bare).toEqual(['  impact_metrics: []']);
  });
});

it('the policy corrects a clock by the example that it shows', () => {
  const text = read('policy.yaml').replace('# clock_offsets:', 'clock_offsets:');
  expect(accepts(parse(text))).toBe(true);
  const settings = inFolder((folder) => {
    writeFileSync(join(folder, 'hindcast.yaml'), text);
    return loadSettings({ connectors: connectorById, env: { PAGERDUTY_TOKEN: 'x' }, cwd: folder });
  });
  expect(settings.policy).toEqual({ ...DEFAULT_POLICY, clock_offsets: { pagerduty: '-45s' } });
});

describe('config/default.yaml', () => {
  it('says what holds without it, key by key', () => {
    const { sources, policy, draft, storage, server, ...rest } = parse(read('default.yaml'));
    expect(sources).toEqual({ pagerduty: { connector: 'pagerduty', token_env: 'PAGERDUTY_TOKEN', base_url: 'https://api.pagerduty.com' } });
    expect(policy).toEqual({});
    expect(draft).toEqual(DEFAULT_DRAFT);
    expect({ storage, server }).toEqual({
      storage: { url: 'sqlite:./hindcast.db' },
      server: { host: '127.0.0.1', port: 8080, tokens_env: 'HINDCAST_TOKENS', requests_per_minute: 600, trust_proxy: [] },
    });
    expect(rest).toEqual({ services: [], people: [], webhooks: {}, schedule: [] });
  });

  it('shows examples that can be taken as they stand', () => {
    const text = withExamples(read('default.yaml'));
    const file = parse(text);
    expect(Object.keys(file.sources)).toEqual(['pagerduty', 'aws-prod', 'github']);
    expect(file.services.map(({ name }: { name: string }) => name)).toEqual(['api', 'database']);
    expect(file.people).toHaveLength(2);
    expect(accepts(file)).toBe(true);
    const settings = inFolder((folder) => {
      writeFileSync(join(folder, 'hindcast.yaml'), text);
      return loadSettings({ connectors: connectorById, env: {}, cwd: folder });
    });
    expect(settings.services.map(({ name }) => name)).toEqual(['api', 'database']);
  });

  it('is what a first run with nothing but a token reads', () => {
    const settings = loadSettings({ connectors: connectorById, env: { PAGERDUTY_TOKEN: 'x' }, cwd: CONFIG });
    expect(settings.path).toBeUndefined();
    expect(Object.keys(settings.sources)).toEqual(['pagerduty']);
  });
});

describe('config/hindcast.schema.json', () => {
  it('is what the code makes (npm run schema writes it)', () => {
    expect(readFileSync(SCHEMA, 'utf8')).toBe(schemaText);
  });

  it('accepts the shipped files', () => {
    expect(accepts(parse(read('default.yaml')))).toBe(true);
    expect(accepts(parse(read('policy.yaml')))).toBe(true);
  });

  it.each([
    ['an unknown key', { polcy: {} }],
    ['a number for a duration', { policy: { settle: 15 } }],
    ['an offset of a clock that is none', { policy: { clock_offsets: { pagerduty: 'late' } } }],
    ['an unknown connector', { sources: { jira: { connector: 'jira' } } }],
    ['a source without its connector', { sources: { pd: { token_env: 'X' } } }],
    ['an unknown key of a source', { sources: { pd: { connector: 'pagerduty', token_env: 'X', base_uri: 'https://h' } } }],
    ['an unknown claim', { services: [{ name: 'api', owns: { pagerduty: { services: ['P1'] } } }] }],
  ])('refuses %s', (_what, value) => {
    expect(accepts(value)).not.toBe(true);
  });
});

describe('the configuration that the public interface prints', () => {
  const interfaceFile = sharedFile('design/interface.md');
  const printed = () => /```yaml\n([\s\S]*?)```/.exec(readFileSync(interfaceFile ?? '', 'utf8'))?.[1] ?? '';

  it.skipIf(!interfaceFile)('is accepted by the schema (needs the shared reference folder)', () => {
    expect(accepts(parse(printed()))).toBe(true);
  });

  it.skipIf(!interfaceFile)('can be used as it stands (needs the shared reference folder)', () => {
    const load = (text: string) =>
      inFolder((folder) => {
        writeFileSync(join(folder, 'hindcast.yaml'), text);
        return loadSettings({ connectors: connectorById, env: {}, cwd: folder });
      });
    const settings = load(printed());
    expect(settings.webhooks).toEqual({ pagerduty: { source: 'pagerduty', secrets_env: 'PAGERDUTY_WEBHOOK_SECRETS' } });
    expect(settings.policy).toEqual(DEFAULT_POLICY);
    expect(Object.keys(settings.sources)).toEqual(['pagerduty', 'aws-prod', 'aws-dr', 'github']);
  });
});
