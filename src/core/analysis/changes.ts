import type { Case } from '../case.ts';
import type { Citation, Citations } from '../citation.ts';
import type { EventOf, RecordedEvent } from '../events.ts';
import { ownerOf } from '../ownership.ts';
import type { Moment } from '../time.ts';
import type { Belonging } from '../timeline/entry.ts';
import { compare } from '../timeline/order.ts';
import { namedRepository, repositoryOf } from '../timeline/rollout-joins.ts';
import { type Comparison, comparisonOf, pullsOf, pullsWith } from './change-facts.ts';
import { placeHeard } from './heard-changes.ts';
import { eventsOf } from './joined.ts';
import { type LoneRollout, loneRollouts } from './lone-rollouts.ts';
import { type Candidate, reversedBy, saysWentBack, type TakenBack, undoneBy } from './reversals.ts';
import { type DeploymentEvent, groupRollouts, isDeployment, type Rollout, stepsOf } from './rollouts.ts';
import { isSetting, type Setting, settingsOf, shareIn } from './settings.ts';

/** One rollout, however many events and facts speak of it: its start, end, revisions, pull requests, files and steps. */
export interface Change {
  /** `github/deployment:DE_kw…`, `flags/flag:new-cache@3`: stable, since suspects and judgments name it. */
  readonly key: string;
  readonly kind: 'deployment' | 'release' | 'merge' | 'flag' | 'config';
  readonly belongs: Belonging;
  readonly began: Moment;
  readonly ended?: Moment;
  readonly outcome: 'succeeded' | 'failed' | 'running' | 'not_reported';
  readonly environment?: string;
  /** Whether users meet that environment, where its creator said so and the name does not. */
  readonly production?: boolean;
  readonly revision?: { readonly from?: string; readonly to: string };
  /** The tag or branch that was rolled out, as people say it: `v2.3.4`. */
  readonly ref?: string;
  /** The source and repository it was rolled out from: `github/acme/api`. */
  readonly place?: string;
  readonly pullRequests: readonly { readonly number: number; readonly title: string; readonly url: string }[];
  readonly files: readonly string[];
  /** The change that this one takes back: an earlier revision deployed again, or a revert. */
  readonly reverses?: string;
  /** The rollback that this one undoes: it brings back the revision that the rollback had replaced. */
  readonly restores?: string;
  /** When a further part of the traffic got it, oldest first, where its record tells of more than one step: a canary, a flag by percent. */
  readonly steps?: readonly Step[];
  /** The first is the event that began it; the event that ended it, where one did, is among them. */
  readonly cites: Citations;
}

/** One step of a rollout: from when on, and for which share of the traffic, of 1, where its record says it. */
export interface Step {
  readonly at: Moment;
  readonly share?: number;
}

type ChangeCase = Pick<Case, 'events' | 'facts' | 'services' | 'subject'>;

/**
 * Every change that the case knows, oldest first. A release or a merge is a change of its own only where its repository
 * reports no deployment (and for a merge no release): else the rollout that carries it is the change, and naming both would
 * make two suspects of one.
 */
export function changesOf(theCase: ChangeCase): readonly Change[] {
  const { rollouts, alone } = groupRollouts(theCase.events);
  const deployed = new Set(rollouts.map(({ repository }) => repository));
  const releases = eventsOf(theCase.events, 'release.published').filter((event) => !deployed.has(repositoryOf(event)));
  const released = new Set(releases.map(repositoryOf));
  const merges = eventsOf(theCase.events, 'change.merged').filter((event) => {
    const repository = repositoryOf(event);
    return !deployed.has(repository) && !released.has(repository);
  });
  const candidates = [
    ...rollouts.map((rollout) => toCandidate(rollout, theCase)),
    ...settingsOf(alone.filter(isSetting)).map((setting) => settingCandidate(setting, theCase)),
    ...loneRollouts(alone.filter(isDeployment)).map((rollout) => loneCandidate(rollout, theCase)),
    ...releases.map((event) => releaseCandidate(event, theCase)),
    ...merges.map((event) => mergeCandidate(event, theCase)),
  ].toSorted((a, b) => compare(a.change.began.at, b.change.began.at) || compare(a.change.key, b.change.key));
  return joinNeighbors(placeHeard(candidates), theCase);
}

/** Gives each change what only its predecessors tell: the revision before, what lies between, and what it takes back. */
function joinNeighbors(candidates: readonly Candidate[], { facts }: ChangeCase): readonly Change[] {
  const done: Candidate[] = [];
  for (const candidate of candidates) {
    const complete = withContents(candidate, done, facts);
    const taken = reversedBy(complete, done, facts);
    const undone = taken === undefined ? undoneBy(complete, done) : undefined;
    done.push(taken === undefined ? withRestored(complete, undone) : asReversal(complete, taken));
  }
  return done.map(({ change }) => change);
}

function withRestored(candidate: Candidate, undone: string | undefined): Candidate {
  return undone === undefined ? candidate : { ...candidate, change: { ...candidate.change, restores: undone } };
}

