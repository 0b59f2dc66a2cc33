import type { RecordedEvent } from '../../../src/core/events.ts';
import type { Fact } from '../../../src/core/facts.ts';
import { eventOf, factOf } from '../../support/events.ts';
import type { Dice } from './dice.ts';
import type { Planned } from './plan.ts';

/** What the connectors tell of one change. */
export interface Telling {
  readonly change: Planned;
  /** The event of its begin first. */
  readonly events: readonly [RecordedEvent, ...RecordedEvent[]];
  readonly facts: readonly Fact[];
}

/** What ran in one repository and environment, as far as it was rolled out. */
export interface Lane {
  revision: string;
  sinceMs: number;
  /** Revisions by the change that brought them, and what ran before it. */
  readonly before: Map<string, string>;
  readonly tags: Map<string, string>;
  count: number;
}

export function textOf(ms: number): string {
  return new Date(ms).toISOString();
}

/** A change's record carries the second in which it was written. */
export function toldAt(ms: number): string {
  return textOf(Math.floor(ms / 1000) * 1000);
}

export function laneOf(sinceMs: number, dice: Dice): Lane {
  const revision = dice.hex(40);
  return { revision, sinceMs, before: new Map(), tags: new Map([[revision, 'v1.0.0']]), count: 0 };
}

/** What a rollout brings out, by where its lane stands: a reversal brings what ran before. */
export function advance(lane: Lane, change: Planned): { readonly from: string; readonly to: string; readonly tag: string } {
  const from = lane.revision;
  const isBack = change.answers !== undefined && change.isForward !== true;
  const to = isBack ? (lane.before.get(change.answers ?? '') ?? from) : change.revision;
  lane.count += 1;
  const tag = lane.tags.get(to) ?? `v1.${lane.count}.0`;
  lane.tags.set(to, tag);
  lane.before.set(change.id, from);
  if (change.outcome === 'succeeded') {
    lane.revision = to;
    lane.sinceMs = change.endedMs;
  }
  return { from, to, tag };
}

type Going = ReturnType<typeof advance> & { readonly change: Planned; readonly id: number; readonly isBack: boolean };

/** A deployment of GitHub's: its record, a status for each step, a status for the end; often the pager's word of it too. */
export function tellDeployment(going: Going, dice: Dice): Telling {
  const { change, id, to, tag, isBack } = going;
  const { repository, pagerId } = change.place;
  const key = `deployment:${repository}#${id}`;
  const common = { belongsTo: [`github/repo:${repository}@${change.environment}`], correlationKeys: [key], source: 'github' } as const;
  const named = { 'deployment.id': `${id}`, 'deployment.environment.name': change.environment };
  const starts = change.steps.length > 0 ? change.steps.map(([at]) => at) : dice.chance(0.85) ? [change.beganMs] : [];
  // Where no status tells when the work began, its record was written as it began.
  const askedMs = starts.length > 0 ? change.beganMs - dice.between(0, 15) * 1000 : change.beganMs;
  const isNamedBack = isBack && dice.chance(0.5);
  const recorded = eventOf('deployment.started', toldAt(askedMs), {
    ...common,
    stream: 'deployments',
    key: `DE_${id}`,
    correlationKeys: [key, `sha:${to}`],
    attributes: { ...named, 'vcs.ref.head.revision': to, 'vcs.ref.head.name': tag, ...(isNamedBack && { 'deployment.task': 'rollback' }) },
  });
  const status = (type: 'deployment.started' | 'deployment.succeeded' | 'deployment.failed', ms: number, step: number): RecordedEvent => {
    const event = eventOf(type, toldAt(ms), {
      ...common,
      stream: 'deployment_statuses',
      key: `DES_${id}_${step}`,
      timeMeaning: type === 'deployment.started' ? 'started' : 'ended',
    });
    return { ...event, attributes: named };
  };
  const end = status(change.outcome === 'failed' ? 'deployment.failed' : 'deployment.succeeded', change.endedMs, 99);
  const echo =
    change.outcome === 'succeeded' && change.environment === 'production' && dice.chance(0.25)
      ? [
          eventOf('deployment.succeeded', toldAt(change.endedMs + dice.between(1, 40) * 1000), {
            source: 'pagerduty',
            stream: 'change_events',
            key: `CE_${id}`,
            belongsTo: [`pagerduty/service:${pagerId}`],
            correlationKeys: [key, `sha:${to}`],
            attributes: { ...named, 'vcs.ref.head.revision': to },
          }),
        ]
      : [];
  return { change, events: [recorded, ...starts.map((ms, step) => status('deployment.started', ms, step)), end, ...echo], facts: [] };
}

