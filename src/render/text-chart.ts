import type { MilestoneName } from '../core/analysis/metrics.ts';
import type { Draft, Plotted } from '../core/draft/model.ts';
import { numberOf } from '../core/draft/words.ts';
import { labelOf, markedOf } from './marked.ts';

const WIDTH = 72;
const HEIGHT = 8;
const LEVELS = ' ▁▂▃▄▅▆▇█';
/** A period with no data. A zero is the lowest bar: the two must never look alike. */
const GAP = '·';
const STEPS_MIN = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080];
const LABEL_EVERY = 9;

/** What is marked under the graph, in the order of its legend. */
const MARKERS = [
  ['suspect_deployed', 'D', 'deployed'],
  ['impact_started', 'I', 'impact starts'],
  ['detected', 'A', 'alarm'],
  ['paged', 'P', 'page'],
  ['acknowledged', 'K', 'acknowledged'],
  ['reversal_started', 'R', 'reversal starts'],
  ['reversed', 'E', 'reversal ends'],
  ['recovered', 'N', 'normal again'],
] as const satisfies readonly (readonly [MilestoneName, string, string])[];

interface Column {
  readonly startMs: number;
  readonly value: number | null;
}

/** A graph in text: bars over a UTC axis, with markers and their legend. The same points give the same characters. */
export function drawChart(plotted: Plotted, milestones: Draft['analysis']['milestones']): string {
  const size = Math.max(1, Math.ceil(plotted.points.length / WIDTH));
  const columns = columnsOf(plotted, size);
  const values = columns.flatMap(({ value }) => (value === null ? [] : [value]));
  if (values.length === 0) return `${plotted.label}: no data in this part.`;
  const top = Math.max(0, ...values);
  const bottom = Math.min(0, ...values);
  const labels = [top, bottom].map((value) => numberOf(value));
  const gutter = Math.max(...labels.map(({ length }) => length));
  const columnMs = plotted.periodMs * size;
  const bars = barsOf(columns, top, bottom).map((bar, row) => {
    const label = row === 0 ? labels[0] : row === HEIGHT - 1 ? labels[1] : '';
    return `${(label ?? '').padStart(gutter)} ┤${bar}`;
  });
  const indent = ' '.repeat(gutter + 2);
  const { rows, legend } = markersOf(columns, columnMs, milestones);
  const note = size === 1 ? '' : `, each column the highest of ${size}`;
  const unit = plotted.unit === undefined ? '' : ` (${plotted.unit})`;
  const gaps = columns.some(({ value }) => value === null) ? [`${GAP} no data`] : [];
  return [
    `${plotted.label}${unit}${note}`,
    ...bars,
    `${indent}${axisOf(columns, columnMs)}`,
    ...rows.map((row) => `${indent}${row}`),
    ...wrap([...legend, ...gaps]),
  ]
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Points put together until they fit: the highest stands for a column, and a column without any is a gap. */
function columnsOf({ points }: Plotted, size: number): readonly Column[] {
  return Array.from({ length: Math.ceil(points.length / size) }, (_, index) => {
    const own = points.slice(index * size, (index + 1) * size);
    const seen = own.flatMap(([, value]) => (value === null ? [] : [value]));
    return { startMs: own[0]?.[0] ?? 0, value: seen.length === 0 ? null : Math.max(...seen) };
  });
}

/** From the top row to the bottom row. Every value has at least the lowest bar. */
function barsOf(columns: readonly Column[], top: number, bottom: number): readonly string[] {
  const scale = top === bottom ? 0 : (HEIGHT * (LEVELS.length - 1)) / (top - bottom);
  return Array.from({ length: HEIGHT }, (_, row) => {
    const floor = (HEIGHT - 1 - row) * (LEVELS.length - 1);
    return columns
      .map(({ value }) => {
        if (value === null) return floor === 0 ? GAP : ' ';
        const eighths = Math.max(1, Math.round((value - bottom) * scale));
        return LEVELS[Math.min(LEVELS.length - 1, Math.max(0, eighths - floor))] ?? ' ';
      })
      .join('');
  });
}

/** Round times, far enough apart to be read; `14:30` stands over the column that begins then. */
function axisOf(columns: readonly Column[], columnMs: number): string {
  const step = (STEPS_MIN.find((minutes) => (minutes * 60_000) / columnMs >= LABEL_EVERY) ?? 10_080) * 60_000;
  let line = '';
  columns.forEach(({ startMs }, index) => {
    const isRound = Math.floor(startMs / step) !== Math.floor((startMs - columnMs) / step);
    if (isRound && line.length <= index) line = `${line.padEnd(index)}${timeOf(startMs)} `;
  });
  return line;
}

function timeOf(ms: number): string {
  const text = new Date(ms).toISOString();
  return text.slice(11, 16);
}

/** Letters under the columns of their moments; two of one column stand under each other. */
function markersOf(columns: readonly Column[], columnMs: number, milestones: Draft['analysis']['milestones']) {
  const rows: string[][] = [];
  const legend: string[] = [];
  for (const [name, letter, label] of MARKERS) {
    const milestone = markedOf(name, milestones);
    if (!milestone) continue;
    const at = Date.parse(milestone.time.at);
    const column = columns.findIndex(({ startMs }) => at >= startMs && at < startMs + columnMs);
    if (column === -1) continue;
    const row = rows.find((line) => (line[column] ?? ' ') === ' ') ?? rows[rows.push([]) - 1];
    if (row) row[column] = letter;
    legend.push(`${letter} ${milestone.time.at.slice(11, 16)} ${labelOf(name, label, milestone)}`);
  }
  return { rows: rows.map((row) => Array.from(row, (letter) => letter ?? ' ').join('')), legend };
}

/** The legend in lines no wider than the graph. */
function wrap(parts: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last === undefined || last.length + part.length > WIDTH + 8) lines.push(part);
    else lines[lines.length - 1] = `${last}  ${part}`;
  }
  return lines;
}
