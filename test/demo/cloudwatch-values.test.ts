import { describe, expect, it } from 'vitest';
import { during, ERRORS, QUEUE, query, resultsOf, seconds, startCalls, world } from '../support/cloudwatch-calls.ts';

describe('values', () => {
  const hour = during('2024-01-15T14:00:00Z', '2024-01-15T15:00:00Z');

  it('are the same however they are asked for, and a count adds up', async () => {
    const { ask } = await startCalls();
    const [minutes] = resultsOf(await ask('GetMetricData', { ...hour, MetricDataQueries: [query('a', ERRORS, 60, 'Sum')] }));
    const [again] = resultsOf(
      await (await startCalls()).ask('GetMetricData', { ...hour, MetricDataQueries: [query('a', ERRORS, 60, 'Sum')] }),
    );
    expect(again).toEqual(minutes);
    const fives = resultsOf(
      await ask('GetMetricData', {
        ...hour,
        MetricDataQueries: [query('s', ERRORS, 300, 'Sum'), query('m', ERRORS, 300, 'Maximum'), query('n', ERRORS, 300, 'SampleCount')],
      }),
    );
    const groups = Array.from({ length: 12 }, (_, index) => minutes?.Values.slice(index * 5, index * 5 + 5) ?? []);
    expect(fives[0]?.Values).toEqual(groups.map((group) => group.reduce((sum, value) => sum + value, 0)));
    expect(fives[1]?.Values).toEqual(groups.map((group) => Math.max(...group)));
    expect(new Set(fives[2]?.Values)).toEqual(new Set([5]));
    expect(minutes?.Values.every((value) => Number.isInteger(value) && value >= 0)).toBe(true);
  });

  it('hold the episode: 125,000 errors above the usual ones', async () => {
    const { ask } = await startCalls();
    const sumOf = async (from: string, to: string) => {
      const [result] = resultsOf(await ask('GetMetricData', { ...during(from, to), MetricDataQueries: [query('a', ERRORS, 60, 'Sum')] }));
      return result?.Values.reduce((sum, value) => sum + value, 0) ?? Number.NaN;
    };
    const usual = await sumOf('2024-01-15T14:08:00Z', '2024-01-15T14:29:00Z');
    expect(usual).toBeLessThan(21 * 8);
    expect(Math.abs((await sumOf('2024-01-15T14:29:00Z', '2024-01-15T14:50:00Z')) - usual - world.truth.impact_requests)).toBeLessThan(100);
  });

  it('never contradict the history of an alarm that one minute decides', async () => {
    const { ask } = await startCalls();
    const [result] = resultsOf(
      await ask('GetMetricData', {
        ...during('2024-01-08T00:00:00Z', '2024-01-15T16:00:00Z'),
        MetricDataQueries: [query('a', QUEUE, 60, 'Maximum')],
      }),
    );
    const history = world.cloudwatch.alarms.find(({ name }) => name === 'checkout-QueueDepth')?.history ?? [];
    const breaching = (time: number) => history.findLast(({ start: from }) => seconds(from) <= time)?.to === 'ALARM';
    const wrong = result?.Timestamps.filter((time, index) => (result.Values[index] ?? 0) > 110 !== breaching(time));
    expect(wrong).toEqual([]);
    expect(result?.Values.filter((value) => value > 110)).toHaveLength(7);
  });

  it.each([
    ['2024-01-15T16:00:00Z', [60, 300, 3600]],
    ['2024-02-01T00:00:00Z', [300, 3600]],
    ['2024-04-01T00:00:00Z', [3600]],
    ['2025-06-01T00:00:00Z', []],
  ])('U2.1 at %s the periods %j are still kept', async (now, kept) => {
    const { ask } = await startCalls(now);
    const MetricDataQueries = [60, 300, 3600].map((period) => query(`p${period}`, ERRORS, period, 'Sum'));
    const results = resultsOf(await ask('GetMetricData', { ...hour, MetricDataQueries }));
    expect(results.filter(({ Values }) => Values.length > 0).map(({ Id }) => Number(Id.slice(1)))).toEqual(kept);
  });

  it('U2.1 the start counts, the end does not, and nothing comes from after now', async () => {
    const { ask } = await startCalls();
    const [result] = resultsOf(
      await ask('GetMetricData', {
        ...during('2024-01-15T15:58:30Z', '2024-01-15T17:00:00Z'),
        MetricDataQueries: [query('a', ERRORS, 60, 'Sum')],
      }),
    );
    expect(result?.Timestamps).toEqual([seconds('2024-01-15T15:58:00Z'), seconds('2024-01-15T15:59:00Z')]);
    const [cut] = resultsOf(
      await ask('GetMetricData', {
        ...during('2024-01-15T15:00:00Z', '2024-01-15T15:02:00Z'),
        MetricDataQueries: [query('a', ERRORS, 60, 'Sum')],
      }),
    );
    expect(cut?.Timestamps).toEqual([seconds('2024-01-15T15:00:00Z'), seconds('2024-01-15T15:01:00Z')]);
  });

  it('U2.6-6 pages go on where PartialData stopped', async () => {
    const { ask } = await startCalls();
    const MetricDataQueries = [query('a', ERRORS, 60, 'Sum'), query('b', QUEUE, 60, 'Maximum')];
    const first = await ask('GetMetricData', { ...hour, MaxDatapoints: 90, MetricDataQueries });
    expect(resultsOf(first).map(({ Id, StatusCode, Values }) => [Id, StatusCode, Values.length])).toEqual([
      ['a', 'Complete', 60],
      ['b', 'PartialData', 30],
    ]);
    const second = await ask('GetMetricData', { ...hour, MaxDatapoints: 90, MetricDataQueries, NextToken: first.body['NextToken'] });
    expect(resultsOf(second).map(({ Id, StatusCode, Values }) => [Id, StatusCode, Values.length])).toEqual([['b', 'Complete', 30]]);
    expect(second.body['NextToken']).toBeUndefined();
  });

  it('math over two metrics is computed where both have a value, and only what returns data is told', async () => {
    const { ask } = await startCalls();
    const requests = { ...ERRORS, MetricName: 'RequestCount' };
    const operands = [query('m1', ERRORS, 60, 'Sum'), query('m2', requests, 60, 'Sum')].map((one) => ({ ...one, ReturnData: false }));
    const results = resultsOf(
      await ask('GetMetricData', { ...hour, MetricDataQueries: [...operands, { Id: 'e1', Expression: '100 * m1 / (m1 + m2)' }] }),
    );
    expect(results.map(({ Id }) => Id)).toEqual(['e1']);
    expect(results[0]?.Values).toHaveLength(60);
    expect(results[0]?.Values.every((value) => value > 0 && value < 100)).toBe(true);
    const bad = await ask('GetMetricData', { ...hour, MetricDataQueries: [{ Id: 'e1', Expression: 'FILL(m1, 0)' }] });
    expect(bad).toMatchObject({ status: 400, body: { __type: 'com.amazon.coral.service#ValidationError' } });
  });
});
