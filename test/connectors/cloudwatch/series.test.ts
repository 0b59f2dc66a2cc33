import { describe, expect, it } from 'vitest';
import type { CloudWatch } from '../../../connectors/cloudwatch/client.ts';
import type { DataQuestion } from '../../../connectors/cloudwatch/questions.ts';
import { seriesKey } from '../../../connectors/cloudwatch/series-key.ts';
import type { WorldAlarm } from '../../../demo/world.ts';
import type { Json } from '../../../src/contract/index.ts';
import { atMost } from '../../../src/contract/index.ts';
import { pullAll } from '../../support/streams.ts';
import { alarms, ask, at, ERRORS, sampleWorld, series, startScene, tell, windowOf } from './support.ts';

const DAY_AROUND = windowOf('2024-01-14T14:33:00Z', '2024-01-15T16:00:00Z');
const QUEUE = 'aws-prod/metric:AWS/SQS/ApproximateNumberOfMessagesVisible?QueueName=checkout-orders#Maximum';
const LATENCY = ERRORS.replace('HTTPCode_Target_5XX_Count', 'TargetResponseTime').replace('#Sum', '#Average');

/** The points of all series that records tell, by time text. */
const pointsOf = (records: Parameters<typeof tell>[1]) =>
  new Map(
    tell(series, records).series.flatMap(({ startsMs, values }) =>
      [...startsMs].map((ms, index) => [new Date(ms).toISOString(), values[index] ?? Number.NaN]),
    ),
  );

/** A client whose metric data is scripted: what no stand-in of a healthy account would answer. */
function scripted(answer: (question: DataQuestion) => readonly Json[]): CloudWatch {
  return {
    region: 'us-east-1',
    describeAlarms: async () => ({ items: [] }),
    alarmHistory: async () => ({ items: [] }),
    listMetrics: async () => ({ items: [] }),
    metricData: async (question) => ({ items: answer(question) }),
    now: () => undefined,
    clockOffsetMs: () => undefined,
  };
}

