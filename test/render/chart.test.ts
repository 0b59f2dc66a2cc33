import { describe, expect, it } from 'vitest';
import { phasesOf } from '../../src/core/analysis/phases.ts';
import type { Plotted } from '../../src/core/draft/model.ts';
import { drawSvg } from '../../src/render/chart.ts';
import { sampleAnalysis, sampleCase } from '../core/draft/sample.ts';

const START = Date.UTC(2024, 0, 15, 14);
const { milestones } = sampleAnalysis(sampleCase());
const analysis = { milestones, phases: phasesOf(milestones) };

function plotted(values: readonly (number | null)[], periodMs = 60_000): Plotted {
  return { key: 'k', label: 'Errors', unit: 'Count', periodMs, points: values.map((value, at) => [START + at * periodMs, value]) };
}

function draw(values: readonly (number | null)[], threshold?: number): string {
  return drawSvg({
    plotted: plotted(values),
    title: 'Errors, Sum of 1 min',
    alt: 'Values: 1 at 14:00.',
    analysis,
    ...(threshold !== undefined && { threshold }),
  });
}

const hour = (at: (minute: number) => number | null) => Array.from({ length: 60 }, (_, minute) => at(minute));

describe('a graph', () => {
  it('names its moments with their time, its phases and the threshold, and says its numbers to who cannot see it', () => {
    const svg = draw(
      hour((minute) => (minute < 29 ? 4 : 900)),
      100,
    );
    for (const text of [
      'suspect 14:15',
      'onset 14:29',
      'alarm 14:32',
      'page 14:33',
      'ack 14:35',
      'recovered 14:50',
      'alarm at 100',
      'times in UTC',
      'diagnosis',
    ]) {
      expect(svg).toContain(`>${text.includes('times') ? `2024-01-15, ${text}` : text}<`);
    }
    expect(svg).toContain('aria-label="Errors, Sum of 1 min. Values: 1 at 14:00."');
  });

  it('has a hole where a period has no data, and never draws it as zero', () => {
    const whole = /class="curve" d="([^"]*)"/.exec(draw(hour(() => 5)))?.[1] ?? '';
    const holed = /class="curve" d="([^"]*)"/.exec(draw(hour((minute) => (minute === 30 ? null : 5))))?.[1] ?? '';
    expect(whole.match(/M/g)).toHaveLength(1);
    expect(holed.match(/M/g)).toHaveLength(2);
  });

  it('is drawn of a constant, of negative values, of one point, and says so of none', () => {
    for (const values of [hour(() => 0), hour((minute) => -minute), [7]]) expect(draw(values)).toMatch(/class="curve" d="M/);
    expect(draw(hour(() => null))).toContain('There is no data in this part.');
    expect(draw([])).toContain('There is no data in this part.');
    expect(draw(hour((minute) => minute))).not.toMatch(/NaN|Infinity/);
  });

  it('keeps text of others inert', () => {
    const svg = drawSvg({ plotted: { ...plotted([1, 2]), unit: '"><script>' }, title: '</text><script>', alt: '"', analysis });
    expect(svg).not.toContain('<script>');
    expect(svg).toContain('&lt;/text&gt;&lt;script&gt;');
  });

  it('stands labels that would touch on different lines', () => {
    const svg = draw(hour(() => 5));
    const places = [...svg.matchAll(/class="marker-name" x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]+)/g)].map(([, x, y, text = '']) => ({
      x: Number(x),
      y,
      width: text.length * 6,
    }));
    for (const [index, one] of places.entries()) {
      for (const other of places.slice(index + 1)) if (one.y === other.y) expect(other.x).toBeGreaterThanOrEqual(one.x + one.width);
    }
  });
});