/** A run of the workflow that rolls out. */
export function tellRun({ change, id, to, tag, isBack }: Going): Telling {
  const { repository } = change.place;
  const common = {
    source: 'github',
    stream: 'workflow_runs',
    key: `WFR_${id}.1`,
    belongsTo: [`github/repo:${repository}@${change.environment}`],
    correlationKeys: [`deployment:${repository}#${id}.1`, `sha:${to}`],
    attributes: {
      'deployment.id': `${id}.1`,
      'deployment.environment.name': change.environment,
      'vcs.ref.head.revision': to,
      'vcs.ref.head.name': tag,
      'deployment.task': isBack ? 'Roll back' : 'Deploy',
    },
  };
  const started = eventOf('deployment.started', toldAt(change.beganMs), { ...common, timeMeaning: 'started' });
  const type = change.outcome === 'failed' ? 'deployment.failed' : 'deployment.succeeded';
  return { change, events: [started, eventOf(type, toldAt(change.endedMs), { ...common, timeMeaning: 'ended' })], facts: [] };
}

export function tellRelease({ change, id, to, tag }: Going): Telling {
  const { repository } = change.place;
  const event = eventOf('release.published', toldAt(change.beganMs), {
    source: 'github',
    stream: 'releases',
    key: `RE_${id}`,
    timeMeaning: 'published',
    belongsTo: [`github/repo:${repository}`],
    correlationKeys: [`tag:${repository}@${tag}`, `sha:${to}`],
    attributes: { 'release.tag': tag },
  });
  return { change, events: [event], facts: [] };
}

/** A flag: one event for each of its steps. */
export function tellFlag(change: Planned): Telling {
  const { place, part } = change;
  const isBack = change.answers !== undefined;
  const steps = change.steps.length > 0 ? change.steps : [[change.beganMs, 1] as const];
  const [first, ...rest] = steps.map(([ms, share], step) =>
    eventOf('flag.changed', toldAt(ms), {
      source: 'flags',
      stream: 'events',
      key: `${change.id}-${step}`,
      timeMeaning: 'occurred',
      belongsTo: [`flags/service:${place.name}`],
      correlationKeys: [],
      attributes: { key: `${part}-v2`, value: isBack ? 'off' : share < 1 ? `${share * 100}%` : 'on' },
    }),
  );
  if (!first) throw new Error('a flag has a step');
  return { change, events: [first, ...rest], facts: [] };
}

/** A change of configuration, or of size, as the pager heard of it. */
export function tellConfig(change: Planned, dice: Dice): Telling {
  const { place, part, kind } = change;
  const isBack = change.answers !== undefined;
  const size = dice.whole(3, 12);
  const scaled = `Launching 2 instances: desired capacity of ${place.name}-asg ${size} to ${size + 2}`;
  const written = isBack ? `Revert ${part} settings of ${place.name}` : `Apply ${part} settings of ${place.name}`;
  const event = eventOf('config.changed', toldAt(change.endedMs), {
    source: 'pagerduty',
    stream: 'change_events',
    key: `CE_${change.id}`,
    belongsTo: [`pagerduty/service:${place.pagerId}`],
    correlationKeys: [],
    attributes: { key: kind === 'scaling' ? 'AWS Auto Scaling' : 'Terraform', value: kind === 'scaling' ? scaled : written },
  });
  return { change, events: [event], facts: [] };
}

/** What lies between two revisions, and the pull request that brought it; sometimes the comparison could not be read. */
export function tellContents({ change, from, to, id, isBack }: Going, dice: Dice): readonly Fact[] {
  const { repository } = change.place;
  const compared = (status: 'ahead' | 'behind') =>
    factOf({
      kind: 'comparison' as const,
      key: `github/compare:${repository}#${from}...${to}`,
      base: from,
      head: to,
      status,
      commits: status === 'ahead' ? [to] : [],
      files: status === 'ahead' ? change.files.map((path) => ({ path })) : [],
      filesCut: false,
    });
  if (isBack) return dice.chance(0.6) ? [compared('behind')] : [];
  const number = id % 10_000;
  const pull = factOf({
    kind: 'change' as const,
    key: `github/pull:${repository}#${number}`,
    number,
    title: `${change.isForward ? 'Fix' : dice.pick(['Rework', 'Extend', 'Clean up', 'Speed up'])} ${change.part}`,
    url: `https://github.com/${repository}/pull/${number}`,
    revisions: [to],
  });
  return [...(dice.chance(0.85) ? [compared('ahead')] : []), pull];
}
