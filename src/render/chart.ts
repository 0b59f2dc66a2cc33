import { extent } from 'd3-array';
import { type ScaleLinear, type ScaleTime, scaleLinear, scaleUtc } from 'd3-scale';
import { area, curveStepAfter, line } from 'd3-shape';
import type { MilestoneName } from '../core/analysis/metrics.ts';
import type { Draft, Plotted } from '../core/draft/model.ts';
import { numberOf } from '../core/draft/words.ts';
import { CHART_STYLE } from './chart-style.ts';
import { escapeMarkup } from './escape-markup.ts';
import { labelOf, markedOf } from './marked.ts';

const WIDTH = 860;
const HEIGHT = 346;
const INSIDE = { left: 64, right: 846, top: 84, bottom: 284 };
/** Two labels of markers that would touch stand on different lines. */
const LETTER_WIDTH = 6.2;
const LABEL_LINES = 4;
const LINE_HEIGHT = 15;

/** What is marked over the graph. */
const MARKERS = [
  ['suspect_deployed', 'suspect'],
  ['impact_started', 'onset'],
  ['detected', 'alarm'],
  ['paged', 'page'],
  ['acknowledged', 'ack'],
  ['mitigated', 'mitigated'],
  ['recovered', 'recovered'],
] as const satisfies readonly (readonly [MilestoneName, string])[];

/** What a chart is drawn from: the stored points, never the source. */
export interface Charted {
  readonly plotted: Plotted;
  readonly title: string;
  /** The numbers in words, for who cannot see it. */
  readonly alt: string;
  /** Of the alarm that watched the series, where one did. */
  readonly threshold?: number;
  readonly analysis: Pick<Draft['analysis'], 'milestones' | 'phases'>;
}

interface Scales {
  readonly x: ScaleTime<number, number>;
  readonly y: ScaleLinear<number, number>;
}

type Point = Plotted['points'][number];

/**
 * One series as SVG that stands alone: its colors are variables with a dark and a print value, so that it reads on any page and
 * on paper. A period with no data is a hole in the line. The same draft gives the same bytes. Without any data it says so.
 */
export function drawSvg(charted: Charted): string {
  const { plotted, title, alt } = charted;
  const seen = plotted.points.filter(([, value]) => value !== null);
  const body = seen.length === 0 ? noData() : drawn(charted, scalesOf(charted));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" class="hindcast-chart" aria-label="${escapeMarkup(`${title}. ${alt}`)}">`,
    `<style>${CHART_STYLE}</style>`,
    `<rect class="ground" width="${WIDTH}" height="${HEIGHT}"/>`,
    `<text class="title" x="${INSIDE.left}" y="20">${escapeMarkup(title)}</text>`,
    body,
    '</svg>',
  ].join('\n');
}

function noData(): string {
  return `<text class="label" x="${WIDTH / 2}" y="${HEIGHT / 2}" text-anchor="middle">There is no data in this part.</text>`;
}

function scalesOf({ plotted, threshold }: Charted): Scales {
  const [from = 0] = plotted.points[0] ?? [];
  const [last = 0] = plotted.points.at(-1) ?? [];
  const values = plotted.points.flatMap(([, value]) => (value === null ? [] : [value]));
  const [low = 0, high = 0] = extent(values);
  const top = Math.max(high, threshold ?? high, 0);
  const y = scaleLinear()
    .domain(low < 0 ? [low, top] : [0, top === 0 ? 1 : top])
    .nice(5)
    .range([INSIDE.bottom, INSIDE.top]);
  return { x: scaleUtc([from, last + plotted.periodMs], [INSIDE.left, INSIDE.right]), y };
}

function drawn(charted: Charted, scales: Scales): string {
  return [
    phases(charted, scales),
    axes(charted, scales),
    curve(charted, scales),
    thresholdLine(charted, scales),
    markers(charted, scales),
  ].join('\n');
}

/** The phases of the incident as bands, each named at its foot. */
function phases({ analysis, plotted }: Charted, { x }: Scales): string {
  const [from, to] = x.domain().map(Number);
  return analysis.phases
    .flatMap(({ name, starts, ends }, index) => {
      const left = Math.max(Date.parse(starts.at), from ?? 0);
      const right = Math.min(Date.parse(ends.at), to ?? 0);
      if (right <= left) return [];
      const width = x(right) - x(left);
      const label =
        width >= name.length * 6.2
          ? `<text class="phase-name" x="${round(x(left) + width / 2)}" y="${INSIDE.bottom + 34}" text-anchor="middle">${name}</text>`
          : '';
      const band = `<rect class="phase phase-${index % 2}" x="${round(x(left))}" y="${INSIDE.top}" width="${round(width)}" height="${INSIDE.bottom - INSIDE.top}"><title>${name}: ${escapeMarkup(`${starts.at.slice(11, 16)} to ${ends.at.slice(11, 16)} UTC`)}</title></rect>`;
      return [band + label];
    })
    .join('\n')
    .concat(
      plotted.unit === undefined
        ? ''
        : `<text class="label" x="${INSIDE.left}" y="${INSIDE.top - 8}" text-anchor="end">${escapeMarkup(plotted.unit)}</text>`,
    );
}

