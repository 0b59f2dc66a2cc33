import type { Json } from '../core/evidence.ts';
import { ownerNameOf } from '../core/ownership.ts';
import type { Instant } from '../core/time.ts';
import { nearServices, type PlanCase, type PlanState } from './plan-case.ts';
import type { Ask } from './ports.ts';
import { emptyScope } from './scope.ts';

/** A comparison carries all patches of a pair; twenty say what was rolled out in a day, and more would cost more than they tell. */
const MAX_PAIRS = 20;
const MAX_STATUSES = 100;
const MAX_COMMITS = 20;

/** What was left unasked, in words for the coverage table. */
export interface Left {
  readonly source: string;
  readonly stream: string;
  readonly detail: string;
}

/** What is to be asked, and what was left out for want of a budget. */
export interface Wanted {
  readonly asks: readonly Ask[];
  readonly left: readonly Left[];
}

interface Deployed {
  readonly source: string;
  /** `deployment:acme/api#1305550234`. */
  readonly key: string;
  readonly repository: string;
  readonly environment: string;
  readonly revision: string;
  readonly at: Instant;
  readonly owner: string;
  /** Its record does not say how it ended: its statuses do. */
  readonly isOpen: boolean;
}

interface Pair {
  readonly source: string;
  readonly repository: string;
  readonly base: string;
  readonly head: string;
  readonly at: Instant;
}

/** Owned deployments, oldest first. One record may tell its start and its end: the earliest counts. */
function deploymentsOf({ read, services }: PlanState): readonly Deployed[] {
  const events = read
    .filter(({ stream }) => stream === 'deployments' || stream === 'workflow_runs')
    .flatMap(({ source, stream, events }) => events.map((event) => ({ source, isOpen: stream === 'deployments', event })));
  const found = events.flatMap(({ source, isOpen, event }) => {
    if (event.type !== 'deployment.started' && event.type !== 'deployment.succeeded' && event.type !== 'deployment.failed') return [];
    const key = event.correlationKeys.find((key) => key.startsWith('deployment:'));
    const owner = ownerNameOf(event.belongsTo, services);
    const { 'deployment.environment.name': environment, 'vcs.ref.head.revision': revision } = event.attributes;
    if (key === undefined || owner === undefined || revision === undefined) return [];
    return [
      {
        source,
        key,
        repository: key.slice('deployment:'.length).split('#')[0] ?? '',
        environment,
        revision,
        at: event.time.at,
        owner,
        isOpen,
      },
    ];
  });
  const ordered = found.toSorted((a, b) => compare(a.at, b.at) || compare(a.key, b.key));
  return [...new Map(ordered.toReversed().map((deployed) => [deployed.key, deployed])).values()].toReversed();
}

/** Releases of repositories that told no deployment, by what names their commits: they are what is rolled out there. */
function releasesOf({ read, services }: PlanState, deployed: readonly Deployed[]): readonly Deployed[] {
  const places = new Set(deployed.map(({ source, repository }) => `${source} ${repository}`));
  const events = read.flatMap(({ source, events }) => events.map((event) => ({ source, event })));
  const found = events.flatMap(({ source, event }) => {
    if (event.type !== 'release.published') return [];
    const repository = event.belongsTo.find((key) => key.startsWith(`${source}/repo:`))?.slice(`${source}/repo:`.length);
    const owner = ownerNameOf(event.belongsTo, services);
    if (repository === undefined || owner === undefined || places.has(`${source} ${repository}`)) return [];
    const revision = event.correlationKeys.find((key) => key.startsWith('sha:'))?.slice('sha:'.length) ?? event.attributes['release.tag'];
    return [{ source, key: event.id, repository, environment: '', revision, at: event.time.at, owner, isOpen: false }];
  });
  return found.toSorted((a, b) => compare(a.at, b.at) || compare(a.key, b.key));
}

/** For each repository and environment: what was deployed in the window, and the newest before it. */
function deployedLines(state: PlanState, { windows }: PlanCase): readonly (readonly Deployed[])[] {
  const deployed = deploymentsOf(state);
  const all = [...deployed, ...releasesOf(state, deployed)];
  const lines = Map.groupBy(all, ({ source, repository, environment }) => `${source} ${repository} ${environment}`);
  return [...lines]
    .toSorted(([a], [b]) => compare(a, b))
    .map(([, line]) => {
      const before = line.findLast(({ at }) => at < windows.changes.from);
      return [...(before ? [before] : []), ...line.filter(({ at }) => at >= windows.changes.from && at < windows.changes.to)];
    });
}

