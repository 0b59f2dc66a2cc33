import type { Case } from '../case.ts';
import type { Change } from './changes.ts';

const STOPPED = /\b(?:roll(?:ed|ing)?[\s-]?back|revert(?:ed|ing)|abort(?:ed|ing)|halted|stopped)\b/i;
/** Its rollback did not come about, or not yet. */
const VAIN =
  /\b(?:not|never|cannot|could ?n[o']t|fail(?:ed|s)? to|without|needs?|please|should|will|would)\b|\broll(?:ing)?[\s-]?back (?:has )?(?:failed|pending|requested)\b/i;

/**
 * Whether the own record of a rollout that failed says that the traffic went back: its last status says so, or only a part of the traffic had it
 * when it failed. Its end is then what a rollback's end is to one that was whole. A rollback that failed took nothing back.
 */
export function wasStopped(change: Change, events: Case['events']): boolean {
  const { outcome, ended, reverses, steps, cites } = change;
  if (outcome !== 'failed' || !ended || reverses !== undefined) return false;
  const cited = new Set(cites.flatMap((cite) => ('event' in cite ? [cite.event] : [])));
  const said = events.flatMap((event) =>
    event.type === 'deployment.failed' && cited.has(event.id) && event.time.at === ended.at
      ? [event.attributes['deployment.status.description'] ?? '']
      : [],
  );
  if (said.some((text) => VAIN.test(text))) return false;
  const share = steps?.at(-1)?.share;
  return said.some((text) => STOPPED.test(text)) || (share !== undefined && share < 1);
}
