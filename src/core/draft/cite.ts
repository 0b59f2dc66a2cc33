import type { Milestone } from '../analysis/metrics.ts';
import type { Citation, Citations } from '../citation.ts';
import type { TimelineEvent } from '../events.ts';
import type { EvidenceId } from '../evidence.ts';
import type { TimelineEntry } from '../timeline/entry.ts';
import type { Cited } from './model.ts';

/** A sentence with what it rests on. The first citation is an argument of its own, so that none is forgotten. */
export function say(text: string, cites: Citations, links: readonly { readonly text: string; readonly url: string }[] = []): Cited {
  return links.length === 0 ? { text, cites } : { text, cites, links };
}

/** Several citations as one list, each once, in the order of first use. */
export function joinCites(first: Citations, ...rest: readonly (readonly Citation[])[]): Citations {
  const [head, ...tail] = first;
  const seen = new Set([citeKey(head)]);
  const added = [...tail, ...rest.flat()].filter((cite) => {
    const key = citeKey(cite);
    return !seen.has(key) && seen.add(key);
  });
  return [head, ...added];
}

/** The same text for the same source, so that a document lists it once. */
export function citeKey(cite: Citation): string {
  if ('event' in cite) return `event ${cite.event}`;
  if ('coverage' in cite) return `coverage ${cite.coverage}`;
  return `evidence ${cite.evidence} ${cite.pointer ?? ''}`;
}

/** One event. */
export function citeEvent(event: TimelineEvent): Citations {
  return [{ event: event.id }];
}

/** More sightings of one happening than this would fill a row with numbers; the JSON has all. */
const MOST_SIGHTINGS = 4;

/** The entry's own event and those of other sources that saw the same happening; of a span its first and its last member. */
export function citeEntry(entry: TimelineEntry): Citations {
  const members = entry.kind === 'span' ? entry.members.slice(-1) : [];
  const others = [...members, ...entry.corroboratedBy.slice(0, MOST_SIGHTINGS)].map((event) => ({ event: event.id }));
  return joinCites(citeEvent(entry.event), others);
}

/** All that a known milestone rests on. */
export function citeMilestone({ cites: [first, ...rest] }: Extract<Milestone, { readonly known: true }>): Citations {
  return joinCites([{ event: first }], rest.map(toCite));
}

/** A record as a whole. */
export function citeEvidence(evidence: EvidenceId): Citations {
  return [{ evidence }];
}

/** The ids of a duration as citations; `otherwise` where it has none. */
export function citeIds(ids: readonly TimelineEvent['id'][], otherwise: Citations): Citations {
  const [first, ...rest] = ids;
  return first === undefined ? otherwise : joinCites([{ event: first }], rest.map(toCite));
}

function toCite(event: TimelineEvent['id']): Citation {
  return { event };
}
