import type { Json } from '../core/evidence.ts';
import { ownerNameOf } from '../core/ownership.ts';
import { nearServices, type PlanCase, type PlanService, type PlanSource, type PlanState } from './plan-case.ts';
import { mergeScopes } from './scope.ts';

/** Repositories of one source that one draft lists changes of. */
export const MAX_REPOSITORIES = 20;

/** The sources that have a stream. */
export function having(state: PlanState, stream: string): readonly PlanSource[] {
  return state.sources.filter(({ streams }) => streams.includes(stream));
}

/** What services own at one source, alike scopes as one. */
export function scopesAt(source: string, services: readonly PlanService[]): readonly Json[] {
  return mergeScopes(services.flatMap(({ scopes }) => (scopes[source] === undefined ? [] : [scopes[source]])));
}

/** The services whose lists are asked for: the subject, then what it depends on, then the rest while repositories last. */
export function listedServices(state: PlanState, theCase: PlanCase, source: string): readonly PlanService[] {
  const near = nearServices(state, theCase);
  const repositories = new Set<string>();
  return [...near, ...state.services.filter((service) => !near.includes(service))].filter((service) => {
    const own = repositoriesOf(service, source).filter((claim) => !repositories.has(claim));
    if (repositories.size + own.length > MAX_REPOSITORIES && !near.includes(service)) return false;
    for (const claim of own) repositories.add(claim);
    return true;
  });
}

function repositoriesOf({ owns }: PlanService, source: string): readonly string[] {
  return owns.filter((claim) => claim.startsWith(`${source}/repo:`) && !claim.includes('@'));
}

/** Services whose repositories were too many to be listed. */
export function leftServices(
  state: PlanState,
  theCase: PlanCase,
): readonly { readonly source: string; readonly names: readonly string[] }[] {
  return having(state, 'deployments').flatMap(({ name: source }) => {
    const listed = listedServices(state, theCase, source);
    const names = state.services.filter((service) => !listed.includes(service) && repositoriesOf(service, source).length > 0);
    return names.length > 0 ? [{ source, names: names.map(({ name }) => name) }] : [];
  });
}

/** Whose alerts are of the case's incidents: where one is another service's, a merge brought it. */
export function alertedServices({ read, services }: PlanState, { incidents }: PlanCase): readonly PlanService[] {
  const alerts = read.flatMap(({ events }) =>
    events.filter(({ type, correlationKeys }) => type === 'alert.fired' && correlationKeys.some((key) => incidents.includes(key))),
  );
  const names = new Set(alerts.map(({ belongsTo }) => ownerNameOf(belongsTo, services)));
  return services.filter(({ name }) => names.has(name));
}
