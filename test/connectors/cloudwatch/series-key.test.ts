import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readWanted, seriesKey } from '../../../connectors/cloudwatch/series-key.ts';

describe('the key of a series', () => {
  it('sorts dimensions by name and encodes their values', () => {
    const series = {
      kind: 'metric',
      namespace: 'AWS/ApplicationELB',
      metric: 'RequestCount',
      dimensions: { TargetGroup: 'tg/a', LoadBalancer: 'app/x' },
      statistic: 'Sum',
    } as const;
    expect(seriesKey(series)).toBe('metric:AWS/ApplicationELB/RequestCount?LoadBalancer=app%2Fx&TargetGroup=tg%2Fa#Sum');
  });

  const text = fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }).filter((value) => value.isWellFormed() && value !== '__proto__');
  it('says enough to ask again: any metric reads back from its key', () => {
    fc.assert(
      fc.property(
        text,
        text,
        fc.dictionary(text, text, { maxKeys: 4, noNullPrototype: true }),
        fc.constantFrom('Sum', 'Average', 'p99.9', 'TM(10%:90%)'),
        fc.integer({ min: 1, max: 86_400 }),
        (namespace, metric, dimensions, statistic, periodSeconds) => {
          const series = { kind: 'metric', namespace, metric, dimensions, statistic } as const;
          expect(readWanted(`aws-prod/${seriesKey(series)}@${periodSeconds}`)).toEqual({ series, periodSeconds, isIfKept: false });
        },
      ),
    );
  });

  it('keeps the whole of an expression, in one form whatever the order of its members', () => {
    const queries = [
      { Id: 'e1', Expression: '100*m1/m2 # share', ReturnData: true },
      { Id: 'm1', MetricStat: { Metric: { Namespace: 'N', MetricName: 'a@60' }, Period: 60, Stat: 'Sum' }, ReturnData: false },
    ];
    const key = seriesKey({ kind: 'math', queries, result: 'e1' });
    const turned = queries.map((query) => Object.fromEntries(Object.entries(query).reverse())) as unknown;
    expect(readWanted(`aws-prod/${key}@300`)).toEqual({
      series: { kind: 'math', queries, result: 'e1' },
      periodSeconds: 300,
      isIfKept: false,
    });
    expect(Array.isArray(turned) && seriesKey({ kind: 'math', queries: turned, result: 'e1' })).toBe(key);
  });

  it.each([
    '',
    'aws-prod/metric:',
    'aws-prod/metric:N/M#Sum',
    'aws-prod/metric:N/M#Sum@0',
    'aws-prod/metric:N#Sum@60',
    'aws-prod/metric:N/M@60',
    'metric:N/M#Sum@60',
    'aws-prod/metric:N/M?a=%zz#Sum@60',
    'aws-prod/math:[#e1@60',
    'aws-prod/math:[]#e1@60',
    'aws-prod/alarm:x@60',
  ])('refuses %j', (key) => {
    expect(readWanted(key)).toBeUndefined();
  });
});
