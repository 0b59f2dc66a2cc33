import Type, { type Static } from 'typebox';
import { digest, type Instant, type Json, parseInstant, reader } from '../../src/contract/index.ts';
import { AlarmRule } from './alarm-shape.ts';

const HistoryItem = Type.Object({
  AlarmName: Type.String(),
  Timestamp: Type.String(),
  HistoryItemType: Type.String(),
  HistorySummary: Type.Optional(Type.String()),
  HistoryData: Type.Optional(Type.String()),
  AlarmContributorId: Type.Optional(Type.String()),
});
export type HistoryItem = Static<typeof HistoryItem>;
export const historyItem = reader(HistoryItem);

const ReasonData = Type.Object({
  threshold: Type.Optional(Type.Number()),
  startDate: Type.Optional(Type.String()),
  period: Type.Optional(Type.Number()),
  evaluatedDatapoints: Type.Optional(
    Type.Array(Type.Object({ timestamp: Type.String(), value: Type.Optional(Type.Union([Type.Number(), Type.Null()])) })),
  ),
});
const State = Type.Object({
  stateValue: Type.String(),
  actionsSuppressedBy: Type.Optional(Type.String()),
  stateReasonData: Type.Optional(ReasonData),
});
const stateUpdate = reader(Type.Object({ oldState: Type.Object({ stateValue: Type.String() }), newState: State }));
const action = reader(Type.Object({ actionState: Type.String() }));
const configuration = reader(Type.Object({ type: Type.String() }));
const rule = reader(AlarmRule);

export interface Transition {
  readonly from: string;
  readonly to: string;
  /** What the alarm compared, and with what, as it was then; nothing where the text was cut or a person set the state. */
  readonly threshold?: number;
  readonly startDate?: string;
  /** The values that it looked at, start and value, oldest first; absent ones left out. */
  readonly datapoints: readonly (readonly [Instant, number])[];
  readonly periodSeconds?: number;
  readonly isSuppressed: boolean;
  /** The text did not parse (it is cut at 4,095 characters): only the summary was read. */
  readonly isCut: boolean;
}

/** Both ends of a state change, from the data or else from the summary "Alarm updated from OK to ALARM"; nothing where neither says. */
export function readTransition({ HistoryData, HistorySummary = '' }: HistoryItem): Transition | undefined {
  const found = stateUpdate.read(parse(HistoryData));
  if (!found) {
    const [, from, to] = /from ([A-Z_]+) to ([A-Z_]+)/.exec(HistorySummary) ?? [];
    return from && to ? { from, to, datapoints: [], isSuppressed: false, isCut: true } : undefined;
  }
  const { oldState, newState } = found;
  const { threshold, startDate, period, evaluatedDatapoints = [] } = newState.stateReasonData ?? {};
  return {
    from: oldState.stateValue,
    to: newState.stateValue,
    ...(threshold !== undefined && { threshold }),
    ...(startDate !== undefined && { startDate }),
    datapoints: datapointsOf(evaluatedDatapoints),
    ...(period !== undefined && period > 0 && { periodSeconds: period }),
    isSuppressed: newState.actionsSuppressedBy !== undefined,
    isCut: false,
  };
}

/** The vendor sends them newest first. `recentDatapoints` beside them has no times, so it is not read. */
function datapointsOf(evaluated: NonNullable<Static<typeof ReasonData>['evaluatedDatapoints']>): Transition['datapoints'] {
  const found = evaluated.flatMap(({ timestamp, value }): Transition['datapoints'] => {
    const start = parseInstant(timestamp);
    return start === undefined || typeof value !== 'number' ? [] : [[start, value]];
  });
  return found.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Whether an action was held back by a suppressor alarm or a mute rule instead of being carried out or failing. */
export function isSuppressed({ HistoryData, HistorySummary = '' }: HistoryItem): boolean {
  return /suppress|mute/i.test(`${action.read(parse(HistoryData))?.actionState ?? ''} ${HistorySummary}`);
}

/**
 * The rule that a creation or an edit left behind, or that a deleted alarm had: the data spells members in camel case. No rule where
 * the alarm compares nothing by itself; nothing where the data cannot be read.
 */
export function readEdit({ HistoryData }: HistoryItem): { readonly rule?: AlarmRule; readonly isGone: boolean } | undefined {
  const data = parse(HistoryData);
  const type = configuration.read(data)?.type;
  const field = { Create: 'createdAlarm', Update: 'updatedAlarm', Delete: 'deletedAlarm' }[type ?? ''];
  const found = rule.read(toPascal(memberOf(data, field ?? '')));
  return found && { ...(found.ComparisonOperator && { rule: found }), isGone: type === 'Delete' };
}

/** Names the item inside its alarm's history: the same transition told twice has one name. */
export function itemName(item: HistoryItem): string {
  const { HistoryItemType: kind, HistorySummary = '', HistoryData = '', AlarmContributorId = '' } = item;
  const transition = kind === 'StateUpdate' ? readTransition(item) : undefined;
  if (transition) return `${kind}:${transition.from}>${transition.to}`;
  return `${kind}:${digest([AlarmContributorId, HistorySummary, HistoryData]).slice('sha256:'.length, 'sha256:'.length + 12)}`;
}

function parse(text: string | undefined): Json | undefined {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

function toPascal(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((member) => toPascal(member) ?? null);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key.charAt(0).toUpperCase() + key.slice(1), toPascal(member) ?? null]),
  );
}

function memberOf(value: Json | undefined, key: string): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined;
}
