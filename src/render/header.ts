import type { CaseHeader } from '../core/draft/model.ts';
import { clockOf, dayOf, periodOf } from '../core/draft/words.ts';
import type { Window } from '../core/time.ts';
import { codeSpan, escapeText, linkOf, toLine } from './escape.ts';

const TITLE = 200;
const STATUS = {
  open: 'Open',
  resolved: 'Resolved',
  merged: 'Merged into another incident',
  not_opened: 'No incident was opened',
} as const;

/** The title and the facts on top. A fact that nobody recorded has no line: an empty one would have to be deleted. */
export function headerOf(header: CaseHeader, draftId: string, day: string): readonly string[] {
  const [first, ...others] = header.incidents;
  const { windows, authors, services, asOf, origin } = header;
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['Date', day],
    ['Status', `${STATUS[first.status]}${asOf === undefined ? '' : `, as of ${timeOf(asOf)}`}`],
    ['Severity', first.severity === undefined ? undefined : escapeText(first.severity)],
    [services.length === 1 ? 'Service' : 'Services', services.length === 0 ? undefined : services.map(escapeText).join(', ')],
    ['Authors', authors.length === 0 ? undefined : authors.map(escapeText).join(', ')],
    ['Window asked for', header.asked && `${periodOf(header.asked)}${first.status === 'not_opened' ? `; ${codeSpan(first.id)}` : ''}`],
    ['Incident', first.status === 'not_opened' ? undefined : nameOf(first)],
    [
      'Together with',
      others.length === 0 ? undefined : others.map((other) => `${nameOf(other)} ${escapeText(cut(other.title))}`).join('; '),
    ],
    [
      'Windows read',
      `${periodOf(windows.incident)}; changes from ${timeOf(windows.changes.from)}; normal from ${timeOf(windows.baseline.from)}`,
    ],
    ['Taken', `${timeOf(header.takenAt)}${origin === undefined ? '' : ', from a bundle'}; draft ${codeSpan(draftId)}`],
  ];
  const facts = lines.flatMap(([label, value]) => (value === undefined ? [] : [`- **${label}:** ${value}`]));
  return [`# Post-mortem: ${escapeText(cut(first.title))}`, '', ...facts];
}

function nameOf({ id, number, url }: CaseHeader['incidents'][number]): string {
  return linkOf(number === undefined ? id : `#${number}`, url);
}

function cut(title: string): string {
  const characters = Array.from(toLine(title));
  if (characters.length <= TITLE) return characters.join('');
  return `${characters.slice(0, TITLE).join('')}… (${characters.length - TITLE} more characters)`;
}

function timeOf(at: Window['from']): string {
  return `${dayOf(at)}, ${clockOf(at)} UTC`;
}
