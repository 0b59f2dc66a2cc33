import type { Case } from '../case.ts';
import type { EventOf, RecordedEvent } from '../events.ts';
import { addMs, epochMs, type Moment } from '../time.ts';
import { compare, orderEvents } from '../timeline/order.ts';
import { isOneRollout, isOtherRollout, repositoryOf, rolloutKeysOf } from '../timeline/rollout-joins.ts';
import { saysStopped } from './stop-words.ts';
import { percentIn } from './switches.ts';

/** A step of a deployment. */
export type DeploymentEvent = EventOf<'deployment.started' | 'deployment.succeeded' | 'deployment.failed'>;

/** Every event that speaks of one rollout, in the order of the timeline; `own` are those of the system that rolled out. */
export interface Rollout {
  readonly key: string;
  readonly events: readonly [DeploymentEvent, ...DeploymentEvent[]];
  readonly own: readonly [DeploymentEvent, ...DeploymentEvent[]];
  /** Other systems' records of the same happening, of any type: a change event in the pager, say. */
  readonly echoes: readonly RecordedEvent[];
  readonly repository?: string;
}

/** The stream of the rollout's own record: its native id names the rollout. */
const RECORD_STREAM = 'deployments';
/** An echo without the rollout's key is of it where it names the same commit within this time of it. */
const ECHO_MS = 900_000;
const HOUR_MS = 3_600_000;

/** The rollouts of the case and what no rollout explains: change events of other systems that stand alone. */
export function groupRollouts(events: Case['events']): { readonly rollouts: readonly Rollout[]; readonly alone: readonly RecordedEvent[] } {
  const ordered = orderEvents(events.filter(isChangeEvent)).filter((event): event is RecordedEvent => !('rule' in event.provenance));
  const grouped = Map.groupBy(ordered.filter(isDeployment), deploymentKeyOf);
  const keyless = grouped.get(undefined) ?? [];
  grouped.delete(undefined);
  const groups = [...grouped].flatMap(([key, [first, ...rest]]) => (key && first ? [toRollout(key, [first, ...rest])] : []));
  // What nobody holds a record of, another system may have heard of under a name of its own.
  const [told, heard] = [groups.filter(isTold), groups.filter((group) => !isTold(group))];
  const others = [...keyless, ...ordered.filter((event) => event.type === 'config.changed' || event.type === 'flag.changed')];
  const find = finderOf(told);
  const echoes = Map.groupBy(others, find);
  const named = Map.groupBy(heard, ({ events: all }) => all.map(find).find((rollout) => rollout !== undefined));
  const joined = told.map((rollout) => ({
    ...rollout,
    echoes: [...(named.get(rollout) ?? []).flatMap((one) => one.events), ...(echoes.get(rollout) ?? [])],
  }));
  const findHeard = finderOf(named.get(undefined) ?? []);
  const left = echoes.get(undefined) ?? [];
  const alone = left.filter((event) => findHeard(event) === undefined);
  const unexplained = (named.get(undefined) ?? []).map((rollout) => ({
    ...rollout,
    echoes: left.filter((event) => findHeard(event) === rollout),
  }));
  const rollouts = [...joined, ...unexplained].toSorted((a, b) => compare(a.own[0].time.at, b.own[0].time.at) || compare(a.key, b.key));
  return { rollouts, alone };
}

/** Whether the system that rolled out says so itself. */
function isTold({ own: [first] }: Rollout): boolean {
  return repositoryOf(first) !== undefined;
}

/** Which rollout an event is an echo of: the one that it names, else the nearest in time of those that it may be. */
function finderOf(rollouts: readonly Rollout[]): (event: RecordedEvent) => Rollout | undefined {
  const byKey = new Map<string, Rollout[]>();
  for (const rollout of rollouts) {
    const hours = hoursOf(rollout);
    const spoken = rollout.own.flatMap(rolloutKeysOf).flatMap((key) => hours.map((hour) => `${key} ${hour}`));
    for (const key of new Set([...rollout.own.flatMap(idsOf), ...spoken])) {
      const known = byKey.get(key);
      if (known) known.push(rollout);
      else byKey.set(key, [rollout]);
    }
  }
  return (event) => {
    const named = idsOf(event).flatMap((key) => byKey.get(key) ?? []);
    if (named[0]) return named[0];
    const hour = Math.floor(epochMs(event.time.at) / HOUR_MS);
    const may = rolloutKeysOf(event).map((key) => (byKey.get(`${key} ${hour}`) ?? []).filter((rollout) => isEcho(event, rollout)));
    const surest = may.find(({ length }) => length > 0) ?? [];
    return surest.toSorted((a, b) => distance(event, a) - distance(event, b) || compare(a.key, b.key))[0];
  };
}

