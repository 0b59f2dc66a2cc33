import Type, { type Static } from 'typebox';
import { digest, type Json, reader } from '../../src/contract/index.ts';
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

const State = Type.Object({
  stateValue: Type.String(),
  actionsSuppressedBy: Type.Optional(Type.String()),
  stateReasonData: Type.Optional(Type.Object({ threshold: Type.Optional(Type.Number()), startDate: Type.Optional(Type.String()) })),
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
  readonly isSuppressed: boolean;
  /** The text did not parse (it is cut at 4,095 characters): only the summary was read. */
  readonly isCut: boolean;
}

/** Both ends of a state change, from the data or else from the summary "Alarm updated from OK to ALARM"; nothing where neither says. */
export function readTransition({ HistoryData, HistorySummary = '' }: HistoryItem): Transition | undefined {
  const found = stateUpdate.read(parse(HistoryData));
  if (!found) {
    const [, from, to] = /from ([A-Z_]+) to ([A-Z_]+)/.exec(HistorySummary) ?? [];
    return from && to ? { from, to, isSuppressed: false, isCut: true } : undefined;
  }
  const { oldState, newState } = found;
  const { threshold, startDate } = newState.stateReasonData ?? {};
  return {
    from: oldState.stateValue,
    to: newState.stateValue,
    ...(threshold !== undefined && { threshold }),
    ...(startDate !== undefined && { startDate }),
    isSuppressed: newState.actionsSuppressedBy !== undefined,
    isCut: false,
  };
}

/** Whether an action was held back by a suppressor alarm or a mute rule instead of being carried out or failing. */
export function isSuppressed({ HistoryData, HistorySummary = '' }: HistoryItem): boolean {
  return /suppress|mute/i.test(`${action.read(parse(HistoryData))?.actionState ?? ''} ${HistorySummary}`);
}

/** The rule that a creation or an edit left behind, or that a deleted alarm had: the data spells members in camel case. */
export function readRule({ HistoryData }: HistoryItem): { readonly rule: AlarmRule; readonly isGone: boolean } | undefined {
  const data = parse(HistoryData);
  const type = configuration.read(data)?.type;
  const field = { Create: 'createdAlarm', Update: 'updatedAlarm', Delete: 'deletedAlarm' }[type ?? ''];
  const found = rule.read(toPascal(memberOf(data, field ?? '')));
  return found?.ComparisonOperator ? { rule: found, isGone: type === 'Delete' } : undefined;
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
