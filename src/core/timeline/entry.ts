import { digestText } from '../digest.ts';
import type { EventId, TimelineEvent } from '../events.ts';
import type { Moment } from '../time.ts';

/** Set apart, never deleted: a reader may ask why something is not in the table. */
export type Belonging = { readonly service: string } | { readonly service: 'other' | 'unmapped'; readonly why: string };

interface Shown {
  /** Key of the draft's row that words this entry: `t.` and ten base-32 characters of the event id's hash. */
  readonly key: string;
  readonly event: TimelineEvent;
  /** Other sources' events of the same happening, whole: their links and evidence are printed too. */
  readonly corroboratedBy: readonly TimelineEvent[];
  readonly belongs: Belonging;
}

/** A span is one row for many: fifteen notifications, an alarm that flapped. Its count is its members'. */
export type TimelineEntry = Shown &
  ({ readonly kind: 'single' } | { readonly kind: 'span'; readonly until: Moment; readonly members: readonly TimelineEvent[] });

/** Crockford's base 32 in lower case: no letter that reads as a digit. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** `t.` and the first fifty bits of the event id's SHA-256 as ten base-32 characters. */
export function entryKey(id: EventId): string {
  const bits = BigInt(`0x${digestText(id).slice('sha256:'.length).slice(0, 13)}`) >> 2n;
  const places = Array.from({ length: 10 }, (_, place) => (bits >> BigInt(45 - 5 * place)) & 31n);
  return `t.${places.map((place) => ALPHABET[Number(place)]).join('')}`;
}
