import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CloudWatch, Page } from '../../../connectors/cloudwatch/client.ts';
import { openCloudWatch } from '../../../connectors/cloudwatch/client.ts';
import type { CloudWatchScope } from '../../../connectors/cloudwatch/config.ts';
import type { DataQuestion } from '../../../connectors/cloudwatch/questions.ts';
import type { ObservedLimits, RawRecord } from '../../../src/contract/index.ts';
import { plainKit, pullAll } from '../../support/streams.ts';
import {
  ACCOUNT,
  alarmHistory,
  alarms,
  ask,
  at,
  ERRORS,
  failureOf,
  INCIDENT,
  sampleWorld,
  series,
  startScene,
  toEvidence,
  windowOf,
} from './support.ts';

const signal = new AbortController().signal;
/** A question of a stream: what it is, the stream, the scope, the keys. */
type Row = readonly [string, typeof alarms, CloudWatchScope, readonly string[]];
const QUEUE = 'aws-prod/metric:AWS/SQS/ApproximateNumberOfMessagesVisible?QueueName=checkout-orders#Maximum';

/** A client whose every page names itself as the next. */
function circling(client: CloudWatch): CloudWatch {
  const around = async (page: Promise<Page>) => ({ ...(await page), next: 'the-same' });
  return {
    ...client,
    describeAlarms: (question, stop) => around(client.describeAlarms({ ...question, token: undefined }, stop)),
    alarmHistory: (question, stop) => around(client.alarmHistory({ ...question, token: undefined }, stop)),
    metricData: (question, stop) => around(client.metricData({ ...question, token: undefined }, stop)),
  };
}

describe('pages that go round in a circle', () => {
  it.each([
    ['alarms', alarms, { alarm_prefixes: ['api-'] }, [], 'DescribeAlarms'],
    ['alarm history', alarmHistory, {}, [], 'DescribeAlarmHistory'],
    ['edits', alarmHistory, {}, [`alarm:${ACCOUNT}api-HighErrorRate`], 'DescribeAlarmHistory'],
    ['series', series, {}, [`${ERRORS}@60`], 'GetMetricData'],
  ] as const)('U2.6-6 of %s are given up at the first repeat, not read for ever', async (_what, stream, scope, keys, operation) => {
    const { client, standIn } = await startScene();
    const error = await failureOf(pullAll(stream, circling(client), ask(scope, { keys })));
    expect(error.reason).toBe('unexpected_response');
    expect(error.message).toBe(`${operation} gave one NextToken twice: its pages go round in a circle`);
    expect(standIn.requests.length).toBeLessThanOrEqual(3);
  });
});

describe('what comes in parts', () => {
  /** Metric data in scripted pages: what each query is answered on each page. */
  function paged(client: CloudWatch, pages: readonly ((question: DataQuestion) => readonly object[])[]): CloudWatch {
    let page = 0;
    const metricData = async (question: DataQuestion): Promise<Page> => {
      const items = JSON.parse(JSON.stringify(pages[page]?.(question) ?? []));
      page += 1;
      return { items, ...(page < pages.length && { next: `page-${page}` }) };
    };
    return { ...client, metricData };
  }
  const minute = (index: number) => new Date(Date.parse('2024-01-15T14:00:00Z') + index * 60_000).toISOString();
  const part = (Id: string, from: number, values: readonly number[], StatusCode: string) => ({
    Id,
    Timestamps: values.map((_, index) => minute(from + index)),
    Values: values,
    StatusCode,
  });

  it('U2.6-6 PartialData is joined, and what a later Complete says again overwrites it', async () => {
    const { client } = await startScene();
    const scripted = paged(client, [
      ({ queries }) => queries.map(({ Id }) => part(Id, 0, [1, 2, 3], 'PartialData')),
      ({ queries }) => queries.map(({ Id }) => part(Id, 2, [30, 40], 'Complete')),
    ]);
    const { records, gaps } = await pullAll(series, scripted, ask({}, { keys: [`${ERRORS}@60`] }));
    expect(gaps).toEqual([]);
    expect(records[0]?.body).toMatchObject({ values: [1, 2, 30, 40], timestamps: [0, 1, 2, 3].map(minute) });
  });

  it('U2.1 a series that failed inside an answer is asked for once more, alone', async () => {
    const { client } = await startScene();
    const asked: string[][] = [];
    const note =
      (status: (id: string) => string) =>
      ({ queries }: DataQuestion) => {
        asked.push(queries.map(({ Id }) => Id));
        return queries.map(({ Id }) => part(Id, 0, [7], status(Id)));
      };
    const flaky: CloudWatch = { ...client };
    const answers = [note((id) => (id === 'q1' ? 'InternalError' : 'Complete')), note(() => 'Complete')];
    let call = 0;
    flaky.metricData = async (question) => {
      const items = JSON.parse(JSON.stringify(answers[call]?.(question) ?? []));
      call += 1;
      return { items };
    };
    const { records, gaps } = await pullAll(series, flaky, ask({}, { keys: [`${ERRORS}@60`, `${QUEUE}@60`] }));
    expect(asked).toEqual([['q0', 'q1'], ['q1']]);
    expect(gaps).toEqual([]);
    expect(records).toHaveLength(2);
  });
});