/** The hours in which an echo of a rollout may be: a repository's thousand rollouts are not all held against each event. */
function hoursOf({ own }: Rollout): readonly number[] {
  const from = Math.floor((epochMs(own[0].time.at) - ECHO_MS) / HOUR_MS);
  const to = Math.floor((epochMs((own.at(-1) ?? own[0]).time.at) + ECHO_MS) / HOUR_MS);
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

function idsOf({ correlationKeys }: RecordedEvent): readonly string[] {
  return correlationKeys.filter((key) => key.startsWith('deployment:'));
}

function isChangeEvent(event: RecordedEvent): boolean {
  return isDeployment(event) || event.type === 'config.changed' || event.type === 'flag.changed';
}

/** Whether an event is a step of a deployment. */
export function isDeployment(event: RecordedEvent): event is DeploymentEvent {
  return event.type === 'deployment.started' || event.type === 'deployment.succeeded' || event.type === 'deployment.failed';
}

function deploymentKeyOf({ correlationKeys }: RecordedEvent): string | undefined {
  return correlationKeys.find((key) => key.startsWith('deployment:'));
}

function toRollout(deploymentKey: string, events: readonly [DeploymentEvent, ...DeploymentEvent[]]): Rollout {
  // What belongs to a repository was written by the system that rolled out; a pager only heard of it.
  const [ownFirst = events[0], ...ownRest] = events.filter((event) => repositoryOf(event) !== undefined);
  const own = ownRest.length > 0 || repositoryOf(ownFirst) !== undefined ? ([ownFirst, ...ownRest] as const) : events;
  const record = own.find(({ provenance }) => provenance.stream === RECORD_STREAM);
  const id = record?.provenance.nativeId ?? own[0].attributes['deployment.id'];
  const repository = deploymentKey.slice('deployment:'.length).split('#')[0] || repositoryOf(own[0]);
  return { key: `${own[0].provenance.source}/deployment:${id}`, events, own, echoes: [], ...(repository && { repository }) };
}

/** The starts that a rollout's own record tells, where there is more than one or one names its share: each a step to more of the traffic. */
export function stepsOf(own: Rollout['own']): { readonly steps?: readonly { readonly at: Moment; readonly share?: number }[] } {
  const began = own.filter(({ type, timeMeaning }) => type === 'deployment.started' && timeMeaning === 'started');
  // A status under way may say that the rollout is being stopped: a step back, where the rollout itself is no rollback.
  const isBack = began.slice(0, 1).some(saysStop);
  const starts = isBack ? began : began.filter((event) => !saysStop(event));
  const steps = starts.map(({ time, attributes }) => {
    const share = percentIn(attributes['deployment.status.description'] ?? attributes['deployment.description'] ?? '');
    return { at: time, ...(share !== undefined && { share }) };
  });
  const distinct = new Map(steps.map((step) => [step.at.at, step]));
  const all = [...distinct.values()];
  return all.length > 1 || all.some(({ share }) => share !== undefined) ? { steps: all } : {};
}

function saysStop({ attributes }: DeploymentEvent): boolean {
  return saysStopped(attributes['deployment.status.description'] ?? '');
}

function isEcho(event: RecordedEvent, { own }: Rollout): boolean {
  const isNear = event.time.at >= addMs(own[0].time.at, -ECHO_MS) && event.time.at <= addMs(own.at(-1)?.time.at ?? own[0].time.at, ECHO_MS);
  return isNear && own.some((one) => isOneRollout(one, event)) && !own.some((one) => isOtherRollout(one, event));
}

/** How far an event is from a rollout's end, of which other systems hear. */
function distance({ time }: RecordedEvent, { own }: Rollout): number {
  return Math.abs(epochMs(time.at) - epochMs((own.at(-1) ?? own[0]).time.at));
}
