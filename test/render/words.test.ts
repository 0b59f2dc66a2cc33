import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseInline, plainOf } from '../../src/core/document/inline.ts';
import { readDocument } from '../../src/core/document/reader.ts';
import { toLine } from '../../src/render/escape.ts';
import { canonicalWords, wordsToHtml, wordsToMarkdown } from '../../src/render/words.ts';

const PIECES = [
  'word',
  ' ',
  '*',
  '**',
  '_',
  '__',
  '~~',
  '`',
  '``',
  '|',
  '\\',
  '\\|',
  '<',
  '>',
  '&',
  '&amp;',
  '<br>',
  '<b>',
  '<!-- x -->',
  '[',
  ']',
  '(',
  ')',
  '![a](https://a.example/b.png)',
  '[here](https://a.example/?a=1&b=2)',
  '[x](javascript:alert(1))',
  'https://a.example/c_d',
  'ana@a.example',
  'www.a.example',
  '[^1]',
  '#',
  '- ',
  '1. ',
  '+',
  '=',
  '---',
  '\n',
  '\n\n',
  '\t',
  '!',
  '"',
  "'",
  '$',
  'é',
  '👍',
  '\u202e',
  '\u0000',
  '•',
  '– ',
  '~',
  '```',
  '    ',
  ':',
  '{{',
  '{%',
];
const typed = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 14 }).map((parts) => parts.join(''));
const spaced = (text: string) => toLine(text).replaceAll(/\s+/g, ' ').trim();

describe('words of a person', () => {
  it('are kept in one form: reading what was written of them gives them again, in a line and in a cell', () => {
    fc.assert(
      fc.property(fc.oneof(typed, fc.string({ maxLength: 40, unit: 'grapheme' })), (text) => {
        const kept = canonicalWords(text);
        expect(canonicalWords(kept)).toBe(kept);
        expect(kept).not.toMatch(/[\n\r]/);
        expect(spaced(plainOf(parseInline(kept)))).toBe(spaced(plainOf(parseInline(text))));
        const words = parseInline(kept);
        const page = `x\n\n${wordsToMarkdown(words)} .\n\n- ${wordsToMarkdown(words)} .\n\n| a | b |\n| --- | --- |\n| ${wordsToMarkdown(words, 'cell')} . | . |\n`;
        const [, line, item, , row] = readDocument(page);
        const seen = spaced(`${plainOf(words)} .`);
        expect(spaced(plainOf(line?.words ?? []))).toBe(seen);
        expect(spaced(plainOf(item?.words ?? []))).toBe(seen);
        expect(spaced(plainOf(row?.cellWords?.[0] ?? []))).toBe(seen);
      }),
      { numRuns: 800 },
    );
  });

  it('may be strong, emphasized, struck, code, linked and broken into lines; all else is what was typed', () => {
    expect(canonicalWords('A **bold** and _kind_ word, ~~gone~~, `max_connections`.\nNext: [runbook](https://a.example/?a=1&b=2).')).toBe(
      'A **bold** and *kind* word, ~~gone~~, `max_connections`.<br>Next: [runbook](https://a.example/?a=1&amp;b=2).',
    );
    const inert = canonicalWords('# Not a heading <script>alert(1)</script> [x](javascript:alert(1)) ![y](data:,z)');
    expect(wordsToHtml(parseInline(inert))).toBe(
      '# Not a heading &lt;script&gt;alert(1)&lt;/script&gt; [x](javascript:alert(1)) ![y](data:,z)',
    );
    expect(wordsToHtml(parseInline('**a** `b` [c](https://a.example)'))).toBe(
      '<strong>a</strong> <code>b</code> <a href="https://a.example/" rel="noopener noreferrer">c</a>',
    );
  });
});
