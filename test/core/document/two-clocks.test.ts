import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyDocument } from '../../../src/core/document/verify.ts';

const found = (text: string) =>
  verifyDocument(text).findings.flatMap(({ line, kind, follows }) => (kind === 'clocks_disagree' ? [`${line} ${follows}`] : []));

const clock = (minute: number) => {
  const [hour, rest] = [Math.floor((((minute % 1440) + 1440) % 1440) / 60), ((minute % 60) + 60) % 60];
  return `${String(hour).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
};

/** A timeline of 2024-01-15 with a row for each pair of minutes of the day. */
const table = (rows: readonly (readonly [number, number])[], heads = 'Time (UTC) | Local (EDT)') =>
  `# 2024-01-15\n\n## Timeline\n\n| ${heads} | Event |\n|---|---|---|\n${rows
    .map(([one, other], index) => `| ${clock(one)} | ${clock(other)} | step ${index} was taken |`)
    .join('\n')}\n`;

/** Four hours behind, over midnight of the second zone. */
const BEHIND = [852, 855, 872, 877, 100].map((minute): readonly [number, number] => [minute, minute - 240]);
const withRow = (rows: typeof BEHIND, at: number, row: readonly [number, number]) => rows.map((old, index) => (index === at ? row : old));

describe('an entry that tells its moment on two clocks', () => {
  it('is named where they lie further apart than those of the others', () => {
    expect(found(table(BEHIND))).toEqual([]);
    expect(found(table(withRow(BEHIND, 1, [855, 624])))).toEqual([
      '8 In 4 entries of the list the two times lie 4 h apart, here 3 h 51 min.',
    ]);
    expect(found(table(withRow(BEHIND, 3, [877, 1117])))).toEqual([
      '10 In 4 entries of the list the two times lie 4 h apart, here the other way round.',
    ]);
  });

  it('may keep the clock of its office, whatever that is called, and may name the zone in every cell', () => {
    const wrong = table(withRow(BEHIND, 0, [852, 618]), 'UTC | Local time');
    expect(found(wrong)).toHaveLength(1);
    const cells = wrong.replace('UTC | Local time', 'When | There').replaceAll(/\| (\d\d:\d\d) \| (\d\d:\d\d) \|/g, '| $1 UTC | $2 EST |');
    expect(found(cells)).toEqual(found(wrong));
  });

  it('may tell both side by side in a list', () => {
    const items = (rows: typeof BEHIND) =>
      `# 2024-01-15\n\n## Timeline\n\n${rows.map(([one, other]) => `- ${clock(one)} UTC / ${clock(other)} EDT: a step was taken`).join('\n')}\n`;
    expect(found(items(BEHIND))).toEqual([]);
    expect(found(items(withRow(BEHIND, 2, [872, 633])))).toEqual([
      '7 In 4 entries of the list the two times lie 4 h apart, here 3 h 59 min.',
    ]);
  });

  it('is left alone where no usual distance is seen, where it is rough, and where the columns are a start and an end', () => {
    expect(found(table(BEHIND.slice(0, 3).map(([one], index) => [one, one - 240 - index])))).toEqual([]);
    expect(found(table(withRow(BEHIND, 1, [855, 624])).replace('14:15', 'about 14:15'))).toEqual([]);
    expect(found(table(withRow(BEHIND, 1, [855, 624]), 'Start (UTC) | End (UTC)'))).toEqual([]);
    expect(found(table(withRow(BEHIND, 1, [855, 624]), 'Start | End'))).toEqual([]);
  });

  it('law: in any zone, the one row that was changed is named and no other', () => {
    const minutes = fc.array(fc.nat(1439), { minLength: 5, maxLength: 30 });
    fc.assert(
      fc.property(minutes, fc.integer({ min: -48, max: 56 }), fc.nat(), fc.integer({ min: 1, max: 1439 }), (times, quarters, at, off) => {
        const rows = times.map((minute): readonly [number, number] => [minute, minute + quarters * 15]);
        expect(found(table(rows))).toEqual([]);
        const place = at % rows.length;
        const [one, other] = rows[place] ?? [0, 0];
        const lines = found(table(withRow(rows, place, [one, other + off]))).map((told) => Number(told.split(' ')[0]));
        expect(lines).toEqual([7 + place]);
      }),
    );
  });
});
