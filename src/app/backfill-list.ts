import { atMost } from '../contract/calls.ts';
import type { Policy } from '../core/analysis/policy.ts';
import { ownerNameOf } from '../core/ownership.ts';
import { type Instant, instantAt } from '../core/time.ts';
import type { BackfillCase, BackfillListing, BackfillRequest } from './backfill-ports.ts';
import { openCircuit } from './circuit.ts';
import type { AppDeps } from './deps.ts';
import { AppError } from './errors.ts';
import { nextAsks } from './plan.ts';
import { type IncidentFact, incidentFacts, type PlanRead, type PlanState, wantedIncidents } from './plan-case.ts';
import type { EvidenceStore } from './ports.ts';
import { pullAsk } from './pull.ts';
import { startState } from './start.ts';

/** A list of months takes what the vendor's budget makes it take. */
const QUESTION_MS = 6 * 3_600_000;

/** What was found of a window: cases with the newest first, since a vendor forgets the oldest anyway, and CloudWatch soonest. */
export interface Listed {
  readonly cases: readonly BackfillCase[];
  readonly gaps: BackfillListing['gaps'];
  /** To plan a case with. */
  readonly state: PlanState;
}

/**
 * Lists the incidents of a window and says which become one draft. Nothing of it is stored: each draft reads its own incidents.
 * Throws AppError('config') with no source of incidents, AppError('unreadable') where none could be listed.
 */
export async function listCases(deps: AppDeps, request: BackfillRequest, takenAt: Instant, signal?: AbortSignal): Promise<Listed> {
  const { window, service } = request;
  const start = startState(deps, { select: { kind: 'window', window, ...(service !== undefined && { service }) } }, takenAt);
  const asks = nextAsks(start).filter(({ stream }) => stream === 'incidents');
  if (asks.length === 0) throw new AppError('config', 'no source with incidents is configured, or no service owns anything there');
  const { clock, log } = deps;
  const pull = { clock, log, evidence: FORGETFUL, run: 0, now: takenAt, circuit: openCircuit(), questionMs: QUESTION_MS };
  const answers = await Promise.all(asks.map((ask) => pullAsk({ ...pull, ...(signal && { signal }) }, deps.sources.open(ask.source), ask)));
  if (signal?.aborted) throw new AppError('interrupted', 'interrupted; run the same command again to go on');
  const gaps = answers.flatMap(({ pulled }) => pulled.gaps);
  const state: PlanState = { ...start, asked: asks, read: answers.flatMap(({ read }) => read) };
  const found = wantedIncidents(state);
  if (found.length === 0 && gaps.length > 0) throw new AppError('unreadable', `the incidents could not be listed: ${gaps[0]?.detail}`);
  const facts = incidentFacts(state.read);
  const known = found.flatMap((key) => facts.get(key) ?? []);
  return { cases: casesOf(known, request.join, (fact) => ownerNameOf(fact.belongsTo, state.services)), gaps, state };
}

/** Takes whatever is given and knows nothing. */
const FORGETFUL: Pick<EvidenceStore, 'keep' | 'mark' | 'resume' | 'read' | 'finishPull' | 'lastPull'> = {
  keep: async () => new Map(),
  mark: async () => undefined,
  resume: async () => undefined,
  read: async () => [],
  finishPull: async () => undefined,
  lastPull: async () => undefined,
};

/**
 * Which incidents become one draft, by `policy.join`: `merged`, those merged into one another, under the one that lives on;
 * `overlapping`, further those of one service that were open at one time, under the earliest; `none`, each its own.
 */
