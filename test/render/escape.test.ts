import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeSpan, escapeText, fence, linkOf, safeUrl, toLine } from '../../src/render/escape.ts';

/** Undoes what `escapeText` does, as CommonMark reads it. */
function readBack(text: string): string {
  return text
    .replaceAll(/\\([!-/:-@[-`{-~])/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

const HOSTILE = [
  '|',
  '`',
  '``',
  '<b>',
  '</b>',
  '<!--',
  '-->',
  '[a](javascript:alert(1))',
  '![x](y)',
  '**',
  '_',
  '~~',
  '$',
  '#',
  '\n',
  '\r\n',
  '\u202e',
  '\u200b',
  '\\',
  '&lt;',
  '&#60;',
  '- ',
  '1. ',
  '=',
  'plain',
  'snake_case',
  '\ud800',
];
const texts = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary' })), { maxLength: 12 })
  .map((parts) => parts.join(''));

describe('text of others in Markdown', () => {
  it('reads as itself, on one line, whatever it holds', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const escaped = escapeText(text);
        expect(readBack(escaped)).toBe(toLine(text));
        expect(escaped).not.toMatch(/[\n\r\u2028\u2029]/);
      }),
      { numRuns: 500 },
    );
  });

  it('holds no markup: what could be is escaped, but an underscore inside a word', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const bare = escapeText(text).replaceAll(/\\[!-/:-@[-`{-~]/g, '');
        expect(bare).not.toMatch(/[|`*[\]<>~$\\]/);
        expect(bare.replaceAll(/&(?:lt|gt|amp);/g, '')).not.toContain('&');
        expect(escapeText(text)).not.toMatch(/^\s*(?:[#+\-=]|\d{1,9}[.)])/);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['a | b', 'a \\| b'],
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['HTTPCode_Target_5XX_Count', 'HTTPCode_Target_5XX_Count'],
    ['_emphasis_', '\\_emphasis\\_'],
    ['# title', '\\# title'],
    ['1. item', '1\\. item'],
    ['line one\nline two', 'line one line two'],
    ['abc\u202edcba\u200b', 'abcdcba'],
    ['سلام\u200cها', 'سلام\u200cها'],
  ])('%j becomes %j', (text, escaped) => {
    expect(escapeText(text)).toBe(escaped);
  });
});

describe('addresses', () => {
  it.each([
    'javascript:alert(1)',
    'data:text/html,<b>',
    'file:///etc/passwd',
    '//host/path',
    'https://user:secret@host/',
    'mailto:a@b.example',
    'not an address',
    '',
  ])('%j is no link', (url) => {
    expect(safeUrl(url)).toBeUndefined();
    expect(linkOf('text', url)).toBe('text');
  });

  it('are encoded, so that none can end its link, its cell or its line', () => {
    expect(safeUrl('https://host/a b(c)|d"e')).toBe('https://host/a%20b%28c%29%7Cd%22e');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl({ withQueryParameters: true, withFragments: true }),
          texts.map((text) => `https://host/?${text}`),
        ),
        (url) => {
          const safe = safeUrl(url);
          if (safe !== undefined) expect(safe).toMatch(/^https?:\/\/[^\s()<>|\\`*[\]{}"'^]+$/);
        },
      ),
    );
  });

  it('keep the text of the link inert', () => {
    expect(linkOf('a](https://evil.example)', 'https://host/')).toBe('[a\\](https://evil.example)](https://host/)');
  });
});

describe('code', () => {
  it('cannot close its fence, nor turn itself round', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const lines = fence(text, 'diff').split('\n');
        const ticks = /^(`+)diff$/.exec(lines[0] ?? '')?.[1] ?? '';
        expect(lines.at(-1)).toBe(ticks);
        expect(lines.slice(1, -1).filter((line) => line.trimStart().startsWith(ticks))).toEqual([]);
        expect(lines.join('\n')).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
      }),
    );
    expect(fence('a\u202eb', 'diff')).toBe('```diff\na<U+202E>b\n```');
    expect(fence('````', 'text').split('\n')[0]).toBe('`````text');
  });

  it('in a span has more backticks around it than inside, and no pipe', () => {
    expect(codeSpan('a`b')).toBe('``a`b``');
    expect(codeSpan('`a')).toBe('`` `a ``');
    expect(codeSpan('a|b')).not.toContain('|');
  });
});
