import { epochMs } from '../time.ts';
import { environmentOf, isSame } from '../timeline/rollout-joins.ts';
import type { DeploymentEvent } from './rollouts.ts';

/** A rollout that only another system heard of, as a pager: its one event, or its start and the end that was told after it. */
export type LoneRollout = readonly [DeploymentEvent] | readonly [DeploymentEvent, DeploymentEvent];

/** No end that is told later than this is taken for that of a start. */
const LONGEST_MS = 6 * 3_600_000;

/**
 * The rollouts among events that no rollout's own key ties together, oldest first: an end is that of the last open start that the same
 * sender told of the same services, commit or version, and environment, within six hours. Takes events in the order of the timeline.
 */
export function loneRollouts(ordered: readonly DeploymentEvent[]): readonly LoneRollout[] {
  const open: DeploymentEvent[] = [];
  const ends = new Map<DeploymentEvent, DeploymentEvent>();
  for (const event of ordered) {
    if (event.type === 'deployment.started') {
      open.push(event);
      continue;
    }
    const at = open.findLastIndex((start) => isEndOf(event, start));
    const [start] = at < 0 ? [] : open.splice(at, 1);
    if (start) ends.set(start, event);
  }
  const paired = new Set(ends.values());
  return ordered
    .filter((event) => !paired.has(event))
    .map((event) => {
      const end = ends.get(event);
      return end ? [event, end] : [event];
    });
}

function isEndOf(end: DeploymentEvent, start: DeploymentEvent): boolean {
  const isOne = end.provenance.source === start.provenance.source && placesOf(end) === placesOf(start);
  const environments = new Set([end, start].map(environmentOf).filter((name) => name !== ''));
  return isOne && environments.size < 2 && isSameContent(end, start) && epochMs(end.time.at) - epochMs(start.time.at) <= LONGEST_MS;
}

function placesOf({ belongsTo }: DeploymentEvent): string {
  return JSON.stringify(belongsTo.toSorted());
}

/** The same commit where both name one, else the same version. */
function isSameContent({ attributes: a }: DeploymentEvent, { attributes: b }: DeploymentEvent): boolean {
  const [one, other] = [a['vcs.ref.head.revision'], b['vcs.ref.head.revision']];
  if (one !== undefined && other !== undefined) return isSame(one, other);
  return a['vcs.ref.head.name'] !== undefined && a['vcs.ref.head.name'] === b['vcs.ref.head.name'];
}
