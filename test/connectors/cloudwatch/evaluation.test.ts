import { describe, expect, it } from 'vitest';
import type { World, WorldAlarm } from '../../../demo/world.ts';
import { breachSeen } from '../../../src/core/analysis/alarm-sight.ts';
import type { EventOf } from '../../../src/core/events.ts';
import type { Fact } from '../../../src/core/facts.ts';
import { stamp } from '../../../src/core/timeline/normalize.ts';
import { pullAll } from '../../support/streams.ts';
import { ACCOUNT, alarmHistory, alarms, ask, sampleWorld, series, startScene, tell, toEvidence } from './support.ts';

const BASE: WorldAlarm = {
  name: 'api-Tried',
  description: '',
  metric: 'api-5xx',
  statistic: 'Sum',
  period: 60,
  evaluation_periods: 3,
  datapoints_to_alarm: 3,
  threshold: 100,
  comparison: 'GreaterThanThreshold',
  missing: 'missing',
  history: [],
};
const withAlarm = (over: Partial<WorldAlarm>, world: World = sampleWorld()): World => ({
  ...world,
  cloudwatch: { ...world.cloudwatch, alarms: [...world.cloudwatch.alarms, { ...BASE, ...over }] },
});

/** Everything that the connector says of the alarm `api-Tried` of a world. */
async function readTried(world: World) {
  const { client } = await startScene(world);
  const { records } = await pullAll(alarms, client, ask({ alarm_prefixes: ['api-Tried'] }));
  const [fact] = tell(alarms, records).facts;
  const history = (await pullAll(alarmHistory, client, ask({}))).records;
  const mine = history.filter(({ nativeId }) => nativeId.startsWith(`${ACCOUNT}api-Tried@`));
  const told = mine.flatMap((record) => {
    const evidence = toEvidence('alarm_history', record);
    return stamp(evidence, alarmHistory.normalize(evidence), 'cloudwatch/2').events;
  });
  if (fact?.kind !== 'alarm') throw new Error('no alarm was read');
  return { client, fact, fired: told.filter((event): event is EventOf<'alert.fired'> & typeof event => event.type === 'alert.fired') };
}

const START = '2024-01-15T14:28:00Z';
const OK = 3;
const BREACH = 480;
const SYMBOLS: Readonly<Record<string, number | null>> = { '0': OK, X: BREACH, '-': null };

/**
 * The vendor's own table of missing data, newest right: what the alarm saw over five periods, M of 3, and the state that each
 * setting leads to. CloudWatch evaluates; we only read what it concluded, and never conclude anew from the points.
 */
