import { expect, it } from 'vitest';
import { seriesNames } from '../../../src/core/draft/series-names.ts';

const series = (metric: string, dimensions: Readonly<Record<string, string>> = {}, statistic = 'Sum') => ({
  key: `aws-prod/metric:AWS/X/${metric}?${Object.values(dimensions).join('&')}#${statistic}`,
  metric,
  dimensions,
});

it.each([
  ['by its metric where that is enough', [series('Errors', { Region: 'eu' }), series('Latency', { Region: 'eu' })], ['Errors', 'Latency']],
  [
    'by the dimensions that several of one metric do not share',
    [series('Errors', { App: 'api', Region: 'eu' }), series('Errors', { App: 'api', Region: 'us' })],
    ['Errors (eu)', 'Errors (us)'],
  ],
  [
    'by what one has and the other has not',
    [series('Errors', { App: 'api' }), series('Errors', { App: 'api', Region: 'us' })],
    ['Errors', 'Errors (us)'],
  ],
  [
    'by the statistic where all dimensions are the same',
    [series('Latency', { App: 'api' }, 'Average'), series('Latency', { App: 'api' }, 'p99')],
    ['Latency (Average)', 'Latency (p99)'],
  ],
  [
    'by both where two of one place are told apart by that alone',
    [
      series('Latency', { Region: 'eu' }, 'Average'),
      series('Latency', { Region: 'eu' }, 'p99'),
      series('Latency', { Region: 'us' }, 'p99'),
    ],
    ['Latency (eu, Average)', 'Latency (eu, p99)', 'Latency (us)'],
  ],
] as const)('a series is called %s', (_, all, names) => {
  expect(all.map(seriesNames(all))).toEqual(names);
});
