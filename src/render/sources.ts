import type { Citation } from '../core/citation.ts';
import { citeKey } from '../core/draft/cite.ts';
import type { Draft } from '../core/draft/model.ts';
import type { EventId, TimelineEvent } from '../core/events.ts';
import { codeSpan, escapeText, linkOf } from './escape.ts';

/** Numbers what a document rests on in the order of first use, and lists it at the end. Each document makes its own. */
export interface Sources {
  /** `[^3] [^4]` for these citations; one note for all where they are many. */
  refer(cites: readonly Citation[]): string;
  /** The event of a citation, where the timeline holds it. */
  eventOf(cite: Citation): TimelineEvent | undefined;
  /** One definition a line for each note that was referred to. */
  list(): readonly string[];
}

/** Two weeks of a metric are many records: a note names the first. */
const MOST_EVIDENCE = 6;

/** A sentence that rests on more than this gets one note for all of it, so that numbers do not drown the words. */
const MOST_MARKS = 3;

export function openSources(draft: Draft): Sources {
  const events = new Map(draft.analysis.timeline.flatMap(eventsOf).map((event) => [event.id, event]));
  const notes = new Map<string, { readonly number: number; readonly cites: readonly Citation[] }>();
  const numberOf = (cites: readonly Citation[]) => {
    const key = cites.map(citeKey).join('\n');
    const known = notes.get(key) ?? { number: notes.size + 1, cites };
    notes.set(key, known);
    return known.number;
  };
  return {
    refer: (cites) => {
      const distinct = [...new Map(cites.map((cite) => [citeKey(cite), cite])).values()];
      const marked = distinct.length > MOST_MARKS ? [distinct] : distinct.map((cite) => [cite]);
      return marked.map((group) => `[^${numberOf(group)}]`).join(' ');
    },
    eventOf: (cite) => ('event' in cite ? events.get(cite.event) : undefined),
    list: () =>
      [...notes.values()].map(({ number, cites }) => `[^${number}]: ${cites.map((cite) => define(cite, events, draft)).join('; ')}`),
  };
}

function eventsOf(entry: Draft['analysis']['timeline'][number]): readonly TimelineEvent[] {
  return [entry.event, ...(entry.kind === 'span' ? entry.members : []), ...entry.corroboratedBy];
}

function define(cite: Citation, events: ReadonlyMap<EventId, TimelineEvent>, draft: Draft): string {
  if ('event' in cite) {
    const event = events.get(cite.event);
    return event ? defineEvent(event) : `Event ${codeSpan(cite.event)}`;
  }
  if ('coverage' in cite) return defineCoverage(cite.coverage, draft);
  // The record of a pull request is the record of its merge too, and that has a name and an address.
  const told = [...events.values()].find(({ provenance }) => 'evidence' in provenance && provenance.evidence === cite.evidence);
  const bytes = `${codeSpan(cite.evidence)}${cite.pointer ? ` at ${codeSpan(cite.pointer)}` : ''}`;
  if (!told || !('stream' in told.provenance)) return `Evidence ${bytes}`;
  const { source, stream } = told.provenance;
  return `${linkOf(`${source}/${stream}: the record of ${told.type}`, told.url)}, evidence ${bytes}`;
}

/** Where, when by the source's clock, and the bytes: short to recognize, in full to look up. */
function defineEvent(event: TimelineEvent): string {
  const at = event.time.at.slice(0, 19).replace('T', ' ');
  const { provenance } = event;
  if ('rule' in provenance) {
    const named = provenance.from.slice(0, MOST_EVIDENCE).map(codeSpan).join(', ');
    const more = provenance.from.length - MOST_EVIDENCE;
    const rest = more > 0 ? ` and ${more} more, which the JSON names` : '';
    return `${linkOf(`${event.type}, ${at} UTC`, event.url)}, computed by the rule ${escapeText(provenance.rule)} from evidence ${named}${rest}`;
  }
  const label = `${provenance.source}/${provenance.stream}: ${event.type}, ${at} UTC`;
  return `${linkOf(label, event.url)}, evidence ${codeSpan(provenance.evidence)} at ${codeSpan(provenance.pointer)}`;
}

function defineCoverage(key: string, draft: Draft): string {
  const line = draft.analysis.coverage.find(({ source, stream }) => `${source}/${stream}` === key);
  const what = line ? `${line.status.replace('_', ' ')}, ${line.records} ${line.records === 1 ? 'record' : 'records'}` : 'not read';
  return `What was read of ${escapeText(key)}: ${what}; see [Coverage](#coverage)`;
}
