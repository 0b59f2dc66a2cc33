import type { Case } from '../case.ts';
import type { Citations } from '../citation.ts';
import { addMs, between, type Moment } from '../time.ts';
import type { Change } from './changes.ts';
import { isBeforeUsers } from './environments.ts';
import { steadyRefs } from './refs.ts';

/** What ran for a service when the impact began, and for how long it had: "v2.3.4, 14 min old". */
export interface Running {
  readonly service: string;
  readonly revision: string;
  readonly ageMs: number;
  readonly cites: Citations;
}

/**
 * The last change of each subject service that was out, where its users are, when the impact began (`began`: its start, else when it was known). One
 * that ended inside the bounds of that moment, and before the impact was `known`, counts as out, with no age: nothing shows
 * that it was not.
 */
export function runningOf(
  changes: readonly Change[],
  { subject }: Pick<Case, 'subject'>,
  began: Moment | undefined,
  known: Moment | undefined,
): readonly Running[] {
  if (!began) return [];
  const bounds = [began, ...(known ? [known] : [])].map(({ at, plusMs }) => addMs(at, plusMs));
  const latest = bounds.toSorted()[0] ?? began.at;
  const steady = steadyRefs(changes.flatMap(({ ref, revision }) => (ref && revision ? [{ name: ref, revision: revision.to }] : [])));
  return subject.flatMap((service) => {
    const out = changes.filter((change) => {
      const { belongs, outcome, ended, revision } = change;
      const isOurs = belongs.service === service && !('why' in belongs) && !isBeforeUsers(change, changes);
      return isOurs && outcome === 'succeeded' && revision !== undefined && ended !== undefined && ended.at < latest;
    });
    const last = out.toSorted((a, b) => ((a.ended?.at ?? '') < (b.ended?.at ?? '') ? -1 : 1)).at(-1);
    if (!last?.ended || !last.revision) return [];
    const revision = last.ref !== undefined && steady.has(last.ref) ? last.ref : last.revision.to;
    return [{ service, revision, ageMs: Math.max(0, between(last.ended, began).ms), cites: last.cites }];
  });
}
