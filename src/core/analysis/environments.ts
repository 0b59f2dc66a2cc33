import type { Change } from './changes.ts';

/** How teams call an environment that no user of theirs is in: `staging`, `qa-2`, `pr-1234`, `review/login`, `preprod`, `acceptance`. */
const BEFORE_USERS =
  /(?:^|[^a-z])(?:staging|stage|stg|test(?:ing)?|dev(?:elopment)?|previews?|review|qa|uat|acc(?:ept(?:ance)?)?|sit|perf(?:ormance)?|load-?test|sandbox|pre-?prod(?:uction)?|non-?prod(?:uction)?|integration|ci|pr|local)(?:$|[^a-z])/i;

/**
 * Whether the change went to an environment before users, and the same place has another that is not: an environment that is the
 * only one there is takes the users, whatever it is called. What the creator of a deployment stated counts before the name.
 */
export function isBeforeUsers(change: Change, changes: readonly Change[]): boolean {
  if (!isAside(change)) return false;
  return changes.some((other) => other.place === change.place && other.environment !== undefined && !isAside(other));
}

function isAside({ environment, production }: Change): boolean {
  return environment !== undefined && (production === undefined ? BEFORE_USERS.test(environment) : !production);
}
