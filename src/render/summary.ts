import { formatLength, formatSpan } from '../core/draft/durations.ts';
import { FEWEST, type Summary, type SummaryDuration, type SummaryGroup } from '../core/summary.ts';
import { toCsv } from './csv.ts';
import { toLine } from './escape.ts';

export type SummaryFormat = 'table' | 'json' | 'csv';

/** A summary for a terminal, for programs, or with one line for each duration of each incident for a spreadsheet. */
export function renderSummary(summary: Summary, format: SummaryFormat): string {
  if (format === 'json') return `${JSON.stringify(summary, null, 2)}\n`;
  return format === 'csv' ? toCsv([CSV_HEAD, ...summary.groups.flatMap(csvRows)]) : toText(summary);
}

const CSV_HEAD = ['group', 'duration', 'incident', 'ms', 'at least ms', 'at most ms'];

function csvRows({ key = 'all', durations }: SummaryGroup): readonly (readonly string[])[] {
  return durations.flatMap(({ name, list }) =>
    list.map(({ incident, ms, minMs, maxMs }) => [key, name, incident, `${ms}`, `${minMs}`, `${maxMs}`]),
  );
}

function toText({ window, by, incidents, groups, leftOut }: Summary): string {
  const lines = [
    `Incidents that began from ${window.from} up to ${window.to}: ${incidents}${by === undefined ? '' : `, by ${by}`}`,
    ...groups.flatMap(groupLines),
    '',
    ...notesOf(leftOut, by, groups),
  ];
  return `${lines.join('\n')}\n`;
}

function groupLines(group: SummaryGroup): readonly string[] {
  const { key, incidents, partial, onsetKnown, durations } = group;
  const title = `${key === undefined ? 'All' : toLine(key)}: ${counted(incidents, 'incident')}, onset known of ${onsetKnown}`;
  const rows = durations.filter(({ unknown }) => unknown < incidents).map(rowOf);
  const head = ['duration', 'n', 'median', 'middle half', 'all, shortest first'];
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, column) => (column === head.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ')}`.trimEnd();
  const unread = durations.filter(({ unknown }) => unknown === incidents).map(({ label }) => label);
  return [
    '',
    partial === 0 ? title : `${title}, ${partial} of them from partial drafts`,
    ...(rows.length > 0 ? [head, ...rows].map(line) : []),
    ...(incidents > 0 && unread.length > 0 ? [`  not known of any: ${unread.join(', ')}`] : []),
  ];
}

function rowOf({ label, measured, median, quartiles, list, indistinct, inverted, running }: SummaryDuration): readonly string[] {
  const rest = [
    [indistinct, 'too close to tell'],
    [inverted, 'in the wrong order'],
    [running, 'not over'],
  ] as const;
  const beside = rest.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  const all = list.map((span) => formatSpan(span));
  return [
    label,
    `${measured}`,
    median === undefined ? '-' : formatLength(median),
    quartiles === undefined ? '-' : `${formatLength(quartiles[0])} to ${formatLength(quartiles[1])}`,
    [...all, ...beside].join('; '),
  ];
}

function notesOf(leftOut: Summary['leftOut'], by: Summary['by'], groups: readonly SummaryGroup[]): readonly string[] {
  const { bundles, windows, merged } = leftOut;
  const few = by !== undefined && groups.some(({ comparable }) => !comparable);
  return [
    `Of fewer than ${FEWEST} there is no median and no middle half (first to third quartile): the list says all there is.`,
    ...(few ? [`A group of fewer than ${FEWEST} incidents compares with no other.`] : []),
    ...(by === 'service' ? ['An incident of several services is in the group of each.'] : []),
    ...(bundles > 0 ? [`Left out: ${counted(bundles, 'imported bundle')}.`] : []),
    ...(windows > 0 ? [`Left out: ${counted(windows, 'window')} in which no incident was opened.`] : []),
    ...(merged > 0 ? [`Left out: ${counted(merged, 'incident')} merged into another that is counted.`] : []),
  ];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
