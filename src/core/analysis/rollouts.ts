import type { Case } from '../case.ts';
import type { EventOf, RecordedEvent } from '../events.ts';
import { addMs, type Moment } from '../time.ts';
import { compare, orderEvents } from '../timeline/order.ts';
import { percentIn } from './settings.ts';

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

/** The rollouts of the case and what no rollout explains: change events of other systems that stand alone. */
export function groupRollouts(events: Case['events']): { readonly rollouts: readonly Rollout[]; readonly alone: readonly RecordedEvent[] } {
  const ordered = orderEvents(events.filter(isChangeEvent)).filter((event): event is RecordedEvent => !('rule' in event.provenance));
  const grouped = Map.groupBy(ordered.filter(isDeployment), deploymentKeyOf);
  const keyless = grouped.get(undefined) ?? [];
  grouped.delete(undefined);
  const rollouts = [...grouped].flatMap(([key, [first, ...rest]]) => (key && first ? [toRollout(key, [first, ...rest])] : []));
  const others = [...keyless, ...ordered.filter((event) => event.type === 'config.changed' || event.type === 'flag.changed')];
  const alone = others.filter((event) => !rollouts.some((rollout) => isEcho(event, rollout)));
  const withEchoes = rollouts.map((rollout) => ({ ...rollout, echoes: others.filter((event) => isEcho(event, rollout)) }));
  return { rollouts: withEchoes.toSorted((a, b) => compare(a.own[0].time.at, b.own[0].time.at) || compare(a.key, b.key)), alone };
}

function isChangeEvent(event: RecordedEvent): boolean {
  return isDeployment(event) || event.type === 'config.changed' || event.type === 'flag.changed';
}

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
  const starts = own.filter(({ type, timeMeaning }) => type === 'deployment.started' && timeMeaning === 'started');
  const steps = starts.map(({ time, attributes }) => {
    const share = percentIn(attributes['deployment.status.description'] ?? attributes['deployment.description'] ?? '');
    return { at: time, ...(share !== undefined && { share }) };
  });
  const distinct = new Map(steps.map((step) => [step.at.at, step]));
  const all = [...distinct.values()];
  return all.length > 1 || all.some(({ share }) => share !== undefined) ? { steps: all } : {};
}

/** `acme/api` of `github/repo:acme/api@production`. */
export function repositoryOf({ belongsTo }: RecordedEvent): string | undefined {
  const key = belongsTo.find((one) => one.includes('/repo:'));
  return key?.split('/repo:')[1]?.split('@')[0];
}

function isEcho(event: RecordedEvent, { own }: Rollout): boolean {
  if (event.correlationKeys.some((key) => key.startsWith('deployment:') && own[0].correlationKeys.includes(key))) return true;
  const isNear = event.time.at >= addMs(own[0].time.at, -ECHO_MS) && event.time.at <= addMs(own.at(-1)?.time.at ?? own[0].time.at, ECHO_MS);
  return (
    isNear &&
    event.correlationKeys.some((key) => key.startsWith('sha:') && own.some(({ correlationKeys }) => correlationKeys.includes(key)))
  );
}
