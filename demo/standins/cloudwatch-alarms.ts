import type { CloudWatchWorld, WorldAlarm, WorldLogAlarm } from '../world.ts';
import { alarmAt, editsUntil, isPast, logConfiguration } from './cloudwatch-edits.ts';
import { evaluate } from './cloudwatch-math.ts';
import { type Points, pointsOf } from './cloudwatch-metrics.ts';

/** When every alarm of the world was made, and when it left INSUFFICIENT_DATA for the first time. */
const CREATED = '2023-11-06T09:00:00.000Z';
const CREATED_MS = Date.parse(CREATED);
const FIRST_STATE_MS = Date.parse('2023-11-06T09:02:00.000Z');

export type Body = Readonly<Record<string, unknown>>;

export type AlarmType = 'MetricAlarm' | 'CompositeAlarm' | 'LogAlarm';

export interface AlarmEntry {
  readonly type: AlarmType;
  readonly name: string;
  readonly state: string;
  readonly actions: readonly string[];
  readonly body: Body;
}

export interface Change {
  readonly atMs: number;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly reasonData?: Body;
  readonly actions: boolean;
}

/** Every alarm as DescribeAlarms shows it at the world's now: metric alarms first, each kind by name. */
export function alarmsOf(world: CloudWatchWorld, nowMs: number): readonly AlarmEntry[] {
  const metric = world.alarms
    .filter(({ deleted_at }) => !isPast(deleted_at, nowMs))
    .map((created): AlarmEntry => {
      const alarm = alarmAt(created, nowMs);
      const last = changesOf(world, created, nowMs).at(-1);
      const actions = alarm.topic ? [topicArn(world, alarm.topic)] : [];
      return {
        type: 'MetricAlarm',
        name: alarm.name,
        state: last?.to ?? 'OK',
        actions,
        body: {
          ...common(world, alarm, last),
          AlarmConfigurationUpdatedTimestamp: Date.parse(editsUntil(created, nowMs).at(-1)?.at ?? CREATED) / 1_000,
          AlarmActions: actions,
          ...configuration(world, alarm),
        },
      };
    });
  const composite = world.composite_alarms.map((alarm): AlarmEntry => {
    const last = compositeChanges(world, alarm, nowMs).at(-1);
    const body = { ...common(world, alarm, last), AlarmActions: [], AlarmRule: alarm.rule };
    return { type: 'CompositeAlarm', name: alarm.name, state: last?.to ?? 'OK', actions: [], body };
  });
  const log = (world.log_alarms ?? []).map((alarm): AlarmEntry => {
    const last = logChanges(alarm, nowMs).at(-1);
    const body = { ...common(world, alarm, last), AlarmActions: [], ...logConfiguration(alarm) };
    return { type: 'LogAlarm', name: alarm.name, state: last?.to ?? 'OK', actions: [], body };
  });
  return [...metric.toSorted(byName), ...composite.toSorted(byName), ...log.toSorted(byName)];
}

/** The points that an alarm compares with its threshold. */
export function alarmPoints(world: CloudWatchWorld, alarm: WorldAlarm, fromMs: number, toMs: number): Points {
  const read = (id: string, statistic: string): Points => {
    const metric = world.metrics.find((candidate) => candidate.id === id);
    // The alarm looked when the values were fresh, so retention is counted from then.
    return metric ? pointsOf(world, metric, { statistic, periodMs: alarm.period * 1_000, fromMs, toMs, nowMs: toMs }) : new Map();
  };
  if (!alarm.math) return read(alarm.metric, alarm.statistic);
  const operands = Object.entries(alarm.math.operands).map(([id, { metric, statistic }]) => [id, read(metric, statistic)] as const);
  return evaluate(alarm.math.expression, new Map(operands));
}

export function configuration(world: CloudWatchWorld, alarm: WorldAlarm): Body {
  const rule = {
    EvaluationPeriods: alarm.evaluation_periods,
    DatapointsToAlarm: alarm.datapoints_to_alarm,
    ...(alarm.band === undefined && { Threshold: alarm.threshold }),
    ComparisonOperator: alarm.comparison,
    TreatMissingData: alarm.missing,
  };
  if (alarm.band !== undefined) return { Dimensions: [], ...bandOf(world, alarm, alarm.band), ...rule };
  if (!alarm.math) return { ...metricOf(world, alarm.metric), Statistic: alarm.statistic, Period: alarm.period, ...rule };
  const operands = Object.entries(alarm.math.operands).map(([Id, { metric, statistic }]) => ({
    Id,
    MetricStat: { Metric: metricOf(world, metric), Period: alarm.period, Stat: statistic },
    ReturnData: false,
  }));
  const result = { Id: 'e1', Expression: alarm.math.expression, Label: alarm.math.label, ReturnData: true };
  return { Dimensions: [], Metrics: [result, ...operands], ...rule };
}

/** An anomaly alarm names its metric and the band around it; both come back with their data. */
function bandOf(world: CloudWatchWorld, { metric, period, statistic }: WorldAlarm, width: number): Body {
  const watched = { Id: 'm1', MetricStat: { Metric: metricOf(world, metric), Period: period, Stat: statistic }, ReturnData: true };
  const band = { Id: 'ad1', Expression: `ANOMALY_DETECTION_BAND(m1, ${width})`, Label: 'expected', ReturnData: true };
  return { Metrics: [watched, band], ThresholdMetricId: 'ad1' };
}

function metricOf(world: CloudWatchWorld, id: string): Body {
  const metric = world.metrics.find((candidate) => candidate.id === id);
  const dimensions = Object.entries(metric?.dimensions ?? {}).map(([Name, Value]) => ({ Name, Value }));
  return { MetricName: metric?.name, Namespace: metric?.namespace, Dimensions: dimensions };
}