export function casesOf(
  facts: readonly IncidentFact[],
  join: Policy['join'],
  ownerOf: (fact: IncidentFact) => string | undefined,
): readonly BackfillCase[] {
  const byKey = new Map(facts.map((fact) => [fact.key, fact]));
  const roots = facts.map((fact) => ({ fact, root: join === 'none' ? fact.key : rootOf(fact, byKey) }));
  const merged = [...Map.groupBy(roots, ({ root }) => root)].map(([root, of]) =>
    groupOf(
      root,
      of.map(({ fact }) => fact),
      ownerOf,
    ),
  );
  const groups = join === 'overlapping' ? joinOverlapping(merged) : merged;
  return groups
    .map(({ keys, began }) => ({ keys, began }))
    .toSorted((a, b) => (a.began === b.began ? (a.keys[0] < b.keys[0] ? -1 : 1) : a.began < b.began ? 1 : -1));
}

/** What an incident was merged into at last. A ring of merges has no such one: the first of its keys stands for it. */
function rootOf(fact: IncidentFact, byKey: ReadonlyMap<string, IncidentFact>): string {
  const seen = new Set<string>([fact.key]);
  let root = fact.key;
  for (let next = fact.mergedInto; next !== undefined; next = byKey.get(next)?.mergedInto) {
    if (seen.has(next)) {
      const path = [...seen];
      return path.slice(path.indexOf(next)).toSorted()[0] ?? next;
    }
    seen.add(next);
    root = next;
  }
  return root;
}

interface Group extends BackfillCase {
  readonly ended: Instant;
  readonly owner: string | undefined;
}

const NEVER = instantAt(253_402_300_799_999);

function groupOf(root: string, facts: readonly IncidentFact[], ownerOf: (fact: IncidentFact) => string | undefined): Group {
  const others = facts.map(({ key }) => key).filter((key) => key !== root);
  const starts = facts.flatMap(({ triggeredAt }) => triggeredAt ?? []).toSorted();
  const ends = facts.map(({ status, triggeredAt, resolvedAt }) => (status === 'merged' ? triggeredAt : resolvedAt) ?? NEVER).toSorted();
  const main = facts.find(({ key }) => key === root) ?? facts[0];
  return {
    keys: [root, ...others.toSorted()],
    began: starts[0] ?? NEVER,
    ended: ends.at(-1) ?? NEVER,
    owner: main && ownerOf(main),
  };
}

function joinOverlapping(groups: readonly Group[]): readonly Group[] {
  const inOrder = groups.toSorted((a, b) => (`${a.began} ${a.keys[0]}` < `${b.began} ${b.keys[0]}` ? -1 : 1));
  const joined: Group[] = [];
  for (const group of inOrder) {
    const at = joined.findLastIndex(({ owner, ended }) => owner !== undefined && owner === group.owner && ended >= group.began);
    const before = joined[at];
    if (!before) joined.push(group);
    else
      joined[at] = {
        ...before,
        keys: [before.keys[0], ...before.keys.slice(1), ...group.keys],
        ended: before.ended > group.ended ? before.ended : group.ended,
      };
  }
  return joined;
}

/** Calls that the cases are about to take of each source, and the minutes that its budget makes of them. Counted for the first case, since they are alike. */
export function estimateCases(deps: AppDeps, { cases, state }: Listed): BackfillListing['estimate'] {
  const [first] = cases;
  if (!first) return [];
  const read: readonly PlanRead[] = state.read;
  const asks = nextAsks({ ...state, select: { kind: 'incident', keys: first.keys }, read, asked: state.asked });
  const calls = new Map<string, number>();
  for (const ask of asks) {
    const stream = deps.sources.connectorOf(ask.source)?.streams.find(({ spec }) => spec.id === ask.stream);
    const request = { ...ask, now: state.until, calls: atMost(Number.MAX_SAFE_INTEGER), signal: new AbortController().signal };
    calls.set(ask.source, (calls.get(ask.source) ?? 0) + (stream?.estimate(request).requests ?? 0));
  }
  return [...calls].map(([source, each]) => {
    const perMinute = deps.sources.connectorOf(source)?.limits.requestsPerMinute ?? 1;
    return { source, calls: each * cases.length, minutes: Math.ceil((each * cases.length) / perMinute) };
  });
}