/** The statuses of every deployment that counts, where its list did not hold them: the finish of each is only there. */
export function askStatuses(state: PlanState, theCase: PlanCase, scopeAt: (source: string) => Json): Wanted {
  const near = new Set(nearServices(state, theCase).map(({ name }) => name));
  const told = withStatuses(state);
  const all = deployedLines(state, theCase)
    .flat()
    .filter(({ source, key, isOpen }) => isOpen && !told.has(`${source} ${key}`))
    .toSorted((a, b) => Number(near.has(b.owner)) - Number(near.has(a.owner)) || compare(b.at, a.at) || compare(a.key, b.key));
  return keyed(all, MAX_STATUSES, theCase, scopeAt, 'deployment_statuses', ({ key }) => key);
}

/** Deployments whose statuses came with another stream's answer: as events, or as a record that says it nests them all. */
function withStatuses({ read }: PlanState): ReadonlySet<string> {
  return new Set(
    read.flatMap(({ source, stream, events, facts }) => [
      ...(stream === 'deployment_statuses' ? events : []).flatMap(({ correlationKeys }) =>
        correlationKeys.map((key) => `${source} ${key}`),
      ),
      ...facts.flatMap((fact) => (fact.kind === 'nested' && fact.stream === 'deployment_statuses' ? [`${source} ${fact.key}`] : [])),
    ]),
  );
}

/**
 * Comparisons of each pair of neighboring deployed revisions of the subject and what it depends on, and of the newest
 * deployed revision with the newest change merged after it: "merged, not yet deployed" carries the diff of the fix. Once
 * statuses tell that a deployment failed, what came after it is compared with the last that succeeded too.
 */
export function askComparisons(state: PlanState, theCase: PlanCase, scopeAt: (source: string) => Json): Wanted {
  const pairs = [...neighbors(state, theCase), ...notYetDeployed(state, theCase)];
  const distinct = [...new Map(pairs.map((pair) => [compareKey(pair), pair])).values()];
  const newest = distinct.toSorted((a, b) => compare(b.at, a.at) || compare(compareKey(a), compareKey(b)));
  return keyed(newest, MAX_PAIRS, theCase, scopeAt, 'comparisons', compareKey);
}

function compareKey({ repository, base, head }: Pair): string {
  return `compare:${repository}#${base}...${head}`;
}

function nearLines(state: PlanState, theCase: PlanCase): readonly (readonly Deployed[])[] {
  const near = new Set(nearServices(state, theCase).map(({ name }) => name));
  return deployedLines(state, theCase).map((line) => line.filter(({ owner }) => near.has(owner)));
}

function neighbors(state: PlanState, theCase: PlanCase): readonly Pair[] {
  const failed = failedDeployments(state);
  return nearLines(state, theCase).flatMap((line) =>
    line.slice(1).flatMap((head, index) => {
      const before = line.slice(0, index + 1);
      const bases = new Set([before.at(-1)?.revision, before.findLast(({ key }) => !failed.has(key))?.revision]);
      return [...bases].flatMap((base) => {
        if (base === undefined || base === head.revision) return [];
        return [{ source: head.source, repository: head.repository, base, head: head.revision, at: head.at }];
      });
    }),
  );
}

/** Streams that say how a deployment ended. */
const ENDS: ReadonlySet<string> = new Set(['deployment_statuses', 'workflow_runs']);

/** The deployments of which a status says that they failed, and none that they succeeded. */
function failedDeployments({ read }: PlanState): ReadonlySet<string> {
  const told = read.filter(({ stream }) => ENDS.has(stream)).flatMap(({ events }) => events);
  const keysOf = (type: string) => told.filter((event) => event.type === type).flatMap(({ correlationKeys }) => correlationKeys);
  const succeeded = new Set(keysOf('deployment.succeeded'));
  return new Set(keysOf('deployment.failed').filter((key) => key.startsWith('deployment:') && !succeeded.has(key)));
}

function notYetDeployed(state: PlanState, theCase: PlanCase): readonly Pair[] {
  return nearLines(state, theCase).flatMap((line) => {
    // A rollback deploys an old revision again: the newest in history is the one whose first deployment is the latest.
    const first = [...new Map(line.toReversed().map((deployed) => [deployed.revision, deployed])).values()];
    const newest = first.toSorted((a, b) => compare(a.at, b.at)).at(-1);
    if (!newest) return [];
    const head = mergesOf(state, newest.source, newest.repository)
      .filter(
        ({ at, revision }) => at > newest.at && at < theCase.windows.changes.to && !line.some((deployed) => deployed.revision === revision),
      )
      .toSorted((a, b) => compare(a.at, b.at) || compare(a.revision, b.revision))
      .at(-1);
    return head ? [{ source: newest.source, repository: newest.repository, base: newest.revision, head: head.revision, at: head.at }] : [];
  });
}

