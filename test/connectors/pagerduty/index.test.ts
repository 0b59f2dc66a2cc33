import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { pagerduty } from '../../../connectors/pagerduty/index.ts';
import type { Fault } from '../../../demo/standins/server.ts';
import { instant } from '../../support/events.ts';
import { plainKit } from '../../support/streams.ts';
import { openSource, type SourceOptions, sampleWorld } from './support.ts';

const signal = new AbortController().signal;
const CONFIG = { connector: 'pagerduty', token_env: 'PAGERDUTY_TOKEN' };

async function check(scopes: readonly { service_ids: string[] }[], faults: readonly Fault[] = [], options: SourceOptions = {}) {
  await using source = await openSource(options);
  for (const fault of faults) source.standIn.fail(fault);
  const report = await pagerduty.check(source.client, scopes, signal);
  return { ...report, methods: new Set(source.standIn.requests.map(({ method }) => method)) };
}

describe('the configuration', () => {
  const config = Compile(pagerduty.config);
  const scope = Compile(pagerduty.scope);

  it.each([[{}], [{ base_url: 'https://api.eu.pagerduty.com' }], [{ base_url: 'http://127.0.0.1:4010', token_type: 'bearer' }]])(
    'takes %j',
    (more) => {
      expect(config.Check({ ...CONFIG, ...more })).toBe(true);
    },
  );

  it.each([
    [{ base_url: 'http://api.pagerduty.com' }],
    [{ base_url: 'https://user:word@api.pagerduty.com' }],
    [{ base_url: 'api.pagerduty.com' }],
    [{ token: 'a secret in a file' }],
    [{ token_env: '' }],
    [{ token_type: 'basic' }],
    [{ deadline: 5 }],
  ])('refuses %j', (more) => {
    expect(config.Check({ ...CONFIG, ...more })).toBe(false);
  });

  it('names what a service may own, and nothing else', () => {
    expect(scope.Check({ service_ids: ['PAPI001'] })).toBe(true);
    expect(scope.Check({ service_ids: [] })).toBe(true);
    expect(
      [{}, { service_ids: 'PAPI001' }, { service_ids: ['a/b'] }, { service_ids: [], team_ids: [] }].some((value) => scope.Check(value)),
    ).toBe(false);
  });

  it('claims services and finds them again', () => {
    const claims = pagerduty.claims('pd-eu', { service_ids: ['P2', 'P1'] });
    expect(claims).toEqual(['pd-eu/service:P2', 'pd-eu/service:P1']);
    expect(pagerduty.scopeFor?.('pd-eu', [...claims, 'aws-prod/alarm:api-*', 'pagerduty/service:P9'])).toEqual({
      service_ids: ['P1', 'P2'],
    });
    expect(pagerduty.scopeFor?.('pd-eu', ['aws-prod/alarm:api-*'])).toBeUndefined();
  });

  it('opens without asking anything', () => {
    const kit = plainKit({ PAGERDUTY_TOKEN: 'x' });
    expect(pagerduty.open({ connector: 'pagerduty', token_env: 'PAGERDUTY_TOKEN' }, kit).clockOffsetMs()).toBeUndefined();
  });
});

describe('check', () => {
  it('makes the calls of every stream, writes nothing, and tells the clock', async () => {
    const { checks, clockOffsetMs, methods } = await check([{ service_ids: ['PAPI001'] }], [], { kit: { now: () => instant('16:00') } });
    expect(checks.map(({ name, ok }) => [name, ok])).toEqual(
      [
        'incidents',
        'log_entries',
        'alerts',
        'notes',
        'past_incidents',
        'related_incidents',
        'analytics',
        'change_events',
        'service PAPI001',
      ].map((name) => [name, true]),
    );
    expect(methods).toEqual(new Set(['GET']));
    expect(clockOffsetMs).toBe(500);
  });

  it('asks no further with a wrong token', async () => {
    const { checks } = await check([{ service_ids: ['PAPI001'] }], [], { token: 'wrong' });
    expect(checks).toMatchObject([{ name: 'incidents', ok: false, detail: expect.stringContaining('refuses the token') }]);
    expect(checks).toHaveLength(1);
  });

  it('names the permission that is missing', async () => {
    const { checks } = await check([], [{ path: /change_events|analytics/, mode: 403 }]);
    expect(checks.filter(({ ok }) => !ok)).toMatchObject([
      { name: 'analytics', detail: expect.stringContaining('analytics.read') },
      { name: 'change_events', detail: expect.stringContaining('change_events.read') },
    ]);
  });

  it('does not fail for what the plan lacks or a draft can do without', async () => {
    const { checks } = await check(
      [{ service_ids: ['PAPI001'] }],
      [
        { path: /past_incidents|related_incidents|analytics/, mode: 402 },
        { path: /services/, mode: 403 },
      ],
    );
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    for (const stream of ['past_incidents', 'related_incidents', 'analytics'])
      expect(checks.find(({ name }) => name === stream)?.detail).toContain('not offered, and not needed');
    expect(checks.find(({ name }) => name === 'service PAPI001')?.detail).toContain('services.read');
  });

  it('finds a service that does not exist', async () => {
    const { checks } = await check([{ service_ids: ['PNONE'] }, { service_ids: ['PAPI001'] }]);
    expect(checks.filter(({ ok }) => !ok)).toMatchObject([
      { name: 'service PNONE', detail: expect.stringContaining('knows no service PNONE') },
    ]);
  });

  it('says that a host is down', async () => {
    const { checks } = await check([], [{ path: /./, mode: 'reset' }]);
    expect(checks).toMatchObject([{ ok: false, detail: expect.stringContaining('could not be reached') }]);
  });
});

describe('init', () => {
  it('proposes every service of the account', async () => {
    await using source = await openSource();
    expect(await pagerduty.propose?.(source.client, signal)).toEqual([
      { name: 'API', scope: { service_ids: ['PAPI001'] } },
      { name: 'Checkout', scope: { service_ids: ['PCHK001'] } },
    ]);
  });

  it('reads every page of them, with an OAuth token too', async () => {
    const world = sampleWorld();
    const [first] = world.pagerduty.services;
    if (!first) throw new Error('the sample has a service');
    const services = Array.from({ length: 230 }, (_, index) => ({ ...first, id: `P${index}`, name: `Service ${index}` }));
    await using source = await openSource({ world: { ...world, pagerduty: { ...world.pagerduty, services } }, tokenType: 'bearer' });
    const proposed = await pagerduty.propose?.(source.client, signal);
    expect(proposed?.map(({ scope }) => scope.service_ids)).toEqual(services.map(({ id }) => [id]));
    expect(source.standIn.requests).toHaveLength(3);
  });

  it('says which permission it lacks', async () => {
    await using source = await openSource();
    source.standIn.fail({ path: /services/, mode: 403 });
    await expect(pagerduty.propose?.(source.client, signal)).rejects.toMatchObject({
      reason: 'forbidden',
      message: expect.stringContaining('services.read'),
    });
  });
});