/** An earlier revision that is out again brings nothing new, whatever pull requests once made it. */
function asReversal(candidate: Candidate, { key, by }: TakenBack): Candidate {
  const change = { ...candidate.change, reverses: key };
  return by === 'revert' ? { ...candidate, change } : { ...candidate, commits: [], change: { ...change, pullRequests: [], files: [] } };
}

/** What ran before in the same place: the last that succeeded; of a place that reports no outcomes, the last that was rolled out. */
function baseOf({ change }: Candidate, earlier: readonly Candidate[]): Candidate | undefined {
  const lane = earlier.filter((other) => other.change.place === change.place && isSameEnvironment(other, change));
  const last = (outcome: Change['outcome']) => lane.findLast((other) => other.change.outcome === outcome);
  return last('succeeded') ?? last('not_reported');
}

function withContents(candidate: Candidate, earlier: readonly Candidate[], facts: Case['facts']): Candidate {
  const { change, source, repository } = candidate;
  const to = change.revision?.to;
  if (change.place === undefined || to === undefined) return candidate;
  const from = baseOf(candidate, earlier)?.change.revision?.to;
  const comparison = repository === undefined || from === undefined ? undefined : comparisonOf(facts, source, repository, from, to);
  const commits = commitsOf(candidate, earlier, comparison);
  const pulls = repository === undefined ? [] : pullsWith(pullsOf(facts, source, repository), commits);
  const evidence = [...(comparison?.evidence ?? []), ...pulls.map((pull) => pull.evidence)].map((id): Citation => ({ evidence: id }));
  return {
    ...candidate,
    commits,
    change: {
      ...change,
      revision: { ...(from !== undefined && { from }), to },
      pullRequests: pulls.map(({ number, title, url }) => ({ number, title, url })),
      files: comparison?.files ?? filesOf(pulls),
      cites: [...change.cites, ...evidence],
    },
  };
}

/** What a change brought: the commits between; without a comparison its own. Going back or nowhere brings nothing. */
function commitsOf({ change, commits }: Candidate, earlier: readonly Candidate[], comparison: Comparison | undefined): readonly string[] {
  if (comparison?.status === 'behind' || comparison?.status === 'identical') return [];
  const to = change.revision?.to;
  const ran = earlier.some(
    (other) => other.change.place === change.place && isSameEnvironment(other, change) && other.change.revision?.to === to,
  );
  if (comparison === undefined && ran) return [];
  return [...new Set([...(comparison?.commits ?? []), ...commits])];
}

function isSameEnvironment(other: Candidate, { environment }: Change): boolean {
  return other.change.environment === environment;
}

function filesOf(pulls: ReturnType<typeof pullsWith>): readonly string[] {
  return [...new Set(pulls.flatMap(({ files }) => (files ?? []).map(({ path }) => path)))].toSorted(compare);
}

function toCandidate(rollout: Rollout, { services, subject }: ChangeCase): Candidate {
  const { own, events, echoes, repository } = rollout;
  const started = own.find((event) => event.type === 'deployment.started' && event.timeMeaning === 'started');
  const began = started ?? own[0];
  const ended = endOf(own) ?? endOf(events);
  const { source } = own[0].provenance;
  const said = detailsOf([...own, ...events]);
  const cited = [...new Set([began, ...(ended ? [ended] : []), ...events, ...echoes].map(({ id }) => id))];
  const change: Change = {
    key: rollout.key,
    kind: 'deployment',
    belongs: ownerOf([...new Set(events.flatMap(({ belongsTo }) => belongsTo))], services, subject),
    began: began.time,
    ...(ended && { ended: ended.time }),
    outcome: ended ? (ended.type === 'deployment.failed' ? 'failed' : 'succeeded') : started ? 'running' : 'not_reported',
    ...said.change,
    ...(repository && { place: `${source}/${repository}` }),
    pullRequests: [],
    files: [],
    ...stepsOf(own),
    cites: [{ event: began.id }, ...cited.slice(1).map((event): Citation => ({ event }))],
  };
  const heard = heardOf(own[0]);
  const { commits, isCalledRollback: isBack } = said;
  return { change, source, ...(repository && { repository }), commits, isCalledRollback: isBack, ...heard };
}

/** Of what belongs to no repository: where another system says that it was. */
function heardOf(event: DeploymentEvent): Pick<Candidate, 'heard'> {
  if (repositoryOf(event) !== undefined) return {};
  const repository = namedRepository(event);
  const [place, ...others] = event.belongsTo;
  const text = event.attributes['deployment.description'];
  return {
    heard: { ...(repository && { repository }), ...(place !== undefined && others.length === 0 && { place }), ...(text && { text }) },
  };
}

const ROLLBACK = /\broll(?:ing|ed|s)?[\s_-]?back\b/i;