describe('U2.4 throttling is no 429', () => {
  it('a 400 by the name of Throttling is told to the shared budget, and nothing else is', async () => {
    const { standIn } = await startScene();
    const told: ObservedLimits[] = [];
    const kit = { ...plainKit(), observe: (limits: ObservedLimits) => void told.push(limits) };
    const client = openCloudWatch({ connector: 'cloudwatch', region: 'us-east-1', endpoint: standIn.url }, kit);
    await client.describeAlarms({}, signal);
    standIn.fail({ path: /./, mode: 500, times: 1 });
    await failureOf(client.describeAlarms({}, signal));
    expect(told.filter(({ throttled }) => throttled)).toEqual([]);
    standIn.fail({ path: /./, mode: 400, times: 1 });
    expect((await failureOf(client.describeAlarms({}, signal))).reason).toBe('rate_limited');
    expect(told.filter(({ throttled }) => throttled)).toEqual([{ throttled: true }]);
  });
});

describe('U2.6-8 the protocol', () => {
  it('is JSON 1.0, which the stand-in and the older fakes speak', async () => {
    const { client, standIn } = await startScene();
    await client.alarmHistory({ limit: 1 }, signal);
    expect(standIn.requests).toMatchObject([{ method: 'POST', path: '/', target: 'DescribeAlarmHistory', status: 200 }]);
  });
});

describe('series in aligned chunks', () => {
  const idsOf = (records: readonly RawRecord[]) => new Map(records.map((record) => [record.nativeId, toEvidence('series', record).id]));

  it('windows with other bounds share the evidence of every whole chunk that both touch', async () => {
    const { client } = await startScene();
    const read = async (from: string, to: string) =>
      idsOf((await pullAll(series, client, ask({}, { window: windowOf(from, to), keys: [`${ERRORS}@60`, `${ERRORS}@300`] }))).records);
    const first = await read('2024-01-14T13:07:21Z', '2024-01-15T11:59:00Z');
    const second = await read('2024-01-14T19:30:00Z', '2024-01-15T13:00:00Z');
    const shared = [...first].filter(([name]) => second.has(name));
    expect(shared.map(([name]) => name.split('@').at(-1))).toEqual([
      '60/2024-01-14T18:00:00.000Z',
      '60/2024-01-15T00:00:00.000Z',
      '60/2024-01-15T06:00:00.000Z',
      '300/2024-01-14T00:00:00.000Z',
      '300/2024-01-15T00:00:00.000Z',
    ]);
    for (const [name, id] of shared) expect(second.get(name), name).toBe(id);
  });

  it('any two windows of one day agree on every chunk that both name', async () => {
    const { client } = await startScene();
    const minutes = fc.tuple(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 1, max: 400 }));
    const read = async ([start, length]: readonly [number, number]) => {
      const from = Date.parse('2024-01-14T20:00:00Z') + start * 60_000;
      const window = windowOf(new Date(from).toISOString(), new Date(from + length * 60_000).toISOString());
      return idsOf((await pullAll(series, client, ask({}, { window, keys: [`${ERRORS}@60`] }))).records);
    };
    await fc.assert(
      fc.asyncProperty(minutes, minutes, async (a, b) => {
        const [one, other] = [await read(a), await read(b)];
        for (const [name, id] of one) expect(other.get(name) ?? id).toBe(id);
      }),
      { numRuns: 15 },
    );
  });

  it('a chunk that was not over is a newer version of the same object once more is known', async () => {
    const early = await startScene(sampleWorld('2024-01-15T14:40:00Z'));
    const late = await startScene();
    const request = (now: string) => ask({}, { now: at(now), keys: [`${ERRORS}@60`] });
    const [before] = (await pullAll(series, early.client, request('2024-01-15T14:40:00Z'))).records;
    const [after] = (await pullAll(series, late.client, request('2024-01-15T16:00:00Z'))).records;
    expect(before?.nativeId).toBe(after?.nativeId);
    expect(before?.body).not.toEqual(after?.body);
  });
});