const TABLE = [
  ['0 - X - X', 3, ['OK', 'OK', 'OK', 'OK']],
  ['0 - - - -', 3, ['OK', 'OK', 'OK', 'OK']],
  ['- - - - -', 3, ['INSUFFICIENT_DATA', 'keep', 'ALARM', 'OK']],
  ['0 X X - X', 3, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
  ['- - X - -', 3, ['ALARM', 'keep', 'ALARM', 'OK']],
  ['0 - X - X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
  ['0 - X - -', 2, ['OK', 'OK', 'ALARM', 'OK']],
  ['- - - X -', 2, ['ALARM', 'keep', 'ALARM', 'OK']],
] as const;
const SETTINGS = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;
const ROWS = TABLE.flatMap(([seen, m, states]) => SETTINGS.map((missing, index) => ({ seen, m, missing, state: states[index] ?? 'keep' })));

describe('the table of missing data', () => {
  it.each(ROWS)('U2.2 $seen, $m of 3, $missing: $state', async ({ seen, m, missing, state }) => {
    const saw = seen.split(' ').map((symbol) => SYMBOLS[symbol] ?? null);
    const history =
      state === 'keep' ? [] : [{ at: '2024-01-15T14:34:00Z', from: state === 'OK' ? 'ALARM' : 'OK', to: state, start: START, saw }];
    const { fact, fired } = await readTried(withAlarm({ missing, datapoints_to_alarm: m, history }));
    expect(fact).toMatchObject({ missing, breaching: m, outOf: 3 });
    expect(fired).toHaveLength(state === 'ALARM' ? 1 : 0);
    const [event] = fired;
    if (!event) return;
    const present = saw.flatMap((value, index) => (value === null ? [] : [[Date.parse(START) + index * 60_000, value]]));
    expect(event.attributes['alert.datapoints'] ?? []).toEqual(present);
    const rule: Extract<Fact, { kind: 'alarm' }> = { ...fact, evidence: event.provenance.evidence };
    const seenAt = breachSeen({ event, rule, points: event.attributes['alert.datapoints'] ?? [], periodMs: 60_000 });
    // An absent value is never taken for one that breaches, whatever the alarm was told to make of it.
    const first = saw.indexOf(BREACH);
    expect(seenAt?.at).toBe(first < 0 ? undefined : new Date(Date.parse(START) + first * 60_000).toISOString());
  });

  it('U2.6-3 one breach fires an alarm of three out of three where the rest is missing: one value is what it saw', async () => {
    const history = [{ at: '2024-01-15T14:34:00Z', from: 'OK', to: 'ALARM', start: START, saw: [null, null, BREACH, null, null] }];
    const { fired } = await readTried(withAlarm({ missing: 'breaching', history }));
    expect(fired[0]?.attributes['alert.datapoints']).toEqual([[Date.parse('2024-01-15T14:30:00Z'), BREACH]]);
  });

  it('U2.6-4 an alarm on data that stopped fires long after: nothing is said of when it began', async () => {
    const history = [{ at: '2024-01-15T14:50:00Z', from: 'OK', to: 'ALARM', start: START, saw: [null, null, null] }];
    const { fired } = await readTried(withAlarm({ missing: 'breaching', history }));
    expect(fired[0]).toMatchObject({ time: { at: '2024-01-15T14:50:00.000Z', minusMs: 0 } });
    expect(fired[0]?.attributes).not.toHaveProperty(['alert.datapoints']);
  });
});

const FIRED = [{ at: '2024-01-15T14:32:00Z', from: 'OK', to: 'ALARM', start: '2024-01-15T14:29:00Z' }];

describe('every kind of alarm, as the stand-in shows it', () => {
  it('a metric alarm: its series, its threshold, and what it saw', async () => {
    const { fact, fired, client } = await readTried(withAlarm({ history: FIRED }));
    expect(fact).toMatchObject({ comparison: 'above', threshold: 100, seriesKeys: [expect.stringContaining('#Sum')] });
    expect(fact.noSeries).toBeUndefined();
    expect(fired[0]?.attributes).toMatchObject({ 'alert.threshold': 100, 'alert.period_ms': 60_000 });
    const { records } = await pullAll(series, client, ask({}, { keys: fact.seriesKeys.map((key) => `${key}@60`) }));
    const [read] = tell(series, records).series;
    const points = new Map(Array.from(read?.startsMs ?? [], (ms, index) => [ms, read?.values[index]]));
    for (const [ms, value] of fired[0]?.attributes['alert.datapoints'] ?? []) expect(points.get(ms)).toBe(value);
  });

  it('a math alarm: the series of its expression, and what it saw without a statistic', async () => {
    const operands = { errors: { metric: 'api-5xx', statistic: 'Sum' }, all: { metric: 'api-requests', statistic: 'Sum' } };
    const math = { expression: '100 * errors / all', label: 'Error share', operands };
    const { fact, fired, client } = await readTried(withAlarm({ math, threshold: 5, history: FIRED }));
    expect(fact).toMatchObject({ comparison: 'above', threshold: 5, seriesKeys: [expect.stringMatching(/^aws-prod\/math:.*#e1$/)] });
    expect(fact.operandKeys).toEqual([
      expect.stringMatching(/HTTPCode_Target_5XX_Count\?.*#Sum$/),
      expect.stringMatching(/RequestCount\?.*#Sum$/),
    ]);
    const { records } = await pullAll(series, client, ask({}, { keys: fact.seriesKeys.map((key) => `${key}@60`) }));
    expect(tell(series, records).series).toMatchObject([{ metric: 'Error share', statistic: 'Expression' }]);
    expect(fired[0]?.attributes['alert.datapoints']?.length).toBeGreaterThan(0);
  });

  it('U2.1 an anomaly alarm: its metric without the band, and no threshold where the band has none', async () => {
    const { fact, fired, client } = await readTried(
      withAlarm({ band: 2, comparison: 'LessThanLowerOrGreaterThanUpperThreshold', history: FIRED }),
    );
    expect(fact).toMatchObject({ comparison: 'outside', seriesKeys: [expect.stringMatching(/HTTPCode_Target_5XX_Count.*#Sum$/)] });
    expect(fact).not.toHaveProperty('threshold');
    expect(fired[0]?.attributes).not.toHaveProperty(['alert.threshold']);
    expect(fired[0]?.attributes['alert.datapoints']?.length).toBeGreaterThan(0);
    const { records } = await pullAll(series, client, ask({}, { keys: fact.seriesKeys.map((key) => `${key}@60`) }));
    expect(tell(series, records).series).toHaveLength(1);
  });

  it('U2.6-1 a composite alarm: why it has no series, and which alarms it combines', async () => {
    const { client } = await startScene();
    const { records } = await pullAll(alarms, client, ask({ alarm_prefixes: ['checkout-Degraded'] }));
    expect(tell(alarms, records).facts).toMatchObject([
      {
        comparison: 'rule',
        seriesKeys: [],
        noSeries: 'combines other alarms and has no metric of its own',
        watches: [`alarm:${ACCOUNT}checkout-HighLatency`, `alarm:${ACCOUNT}checkout-Errors`],
      },
    ]);
  });

  it.each([
    ['ALARM(a) AND NOT ALARM("b b")', ['a']],
    ["(ALARM('a') OR ALARM(arn:aws:cloudwatch:us-east-1:123456789012:alarm:x)) AND OK(c)", ['a', 'x']],
    ['NOT (ALARM("a"))', []],
    ['ALARM(a) AND NOT (ALARM(b) OR (ALARM("c (old)") AND ALARM(d)))', ['a']],
    ['NOT (OK(a) OR NOT ALARM(b)) OR AT_LEAST(2, ALARM("e"))', ['b', 'e']],
    ['ALARM(', []],
    ['TRUE', []],
    ['', undefined],
  ])('U2.2 the rule %s combines %j', (AlarmRule, names) => {
    const body = { AlarmName: 'c', AlarmArn: `${ACCOUNT}c`, StateValue: 'OK', AlarmRule };
    const [fact] = tell(alarms, [{ nativeId: `${ACCOUNT}c`, request: '', body }]).facts;
    expect(fact?.kind === 'alarm' && fact.watches?.map((key) => key.slice(`alarm:${ACCOUNT}`.length))).toEqual(names ?? undefined);
  });

  it('U2.1 a log alarm: found beside the others, with a threshold and the reason for no series', async () => {
    const log = {
      name: 'api-Tried',
      description: '',
      query: 'filter level = "error"',
      results_to_evaluate: 3,
      results_to_alarm: 2,
      threshold: 10,
      comparison: 'GreaterThanThreshold',
      missing: 'notBreaching',
      history: [{ at: '2024-01-15T14:34:00Z', from: 'OK', to: 'ALARM' }],
    };
    const world = sampleWorld();
    const { fact, fired } = await readTried({ ...world, cloudwatch: { ...world.cloudwatch, log_alarms: [log] } });
    expect(fact).toMatchObject({ comparison: 'above', threshold: 10, breaching: 2, outOf: 3, seriesKeys: [] });
    expect(fact.noSeries).toBe('watches the results of a log query, which are not kept as a metric');
    expect(fired).toHaveLength(1);
  });
});