function mergesOf({ read }: PlanState, source: string, repository: string): readonly { readonly at: Instant; readonly revision: string }[] {
  const events = read.filter((one) => one.source === source && one.stream === 'changes').flatMap(({ events }) => events);
  return events.flatMap((event) =>
    event.type === 'change.merged' && event.belongsTo.includes(`${source}/repo:${repository}`)
      ? [{ at: event.time.at, revision: event.attributes['vcs.ref.head.revision'] }]
      : [],
  );
}

/** A release is told by its tag, of which only a comparison says the commits. */
const SHA = /^[0-9a-f]{40}$/;

/** The pull requests of deployed revisions that no listing gave: they were merged before the window. */
export function askDeployedChanges(state: PlanState, theCase: PlanCase, scopeAt: (source: string) => Json): Wanted {
  const known = knownRevisions(state);
  const heads = neighbors(state, theCase).filter(({ head }) => !known.has(head) && SHA.test(head));
  return keyed(distinctHeads(heads), MAX_PAIRS, theCase, scopeAt, 'changes', shaKey);
}

/** The pull requests of commits that a comparison gave and that still have none. Asked for once: what is then left is said. */
export function askCommitChanges(state: PlanState, theCase: PlanCase, scopeAt: (source: string) => Json): Wanted {
  const known = knownRevisions(state);
  const asked = new Set(state.asked.flatMap(({ keys }) => keys));
  const commits = state.read
    .filter(({ stream }) => stream === 'comparisons')
    .flatMap(({ source, facts }) => facts.filter((fact) => fact.kind === 'comparison').map((fact) => ({ source, fact })))
    .flatMap(({ source, fact }) => {
      const repository = /compare:([^#]+)#/.exec(fact.key)?.[1] ?? '';
      return fact.commits.map((head) => ({ source, repository, head }));
    });
  const missing = distinctHeads(commits.filter((commit) => !known.has(commit.head) && !asked.has(shaKey(commit))));
  const heads = new Set(neighbors(state, theCase).map(shaKey));
  const isDone = commits.some((commit) => asked.has(shaKey(commit)) && !heads.has(shaKey(commit)));
  return keyed(missing, isDone ? 0 : MAX_COMMITS, theCase, scopeAt, 'changes', shaKey);
}

type Commit = Pick<Pair, 'source' | 'repository' | 'head'>;

function shaKey({ repository, head }: Commit): string {
  return `sha:${head}@${repository}`;
}

function distinctHeads(commits: readonly Commit[]): readonly Commit[] {
  return [...new Map(commits.map((commit) => [shaKey(commit), commit])).values()].toSorted((a, b) => compare(shaKey(a), shaKey(b)));
}

function knownRevisions({ read }: PlanState): ReadonlySet<string> {
  const facts = read.flatMap(({ facts }) => facts).flatMap((fact) => (fact.kind === 'change' ? fact.revisions : []));
  const events = read
    .flatMap(({ events }) => events)
    .flatMap((event) => (event.type === 'change.merged' ? [event.attributes['vcs.ref.head.revision']] : []));
  return new Set([...facts, ...events]);
}

/** One ask a source for the first `most` of the things, by their keys; the rest is left, and said. */
function keyed<Thing extends { readonly source: string }>(
  things: readonly Thing[],
  most: number,
  { windows }: PlanCase,
  scopeAt: (source: string) => Json,
  stream: string,
  keyOf: (thing: Thing) => string,
): Wanted {
  const bySource = [...Map.groupBy(things, ({ source }) => source)].toSorted(([a], [b]) => compare(a, b));
  const asks = bySource.map(([source, own]) => {
    const keys = own.slice(0, most).map(keyOf).toSorted();
    return { source, stream, window: windows.changes, keys, scope: emptyScope(scopeAt(source)) };
  });
  const left = bySource.filter(([, own]) => own.length > most);
  return {
    asks: asks.filter(({ keys }) => keys.length > 0),
    left: left.map(([source, own]) => ({ source, stream, detail: `${own.length - most} more were not asked for: the newest come first` })),
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
