import type { Case } from '../case.ts';
import type { Citations } from '../citation.ts';
import { addMs, between, type Instant, type Moment } from '../time.ts';
import type { Change } from './changes.ts';
import { isBeforeUsers } from './environments.ts';
import { steadyRefs } from './refs.ts';

/** What ran for a service when the impact began, and for how long it had: "v2.3.4, 14 min old". */
export interface Running {
  readonly service: string;
  readonly revision: string;
  readonly ageMs: number;
  /** Where it went to more than one environment of users, and none of them or several are called production. */
  readonly environment?: string;
  /** What was being rolled out then to the same environment: its share of the traffic, of 1, where the record tells it. */
  readonly beside?: { readonly revision: string; readonly share?: number; readonly since: Instant; readonly cites: Citations };
  readonly cites: Citations;
}

const PRODUCTION = /(?:^|[^a-z])(?:prod(?:uction)?|live)(?:$|[^a-z])/i;
const isProduction = ({ environment, production }: Change) => production ?? (environment !== undefined && PRODUCTION.test(environment));

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
  const nameOf = ({ ref, revision }: Change) => (ref !== undefined && steady.has(ref) ? ref : (revision?.to ?? ''));
  return subject.flatMap((service) => {
    const ours = changes.filter(({ belongs, revision, ...change }) => {
      const isOurs = belongs.service === service && !('why' in belongs);
      return isOurs && revision !== undefined && !isBeforeUsers({ ...change, belongs, revision }, changes);
    });
    const users = ours.some(isProduction) ? ours.filter(isProduction) : ours;
    const out = users.filter(({ outcome, ended }) => outcome === 'succeeded' && ended !== undefined && ended.at < latest);
    const last = out.toSorted((a, b) => ((a.ended?.at ?? '') < (b.ended?.at ?? '') ? -1 : 1)).at(-1);
    if (!last?.ended || !last.revision) return [];
    const isOfSeveral = new Set(users.map(({ environment }) => environment)).size > 1;
    const coming = users.findLast((other) => isComing(other, last, latest));
    return [
      {
        service,
        revision: nameOf(last),
        ageMs: Math.max(0, between(last.ended, began).ms),
        ...(isOfSeveral && last.environment !== undefined && { environment: last.environment }),
        ...(coming && { beside: besideOf(coming, nameOf(coming), latest) }),
        cites: last.cites,
      },
    ];
  });
}

/** Begun and not ended at that time, in the same place and environment, and of another revision. One with no end in the record may have ended unseen. */
function isComing({ began, ended, ...other }: Change, last: Change, at: Instant): boolean {
  const isSameLane = other.kind === last.kind && other.place === last.place && other.environment === last.environment;
  return isSameLane && other.revision?.to !== last.revision?.to && began.at < at && ended !== undefined && ended.at >= at;
}

function besideOf({ began, steps, cites }: Change, revision: string, at: Instant): NonNullable<Running['beside']> {
  const step = steps?.findLast((one) => one.at.at < at);
  return { revision, ...(step?.share !== undefined && { share: step.share }), since: step?.at.at ?? began.at, cites };
}
