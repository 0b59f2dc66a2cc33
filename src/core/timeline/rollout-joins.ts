import type { RecordedEvent, TimelineEvent } from '../events.ts';

/** So many digits of a hash are one commit's: git prints seven, and of what ends within minutes no two share them. */
const SHORT = 7;
const HASH = new RegExp(`^[0-9a-f]{${SHORT},40}$`, 'i');

/**
 * What a rollout may be called by another system, surest first: the run of a workflow, the first digits of the commit, the repository. What one
 * system calls it alone (`deployment:acme/api#77`) is a rule of its own.
 */
export function rolloutKeysOf(event: TimelineEvent): readonly string[] {
  const runs = event.correlationKeys.filter((key) => key.startsWith('run:'));
  const revision = revisionIn(event);
  const repository = namedRepository(event);
  return [
    ...runs,
    ...(revision === undefined ? [] : [`sha:${revision.slice(0, SHORT)}`]),
    ...(repository === undefined ? [] : [`repo:${repository.toLowerCase()}`]),
  ];
}

/**
 * Whether two records of two sources that share one of these keys, and were made within minutes, tell one rollout. The same run or commit is enough; where
 * one of them names no commit, the repository is, with what else it says of it: the environment, the version, or a number for it.
 */
export function isOneRollout(a: TimelineEvent, b: TimelineEvent): boolean {
  if (!isOtherSource(a, b)) return false;
  const [one, other] = [a, b].map(revisionIn);
  if (sharedIds(a, b, isRunKey) || (one !== undefined && other !== undefined))
    return one === undefined || other === undefined || isSame(one, other);
  const repository = namedRepository(a);
  if (repository === undefined || repository.toLowerCase() !== namedRepository(b)?.toLowerCase()) return false;
  const environment = environmentOf(a);
  const name = nameIn(a);
  const isNumbered = [a, b].every(({ correlationKeys }) => correlationKeys.some((key) => isRunKey(key) || key.startsWith('deployment:')));
  return (environment !== '' && environment === environmentOf(b)) || (name !== undefined && name === nameIn(b)) || isNumbered;
}

/**
 * Two records of one commit are of two rollouts where their ids say so, their repositories (a fork has the commits of both), their
 * environments, or their versions. Runs and deployments are numbered apart: a run's attempt and a deployment may be one rollout, two
 * deployments are not.
 */
export function isOtherRollout(a: TimelineEvent, b: TimelineEvent): boolean {
  if (ID_KINDS.some((isOfKind) => sharedIds(a, b, isOfKind) === false)) return true;
  const repositories = new Set([a, b].flatMap((one) => namedRepository(one)?.toLowerCase() ?? []).filter((name) => name.includes('/')));
  if (repositories.size > 1) return true;
  const environments = new Set([a, b].map(environmentOf).filter((name) => name !== ''));
  const revisions = [a, b].map(revisionIn);
  const isOtherCommit = revisions[0] !== undefined && revisions[1] !== undefined && !isSame(revisions[0], revisions[1]);
  return environments.size > 1 || isOtherCommit;
}

const isRunKey = (key: string): boolean => key.startsWith('run:');
const isAttemptKey = (key: string): boolean => key.startsWith('deployment:') && /#\d+\.\d+$/.test(key);
/** A run's own number, that of one attempt of it (`55.1`), and a deployment's: each is only comparable with its like. */
const ID_KINDS = [isRunKey, isAttemptKey, (key: string) => key.startsWith('deployment:') && !isAttemptKey(key)];

/** Whether both have an id of a kind in common; nothing where one of them has none of this kind. */
function sharedIds(a: TimelineEvent, b: TimelineEvent, isOfKind: (key: string) => boolean): boolean | undefined {
  const own = a.correlationKeys.filter(isOfKind);
  const others = b.correlationKeys.filter(isOfKind);
  return own.length === 0 || others.length === 0 ? undefined : own.some((key) => others.includes(key));
}

/** Of two hashes, one of which may be cut short. */
export function isSame(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}

/** Whether two events were told by different sources; what the analysis found is a source of its own. */
export function isOtherSource({ provenance: a }: TimelineEvent, { provenance: b }: TimelineEvent): boolean {
  if ('rule' in a || 'rule' in b) return 'rule' in a !== 'rule' in b;
  return a.source !== b.source;
}

/** The commit that an event names, in lower case: whole, or as short as git prints it. */
function revisionIn({ correlationKeys, attributes }: TimelineEvent): string | undefined {
  const key = correlationKeys.find((one) => one.startsWith('sha:'))?.slice('sha:'.length);
  const said = key ?? ('vcs.ref.head.revision' in attributes ? attributes['vcs.ref.head.revision'] : undefined);
  return said !== undefined && (key !== undefined || HASH.test(said)) ? said.toLowerCase() : undefined;
}

/** The tag that was rolled out: a branch is no name of what went out. */
function nameIn({ attributes }: TimelineEvent): string | undefined {
  const name = 'vcs.ref.head.name' in attributes ? attributes['vcs.ref.head.name'] : undefined;
  return name !== undefined && /\d/.test(name) && !name.includes('/') ? name.toLowerCase() : undefined;
}

/** Empty where the sender did not say: that contradicts no environment. */
export function environmentOf({ attributes }: Pick<TimelineEvent, 'attributes'>): string {
  return 'deployment.environment.name' in attributes ? attributes['deployment.environment.name'].toLowerCase() : '';
}

/** `acme/api` of `github/repo:acme/api@production`: what belongs to a repository was written by the system that holds it. */
export function repositoryOf({ belongsTo }: Pick<RecordedEvent, 'belongsTo'>): string | undefined {
  const key = belongsTo.find((one) => one.includes('/repo:'));
  return key?.split('/repo:')[1]?.split('@')[0];
}

/** The repository of an event, though its sender only names it: by a link, or by the number of a deployment of it. */
export function namedRepository(event: Pick<RecordedEvent, 'belongsTo' | 'correlationKeys'>): string | undefined {
  const named = event.correlationKeys.find((key) => /^(?:repo|deployment|run):/.test(key));
  return repositoryOf(event) ?? named?.slice(named.indexOf(':') + 1).split('#')[0];
}
