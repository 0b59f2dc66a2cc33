import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestText } from '../../../src/core/digest.ts';
import { applyEdits, conflictOf, type Edit, type GeneratedBlock } from '../../../src/core/draft/edits.ts';
import { instant } from '../../support/events.ts';

const block = (key: string, text: string): GeneratedBlock => ({ key, text, digest: digestText(text) });
const GENERATED = ['a', 'b', 'c', 'd'].map((key) => block(key, `generated ${key}`));

type Act = { readonly kind: Edit['kind']; readonly target: number; readonly text: string; readonly stale: boolean };

/** A history of one draft: each act names a generated block, one that is gone, or one that an earlier act put in. */
function historyOf(acts: readonly Act[]): readonly Edit[] {
  const known = [...GENERATED.map(({ key }) => key), 'gone'];
  return acts.map(({ kind, target, text, stale }, index): Edit => {
    const sequence = index + 1;
    const written = { sequence, after: index, author: 'ana', at: instant('16:00') };
    const key = known[target % known.length] ?? 'gone';
    const generated = stale ? 'sha256:old' : (GENERATED.find((one) => one.key === key)?.digest ?? 'sha256:none');
    if (kind === 'rewrite') return { ...written, kind, block: key, generated, text: `${text} ${sequence}` };
    if (kind !== 'insert') return { ...written, kind, block: key, generated };
    known.push(`i.${sequence}`);
    return { ...written, kind, block: `i.${sequence}`, below: key, text: `${text} ${sequence}` };
  });
}

const histories = fc
  .array(
    fc.record({
      kind: fc.constantFrom<Edit['kind']>('rewrite', 'hide', 'show', 'insert'),
      target: fc.nat(12),
      text: fc.string({ minLength: 1 }),
      stale: fc.boolean(),
    }),
    { maxLength: 20 },
  )
  .map(historyOf);

/** The last words that a person gave each block. */
function lastWordsOf(history: readonly Edit[]): ReadonlyMap<string, string> {
  return new Map(history.flatMap((edit) => ('text' in edit ? [[edit.block, edit.text]] : [])));
}