describe('the cost known before it is made', () => {
  it.each<Row>([
    ['alarms by two prefixes', alarms, { alarm_prefixes: ['api-', 'checkout-'] }, []],
    ['alarms by name', alarms, {}, Array.from({ length: 150 }, (_, index) => `alarm:${ACCOUNT}a-${index}`)],
    ['all alarm history', alarmHistory, {}, []],
    ['the edits of two alarms', alarmHistory, {}, [`alarm:${ACCOUNT}api-HighErrorRate`, `alarm:${ACCOUNT}api-HighLatency`]],
    ['two series at their period', series, {}, [`${ERRORS}@60`, `${QUEUE}@60`]],
    ['two series over two weeks', series, {}, [`${ERRORS}@300`, `${QUEUE}@300`, `${ERRORS}@60`]],
    ['nothing at all', alarms, {}, []],
  ])('of %s is what is asked', async (_what, stream, scope, keys) => {
    const { client, standIn } = await startScene();
    const request = ask(scope, { keys, window: windowOf('2024-01-02T00:00:00Z', '2024-01-15T16:00:00Z') });
    const { requests } = stream.estimate(request);
    await pullAll(stream, client, request);
    expect(standIn.requests).toHaveLength(requests);
  });

  it('in dollars counts the metrics that are asked for, each page of one question once', async () => {
    const { client } = await startScene();
    const billed: number[] = [];
    const counting: CloudWatch = {
      ...client,
      metricData: (question, stop) => {
        if (question.token === undefined) billed.push(question.queries.filter(({ MetricStat }) => MetricStat).length);
        return client.metricData(question, stop);
      },
    };
    const request = ask({}, { keys: [`${ERRORS}@60`, `${QUEUE}@60`, `${ERRORS}@300`], window: INCIDENT });
    await pullAll(series, counting, request);
    expect(series.estimate(request).usd).toBeCloseTo((billed.reduce((sum, count) => sum + count, 0) * 0.01) / 1_000);
  });
});

describe('alarms are found', () => {
  const key = `alarm:${ACCOUNT}api-HighErrorRate`;
  it.each<Row>([
    ['what a page names', alarms, {}, [key]],
    ['what a service owns', alarms, { alarm_prefixes: ['api-HighE'] }, []],
    ['history for the window', alarmHistory, {}, []],
  ])('by %s alone', async (_how, stream, scope, keys) => {
    const { client } = await startScene();
    const { records } = await pullAll(stream, client, ask(scope, { keys }));
    const found = records.flatMap((record) => stream.normalize(toEvidence(stream.spec.id, record)).events);
    expect(found.filter(({ correlationKeys }) => correlationKeys.includes(key)).length).toBeGreaterThan(0);
  });
});

describe('a million values', () => {
  it('stream by: no answer of more than one page is asked for or held', async () => {
    const { client } = await startScene();
    const window = windowOf('2024-01-02T00:00:00Z', '2024-01-15T16:00:00Z');
    const keys = Array.from({ length: 50 }, (_, index) => `aws-prod/metric:Acme/Thing?N=${index}#Sum@60`);
    let asked = 0;
    let most = 0;
    const full: CloudWatch = {
      ...client,
      metricData: async ({ queries, from, to }) => {
        const minutes = (Date.parse(to) - Date.parse(from)) / 60_000;
        asked += queries.length * minutes;
        most = Math.max(most, queries.length * minutes);
        const Timestamps = Array.from({ length: minutes }, (_, index) => new Date(Date.parse(from) + index * 60_000).toISOString());
        return {
          items: queries.map(({ Id }) => ({ Id, Timestamps, Values: Timestamps.map((_, index) => index), StatusCode: 'Complete' })),
        };
      },
    };
    let points = 0;
    let held = 0;
    let mostHeld = 0;
    for await (const item of series.pull(full, ask({}, { window, keys }))) {
      if (item.kind === 'checkpoint') held = 0;
      if (item.kind !== 'record') continue;
      const { values } = item.record.body as { readonly values: readonly number[] };
      points += values.length;
      held += values.length;
      mostHeld = Math.max(mostHeld, held);
    }
    expect(points).toBe(asked);
    expect(points).toBeGreaterThan(950_000);
    expect(most).toBeLessThanOrEqual(100_800);
    expect(mostHeld).toBeLessThanOrEqual(100_800);
  });
});
