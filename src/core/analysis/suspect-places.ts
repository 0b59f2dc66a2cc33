import { ownerNameOf } from '../ownership.ts';
import type { Change } from './changes.ts';
import { isBeforeUsers } from './environments.ts';
import type { Ground, Weighing } from './weighing.ts';

/** How far a change of what a dependency depends on counts as one of a dependency. */
const INDIRECT_SHARE = 0.5;

/** A rollout of a repository of ours to an environment that nobody claims may be a part of the service all the same: a canary, a region. */
const OWN_PLACE_SHARE = 0.7;

/** Whose change it is and where it went, against the service that was hit. */
export function placeReasons(change: Change, weighing: Weighing): readonly Ground[] {
  const { changes, theCase, impact } = weighing;
  const { services, subject } = theCase;
  const { cites } = change;
  // Of several services only those whose metric departed were hit; another's change is another service's.
  const hit = impact.byService ?? new Map(subject.map((name) => [name, impact]));
  const own = services.filter(({ name }) => subject.includes(name) && hit.has(name));
  const isClaimed = own.some(
    ({ owns }) => change.environment !== undefined && owns.some((claim) => claim.endsWith(`@${change.environment}`)),
  );
  if (!('why' in change.belongs) && hit.has(change.belongs.service)) {
    const isBefore = !isClaimed && isBeforeUsers(change, changes);
    return [
      { code: 'same_service', share: 1, cites },
      ...(isClaimed ? [{ code: 'same_environment', share: 1, cites } as const] : []),
      ...(isBefore ? [{ code: 'other_environment', share: 1, cites } as const] : []),
    ];
  }
  const owner = ownerOf(change, weighing);
  if (owner === undefined) {
    const isOwnPlace = change.place !== undefined && own.some(({ owns }) => owns.some((claim) => placeOfClaim(claim) === change.place));
    return [
      ...(isOwnPlace ? [{ code: 'same_service', share: OWN_PLACE_SHARE, cites } as const] : []),
      ...(isBeforeUsers(change, changes) ? [{ code: 'other_environment', share: 1, cites } as const] : []),
    ];
  }
  const direct = own.flatMap(({ dependsOn }) => dependsOn);
  if (direct.includes(owner)) return [{ code: 'dependency', share: 1, cites }];
  const indirect = services.filter(({ name }) => direct.includes(name)).flatMap(({ dependsOn }) => dependsOn);
  return indirect.includes(owner) ? [{ code: 'dependency', share: INDIRECT_SHARE, cites }] : [{ code: 'other_service', share: 1, cites }];
}

/** `github/acme/api` of `github/repo:acme/api@production`, as a change names its place. */
function placeOfClaim(claim: string): string | undefined {
  const [source, rest] = claim.split('/repo:');
  return rest === undefined ? undefined : `${source}/${rest.split('@')[0]}`;
}

/** Which service a change belongs to, of all that the configuration knows. */
function ownerOf({ cites }: Change, { events, theCase }: Weighing): string | undefined {
  const keys = cites.flatMap((cite) => ('event' in cite ? (events.get(cite.event)?.belongsTo ?? []) : []));
  return ownerNameOf([...new Set(keys)], theCase.services);
}
