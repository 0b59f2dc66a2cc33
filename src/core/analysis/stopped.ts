import type { Case } from '../case.ts';
import type { EventId } from '../events.ts';
import type { Moment } from '../time.ts';
import { compare } from '../timeline/order.ts';
import type { Change } from './changes.ts';
import { type DeploymentEvent, isDeployment } from './rollouts.ts';
import { saysStopped, saysStoppedInVain } from './stop-words.ts';

/**
 * That the traffic of a rollout that failed went back: `said` where its last status says so, `implied` where only a part of the traffic had it when it
 * failed, of which the record says no more than that it failed. `began` is when its record first speaks of the stop, where it does before its end.
 */
export interface Stop {
  readonly how: 'said' | 'implied';
  readonly began?: { readonly time: Moment; readonly event: EventId };
}

/** How a rollout that failed was stopped, if it was. Its end is then what a rollback's end is to one that was whole. A rollback that failed took nothing back. */
export function stopOf(change: Change, events: Case['events']): Stop | undefined {
  const { outcome, ended, reverses, steps } = change;
  if (outcome !== 'failed' || !ended || reverses !== undefined) return undefined;
  const told = statusesOf(change, events);
  const last = told.filter(({ type, time }) => type === 'deployment.failed' && time.at === ended.at).map(wordsOf);
  if (last.some(saysStoppedInVain)) return undefined;
  const first = told.find((event) => event.time.at > change.began.at && event.time.at < ended.at && saysStopped(wordsOf(event)));
  const began = first && { began: { time: first.time, event: first.id } };
  if (first || last.some(saysStopped)) return { how: 'said', ...began };
  const share = steps?.at(-1)?.share;
  return share !== undefined && share < 1 ? { how: 'implied' } : undefined;
}

/** What its own record and those who heard of it say of a change, oldest first. */
function statusesOf({ cites }: Change, events: Case['events']): readonly DeploymentEvent[] {
  const cited = new Set(cites.flatMap((cite) => ('event' in cite ? [cite.event] : [])));
  const told = events.filter(isDeployment).filter(({ id }) => cited.has(id));
  return told.toSorted((a, b) => compare(a.time.at, b.time.at) || compare(a.id, b.id));
}

function wordsOf({ attributes }: DeploymentEvent): string {
  return attributes['deployment.status.description'] ?? '';
}