function common(
  world: CloudWatchWorld,
  { name, description }: { readonly name: string; readonly description: string },
  last?: Change,
): Body {
  const at = (last?.atMs ?? FIRST_STATE_MS) / 1_000;
  return {
    AlarmName: name,
    AlarmArn: alarmArn(world, name),
    AlarmDescription: description,
    AlarmConfigurationUpdatedTimestamp: CREATED_MS / 1_000,
    ActionsEnabled: true,
    OKActions: [],
    InsufficientDataActions: [],
    StateValue: last?.to ?? 'OK',
    StateReason: last?.reason ?? 'Threshold Crossed: no datapoint was beyond the threshold.',
    ...(last?.reasonData && { StateReasonData: JSON.stringify(last.reasonData) }),
    StateUpdatedTimestamp: at,
    StateTransitionedTimestamp: at,
  };
}

export function changesOf(world: CloudWatchWorld, created: WorldAlarm, nowMs: number): readonly Change[] {
  return created.history
    .filter(({ at }) => Date.parse(at) <= nowMs)
    .map(({ at, from, to, start, actions = false, saw }): Change => {
      const alarm = alarmAt(created, Date.parse(at));
      const startMs = Date.parse(start);
      const evaluated = saw
        ? sawAt(saw, startMs, alarm.period)
        : [...alarmPoints(world, alarm, startMs, startMs + alarm.evaluation_periods * alarm.period * 1_000)];
      const beyond = alarm.comparison.startsWith('Less') ? 'less' : 'greater';
      const said = evaluated.toReversed().map(([ms, value]) => `${value} (${slashed(ms)})`);
      const crossed = `Threshold Crossed: ${said.length} datapoint${said.length === 1 ? '' : 's'} [${said.join(', ')}]`;
      const verb = said.length === 1 ? 'was' : 'were';
      return {
        atMs: Date.parse(at),
        from,
        to,
        actions,
        reason:
          evaluated.length === 0
            ? unseen(alarm)
            : `${crossed} ${verb} ${to === 'ALARM' ? '' : 'not '}${beyond} than the threshold (${alarm.threshold.toFixed(1)}).`,
        reasonData: reasonData(alarm, Date.parse(at), startMs, evaluated),
      };
    });
}

/** What the vendor says where no point arrived at all. */
function unseen({ evaluation_periods: periods, missing }: WorldAlarm): string {
  const treated = missing === 'breaching' ? 'Breaching' : 'NonBreaching';
  return `Threshold Crossed: no datapoints were received for ${periods} periods and ${periods} missing datapoints were treated as [${treated}].`;
}

function reasonData(alarm: WorldAlarm, atMs: number, startMs: number, evaluated: readonly (readonly [number, number])[]): Body {
  return {
    version: '1.0',
    queryDate: stamp(atMs),
    ...(evaluated.length > 0 && { startDate: stamp(startMs) }),
    ...(!alarm.math && { statistic: alarm.statistic }),
    period: alarm.period,
    recentDatapoints: evaluated.map(([, value]) => value),
    ...(alarm.band === undefined
      ? { threshold: alarm.threshold }
      : { recentLowerThresholds: evaluated.map(() => 0), recentUpperThresholds: evaluated.map(() => alarm.threshold) }),
    evaluatedDatapoints: evaluated
      .toReversed()
      .map(([ms, value]) => ({ timestamp: stamp(ms), ...(!alarm.math && { sampleCount: alarm.period / 60 }), value })),
  };
}

function sawAt(saw: readonly (number | null)[], startMs: number, period: number): readonly (readonly [number, number])[] {
  return saw.flatMap((value, index) => (value === null ? [] : [[startMs + index * period * 1_000, value] as const]));
}

type Composite = CloudWatchWorld['composite_alarms'][number];

export function compositeChanges(world: CloudWatchWorld, alarm: Composite, nowMs: number): readonly Change[] {
  return alarm.history
    .filter(({ at }) => Date.parse(at) <= nowMs)
    .map(({ at, from, to, triggered_by }): Change => {
      const arn = alarmArn(world, triggered_by);
      // The rule is evaluated right after a child moved: the child's own stamp is the last one at or before it.
      const child = world.alarms
        .find(({ name }) => name === triggered_by)
        ?.history.findLast((entry) => Date.parse(entry.at) <= Date.parse(at));
      return {
        atMs: Date.parse(at),
        from,
        to,
        actions: false,
        reason: `${arn} transitioned to ${to} at ${new Date(at).toUTCString()}`,
        reasonData: { triggeringAlarms: [{ arn, state: { value: to, timestamp: stamp(Date.parse(child?.at ?? at)) } }] },
      };
    });
}

export function logChanges({ history, threshold }: WorldLogAlarm, nowMs: number): readonly Change[] {
  return history
    .filter(({ at }) => Date.parse(at) <= nowMs)
    .map(({ at, from, to }) => ({
      atMs: Date.parse(at),
      from,
      to,
      actions: false,
      reason: `Query results against the threshold (${threshold})`,
    }));
}

export function alarmArn({ region, account }: CloudWatchWorld, name: string): string {
  return `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`;
}

export function topicArn({ region, account }: CloudWatchWorld, topic: string): string {
  return `arn:aws:sns:${region}:${account}:${topic}`;
}

/** CloudWatch's own text inside JSON strings: an offset without a colon. */
export function stamp(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+0000');
}

/** As it stands in a reason: day first, and no zone. */
function slashed(ms: number): string {
  const [date = '', time = ''] = new Date(ms).toISOString().split('T');
  const [year = '', month, day] = date.split('-');
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`;
}

function byName(a: AlarmEntry, b: AlarmEntry): number {
  return a.name < b.name ? -1 : 1;
}
