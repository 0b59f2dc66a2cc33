import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Staged, stage } from '../../demo/run.ts';
import { openApp } from '../../src/compose.ts';
import { instant } from '../support/events.ts';

/** Which stream a call is of, by its path (CloudWatch: its operation). */
const STREAMS: readonly (readonly [RegExp, string])[] = [
  [/^\/incidents$/, 'pagerduty/incidents'],
  [/^\/log_entries$/, 'pagerduty/log_entries'],
  [/^\/change_events$/, 'pagerduty/change_events'],
  [/^DescribeAlarmHistory/, 'aws-prod/alarm_history'],
  [/\/pulls$/, 'github/changes'],
  [/\/releases$/, 'github/releases'],
  [/^\/graphql$/, 'github/deployments'],
];

describe('the calls of the sample', () => {
  let staged: Staged;
  beforeAll(async () => {
    staged = await stage();
  });
  afterAll(() => staged.close());
  const standIns = () => [staged.pagerduty, staged.cloudwatch, staged.github];
  beforeEach(() => {
    for (const standIn of standIns()) standIn.reset();
  });
  const open = () => openApp({ config: staged.config, env: staged.env, cwd: '.', now: instant(staged.world.now) });

  it('of a draft: no address is asked for twice, and no more calls are made than the plan needs', async () => {
    const { app, close } = await open();
    await app.draft({ select: { kind: 'incident', id: staged.world.truth.incident }, refresh: true });
    await close();
    const plain = [...staged.pagerduty.requests, ...staged.github.requests].filter(({ method }) => method === 'GET');
    const addresses = plain.map(({ path, query }) => `${path}${query}`);
    expect(addresses.toSorted()).toEqual([...new Set(addresses)].toSorted());
    expect(standIns().flatMap(({ requests }) => requests).length).toBeLessThanOrEqual(28);
  });

  it('a check says, beside what is permitted, how far back a list that its vendor forgets still reaches', async () => {
    const { app, close } = await open();
    const lines = (await app.check()).flatMap(({ source, report }) => report.checks.map((check) => ({ source, ...check })));
    await close();
    const kept = lines.filter(({ name }) => name === 'retention' || name.endsWith(' kept'));
    // Once, and of nothing that no service asks: workflow runs are nobody's deploys here.
    expect(kept).toEqual([
      { source: 'aws-prod', name: 'retention', ok: true, detail: expect.stringContaining('alarm history reaches back to 2023-12-16') },
    ]);
  });

  it('of a pull: a dry run asks nothing, and promises at least what the pull of the same window then asks for', async () => {
    const { app, close } = await open();
    const asked = { window: { from: instant('14:00'), to: instant('15:00') }, service: 'api' };
    const { streams } = await app.pull({ ...asked, dryRun: true });
    expect(standIns().flatMap(({ requests }) => requests)).toEqual([]);
    await app.pull(asked);
    await close();
    const calls = standIns()
      .flatMap(({ requests }) => requests)
      .filter(({ path }) => !path.includes('/commits/'))
      .flatMap(({ path, target }) => STREAMS.find(([pattern]) => pattern.test(target ?? path))?.[1] ?? []);
    const made = Map.groupBy(calls, (stream) => stream);
    for (const [stream, { length }] of made) {
      const promised = streams.find(({ source, stream: id }) => `${source}/${id}` === stream)?.requests ?? 0;
      expect({ stream, made: length, isPromised: length <= promised && promised <= 2 * length }).toEqual({
        stream,
        made: length,
        isPromised: true,
      });
    }
    expect(made.size).toBe(STREAMS.length);
  });

  it('of a dry run: each metric of an alarm that moved is priced, and the pull then pays no more', async () => {
    const { app, close } = await open();
    const asked = { window: { from: instant('14:00'), to: instant('15:00') }, service: 'api' };
    const { perMetric = [] } = await app.pull({ ...asked, dryRun: true });
    expect(perMetric.map(({ source }) => source)).toEqual(['aws-prod']);
    await app.pull(asked);
    await close();
    const queries = standIns()
      .flatMap(({ requests }) => requests)
      .filter(({ target }) => target === 'GetMetricData')
      .flatMap(({ body }) => Object(JSON.parse(body ?? '{}')).MetricDataQueries)
      .flatMap(({ MetricStat }: { MetricStat?: { Metric: object } }) => (MetricStat ? [JSON.stringify(MetricStat.Metric)] : []));
    const metrics = new Set(queries).size;
    expect(metrics).toBeGreaterThan(0);
    expect(queries.length * 0.000_01).toBeLessThanOrEqual((perMetric[0]?.usd ?? 0) * metrics + 1e-9);
  });
});
