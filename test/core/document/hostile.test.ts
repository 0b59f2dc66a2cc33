import { describe, expect, it } from 'vitest';
import { verifyDocument } from '../../../src/core/document/verify.ts';
import { growthOf } from '../../support/growth.ts';

const found = (text: string) => verifyDocument(text).findings.map(({ line, kind }) => `${line} ${kind}`);
const WRONG = '# 2024-01-15\n\n- 14:15 one\n- 14:32 two\n- 13:33 three\n- 14:35 four\n';
const clock = (minute: number) => `${String(Math.floor(minute / 60) % 24).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

describe('a document that nobody meant to write', () => {
  it('is read alike with the line ends and the mark of another system', () => {
    expect(found(`\uFEFF${WRONG.replaceAll('\n', '\r\n')}`)).toEqual(found(WRONG));
    expect(found(WRONG)).toEqual(['5 order_wrong']);
  });

  it('nested ten thousand levels deep is read, and so is what stands below it', () => {
    for (const deep of [`${'- '.repeat(10_000)}x`, `${'> '.repeat(10_000)}x`, `${'>'.repeat(10_000)}x`, `${'1. '.repeat(10_000)}x`]) {
      expect(found(`${WRONG}\nAnd\n\n${deep}\n\nOwner: [todo]\n`)).toEqual(['5 order_wrong', '12 placeholder_left']);
    }
  });

  it('with a table of two thousand rows is read to its end', () => {
    const rows = Array.from({ length: 2_000 }, (_, index) => `| ${clock(index)} | step ${index} |`);
    const { happenings, findings } = verifyDocument(`# 2024-01-15\n\n| Time | Event |\n|---|---|\n${rows.join('\n')}\n`);
    expect([happenings.length, findings]).toEqual([2_000, []]);
  });

  it.each([
    ['prose', 'At 14:32 the alarm fired, 3 minutes after the outage began. It lasted 25 minutes (14:32 - 14:57).\n\n'],
    ['one line', 'at 14:32 the alarm fired and 25 minutes later '],
    ['a table', '| 14:32 | the alarm fired |\n'],
    ['marks of emphasis', '*a_'],
    ['brackets', '[a](b '],
  ])('takes time in proportion to its length: %s', (_, piece) => {
    // 8 where it is linear, 64 where it is not: half way on the scale of powers.
    expect(growthOf((text) => verifyDocument(text), piece)).toBeLessThan(23);
  });
});
