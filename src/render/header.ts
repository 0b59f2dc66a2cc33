import type { CaseHeader, Draft } from '../core/draft/model.ts';
import { clockOf, dayOf, periodOf } from '../core/draft/words.ts';
import type { Window } from '../core/time.ts';
import { toLine } from './escape.ts';
import type { Piece } from './notes.ts';

type Incident = CaseHeader['incidents'][number];

/** Of a storm the first; a line of a hundred names is read by nobody. */
const MOST_NAMED = 5;
const TITLE = 200;
const STATUS = {
  open: 'Open',
  resolved: 'Resolved',
  merged: 'Merged into another incident',
  not_opened: 'No incident was opened',
} as const;

/** What stands on top of a document, in no format yet. */
export interface Header {
  readonly title: string;
  /** A fact that nobody recorded has no line: an empty one would have to be deleted. */
  readonly facts: readonly { readonly label: string; readonly pieces: readonly Piece[] }[];
}

/** The title and the facts on top of a draft. */
export function headerOf(draft: Draft): Header {
  const { case: header, id: draftId } = draft;
  const day = dayOf(firstMoment(draft));
  const [first, ...others] = header.incidents;
  const { windows, authors, services, asOf, origin } = header;
  const lines: readonly (readonly [string, readonly Piece[] | undefined])[] = [
    ['Date', [{ text: day }]],
    ['Status', [{ text: `${statusOf(header)}${asOf === undefined ? '' : `, as of ${timeOf(asOf)}`}` }]],
    ['Severity', first.severity === undefined ? undefined : [{ text: first.severity }]],
    [services.length === 1 ? 'Service' : 'Services', listed(services)],
    ['Authors', listed(authors)],
    [
      'Window asked for',
      header.asked && [{ text: periodOf(header.asked) }, ...(first.status === 'not_opened' ? [{ text: '; ' }, { code: first.id }] : [])],
    ],
    ['Incident', first.status === 'not_opened' ? undefined : [nameOf(first)]],
    [
      'Together with',
      others.length === 0
        ? undefined
        : [
            ...others
              .slice(0, MOST_NAMED)
              .flatMap((other, index) => [
                ...(index === 0 ? [] : [{ text: '; ' }]),
                nameOf(other),
                { text: ` ${cut(other.title)}${mergeOf(other, header)}` },
              ]),
            ...(others.length > MOST_NAMED ? [{ text: `; and ${others.length - MOST_NAMED} more, which the JSON names` }] : []),
          ],
    ],
    [
      'Windows read',
      [
        {
          text: `${periodOf(windows.incident)}; changes from ${timeOf(windows.changes.from)}; normal from ${timeOf(windows.baseline.from)}`,
        },
      ],
    ],
    ['Purged', purgedOf(draft)],
    ['Taken', [{ text: `${timeOf(header.takenAt)}${origin === undefined ? '' : ', from a bundle'}; draft ` }, { code: draftId }]],
  ];
  return {
    title: `Post-mortem: ${cut(first.title)}`,
    facts: lines.flatMap(([label, pieces]) => (pieces === undefined ? [] : [{ label, pieces }])),
  };
}

/** A merged incident lives on in the last one of its chain of merges: how that one stands is how it ended. */
function statusOf(header: CaseHeader): string {
  const [first] = header.incidents;
  const target = targetOf(first, header);
  if (!target) return STATUS[first.status];
  const seen = new Set<string>();
  let last = target;
  for (let next: Incident | undefined = target; next && !seen.has(next.id); next = targetOf(next, header)) {
    seen.add(next.id);
    last = next;
  }
  return last.status === 'merged' ? STATUS.merged : `Merged into ${labelOf(last)}, which is ${STATUS[last.status].toLowerCase()}`;
}

function mergeOf(incident: Incident, header: CaseHeader): string {
  const target = targetOf(incident, header);
  return target ? ` (merged into ${labelOf(target)})` : '';
}

function targetOf({ mergedInto }: Incident, { incidents }: CaseHeader): Incident | undefined {
  return incidents.find(({ id }) => id === mergedInto);
}

/** The day of the document: when the impact started, else when it was first known, else where the window begins. */
function firstMoment({ analysis, case: header }: Draft) {
  const { impact_started: impact, detected, paged } = analysis.milestones;
  const first = [impact, detected, paged].find(({ known }) => known);
  return first?.known ? first.time.at : (header.asked ?? header.windows.incident).from;
}

function listed(texts: readonly string[]): readonly Piece[] | undefined {
  return texts.length === 0 ? undefined : [{ text: texts.join(', ') }];
}

function nameOf(incident: Incident): Piece {
  return { link: labelOf(incident), url: incident.url };
}

function labelOf({ id, number }: Incident): string {
  return number === undefined ? id : `#${number}`;
}

/** That records are gone is said once on top, and at each note that leads to one. */
function purgedOf({ purged }: Draft): readonly Piece[] | undefined {
  if (!purged) return undefined;
  const days = [...new Set(purged.map(({ purgedAt }) => dayOf(purgedAt)))].join(', ');
  const rules = [...new Set(purged.map(({ why }) => why))].join(', ');
  const count = `${purged.length} ${purged.length === 1 ? 'record' : 'records'} on ${days} by `;
  return [{ text: count }, { code: rules }, { text: '; what it says of them cannot be rebuilt' }];
}

function cut(title: string): string {
  const characters = Array.from(toLine(title));
  if (characters.length <= TITLE) return characters.join('');
  return `${characters.slice(0, TITLE).join('')}… (${characters.length - TITLE} more characters)`;
}

function timeOf(at: Window['from']): string {
  return `${dayOf(at)}, ${clockOf(at)} UTC`;
}
