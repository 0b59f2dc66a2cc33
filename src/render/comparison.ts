import type { DraftComparison, Moved } from '../core/draft/comparison.ts';
import { toLine } from './escape.ts';

const PARTS = [
  ['entries', 'Timeline'],
  ['milestones', 'Milestones'],
  ['durations', 'Durations'],
  ['texts', 'Other texts'],
  ['edits', 'Words of people'],
] as const satisfies readonly (readonly [keyof DraftComparison, string])[];

/** What moved between two drafts, for a terminal: `-` was, `+` is. */
export function renderComparison(comparison: DraftComparison): string {
  const parts = PARTS.flatMap(([name, title]) => part(title, comparison[name].flatMap(linesOf)));
  const stale = comparison.stale.flatMap(({ key, state, author, was = '', is }) => [
    `  ${key}, by ${toLine(author)}: ${state === 'stale' ? 'our text is another now' : 'it is no longer in the record'}`,
    `    theirs: ${toLine(was)}`,
    ...(is === undefined ? [] : [`    ours:   ${toLine(is)}`]),
  ]);
  const lines = [...parts, ...part('Edits now stale', stale)];
  return `${[`from ${comparison.from}`, `to   ${comparison.to}`, ...(lines.length === 0 ? ['', 'nothing moved'] : lines)].join('\n')}\n`;
}

function part(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

function linesOf({ key, was, is }: Moved): readonly string[] {
  const name = `  ${toLine(key)}`;
  return [name, ...(was === undefined ? [] : [`    - ${toLine(was)}`]), ...(is === undefined ? [] : [`    + ${toLine(is)}`])];
}
