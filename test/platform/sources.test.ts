import { describe, expect, it } from 'vitest';
import type { Settings } from '../../src/app/ports.ts';
import { createSecrets } from '../../src/platform/secrets.ts';
import { createSources } from '../../src/platform/sources.ts';
import { fakeConnector, quietLog } from '../app/fakes.ts';
import { instant } from '../support/events.ts';

const ARN = 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:api-HighErrorRate';

function sourcesWith(configured: Settings['sources'], env: Readonly<Record<string, string>> = {}) {
  const opened: { config: unknown; secret: string }[] = [];
  const alarms = fakeConnector('cloudwatch', [], { open: (config, kit) => opened.push({ config, secret: kit.now?.() ?? '' }) });
  const pager = fakeConnector('pagerduty', [], {
    open: (config, kit) => {
      opened.push({ config, secret: kit.secret('PAGER_TOKEN') });
      return { opened: opened.length };
    },
  });
  const sources = createSources({
    configured,
    connectors: [pager, alarms],
    follower: { connector: alarms, credentialSign: (environment) => environment['AWS_PROFILE'] && 'AWS_PROFILE' },
    env,
    secrets: createSecrets(env),
    budget: { limited: (_source, _limits, task) => task(), observe: () => undefined },
    clock: { now: () => instant('16:00') },
    cacheFor: () => ({ get: async () => undefined, set: async () => undefined }),
    log: quietLog(),
  });
  return { sources, opened };
}

const PAGER: Settings['sources'] = { pager: { connector: 'pagerduty', config: { token_env: 'PAGER_TOKEN' } } };

describe('a configured source', () => {
  it('is opened once, on first use, with its own secret', () => {
    const { sources, opened } = sourcesWith(PAGER, { PAGER_TOKEN: 'secret-of-the-pager' });
    expect(opened).toEqual([]);
    expect(sources.open('pager')).toBe(sources.open('pager'));
    expect(opened).toEqual([{ config: { token_env: 'PAGER_TOKEN' }, secret: 'secret-of-the-pager' }]);
  });

  it('whose variable is missing is an error that names both', () => {
    expect(() => sourcesWith(PAGER).sources.open('pager')).toThrow('source `pager` needs the environment variable PAGER_TOKEN');
  });

  it.each(['other', 'constructor', '__proto__'])('%s is none', (name) => {
    const { sources } = sourcesWith(PAGER);
    expect(sources.connectorOf(name)).toBeUndefined();
    expect(() => sources.open(name)).toThrow(`no source \`${name}\``);
  });

  it('has the connector that a snapshot pins, whatever the name means here', () => {
    const { sources } = sourcesWith(PAGER);
    expect(sources.connectorOf('pager')?.id).toBe('pagerduty');
    expect(sources.connectorOf('pager', 'cloudwatch/3')?.id).toBe('cloudwatch');
    expect(sources.connectorOf('anything', 'pagerduty/1')?.id).toBe('pagerduty');
    expect(sources.connectorOf('anything', 'unheard-of/1')).toBeUndefined();
  });
});

describe('the alarm that a page names', () => {
  const aws = (config: object): Settings['sources'] => ({ aws: { connector: 'cloudwatch', config: { ...config } } });

  it.each<[string, object, string | undefined]>([
    ['the source of its region', { region: 'us-east-1' }, 'aws'],
    ['not another region', { region: 'eu-west-1' }, undefined],
    ['a role of its account', { region: 'us-east-1', role_arn: 'arn:aws:iam::123456789012:role/read' }, 'aws'],
    ['not a role of another account', { region: 'us-east-1', role_arn: 'arn:aws:iam::999999999999:role/read' }, undefined],
  ])('is covered by %s', (_what, config, source) => {
    expect(sourcesWith(aws(config)).sources.covering(ARN)).toBe(source);
  });

  it('is followed to its account and region where credentials are at hand, once', () => {
    const { sources, opened } = sourcesWith(PAGER, { AWS_PROFILE: 'ops' });
    const followed = sources.follow(ARN);
    expect('source' in followed && followed.source.name).toBe('aws-123456789012-us-east-1');
    expect(sources.names).toEqual(['pager', 'aws-123456789012-us-east-1']);
    expect(sources.covering(ARN)).toBe('aws-123456789012-us-east-1');
    expect(sources.connectorOf('aws-123456789012-us-east-1')?.id).toBe('cloudwatch');
    expect(opened).toEqual([{ config: { connector: 'cloudwatch', region: 'us-east-1' }, secret: '2024-01-15T16:00:00.000Z' }]);
  });

  it.each([
    ['no credentials', ARN, {}, /no AWS credentials/],
    ['no region', 'arn:aws:cloudwatch:::alarm:x', { AWS_PROFILE: 'ops' }, /no account and region/],
    [
      'a region that would leave AWS',
      'arn:aws:cloudwatch:evil.example/:123456789012:alarm:x',
      { AWS_PROFILE: 'ops' },
      /no account and region/,
    ],
  ])('with %s is not, and says why', (_what, arn, env, why) => {
    const { sources } = sourcesWith(PAGER, env);
    expect(sources.follow(arn)).toEqual({ why: expect.stringMatching(why) });
    expect(sources.names).toEqual(['pager']);
  });
});
