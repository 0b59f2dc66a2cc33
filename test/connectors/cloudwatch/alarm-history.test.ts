import { describe, expect, it } from 'vitest';
import type { CloudWatch } from '../../../connectors/cloudwatch/client.ts';
import { historyItem } from '../../../connectors/cloudwatch/history-item.ts';
import type { Json } from '../../../src/contract/index.ts';
import { atMost } from '../../../src/contract/index.ts';
import { pullAll } from '../../support/streams.ts';
import {
  ACCOUNT,
  alarmHistory,
  alarms,
  ask,
  at,
  INCIDENT,
  openAt,
  sampleWorld,
  startScene,
  startServer,
  tell,
  windowOf,
} from './support.ts';

const repeat = (body: Json) => String((body as { readonly HistoryData: string }).HistoryData).replace('"version":"1.0"', '"version":"1.1"');

describe('alarm history', () => {
  it('U0.7 tells every firing and resolution of the window, composite alarms too, at the millisecond', async () => {
    const { client } = await startScene();
    const { records, gaps, checkpoints } = await pullAll(alarmHistory, client, ask({}));
    const { events, issues } = tell(alarmHistory, records);
    const told = events.map(
      ({ type, time, attributes }) => `${time.at} ${type} ${(attributes as { readonly 'alert.rule': string })['alert.rule']}`,
    );
    const truth = [...sampleWorld().cloudwatch.alarms, ...sampleWorld().cloudwatch.composite_alarms].flatMap(({ name, history }) =>
      history.map((entry) => `${at(entry.at)} ${entry.to === 'ALARM' ? 'alert.fired' : 'alert.resolved'} ${name}`),
    );
    expect(told.toSorted()).toEqual(truth.toSorted());
    expect(issues).toEqual([]);
    expect(gaps).toEqual([]);
    expect(checkpoints).toEqual(['2024-01-15T14:52:00.000Z']);
  });

  it('U2.1 asks once for all alarms, since three calls a second are allowed, and reads every page', async () => {
    const { client, standIn } = await startScene();
    const whole = await pullAll(alarmHistory, client, ask({}));
    // Side by side: either may come first.
    expect(standIn.requests.map(({ target }) => target).toSorted()).toEqual(['DescribeAlarmHistory', 'DescribeAlarms']);
    const small = await startScene(sampleWorld(), { pageSize: 3 });
    const paged = await pullAll(alarmHistory, small.client, ask({}));
    expect(paged.records).toEqual(whole.records);
    expect(small.standIn.requests.length).toBeGreaterThan(5);
  });

  it("keeps the item as sent, under a name that holds the alarm's ARN, the time and both states", async () => {
    const { client } = await startScene();
    const { records } = await pullAll(alarmHistory, client, ask({}));
    const fired = records.find(({ nativeId }) => nativeId === `${ACCOUNT}api-HighErrorRate@2024-01-15T14:32:00.000Z#StateUpdate:OK>ALARM`);
    expect(fired?.body).toMatchObject({
      AlarmName: 'api-HighErrorRate',
      Timestamp: '2024-01-15T14:32:00.000Z',
      HistoryData: expect.stringContaining('"oldState"'),
    });
    expect(new Set(records.map(({ nativeId }) => nativeId)).size).toBe(records.length);
    // Its place among what happened at its instant.
    const byInstant = Map.groupBy(records, ({ body }) => historyItem.read(body)?.Timestamp);
    for (const together of byInstant.values()) expect(together.map(({ sequence }) => sequence)).toEqual([...together.keys()]);
  });

  it('U0-6 says what the alarm compared with and from which period on it looked', async () => {
    const { client } = await startScene();
    const { records } = await pullAll(alarmHistory, client, ask({}));
    const fired = tell(alarmHistory, records).events.find(({ key }) => key === 'api-HighErrorRate@2024-01-15T14:32:00.000Z:OK>ALARM');
    expect(fired).toMatchObject({
      type: 'alert.fired',
      attributes: { 'alert.rule': 'api-HighErrorRate', 'alert.threshold': 100, 'alert.evaluated_from': '2024-01-15T14:29:00.000Z' },
      correlationKeys: [`alarm:${ACCOUNT}api-HighErrorRate`],
      belongsTo: ['aws-prod/alarm:api-HighErrorRate'],
      url: expect.stringContaining('alarmsV2:alarm/api-HighErrorRate'),
    });
  });

  it('the alarm itself and its history tell one happening alike, so that they merge', async () => {
    const { client } = await startScene();
    const history = tell(alarmHistory, (await pullAll(alarmHistory, client, ask({}))).records).events;
    const current = tell(alarms, (await pullAll(alarms, client, ask({ alarm_prefixes: ['api-', 'checkout-'] }))).records).events;
    for (const event of current.filter(({ time }) => time.at >= INCIDENT.from)) {
      const twin = history.filter(
        ({ type, time, correlationKeys }) =>
          type === event.type && time.at === event.time.at && correlationKeys[0] === event.correlationKeys[0],
      );
      expect(twin, event.key).toHaveLength(1);
    }
  });

  it('U2.1 U2.6-10 forty days later nothing is asked: the whole window is a retention gap', async () => {
    const { client, standIn } = await startScene(sampleWorld('2024-02-24T16:00:00Z'));
    const { records, gaps } = await pullAll(alarmHistory, client, ask({}, { now: at('2024-02-24T16:00:00Z') }));
    expect(records).toEqual([]);
    expect(gaps).toEqual([{ window: INCIDENT, reason: 'retention', detail: 'alarm history is kept for 30 days' }]);
    expect(standIn.requests).toEqual([]);
  });

  it('where the thirty days end inside the window, the rest is read and the start is the gap', async () => {
    const now = at('2024-02-14T14:20:00Z');
    const { client } = await startScene(sampleWorld(now));
    const { records, gaps } = await pullAll(alarmHistory, client, ask({}, { now }));
    expect(gaps.map(({ window }) => window)).toEqual([windowOf('2024-01-15T12:33:00Z', '2024-01-15T14:20:00Z')]);
    const times = tell(alarmHistory, records).events.map(({ time }) => time.at);
    expect(times[0]).toBe('2024-01-15T14:24:30.000Z');
    expect(times).toContain('2024-01-15T14:32:00.000Z');
  });

  it('an endpoint without the operation is a gap that says unsupported', async () => {
    const { client, standIn } = await startScene();
    standIn.fail({ path: /DescribeAlarmHistory/, mode: 'wrong_type' });
    await expect(pullAll(alarmHistory, client, ask({}))).rejects.toMatchObject({ reason: 'unexpected_response' });
    const { url } = await startServer(500, 'text/html', () => '<!doctype html><title>500</title>');
    const bare = openAt(url).client;
    // The alarms answer, the history does not: as moto does.
    const half = { ...bare, describeAlarms: client.describeAlarms };
    expect((await pullAll(alarmHistory, half, ask({}))).gaps).toEqual([
      { window: INCIDENT, reason: 'unsupported', detail: 'this endpoint has no alarm history' },
    ]);
  });

  it('an endpoint that has never heard of log alarms is asked again without them', async () => {
    const { client, kit } = await startScene(sampleWorld(), {}, { alarmTypes: ['CompositeAlarm', 'MetricAlarm'] });
    expect((await pullAll(alarmHistory, client, ask({}))).records.length).toBeGreaterThan(10);
    expect(kit.lines).toHaveLength(1);
  });

  it('U2.1 a transition that the vendor tells twice is one record', async () => {
    const { client } = await startScene();
    const whole = await pullAll(alarmHistory, client, ask({}));
    const twice: CloudWatch = {
      ...client,
      alarmHistory: async (question, signal) => {
        const page = await client.alarmHistory(question, signal);
        // The repeat was written by another evaluation: its data differs.
        const repeats = page.items.map((body) => ({ ...(body as { readonly [key: string]: Json }), HistoryData: repeat(body) }));
        return { ...page, items: page.items.flatMap((body, index) => [body, repeats[index] ?? null]) };
      },
    };
    const stateUpdates = ({ records }: typeof whole) => records.filter(({ nativeId }) => nativeId.includes('#StateUpdate'));
    expect(stateUpdates(await pullAll(alarmHistory, twice, ask({}))).map(({ nativeId }) => nativeId)).toEqual(
      stateUpdates(whole).map(({ nativeId }) => nativeId),
    );
  });

  it('with no alarm left the account is not known: events come without a key to join by', async () => {
    const world = sampleWorld();
    const { client } = await startScene(world);
    const orphaned = { ...client, describeAlarms: async () => ({ items: [] }) };
    const { records } = await pullAll(alarmHistory, orphaned, ask({}));
    const { events } = tell(alarmHistory, records);
    expect(events.length).toBeGreaterThan(10);
    expect(events.every(({ correlationKeys, belongsTo }) => correlationKeys.length === 0 && belongsTo.length === 1)).toBe(true);
  });

  it('C4 C6 stops at its budget with a gap, and goes on behind a checkpoint with nothing lost', async () => {
    const { client } = await startScene(sampleWorld(), { pageSize: 4 });
    const whole = await pullAll(alarmHistory, client, ask({}));
    const first = await pullAll(alarmHistory, client, ask({}, { calls: atMost(3) }));
    const reached = first.checkpoints.at(-1) ?? '';
    expect(first.gaps).toEqual([
      { window: { from: reached, to: INCIDENT.to }, reason: 'budget', detail: `alarm history not read from ${reached} on` },
    ]);
    const rest = await pullAll(alarmHistory, client, ask({}, { resumeAfter: reached }));
    expect(new Set([...first.records, ...rest.records].map(({ nativeId }) => nativeId))).toEqual(
      new Set(whole.records.map(({ nativeId }) => nativeId)),
    );
  });
});
