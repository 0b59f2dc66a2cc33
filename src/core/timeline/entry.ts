import { shortHash } from '../digest.ts';
import type { TimelineEvent } from '../events.ts';
import type { Moment } from '../time.ts';

/** Set apart, never deleted: a reader may ask why something is not in the table. */
export type Belonging = { readonly service: string } | { readonly service: 'other' | 'unmapped'; readonly why: string };

interface Shown {
  readonly event: TimelineEvent;
  /** Other sources' events of the same happening, whole: their links and evidence are printed too. */
  readonly corroboratedBy: readonly TimelineEvent[];
  readonly belongs: Belonging;
}

/** A span is one row for many: fifteen notifications, an alarm that flapped. Its count is its members'. */
export type TimelineEntry = Shown &
  ({ readonly kind: 'single' } | { readonly kind: 'span'; readonly until: Moment; readonly members: readonly TimelineEvent[] });

/**
 * Key of the draft's row that words an entry: `t.` and ten base-32 characters of the event id's hash. It is worked out where an entry is
 * shown: of a hundred thousand entries a hundred are.
 */
export function rowKeyOf({ event }: Pick<TimelineEntry, 'event'>): string {
  return `t.${shortHash(event.id)}`;
}
