import type { DocumentFinding } from './finding.ts';
import type { Part } from './reader.ts';

/** What templates leave for a person to fill in, the surest first. A link's words in brackets are no placeholder: the reader drops them. */
const PLACEHOLDERS: readonly (readonly [pattern: RegExp, sure: DocumentFinding['sure']])[] = [
  [/\[(?:insert|add|fill|enter|your|describe|paste|attach|put|write|include)\b[^\]]*\]/i, 'certain'],
  [/\[(?:todo|tbd|tbc|tba|fixme|xxx|name|names|date|time|link|url|owner|title|service|team|number|n|x|\.{3}|…|_+)\]/i, 'certain'],
  [
    /\{\{\s*(?:[^\s}]+\s*){0,4}\}\}|\{\{-?\s*[\w.]{1,60}\s*\|[^{}\n]{0,120}\}\}|\{%-?[^{}%\n]{1,120}-?%\}|<%[=-]?[^<>%\n]{1,120}-?%>|\$\{[A-Za-z_][\w.]{0,60}\}|<(?:insert|your|name|date|time|link|owner|todo|tbd|placeholder)\b[^>]*>/i,
    'certain',
  ],
  [/\b(?:YYYY-MM-DD|HH:MM|DD\/MM\/YYYY|MM\/DD\/YYYY)\b/, 'certain'],
  [/\blorem ipsum\b/i, 'certain'],
  [/\b(?:TODO|TBD|TBC|TBA|FIXME|XXX+)\b/, 'likely'],
  [/_{4,}|\?{3,}/, 'possible'],
];

/** What was left to be filled in, in the order of the document. Code is not looked at: it has brackets of its own. */
export function placeholderFindings(parts: readonly Part[]): readonly DocumentFinding[] {
  return parts.flatMap(({ kind, text, line }) => {
    if (kind === 'code') return [];
    return text.split('\n').flatMap((words, index) => {
      // `{{ 06:10 }}` is how some people set a time.
      const found = PLACEHOLDERS.find(([pattern]) => pattern.test(words) && !/\{\{\s*\d/.test(words));
      if (!found) return [];
      const [pattern, sure] = found;
      const left = pattern.exec(words)?.[0] ?? words;
      return [
        {
          line: line + index,
          kind: 'placeholder_left',
          stated: left,
          follows: 'A template left this to be filled in.',
          sure,
          verdict: 'wrong',
        },
      ];
    });
  });
}
