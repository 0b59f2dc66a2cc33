import type { EventId } from '../events.ts';
import { between, epochMs, type Moment } from '../time.ts';
import type { Finding } from './analyze.ts';
import { breachedId, type Departed } from './derived-events.ts';
import type { Milestone, MilestoneName, Milestones } from './metrics.ts';
import { isDeparting } from './onset.ts';
import { startOf } from './track.ts';

type Known = Extract<Milestone, { readonly known: true }>;

/**
 * Where a person stated a milestone and the record says another time for it, with bounds that do not meet: one finding, that cites both.
 * The person's time stands; a reader must see that something speaks against it. A recovery is spoken against, too, by a metric of
 * the impact that was still out of its normal later.
 */
export function disputesOf(milestones: Milestones, departed: readonly Departed[]): readonly Finding[] {
  return Object.entries(milestones).flatMap(([name, milestone]: [string, Milestone]): readonly Finding[] => {
    if (!milestone.known || milestone.basis !== 'asserted') return [];
    const seen = seenInstead(milestone);
    const against = seen ? (isApart(milestone.time, seen.time) ? seen.cites : []) : stillOut(name, milestone.time, departed);
    const [first] = milestone.cites;
    if (against.length === 0) return [];
    return [
      {
        code: 'milestone_disputed',
        subject: name,
        cites: [{ event: first }, ...[...milestone.cites.slice(1), ...against].map((event) => ({ event }))],
      },
    ];
  });
}

/** What the record's own rules found for a milestone that a person stated. */
export function seenInstead({ others = [] }: Pick<Known, 'others'>): Known | undefined {
  return others.find(({ basis }) => basis !== 'asserted');
}

function isApart(stated: Moment, seen: Moment): boolean {
  const { minMs, maxMs } = between(stated, seen);
  return minMs > 0 || maxMs < 0;
}

/** The breaches of the series that had a whole period out of normal after a recovery was stated. */
function stillOut(name: string, stated: Moment, departed: readonly Departed[]): readonly EventId[] {
  if (name !== ('recovered' satisfies MilestoneName)) return [];
  const overMs = epochMs(stated.at) + stated.plusMs;
  const out = departed.filter(({ onset }) => {
    const last = onset.track.values.findLastIndex((_value, index) => index >= onset.index && isDeparting(onset, index));
    return startOf(onset.track, last) >= overMs;
  });
  return out.map(breachedId);
}
