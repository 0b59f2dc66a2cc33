import { describe, expect, it } from 'vitest';
import { tellHistory } from '../support/edit-histories.ts';

// A thousand of them are told by `npm run soak`.
const HISTORIES = 12;

describe('histories of edits and late events', () => {
  it('keep every human text once, in its place or with what is gone, and show every late event', () => {
    const told = Array.from({ length: HISTORIES }, (_, seed) => tellHistory(seed));
    expect(told.flatMap(({ problems }, seed) => problems.map((problem) => `seed ${seed}: ${problem}`))).toEqual([]);
    // They are no trifles: files and blocks were edited, events came late.
    const sum = (of: 'edits' | 'files' | 'late') => told.reduce((all, one) => all + one[of], 0);
    expect(sum('edits')).toBeGreaterThan(HISTORIES * 4);
    expect(sum('files')).toBeGreaterThan(HISTORIES);
    expect(sum('late')).toBeGreaterThan(HISTORIES);
  });
});
