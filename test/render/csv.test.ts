import { describe, expect, it } from 'vitest';
import { toCsv } from '../../src/render/csv.ts';

describe('a cell of a table that a spreadsheet opens', () => {
  it.each(['=1+1', '+1', '@SUM(A1)', '-A1', '-2+3+cmd|A0', '-5 % errors'])('that it could run, %s, is text', (text) => {
    expect(toCsv([[text]])).toBe(`'${text}\r\n`);
  });

  it.each(['-2', '-2.5', '-0 s +60 s', '-0.5 s +1.25 s', '14:32', ''])('that is a number or a time, %s, stays as it is', (text) => {
    expect(toCsv([[text]])).toBe(`${text}\r\n`);
  });

  it('with quotes, commas and lines in it is one cell', () => {
    expect(toCsv([['say "no", then', 'a\r\nb']])).toBe('"say ""no"", then","a\r\nb"\r\n');
  });
});
