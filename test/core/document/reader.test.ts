import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMark, writeMark } from '../../../src/core/document/mark.ts';
import { readDocument } from '../../../src/core/document/reader.ts';

describe('a document as its reader sees it', () => {
  it('names each part, its line and the headings that it stands under', () => {
    const parts = readDocument(
      [
        '---',
        'date: 2017-04-03',
        '---',
        '# Outage',
        '',
        '## Timeline',
        '- 11:32 `api` down',
        '  - nested **words**',
        '',
        '| Time | Event |',
        '| --- | --- |',
        '| 11:40 | [up](https://a.test) again |',
      ].join('\n'),
    );
    expect(parts.map(({ line, kind, text }) => [line, kind, text])).toEqual([
      [2, 'front', 'date: 2017-04-03'],
      [4, 'heading', 'Outage'],
      [6, 'heading', 'Timeline'],
      [7, 'item', '11:32 api down'],
      [8, 'item', 'nested words'],
      [10, 'row', 'Time | Event'],
      [12, 'row', '11:40 | up again'],
    ]);
    expect(parts[4]?.under).toEqual(['Outage', 'Timeline', '11:32 api down']);
    expect(parts[6]).toMatchObject({ heads: ['Time', 'Event'], links: ['https://a.test'] });
  });

  it('takes the bullets of other programs for items, and keeps the lines', () => {
    const parts = readDocument('Some words\n\n• 14:00 down\n• 14:05 up\r\n');
    expect(parts.map(({ line, kind, text }) => [line, kind, text])).toEqual([
      [1, 'paragraph', 'Some words'],
      [3, 'item', '14:00 down'],
      [4, 'item', '14:05 up'],
    ]);
  });

  it('finds the mark of a block, wherever the block keeps it, and leaves it out of the words', () => {
    const mark = { key: 't.4k2m9x7qpd', digest: '9f3a1c22b0', lastEdit: 17 };
    const parts = readDocument(
      `Words. ${writeMark(mark)}\n\n- item ${writeMark(mark)}\n\n| a | b |\n|---|---|\n| 14:00 | x ${writeMark(mark)} |`,
    );
    expect(parts.flatMap((part) => part.mark ?? [])).toEqual([mark, mark, mark]);
    expect(parts.map(({ source }) => source).join('\n')).not.toContain('<!--');
  });

  it('reads back the mark of any key', () => {
    const key = fc.string({ minLength: 1 }).filter((text) => !/[^\S ]/.test(text));
    fc.assert(
      fc.property(key, fc.nat(), (name, lastEdit) => {
        const mark = { key: name, digest: '0123456789', lastEdit };
        expect(readMark(`words ${writeMark(mark)}`)).toEqual({ mark, source: 'words' });
      }),
    );
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'|-*#> \n\r\t`[]()<!-1:é•'), maxLength: 200 }), (text) => void readDocument(text)),
      { numRuns: 500 },
    );
  });
});