describe('edits of a draft', () => {
  it('keep the last words of every block, each once, whatever was written, hidden, shown and put in', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const blocks = applyEdits(GENERATED, history);
        const keys = blocks.map(({ key }) => key);
        expect(new Set(keys).size).toBe(keys.length);
        const hidden = new Set(blocks.filter(({ state }) => state === 'hidden').map(({ key }) => key));
        for (const [key, text] of lastWordsOf(history)) {
          expect(blocks.filter((one) => one.key === key)).toHaveLength(1);
          if (!hidden.has(key) || !GENERATED.some((one) => one.key === key)) {
            expect(blocks.find((one) => one.key === key)?.text).toBe(text);
          }
        }
        expect(GENERATED.every(({ key }) => keys.includes(key))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('leave a draft that nobody edited as it was', () => {
    expect(applyEdits(GENERATED, [])).toEqual(GENERATED.map(({ key, text }) => ({ state: 'generated', key, text })));
  });

  it('show both texts where ours moved after a person wrote', () => {
    const [stale] = applyEdits(GENERATED, historyOf([{ kind: 'rewrite', target: 0, text: 'kinder', stale: true }]));
    expect(stale).toEqual({ state: 'stale', key: 'a', text: 'kinder 1', author: 'ana', generatedNow: 'generated a' });
  });

  it('say below which block one was put in, so that it can be shown there, even where it is hidden again', () => {
    const acts: readonly Act[] = [
      { kind: 'insert', target: 1, text: 'first', stale: false },
      { kind: 'insert', target: 5, text: 'second', stale: false },
      { kind: 'hide', target: 5, text: '', stale: false },
    ];
    const blocks = applyEdits(GENERATED, historyOf(acts));
    expect(blocks.slice(1, 4)).toEqual([
      { state: 'generated', key: 'b', text: 'generated b' },
      { state: 'hidden', key: 'i.1', text: 'first 1', below: 'b' },
      { state: 'inserted', key: 'i.2', text: 'second 2', author: 'ana', below: 'i.1' },
    ]);
  });

  it('are a conflict only where a newer edit of the same block was not seen', () => {
    const [first, second] = historyOf([
      { kind: 'rewrite', target: 0, text: 'one', stale: false },
      { kind: 'rewrite', target: 0, text: 'two', stale: false },
    ]);
    if (!first || !second) throw new Error('two edits were made');
    expect(conflictOf(second, [first])).toBeUndefined();
    expect(conflictOf({ ...second, after: 0 }, [first])).toBe(first);
  });

  it('take the cells of a row along with it, and are a conflict where words in a cell, or the hiding of its row, were not seen', () => {
    const written = { author: 'ana', at: instant('16:00'), generated: 'sha256:none' };
    const owner = { ...written, kind: 'rewrite', sequence: 1, after: 0, block: 'actions.fix.owner', text: 'database on-call' } as const;
    const hide = { ...written, kind: 'hide', sequence: 2, after: 1, block: 'actions.fix' } as const;
    const due = { ...written, kind: 'rewrite', sequence: 3, after: 2, block: 'actions.fix.due', text: '20 January' } as const;
    const row = ['actions.fix', 'actions.fix.owner', 'actions.fix.due'].map((key) => block(key, ''));
    const statesOf = (edits: readonly Edit[]) => applyEdits(row, edits).map(({ state }) => state);
    expect(statesOf([owner, hide, due])).toEqual(['hidden', 'hidden', 'hidden']);
    expect(statesOf([owner, hide, due, { ...hide, kind: 'show', sequence: 4 }])).toEqual(['generated', 'stale', 'stale']);
    // Nothing of the row is left that words of a cell could stand in: they go with it where our row is no longer generated, too.
    expect(applyEdits([], [owner, hide]).map(({ state }) => state)).toEqual(['hidden']);

    expect(conflictOf(hide, [owner])).toBeUndefined();
    expect(conflictOf({ ...hide, after: 0 }, [owner])).toBe(owner);
    expect(conflictOf({ ...due, after: 1 }, [owner, hide])).toBe(hide);
    // Words of the row are not words of its cells.
    expect(conflictOf({ ...due, block: 'actions.fix', after: 0 }, [owner])).toBeUndefined();
  });

  it('stand right below their block, the last one put in first, and first in a section where that is what they stand below', () => {
    const place = { ...block('section', ''), isPlace: true as const };
    const written = { after: 0, author: 'ana', at: instant('16:00') };
    const edits: readonly Edit[] = [
      { ...written, kind: 'insert', sequence: 1, block: 'i.1', below: 'a', text: 'one' },
      { ...written, kind: 'insert', sequence: 2, block: 'i.2', below: 'a', text: 'two', shape: 'plain' },
      { ...written, kind: 'insert', sequence: 3, block: 'i.3', below: 'section', text: 'first' },
      { ...written, kind: 'rewrite', sequence: 4, block: 'i.1.owner', generated: 'sha256:none', text: 'on-call' },
      { ...written, kind: 'rewrite', sequence: 5, block: 'section', generated: 'sha256:none', text: 'no block at all' },
    ];
    const blocks = applyEdits([place, ...GENERATED], edits);
    expect(blocks.map(({ key, state }) => `${key} ${state}`).slice(0, 6)).toEqual([
      'i.3 inserted',
      'a generated',
      'i.2 inserted',
      'i.1 inserted',
      'i.1.owner edited',
      'b generated',
    ]);
    expect(blocks.find(({ key }) => key === 'i.2')).toMatchObject({ shape: 'plain' });
    expect(blocks.at(-1)).toMatchObject({ key: 'section', state: 'orphaned', text: 'no block at all' });
  });

  it('can be taken out where they are about something that is gone, and come out of a circle that somebody forged', () => {
    const written = { after: 0, author: 'ana', at: instant('16:00') };
    const edits: readonly Edit[] = [
      { ...written, kind: 'insert', sequence: 1, block: 'i.1', below: 'i.2', text: 'one' },
      { ...written, kind: 'insert', sequence: 2, block: 'i.2', below: 'i.1', text: 'two' },
      { ...written, kind: 'rewrite', sequence: 3, block: 'gone', generated: 'sha256:none', text: 'of old' },
      { ...written, kind: 'hide', sequence: 4, block: 'gone', generated: 'sha256:none' },
    ];
    expect(applyEdits(GENERATED, edits).slice(GENERATED.length)).toEqual([
      { state: 'orphaned', key: 'i.1', text: 'one', author: 'ana' },
      { state: 'orphaned', key: 'i.2', text: 'two', author: 'ana' },
      { state: 'hidden', key: 'gone', text: 'of old' },
    ]);
  });
});
