import type { Citation } from '../core/citation.ts';
import { citeKey } from '../core/draft/cite.ts';
import type { Draft } from '../core/draft/model.ts';
import type { EventId, TimelineEvent } from '../core/events.ts';

/** A bit of a note, before it is written in a format. `anchor` leads to a place of the document itself. */
export type Piece =
  | { readonly text: string }
  | { readonly code: string }
  | { readonly link: string; readonly url: string | undefined }
  | { readonly anchor: string; readonly to: string };

/** Numbers what a document rests on in the order of first use. Each document opens its own. */
export interface Notes {
  /** A number for each of these citations; one for all where they are many. */
  numbersOf(cites: readonly Citation[]): readonly number[];
  /** The event of a citation, where the timeline holds it. */
  eventOf(cite: Citation): TimelineEvent | undefined;
  /** What each number stands for, of all that were given out. */
  all(): readonly { readonly number: number; readonly pieces: readonly Piece[] }[];
}

/** Two weeks of a metric are many records: a note names the first. */
const MOST_EVIDENCE = 6;

/** A sentence that rests on more than this gets one note for all of it, so that numbers do not drown the words. */
const MOST_MARKS = 3;

export function openNotes(draft: Draft): Notes {
  const events = new Map(draft.analysis.timeline.flatMap(eventsOf).map((event) => [event.id, event]));
  const purged = new Set<string>((draft.purged ?? []).map(({ id }) => id));
  const notes = new Map<string, { readonly number: number; readonly cites: readonly Citation[] }>();
  const numberOf = (cites: readonly Citation[]) => {
    const key = cites.map(citeKey).join('\n');
    const known = notes.get(key) ?? { number: notes.size + 1, cites };
    notes.set(key, known);
    return known.number;
  };
  return {
    numbersOf: (cites) => {
      const distinct = [...new Map(cites.map((cite) => [citeKey(cite), cite])).values()];
      const marked = distinct.length > MOST_MARKS ? [distinct] : distinct.map((cite) => [cite]);
      return marked.map(numberOf);
    },
    eventOf: (cite) => ('event' in cite ? events.get(cite.event) : undefined),
    all: () =>
      [...notes.values()].map(({ number, cites }) => ({
        number,
        pieces: cites
          .flatMap((cite, index) => [...(index === 0 ? [] : [{ text: '; ' }]), ...define(cite, events, draft)])
          .flatMap((piece) => ('code' in piece && purged.has(piece.code) ? [piece, { text: ' (purged)' }] : [piece])),
      })),
  };
}

function eventsOf(entry: Draft['analysis']['timeline'][number]): readonly TimelineEvent[] {
  return [entry.event, ...(entry.kind === 'span' ? entry.members : []), ...entry.corroboratedBy];
}

function define(cite: Citation, events: ReadonlyMap<EventId, TimelineEvent>, draft: Draft): readonly Piece[] {
  if ('event' in cite) {
    const event = events.get(cite.event);
    return event ? defineEvent(event) : [{ text: 'Event ' }, { code: cite.event }];
  }
  if ('coverage' in cite) return defineCoverage(cite.coverage, draft);
  // The record of a pull request is the record of its merge too, and that has a name and an address.
  const told = [...events.values()].find(({ provenance }) => 'evidence' in provenance && provenance.evidence === cite.evidence);
  const bytes: readonly Piece[] = [{ code: cite.evidence }, ...(cite.pointer ? [{ text: ' at ' }, { code: cite.pointer }] : [])];
  if (!told || !('stream' in told.provenance)) return [{ text: 'Evidence ' }, ...bytes];
  const { source, stream } = told.provenance;
  return [{ link: `${source}/${stream}: the record of ${told.type}`, url: told.url }, { text: ', evidence ' }, ...bytes];
}

/** Where, when by the source's clock, and the bytes: short to recognize, in full to look up. */
function defineEvent(event: TimelineEvent): readonly Piece[] {
  const at = event.time.at.slice(0, 19).replace('T', ' ');
  const { provenance } = event;
  if ('rule' in provenance) {
    const named = provenance.from
      .slice(0, MOST_EVIDENCE)
      .flatMap((id, index): readonly Piece[] => [...(index === 0 ? [] : [{ text: ', ' }]), { code: id }]);
    const more = provenance.from.length - MOST_EVIDENCE;
    const rest = more > 0 ? [{ text: ` and ${more} more, which the JSON names` }] : [];
    return [
      { link: `${event.type}, ${at} UTC`, url: event.url },
      { text: `, computed by the rule ${provenance.rule} from evidence ` },
      ...named,
      ...rest,
    ];
  }
  const label = `${provenance.source}/${provenance.stream}: ${event.type}, ${at} UTC`;
  return [
    { link: label, url: event.url },
    { text: ', evidence ' },
    { code: provenance.evidence },
    { text: ' at ' },
    { code: provenance.pointer },
  ];
}

function defineCoverage(key: string, draft: Draft): readonly Piece[] {
  const line = draft.analysis.coverage.find(({ source, stream }) => `${source}/${stream}` === key);
  const what = line ? `${line.status.replace('_', ' ')}, ${line.records} ${line.records === 1 ? 'record' : 'records'}` : 'not read';
  return [{ text: `What was read of ${key}: ${what}; see ` }, { anchor: 'Coverage', to: 'coverage' }];
}