describe('series', () => {
  it('reads the errors of the incident minute by minute, as the alarm saw them', async () => {
    const { client } = await startScene();
    const { records, gaps } = await pullAll(series, client, ask({}, { window: DAY_AROUND, keys: [`${ERRORS}@60`] }));
    expect(gaps).toEqual([]);
    const points = pointsOf(records);
    expect(points.size).toBe(28 * 60);
    const normal = points.get('2024-01-15T14:28:00.000Z') ?? Number.NaN;
    expect(normal).toBeLessThan(10);
    expect(points.get('2024-01-15T14:29:00.000Z')).toBeGreaterThanOrEqual(480);
    const excess = [...points]
      .filter(([time]) => time >= '2024-01-15T14:29' && time < '2024-01-15T14:50')
      .reduce((sum, [, value]) => sum + value, 0);
    expect(Math.abs(excess - sampleWorld().truth.impact_requests)).toBeLessThan(21 * 10);
  });

  it('keeps one record a chunk, named by metric, dimensions, statistic, period and start', async () => {
    const { client } = await startScene();
    const { records } = await pullAll(series, client, ask({}, { window: DAY_AROUND, keys: [`${ERRORS}@60`] }));
    expect(records.map(({ nativeId }) => nativeId)).toEqual(
      ['2024-01-14T12', '2024-01-14T18', '2024-01-15T00', '2024-01-15T06', '2024-01-15T12'].map(
        (hour) => `${ERRORS.slice('aws-prod/'.length)}@60/${hour}:00:00.000Z`,
      ),
    );
    expect(records[0]?.body).toMatchObject({
      namespace: 'AWS/ApplicationELB',
      metric: 'HTTPCode_Target_5XX_Count',
      dimensions: { LoadBalancer: 'app/api/50dc6c495c0c9188', TargetGroup: 'targetgroup/api/943f017f100becff' },
      statistic: 'Sum',
      periodSeconds: 60,
      from: '2024-01-14T12:00:00.000Z',
      to: '2024-01-14T18:00:00.000Z',
      label: 'HTTPCode_Target_5XX_Count',
    });
    const times = [...pointsOf(records).keys()];
    expect(times[0]).toBe('2024-01-14T12:00:00.000Z');
    expect(times).toEqual(times.toSorted());
  });

  it('the key of each series is the one that the alarm names', async () => {
    const { client } = await startScene();
    const { facts } = tell(alarms, (await pullAll(alarms, client, ask({ alarm_prefixes: ['api-', 'checkout-'] }))).records);
    const keys = facts.flatMap((fact) => (fact.kind === 'alarm' ? fact.seriesKeys : []));
    const { records } = await pullAll(series, client, ask({}, { keys: keys.map((key) => `${key}@60`) }));
    const told = tell(series, records).series;
    expect(new Set(told.map(({ key }) => key))).toEqual(new Set(keys));
    expect(told.find(({ key }) => key === ERRORS)).toMatchObject({
      metric: 'HTTPCode_Target_5XX_Count',
      statistic: 'Sum',
      periodMs: 60_000,
    });
  });

  it('U2.6-6 a small page says PartialData: pages are joined by id until nothing is left', async () => {
    const keys = [`${ERRORS}@60`, `${QUEUE}@60`, `${LATENCY}@60`];
    const whole = await startScene();
    const small = await startScene(sampleWorld(), { maxDatapoints: 100 });
    const expected = await pullAll(series, whole.client, ask({}, { keys }));
    const joined = await pullAll(series, small.client, ask({}, { keys }));
    expect(joined.records).toEqual(expected.records);
    expect(whole.standIn.requests).toHaveLength(1);
    expect(small.standIn.requests).toHaveLength(8);
  });

  it('U2.1 asks all metrics of a stretch in one call, and says what they cost', async () => {
    const { client, standIn } = await startScene();
    const request = ask({}, { window: DAY_AROUND, keys: [`${ERRORS}@60`, `${QUEUE}@60`, `${LATENCY}@300`] });
    const { usd = 0, requests } = series.estimate(request);
    await pullAll(series, client, request);
    expect(standIn.requests).toHaveLength(2);
    expect(requests).toBe(2);
    expect(usd).toBeCloseTo(0.000_03);
  });

  it('U2.1 never more than five hundred queries or one page of points a call', async () => {
    const { client, standIn } = await startScene();
    const keysAt = (seconds: number) => Array.from({ length: 501 }, (_, index) => `aws-prod/metric:Acme/Thing?N=${index}#Sum@${seconds}`);
    const window = windowOf('2024-01-14T18:00:00Z', '2024-01-15T12:00:00Z');
    expect(series.estimate(ask({}, { window, keys: keysAt(3600) })).requests).toBe(2);
    // 1,080 minutes of 93 metrics fill a page.
    expect(series.estimate(ask({}, { window, keys: keysAt(60) })).requests).toBe(Math.ceil(501 / 93));
    const { records, hints } = await pullAll(series, client, ask({}, { window, keys: keysAt(3600) }));
    expect(records).toHaveLength(501);
    expect(hints).toHaveLength(501);
    expect(standIn.requests).toHaveLength(2);
  });

  it('U2.1 the start of a stretch counts and its end does not: where two chunks meet, no minute is lost or told twice', async () => {
    const { client, standIn } = await startScene();
    const { records } = await pullAll(
      series,
      client,
      ask({}, { window: windowOf('2024-01-15T05:00:00Z', '2024-01-15T13:00:00Z'), keys: [`${ERRORS}@60`] }),
    );
    const told = tell(series, records).series.flatMap(({ startsMs }) => [...startsMs]);
    expect(new Set(told).size).toBe(told.length);
    const met = ['05:59', '06:00', '11:59', '12:00'].map((time) => Date.parse(`2024-01-15T${time}:00Z`));
    expect(met.filter((ms) => !told.includes(ms))).toEqual([]);
    const bodies = standIn.requests.map(({ body }) => JSON.parse(body ?? '{}'));
    for (const { StartTime, EndTime } of bodies) expect([StartTime % 60, EndTime % 60]).toEqual([0, 0]);
  });

  it('U2.1 U4 forty days later minutes are gone: five minutes come instead, and the gap says so', async () => {
    const now = at('2024-02-24T16:00:00Z');
    const { client } = await startScene(sampleWorld(now));
    const { records, gaps } = await pullAll(series, client, ask({}, { now, keys: [`${ERRORS}@60`] }));
    expect(gaps).toEqual([
      {
        window: windowOf('2024-01-15T12:33:00Z', '2024-01-15T16:00:00Z'),
        reason: 'retention',
        detail: 'kept at 5 min only: CloudWatch keeps 1-minute values for 15 days',
      },
    ]);
    const [chunk] = tell(series, records).series;
    expect(chunk).toMatchObject({ key: ERRORS, periodMs: 300_000 });
    expect(chunk?.values).toHaveLength(288);
    // 14:30 to 14:35 is the sum of its five minutes.
    const inFive = pointsOf(records).get('2024-01-15T14:30:00.000Z') ?? 0;
    expect(Math.abs(inFive - (1900 + 4100 + 7340 + 7335 + 7335))).toBeLessThan(50);
  });

  it('U2.1 what is wanted by the minute only as far as it is kept is no gap where it is not, and shares its call where it is', async () => {
    const keys = [`${QUEUE}@60`, `${ERRORS}@60?`];
    const young = await startScene();
    const told = await pullAll(series, young.client, ask({}, { keys }));
    expect(young.standIn.requests).toHaveLength(1);
    expect(tell(series, told.records).series.map(({ key, periodMs }) => [key, periodMs])).toEqual([
      [QUEUE, 60_000],
      [ERRORS, 60_000],
    ]);
    const now = at('2024-02-24T16:00:00Z');
    const old = await startScene(sampleWorld(now));
    const alone = await pullAll(series, old.client, ask({}, { now, keys: [`${ERRORS}@60?`] }));
    expect([alone.records, alone.gaps, old.standIn.requests.length]).toEqual([[], [], 0]);
    const both = await pullAll(series, old.client, ask({}, { now, keys }));
    expect(both.gaps).toHaveLength(1);
    expect(new Set(tell(series, both.records).series.map(({ key }) => key))).toEqual(new Set([QUEUE]));
  });

  it('a hundred days later an hour is the finest', async () => {
    const now = at('2024-04-24T16:00:00Z');
    const { client } = await startScene(sampleWorld(now));
    const { records, gaps } = await pullAll(series, client, ask({}, { now, keys: [`${ERRORS}@60`] }));
    expect(gaps.map(({ detail }) => detail)).toEqual(['kept at 1 h only: CloudWatch keeps 5-minute values for 63 days']);
    expect(tell(series, records).series.map(({ periodMs }) => periodMs)).toEqual([3_600_000]);
    expect(records.map(({ nativeId }) => nativeId.split('@').at(-1))).toEqual(['3600/2024-01-01T00:00:00.000Z']);
  });

  it('at the edge of retention both sides are read, and what is kept of the fine side goes by its own start', async () => {
    const now = at('2024-01-30T14:33:20Z');
    const { client } = await startScene(sampleWorld(now));
    const { records, gaps } = await pullAll(series, client, ask({}, { now, keys: [`${ERRORS}@60`] }));
    expect(gaps).toHaveLength(1);
    const fine = tell(series, records).series.filter(({ periodMs }) => periodMs === 60_000);
    expect(new Date(fine[0]?.startsMs[0] ?? 0).toISOString()).toBe('2024-01-15T14:34:00.000Z');
    expect(tell(series, records).series.filter(({ periodMs }) => periodMs === 300_000)[0]?.startsMs).toHaveLength(288);
  });

  it('U2.6-9 a metric without values is an empty record and a sentence, never zeros', async () => {
    const { client } = await startScene();
    const { records, gaps, hints } = await pullAll(series, client, ask({}, { keys: ['aws-prod/metric:Acme/Nothing#Sum@60'] }));
    expect(records).toMatchObject([{ body: { timestamps: [], values: [] } }]);
    expect(gaps).toEqual([]);
    expect(hints).toEqual(['Acme Nothing has no values from 2024-01-15T12:00:00.000Z to 2024-01-15T16:00:00.000Z.']);
    expect(tell(series, records)).toEqual({ events: [], series: [], facts: [], issues: [] });
  });

  it.each([
    ['Forbidden', 'forbidden', 'AWS does not permit these values: the account that owns the metric must share it'],
    ['InternalError', 'unavailable', 'CloudWatch failed while reading the values; Oops: try later'],
    ['PartialData', 'result_limit', 'CloudWatch stopped in the middle of the values'],
  ])('U2.1 a series that ends in %s is a gap, and no half chunk shadows a whole one', async (StatusCode, reason, detail) => {
    const Messages = StatusCode === 'InternalError' ? [{ Code: 'Oops', Value: 'try later' }] : [];
    const client = scripted(({ queries }) =>
      queries.map(({ Id }, index) => ({
        Id,
        Timestamps: ['2024-01-15T14:00:00.000Z'],
        Values: [1],
        StatusCode: index === 0 ? StatusCode : 'Complete',
        Messages,
      })),
    );
    const { records, gaps } = await pullAll(series, client, ask({}, { keys: [`${ERRORS}@60`, `${QUEUE}@60`] }));
    expect(gaps).toMatchObject([{ reason, detail: `AWS/ApplicationELB HTTPCode_Target_5XX_Count: ${detail}` }]);
    expect(tell(series, records).series.map(({ key }) => key)).toEqual([QUEUE]);
  });

  it('a query that the answer leaves out is a gap', async () => {
    const { gaps, records } = await pullAll(
      series,
      scripted(() => []),
      ask({}, { keys: [`${ERRORS}@60`] }),
    );
    expect(records).toEqual([]);
    expect(gaps).toMatchObject([{ reason: 'unavailable', detail: expect.stringContaining('CloudWatch gave no answer') }]);
  });

  it('an answer in any order is kept oldest first, and a value that comes twice is kept once', async () => {
    const times = ['2024-01-15T14:01:00.000Z', '2024-01-15T14:00:00.000Z', '2024-01-15T14:01:00.000Z'];
    const client = scripted(({ queries }) =>
      queries.map(({ Id }) => ({ Id, Timestamps: times, Values: [1, 2, 3], StatusCode: 'Complete' })),
    );
    const { records } = await pullAll(series, client, ask({}, { keys: [`${ERRORS}@60`] }));
    expect(records[0]?.body).toMatchObject({ timestamps: ['2024-01-15T14:00:00.000Z', '2024-01-15T14:01:00.000Z'], values: [2, 3] });
  });

  it('a key that is none is a gap; the others are read', async () => {
    const { client } = await startScene();
    const { records, gaps } = await pullAll(series, client, ask({}, { keys: ['aws-prod/alarm:x', `${QUEUE}@60`] }));
    expect(gaps).toMatchObject([{ reason: 'unreadable', detail: 'not the key of a series: aws-prod/alarm:x' }]);
    expect(records).toHaveLength(1);
  });

  it('C4 C6 stops at its budget with a gap, and goes on behind a checkpoint', async () => {
    const { client } = await startScene();
    const keys = [`${ERRORS}@60`, `${QUEUE}@300`];
    const first = await pullAll(series, client, ask({}, { keys, calls: atMost(1) }));
    expect(first.gaps).toMatchObject([{ reason: 'budget' }]);
    const rest = await pullAll(series, client, ask({}, { keys, resumeAfter: first.checkpoints[0] ?? '' }));
    expect([...first.records, ...rest.records].map(({ nativeId }) => nativeId.split('@').at(-1))).toEqual([
      '60/2024-01-15T12:00:00.000Z',
      '300/2024-01-15T00:00:00.000Z',
    ]);
  });

  it.each([
    [{ timestamps: ['2024-01-15T14:00:00'], values: [1] }, '/timestamps/0'],
    [{ timestamps: ['2024-01-15T14:00:00Z'], values: [] }, '/timestamps/0'],
    [{ timestamps: [], values: [1] }, '/timestamps/0'],
    [{ timestamps: 'x', values: [] }, '/timestamps'],
  ])('what does not pair is an issue: %j', (over, pointer) => {
    const body = { namespace: 'N', metric: 'M', dimensions: {}, statistic: 'Sum', periodSeconds: 60, ...over };
    expect(tell(series, [{ nativeId: 'n', body, request: '' }])).toMatchObject({ series: [], issues: [{ pointer }] });
  });
});