function axes({ plotted }: Charted, { x, y }: Scales): string {
  const rows = y.ticks(5).map((value) => {
    const at = round(y(value));
    return `<line class="grid" x1="${INSIDE.left}" x2="${INSIDE.right}" y1="${at}" y2="${at}"/><text class="label" x="${INSIDE.left - 8}" y="${at + 4}" text-anchor="end">${escapeMarkup(numberOf(value))}</text>`;
  });
  const [from, to] = x.domain().map(Number);
  const spansDays = (to ?? 0) - (from ?? 0) > 86_400_000 || plotted.periodMs >= 3_600_000;
  const columns = x.ticks(8).map((moment) => {
    const text = moment.toISOString();
    const label = spansDays ? `${text.slice(5, 10)} ${text.slice(11, 16)}` : text.slice(11, 16);
    const at = round(x(moment));
    return `<line class="tick" x1="${at}" x2="${at}" y1="${INSIDE.bottom}" y2="${INSIDE.bottom + 5}"/><text class="label" x="${at}" y="${INSIDE.bottom + 18}" text-anchor="middle">${label}</text>`;
  });
  const day = new Date(from ?? 0).toISOString().slice(0, 10);
  const note = `<text class="label" x="${INSIDE.right}" y="${HEIGHT - 10}" text-anchor="end">${day}, times in UTC</text>`;
  return [
    ...rows,
    `<line class="axis" x1="${INSIDE.left}" x2="${INSIDE.right}" y1="${INSIDE.bottom}" y2="${INSIDE.bottom}"/>`,
    ...columns,
    note,
  ].join('\n');
}

/** A datapoint covers its whole period: steps, not slopes. */
function curve({ plotted }: Charted, { x, y }: Scales): string {
  const last = plotted.points.at(-1);
  const points: readonly Point[] = last ? [...plotted.points, [last[0] + plotted.periodMs, last[1]]] : [];
  const isDefined = ([, value]: Point) => value !== null;
  const at = ([ms]: Point) => round(x(ms));
  const height = ([, value]: Point) => round(y(value ?? 0));
  const path = line<Point>(at, height).defined(isDefined).curve(curveStepAfter)([...points]);
  const filled = area<Point>(at, round(y(Math.max(0, y.domain()[0] ?? 0))), height)
    .defined(isDefined)
    .curve(curveStepAfter)([...points]);
  return `<path class="fill" d="${filled ?? ''}"/>\n<path class="curve" d="${path ?? ''}"/>`;
}

function thresholdLine({ threshold }: Charted, { y }: Scales): string {
  if (threshold === undefined) return '';
  const at = round(y(threshold));
  return `<line class="threshold" x1="${INSIDE.left}" x2="${INSIDE.right}" y1="${at}" y2="${at}"/><text class="threshold-name" x="${INSIDE.right - 4}" y="${at - 5}" text-anchor="end">alarm at ${escapeMarkup(numberOf(threshold))}</text>`;
}

/** A line for each moment, its label on the first line above the graph where it has room. */
function markers({ analysis }: Charted, { x }: Scales): string {
  const [from, to] = x.domain().map(Number);
  const ends: number[] = [];
  return MARKERS.flatMap(([name, word]) => {
    const milestone = markedOf(name, analysis.milestones);
    if (!milestone) return [];
    const ms = Date.parse(milestone.time.at);
    if (!(ms >= (from ?? 0) && ms <= (to ?? 0))) return [];
    const at = round(x(ms));
    const row =
      Array.from({ length: LABEL_LINES }, (_, index) => index).find((index) => (ends[index] ?? Number.NEGATIVE_INFINITY) <= at) ??
      LABEL_LINES - 1;
    const label = labelOf(name, word, milestone);
    const time = milestone.time.at.slice(11, 16);
    const width = (label.length + time.length + 2) * LETTER_WIDTH;
    ends[row] = at + width;
    const y = INSIDE.top - 48 + row * LINE_HEIGHT;
    const anchor = at > INSIDE.right - width ? 'end' : 'start';
    return [
      `<line class="marker marker-${name}" x1="${at}" x2="${at}" y1="${y - 9}" y2="${INSIDE.bottom}"/><text class="marker-name" x="${anchor === 'end' ? at - 4 : at + 4}" y="${y}" text-anchor="${anchor}">${label} ${time}</text>`,
    ];
  }).join('\n');
}

/** A tenth of a pixel: the same on every machine, and short. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}
