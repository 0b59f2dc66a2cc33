import type { Citation } from '../core/citation.ts';
import { citeKey } from '../core/draft/cite.ts';
import type { Draft } from '../core/draft/model.ts';
import type { EventId, TimelineEvent } from '../core/events.ts';
import { codeSpan, escapeText, linkOf } from './escape.ts';

/** Numbers what a document rests on in the order of first use, and lists it at the end. Each document makes its own. */
export interface Sources {
  /** `[^3] [^4]` for these citations. */
  refer(cites: readonly Citation[]): string;
  /** The event of a citation, where the timeline holds it. */
  eventOf(cite: Citation): TimelineEvent | undefined;
  /** One definition a line for each citation that was referred to. */
  list(): readonly string[];
}

/** Two weeks of a metric are many records: a note names the first. */
const MOST_EVIDENCE = 6;

export function openSources(draft: Draft): Sources {
  const events = new Map(draft.analysis.timeline.flatMap(eventsOf).map((event) => [event.id, event]));
  const numbers = new Map<string, { readonly number: number; readonly cite: Citation }>();
  const numberOf = (cite: Citation) => {
    const key = citeKey(cite);
    const known = numbers.get(key) ?? { number: numbers.size + 1, cite };
    numbers.set(key, known);
    return known.number;
  };
  return {
    refer: (cites) => [...new Set(cites.map(numberOf))].map((number) => `[^${number}]`).join(' '),
    eventOf: (cite) => ('event' in cite ? events.get(cite.event) : undefined),
    list: () => [...numbers.values()].map(({ number, cite }) => `[^${number}]: ${define(cite, events, draft)}`),
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