describe('an alarm on metric math', () => {
  const SHARE = {
    expression: '100 * errors / all',
    label: 'Error share',
    operands: { errors: { metric: 'api-5xx', statistic: 'Sum' }, all: { metric: 'api-requests', statistic: 'Sum' } },
  };
  const share: WorldAlarm = {
    name: 'api-ErrorShare',
    description: '',
    metric: 'api-5xx',
    statistic: 'Sum',
    period: 60,
    evaluation_periods: 2,
    datapoints_to_alarm: 2,
    threshold: 5,
    comparison: 'GreaterThanThreshold',
    missing: 'missing',
    history: [{ at: '2024-01-15T14:32:00Z', from: 'OK', to: 'ALARM', start: '2024-01-15T14:29:00Z' }],
    math: SHARE,
  };
  const sample = sampleWorld();
  const world = { ...sample, cloudwatch: { ...sample.cloudwatch, alarms: [...sample.cloudwatch.alarms, share] } };

  it('is asked as the alarm states it, and its result alone is the series', async () => {
    const { client, standIn } = await startScene(world);
    const { facts } = tell(alarms, (await pullAll(alarms, client, ask({ alarm_prefixes: ['api-ErrorShare'] }))).records);
    const [key = ''] = facts.flatMap((fact) => (fact.kind === 'alarm' ? fact.seriesKeys : []));
    expect(facts).toMatchObject([{ comparison: 'above', threshold: 5, periodMs: 60_000 }]);
    const { records } = await pullAll(series, client, ask({}, { keys: [`${key}@60`] }));
    const [chunk] = tell(series, records).series;
    expect(chunk).toMatchObject({ key, metric: 'Error share', statistic: 'Expression', periodMs: 60_000 });
    expect(pointsOf(records).get('2024-01-15T14:28:00.000Z')).toBeLessThan(1);
    expect(pointsOf(records).get('2024-01-15T14:33:00.000Z')).toBeGreaterThan(80);
    expect(records[0]?.nativeId).toMatch(/^math:sha256:[0-9a-f]{64}#e1@60\/2024-01-15T12:00:00.000Z$/);
    expect(series.estimate(ask({}, { keys: [`${key}@60`] })).usd).toBeCloseTo(0.000_02);
    expect(standIn.requests).toHaveLength(2);
  });

  it('at a coarser period every operand is asked at that period, and the key stays', async () => {
    const now = at('2024-02-24T16:00:00Z');
    const queries = [
      { Id: 'e1', Expression: 'm1 * 2', Label: 'twice', ReturnData: true },
      {
        Id: 'm1',
        MetricStat: {
          Metric: {
            Namespace: 'AWS/SQS',
            MetricName: 'ApproximateNumberOfMessagesVisible',
            Dimensions: [{ Name: 'QueueName', Value: 'checkout-orders' }],
          },
          Period: 60,
          Stat: 'Maximum',
        },
        ReturnData: false,
      },
    ];
    const key = `aws-prod/${seriesKey({ kind: 'math', queries, result: 'e1' })}`;
    const { client } = await startScene(sampleWorld(now));
    const { records } = await pullAll(series, client, ask({}, { now, keys: [`${key}@60`] }));
    expect(tell(series, records).series).toMatchObject([{ key, periodMs: 300_000, metric: 'twice' }]);
  });
});
