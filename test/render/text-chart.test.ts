import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plotted } from '../../src/core/draft/model.ts';
import { drawChart } from '../../src/render/text-chart.ts';
import { unknown } from '../core/draft/sample.ts';
import { sample } from '../core/draft/tellings.ts';
import { instant } from '../support/events.ts';

const { milestones } = sample().analysis;
const NONE = Object.fromEntries(Object.keys(milestones).map((name) => [name, unknown()])) as typeof milestones;
const FROM = Date.parse(instant('14:26'));

function plotted(values: readonly (number | null)[], periodMs = 60_000): Plotted {
  return {
    key: 'k',
    label: 'errors, Sum of 1 min',
    unit: 'Count',
    periodMs,
    points: values.map((value, at) => [FROM + at * periodMs, value]),
  };
}

describe('a graph in text', () => {
  it('shows bars over a UTC axis, markers under their minute, and a legend with the times', () => {
    expect(drawChart(plotted([0, 4, 4, 50, 100, null, 100, 50, 4, 4]), milestones).split('\n')).toEqual([
      'errors, Sum of 1 min (Count)',
      '100 ┤    █ █',
      '    ┤    █ █',
      '    ┤    █ █',
      '    ┤    █ █',
      '    ┤   ██ ██',
      '    ┤   ██ ██',
      '    ┤   ██ ██',
      '  0 ┤▁▃▃██·██▃▃',
      '         14:30',
      '        I  AP K',
      'I 14:29 impact starts  A 14:32 alarm  P 14:33 page  K 14:35 acknowledged',
      '· no data',
    ]);
  });

  it('never draws a gap like a zero', () => {
    const bottom = (values: readonly (number | null)[]) => drawChart(plotted(values), NONE).split('\n')[8];
    expect(bottom([0, 10])).toBe(' 0 ┤▁█');
    expect(bottom([null, 10])).toBe(' 0 ┤·█');
  });

  it('puts the points of a long time together, and says so', () => {
    const chart = drawChart(plotted(Array.from({ length: 300 }, (_, at) => at % 7)), NONE);
    expect(chart).toContain('each column the highest of 5');
    expect(Math.max(...chart.split('\n').map((line) => line.length))).toBeLessThanOrEqual(90);
  });

  it('says so where there is nothing to draw', () => {
    expect(drawChart(plotted([null, null]), milestones)).toBe('errors, Sum of 1 min: no data in this part.');
    expect(drawChart(plotted([]), milestones)).toContain('no data');
  });

  it('draws any numbers without a broken character, the same twice', () => {
    const values = fc.array(fc.option(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e12 })), { maxLength: 400 });
    fc.assert(
      fc.property(values, fc.constantFrom(60_000, 300_000, 3_600_000), (points, periodMs) => {
        const chart = drawChart(plotted(points, periodMs), milestones);
        expect(chart).not.toMatch(/NaN|undefined|Infinity/);
        expect(drawChart(plotted(points, periodMs), milestones)).toBe(chart);
        const rows = chart.split('\n').filter((line) => line.includes('┤'));
        expect(rows.length).toBe(points.some((value) => value !== null) ? 8 : 0);
        expect(chart.includes('· no data')).toBe(rows.length > 0 && rows.some((row) => row.includes('·')));
      }),
    );
  });
});
