import type { CloudWatchWorld, WorldAlarm } from '../world.ts';
import {
  type AlarmType,
  alarmArn,
  type Body,
  type Change,
  changesOf,
  compositeChanges,
  configuration,
  logChanges,
  stamp,
  topicArn,
} from './cloudwatch-alarms.ts';
import { alarmAt, toCamel } from './cloudwatch-edits.ts';

const HISTORY_DAYS = 30;
const DAY_MS = 86_400_000;

export interface HistoryEntry {
  readonly type: AlarmType;
  readonly name: string;
  readonly kind: 'StateUpdate' | 'Action' | 'ConfigurationUpdate';
  readonly atMs: number;
  readonly body: Body;
}

/** What DescribeAlarmHistory still knows at the world's now, oldest first: thirty days, whatever became of the alarm. */
export function historyOf(world: CloudWatchWorld, nowMs: number): readonly HistoryEntry[] {
  const metric = world.alarms.flatMap((alarm) => {
    const topic = alarm.topic === undefined ? undefined : topicArn(world, alarm.topic);
    return changesOf(world, alarm, nowMs).flatMap((change) => [
      stateUpdate('MetricAlarm', alarm.name, change),
      ...(change.actions && topic ? [actionItem(world, alarm, change, topic)] : []),
    ]);
  });
  const composite = world.composite_alarms.flatMap((alarm) =>
    compositeChanges(world, alarm, nowMs).map((change) => stateUpdate('CompositeAlarm', alarm.name, change)),
  );
  const log = (world.log_alarms ?? []).flatMap((alarm) =>
    logChanges(alarm, nowMs).map((change) => stateUpdate('LogAlarm', alarm.name, change)),
  );
  const edits = world.alarms.flatMap((alarm) => configurationUpdates(world, alarm));
  return [...metric, ...composite, ...log, ...edits]
    .filter(({ atMs }) => atMs > nowMs - HISTORY_DAYS * DAY_MS && atMs <= nowMs)
    .toSorted((a, b) => a.atMs - b.atMs);
}

/** Each edit with the whole rule that it left behind, and the deletion with the last one. */
function configurationUpdates(world: CloudWatchWorld, created: WorldAlarm): readonly HistoryEntry[] {
  const ruleAt = (atMs: number) => {
    const alarm = alarmAt(created, atMs);
    const named = { AlarmName: alarm.name, AlarmArn: alarmArn(world, alarm.name), AlarmDescription: alarm.description };
    return toCamel({ ...named, ...configuration(world, alarm) });
  };
  const edits = (created.edits ?? []).map(({ at }) => {
    const data = { version: '1.0', type: 'Update', updatedAlarm: ruleAt(Date.parse(at)) };
    return item('MetricAlarm', created.name, 'ConfigurationUpdate', Date.parse(at), `Alarm "${created.name}" updated`, data);
  });
  const gone = created.deleted_at === undefined ? [] : [Date.parse(created.deleted_at)];
  return [
    ...edits,
    ...gone.map((atMs) => {
      const data = { version: '1.0', type: 'Delete', deletedAlarm: ruleAt(atMs) };
      return item('MetricAlarm', created.name, 'ConfigurationUpdate', atMs, `Alarm "${created.name}" deleted`, data);
    }),
  ];
}

function stateUpdate(type: HistoryEntry['type'], name: string, change: Change): HistoryEntry {
  const data = {
    version: '1.0',
    oldState: { stateValue: change.from, stateReason: 'Threshold Crossed: the state before.' },
    newState: { stateValue: change.to, stateReason: change.reason, ...(change.reasonData && { stateReasonData: change.reasonData }) },
  };
  return item(type, name, 'StateUpdate', change.atMs, `Alarm updated from ${change.from} to ${change.to}`, data);
}

function actionItem(world: CloudWatchWorld, { name, description }: WorldAlarm, change: Change, topic: string): HistoryEntry {
  const message = {
    AlarmName: name,
    AlarmDescription: description,
    AWSAccountId: world.account,
    NewStateValue: change.to,
    NewStateReason: change.reason,
    StateChangeTime: stamp(change.atMs),
    Region: world.region_name,
    AlarmArn: alarmArn(world, name),
    OldStateValue: change.from,
  };
  const published = { default: JSON.stringify(message) };
  const data = {
    actionState: 'Succeeded',
    stateUpdateTimestamp: change.atMs,
    notificationResource: topic,
    publishedMessage: JSON.stringify(published),
  };
  return item('MetricAlarm', name, 'Action', change.atMs + 38, `Successfully executed action ${topic}`, data);
}

function item(
  type: HistoryEntry['type'],
  name: string,
  kind: HistoryEntry['kind'],
  atMs: number,
  summary: string,
  data: Body,
): HistoryEntry {
  const body = {
    AlarmName: name,
    AlarmType: type,
    Timestamp: atMs / 1_000,
    HistoryItemType: kind,
    HistorySummary: summary,
    // Longer texts are cut where the vendor cuts them, and then no longer parse.
    HistoryData: JSON.stringify(data).slice(0, 4_095),
  };
  return { type, name, kind, atMs, body };
}