function isCalledRollback({ attributes, ...event }: DeploymentEvent): boolean {
  const description = attributes['deployment.description'] ?? '';
  // A sentence about a rollout may speak of a rollback for many reasons; a task may not.
  const isSaid = repositoryOf(event) === undefined ? saysWentBack(description) : ROLLBACK.test(description);
  return isSaid || ROLLBACK.test(attributes['deployment.task'] ?? '');
}

/** What any of a rollout's events says of it: one record names the commit, another only the environment. */
function detailsOf(events: readonly DeploymentEvent[]) {
  const attributes = events.map((event) => event.attributes);
  const environment = attributes[0]?.['deployment.environment.name'];
  const production = attributes.map((one) => one['deployment.environment.production']).find((stated) => stated !== undefined);
  const to = attributes.map((one) => one['vcs.ref.head.revision']).find((revision) => revision !== undefined);
  const ref = attributes.map((one) => one['vcs.ref.head.name']).find((name) => name !== undefined);
  return {
    change: {
      ...(environment && { environment }),
      ...(production !== undefined && { production }),
      ...(to !== undefined && { revision: { to } }),
      ...(ref !== undefined && { ref }),
    },
    commits: to === undefined ? [] : [to],
    isCalledRollback: events.some(isCalledRollback),
  };
}

/** The last success; where there is none the last failure. */
function endOf(events: readonly DeploymentEvent[]): DeploymentEvent | undefined {
  return events.findLast(({ type }) => type === 'deployment.succeeded') ?? events.findLast(({ type }) => type === 'deployment.failed');
}

/** What stands alone and is of a flag or a configuration: its steps are one change, named after the first. */
function settingCandidate({ events, kind, key, value }: Setting, theCase: ChangeCase): Candidate {
  const [first] = events;
  const last = events.at(-1) ?? first;
  const { source, nativeId } = first.provenance;
  const steps = events.flatMap(({ time, attributes }): readonly Step[] => {
    const share = shareIn(attributes.value);
    return [{ at: time, ...(share !== undefined && { share }) }];
  });
  const change: Change = {
    ...instantaneous(first, `${source}/${kind}:${key}@${nativeId}`, kind, theCase),
    ended: last.time,
    ...(steps.length > 1 && { steps }),
    cites: [{ event: first.id }, ...events.slice(1).map(({ id }): Citation => ({ event: id }))],
  };
  return { change, source, commits: [], setting: { key, value } };
}

/** A deployment that only another system heard of: that it began, that it ended, or both. */
function loneCandidate([event, end]: LoneRollout, theCase: ChangeCase): Candidate {
  const { source, nativeId } = event.provenance;
  const { ended: _, ...base } = instantaneous(event, `${source}/deployment:${nativeId}`, 'deployment', theCase);
  const { change, ...said } = detailsOf(end ? [event, end] : [event]);
  const repository = repositoryOf(event);
  const last = end ?? event;
  const outcome = last.type === 'deployment.started' ? 'running' : last.type === 'deployment.failed' ? 'failed' : 'succeeded';
  const ended = outcome === 'running' ? {} : { ended: last.time };
  const cites: Citations = [{ event: event.id }, ...(end ? [{ event: end.id }] : [])];
  return {
    change: { ...base, ...change, ...ended, outcome, cites, ...(repository && { place: `${source}/${repository}` }) },
    source,
    ...(repository && { repository }),
    ...said,
    ...heardOf(event),
  };
}

function releaseCandidate(event: EventOf<'release.published'>, theCase: ChangeCase): Candidate {
  const { source } = event.provenance;
  const repository = repositoryOf(event);
  const tag = event.attributes['release.tag'];
  const revision = event.correlationKeys.find((key) => key.startsWith('sha:'))?.slice('sha:'.length) ?? tag;
  const base = instantaneous(event, `${source}/release:${repository ? `${repository}@` : ''}${tag}`, 'release', theCase);
  const change = { ...base, revision: { to: revision }, ref: tag, ...(repository && { place: `${source}/${repository}` }) };
  return { change, source, ...(repository && { repository }), commits: [revision] };
}

function mergeCandidate(event: EventOf<'change.merged'>, theCase: ChangeCase): Candidate {
  const { source } = event.provenance;
  const repository = repositoryOf(event);
  const { 'vcs.change.id': id, 'vcs.ref.head.revision': to } = event.attributes;
  const base = instantaneous(event, `${source}/pull:${repository ? `${repository}#` : ''}${id}`, 'merge', theCase);
  const change = { ...base, revision: { to }, ...(repository && { place: `${source}/${repository}` }) };
  return { change, source, ...(repository && { repository }), commits: [to] };
}

/** What has one time only: it began and was done in that moment. */
function instantaneous(event: RecordedEvent, key: string, kind: Change['kind'], { services, subject }: ChangeCase): Change {
  return {
    key,
    kind,
    belongs: ownerOf(event.belongsTo, services, subject),
    began: event.time,
    ended: event.time,
    outcome: 'succeeded',
    pullRequests: [],
    files: [],
    cites: [{ event: event.id }],
  };
}
