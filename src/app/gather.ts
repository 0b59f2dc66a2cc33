import type { ServiceConfig } from '../core/case.ts';
import type { Json } from '../core/evidence.ts';
import { ownerNameOf } from '../core/ownership.ts';
import { isLeaf, MAX_ROUNDS, nextAsks, type PlannedGap, planGaps } from './plan.ts';
import { alarmName, combinedAlarms, namedAlarms } from './plan-alarms.ts';
import { incidentFacts, type PlanRead, type PlanService, type PlanState, readBy, wantedIncidents } from './plan-case.ts';
import type { Ask, Sources } from './ports.ts';
import type { Answered } from './pull.ts';

/** All that a run read, with the state in which the plan stopped. */
export interface Gathered {
  readonly state: PlanState;
  /** In the order of rounds, and inside a round of the plan: the same answers give the same list. */
  readonly answers: readonly Answered[];
  /** The configured services, and those that a first run without any draws from the incident's own record. */
  readonly services: readonly ServiceConfig[];
  readonly gaps: readonly PlannedGap[];
  /** Why the account of an alarm that a page names could not be read. */
  readonly unfollowed: readonly { readonly arn: string; readonly why: string }[];
}

/** Times that an incident is followed to those that it was merged with without a round of the plan being lost by it. */
const MAX_FOLLOWED = 4;

/** Asks in rounds until nothing is left to ask or the rounds are over. `answer` pulls, or reads the store. */
export async function gather(
  start: PlanState,
  configured: readonly ServiceConfig[],
  sources: Sources,
  answer: (ask: Ask) => Promise<Answered>,
  follows: boolean,
): Promise<Gathered> {
  let state = start;
  let services = configured;
  const asked: Asked[] = [];
  const unfollowed = new Map<string, string>();
  for (let round = 1, followed = 0, known = 0; round <= MAX_ROUNDS; round += 1) {
    const asks = nextAsks(state);
    if (asks.length === 0) break;
    const incidents = state.select.kind === 'incident' ? wantedIncidents(state).length : 0;
    if (round > 1 && followed < MAX_FOLLOWED && incidents > known) {
      followed += 1;
      round -= 1;
    }
    known = incidents;
    asked.push(...askRound(asks, answer));
    const read = await readOf(asked.filter(({ ask }) => !isLeaf(ask)));
    state = { ...state, asked: [...state.asked, ...asks], read: readBy(read, state) };
    services = implyServices(state, services, sources);
    const alarmSources = coverAlarms(state, sources, follows, unfollowed);
    services = ownFollowed(services, configured, alarmSources, sources);
    state = { ...state, alarmSources, services: planServices(services, sources), sources: planSources(sources) };
  }
  state = { ...state, read: readBy(await readOf(asked), state) };
  const answers = await Promise.all(asked.map(({ answered }) => answered));
  const gaps = planGaps(state);
  return { state, answers, services, gaps, unfollowed: [...unfollowed].map(([arn, why]) => ({ arn, why })) };
}

interface Asked {
  readonly ask: Ask;
  readonly answered: Promise<Answered>;
}

/** Puts a round's questions, in the plan's order but for the leaves: those that a next round hangs on go first in the queue. */
function askRound(asks: readonly Ask[], answer: (ask: Ask) => Promise<Answered>): readonly Asked[] {
  const first = asks.filter((ask) => !isLeaf(ask)).map((ask) => ({ ask, answered: answer(ask) }));
  const leaves = asks.filter(isLeaf).map((ask) => ({ ask, answered: answer(ask) }));
  // Where another question's failure ends the run, nobody waits for these.
  for (const { answered } of leaves) answered.catch(() => undefined);
  const put = [...first, ...leaves];
  return asks.flatMap((ask) => put.filter((one) => one.ask === ask));
}

async function readOf(asked: readonly Asked[]): Promise<readonly PlanRead[]> {
  return (await Promise.all(asked.map(({ answered }) => answered))).flatMap(({ read }) => read);
}

/** The services as the plan sees them: what they own, read as claims by each source's connector. */
export function planServices(services: readonly ServiceConfig[], sources: Pick<Sources, 'connectorOf'>): readonly PlanService[] {
  return services.map(({ name, owns, depends_on }) => ({
    name,
    dependsOn: depends_on,
    scopes: owns,
    owns: Object.entries(owns).flatMap(([source, scope]) => sources.connectorOf(source)?.claims(source, scope) ?? []),
  }));
}

/** The sources as the plan sees them, by name. */
export function planSources(sources: Sources): PlanState['sources'] {
  return sources.names.toSorted().map((name) => ({ name, streams: sources.connectorOf(name)?.streams.map(({ spec }) => spec.id) ?? [] }));
}

/** A service for an incident that no configured one owns: named as its vendor names it, owning what its record belongs to. */
function implyServices(state: PlanState, services: readonly ServiceConfig[], sources: Sources): readonly ServiceConfig[] {
  const facts = incidentFacts(state.read);
  const all = [...services];
  for (const key of wantedIncidents(state)) {
    const fact = facts.get(key);
    const source = key.split('/')[0] ?? '';
    if (!fact || ownerNameOf(fact.belongsTo, planServices(all, sources)) !== undefined) continue;
    const scope = scopeFor(source, fact.belongsTo, sources);
    if (scope === undefined) continue;
    const name = fact.serviceName ?? fact.belongsTo[0] ?? key;
    const isTaken = all.some((service) => service.name === name);
    all.push({ name: isTaken ? `${name} (${source})` : name, owns: { [source]: scope }, depends_on: [] });
  }
  return all;
}

function scopeFor(source: string, keys: readonly string[], sources: Sources): Json | undefined {
  const scope: unknown = sources.connectorOf(source)?.scopeFor?.(source, keys);
  if (scope === undefined) return undefined;
  const json: Json = JSON.parse(JSON.stringify(scope));
  return json;
}

/** Which source answers for each alarm that a page names; where none does, one is followed if credentials are at hand. */
function coverAlarms(state: PlanState, sources: Sources, follows: boolean, unfollowed: Map<string, string>): PlanState['alarmSources'] {
  const covered: Record<string, string> = {};
  for (const arn of [...namedAlarms(state.read), ...combinedAlarms(state.read)]) {
    const followed = sources.covering(arn) ?? (follows ? sources.follow(arn) : { why: 'it is not configured' });
    if (typeof followed === 'string') covered[arn] = followed;
    else if ('source' in followed) covered[arn] = followed.source.name;
    else unfollowed.set(arn, followed.why);
  }
  return covered;
}

/** What an implied service owns at a source that only the pages' alarms led to: those alarms. */
function ownFollowed(
  services: readonly ServiceConfig[],
  configured: readonly ServiceConfig[],
  alarmSources: PlanState['alarmSources'],
  sources: Sources,
): readonly ServiceConfig[] {
  const [implied, ...others] = services.slice(configured.length);
  if (!implied) return services;
  const bySource = Map.groupBy(Object.keys(alarmSources), (arn) => alarmSources[arn] ?? '');
  const owns = [...bySource].flatMap(([source, arns]) => {
    const scope = scopeFor(
      source,
      arns.map((arn) => `${source}/alarm:${alarmName(arn)}`),
      sources,
    );
    return scope === undefined ? [] : [[source, scope] as const];
  });
  const grown = { ...implied, owns: { ...Object.fromEntries(owns), ...implied.owns } };
  return [...services.slice(0, configured.length), grown, ...others];
}
