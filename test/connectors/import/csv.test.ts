import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCsv } from '../../../connectors/import/csv.ts';

const rows = (text: string) => [...readCsv(text)];
const cells = (text: string) => rows(text).map((row) => ('cells' in row ? row.cells : row.problem));

describe('CSV as RFC 4180 has it', () => {
  it.each<[string, string, readonly (readonly string[])[]]>([
    [
      'lines that end with CRLF',
      'a,b\r\nc,d\r\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'lines that end with LF, and a last one that does not',
      'a,b\nc,d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'empty fields',
      ',\na,,\n',
      [
        ['', ''],
        ['a', '', ''],
      ],
    ],
    ['a comma, a line break and a quote in quotes', '"a,b","c\r\nd","e ""f"""\n', [['a,b', 'c\r\nd', 'e "f"']]],
    ['an empty quoted field', '"",a\n', [['', 'a']]],
    ['what looks like a formula', '=1+1,"=HYPERLINK(""x"")",@SUM\n', [['=1+1', '=HYPERLINK("x")', '@SUM']]],
  ])('reads %s', (_what, text, wanted) => {
    expect(cells(text)).toEqual(wanted);
  });

  it.each([
    ['a quote that never closes', 'a\n"b,c\nd,e\n', ['a'], 'a quote that never closes', ['d', 'e']],
    ['text after a closing quote', 'a\n"b"c,d\ne\n', ['a'], 'text after the closing quote of a field', ['e']],
    ['a quote inside an unquoted field', 'a\nb"c\nd\n', ['a'], 'a quote inside a field that is not quoted', ['d']],
  ])('refuses %s, and no other record', (_what, text, ...wanted) => {
    expect(cells(text)).toEqual(wanted);
  });

  it('counts lines where a field holds some', () => {
    expect(rows('a\n"b\nb\nb"\nc"\nd').map(({ line }) => line)).toEqual([1, 2, 5, 6]);
  });

  it('reads back whatever was written', () => {
    const quote = (cell: string) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
    const table = fc.array(
      fc.array(fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', '=', 'é') }), { minLength: 2, maxLength: 4 }),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n'), (written, end) => {
        expect(cells(written.map((row) => row.map(quote).join(',')).join(end))).toEqual(written);
      }),
    );
  });
});
