import { tellHistory } from '../support/edit-histories.ts';
import type { Held } from './load.ts';

const HISTORIES = 1_000;

/** A thousand random histories of edits and late events: every human text stands once, in its place or with what is gone. */
export function edits(seed: number): readonly Held[] {
  const told = Array.from({ length: HISTORIES }, (_, index) => ({ seed: seed + index, ...tellHistory(seed + index) }));
  const broken = told.filter(({ problems }) => problems.length > 0);
  const sum = (of: 'edits' | 'conflicts' | 'files' | 'late') => told.reduce((all, one) => all + one[of], 0);
  const text = `${HISTORIES} histories from seed ${seed}: ${sum('edits')} edits, ${sum('files')} files, ${sum('conflicts')} conflicts, ${sum('late')} late events`;
  const problems = broken.slice(0, 5).map((one) => `; seed ${one.seed}: ${one.problems[0]}`);
  return [{ text: `${text}${problems.join('')}`, held: broken.length === 0 }];
}
