import { type EventSeed, epochMs, type Instant, type Normalized, parseInstant } from '../../src/contract/index.ts';
import { ruleFact } from './alarm-shape.ts';
import { consoleUrl } from './arn.ts';
import { type HistoryItem, isSuppressed, itemName, readEdit, readTransition, type Transition } from './history-item.ts';

/** Whose history an item belongs to; the ARN is absent where no alarm is left that could tell the account. */
interface Origin {
  readonly source: string;
  readonly at: Instant;
  readonly arn?: string;
}

/** What one item of alarm history says. Actions that were carried out or failed stay in the evidence. */
export function tellItem(item: HistoryItem, { source, at, arn }: Origin): Normalized {
  const url = arn === undefined ? undefined : consoleUrl(arn);
  const common = {
    pointer: '/Timestamp',
    originalTime: item.Timestamp,
    time: { at, minusMs: 0, plusMs: 1 },
    timeMeaning: 'occurred' as const,
    knowableAt: at,
    ...(url !== undefined && { url }),
    belongsTo: [`${source}/alarm:${item.AlarmName}`],
    correlationKeys: arn === undefined ? [] : [`alarm:${arn}`],
    attributes: { 'alert.rule': item.AlarmName },
  };
  if (item.HistoryItemType === 'StateUpdate') return tellTransition(item, common);
  if (item.HistoryItemType === 'ConfigurationUpdate') return tellEdit(source, arn, item, at);
  if (item.HistoryItemType === 'Action') {
    const held = { ...common, type: 'alert.suppressed' as const, key: keyOf(item, itemName(item)) };
    return { events: isSuppressed(item) ? [held] : [], issues: [] };
  }
  const issues = SILENT.has(item.HistoryItemType) ? [] : [{ pointer: '/HistoryItemType', problem: 'a kind of item that we do not know' }];
  return { events: [], issues };
}

/** Of contributors the alarm's own item says when it fired. */
const SILENT: ReadonlySet<string> = new Set(['AlarmContributorStateUpdate', 'AlarmContributorAction']);

type Common = Omit<Extract<EventSeed, { readonly type: 'alert.fired' }>, 'type' | 'key'>;

/**
 * Into ALARM an alert fires, from ALARM to OK it is resolved. Data that stops (INSUFFICIENT_DATA) is no recovery, and of an alarm that was on it is told
 * as what it is, since the next firing would follow the last with nothing between. Anything else tells of no alert.
 */
function tellTransition(item: HistoryItem, common: Common): Normalized {
  const transition = readTransition(item);
  if (!transition) return { events: [], issues: [{ pointer: '/HistoryData', problem: 'the change of state cannot be read' }] };
  const { from, to, isCut } = transition;
  const key = keyOf(item, `${from}>${to}`);
  const seed = { ...common, key, attributes: { ...common.attributes, ...detailsOf(transition) } };
  const issues = isCut ? [{ pointer: '/HistoryData', problem: 'cut or not JSON: what the alarm compared is not known' }] : [];
  if (to === 'ALARM') {
    const suppressed = transition.isSuppressed ? [{ ...common, key, type: 'alert.suppressed' as const }] : [];
    return { events: [{ ...seed, type: 'alert.fired' }, ...suppressed], issues };
  }
  const type = from === 'ALARM' ? ENDS.get(to) : undefined;
  return { events: type ? [{ ...seed, type }] : [], issues };
}

/** What becomes of an alarm that was on. */
const ENDS: ReadonlyMap<string, 'alert.resolved' | 'alert.data_lost'> = new Map([
  ['OK', 'alert.resolved'],
  ['INSUFFICIENT_DATA', 'alert.data_lost'],
]);

function keyOf({ AlarmName, Timestamp }: HistoryItem, what: string): string {
  return `${AlarmName}@${Timestamp}:${what}`;
}

function detailsOf({ threshold, startDate, datapoints, periodSeconds }: Transition) {
  const evaluatedFrom = parseInstant(startDate ?? '');
  return {
    ...(threshold !== undefined && { 'alert.threshold': threshold }),
    ...(evaluatedFrom && { 'alert.evaluated_from': evaluatedFrom }),
    ...(datapoints.length > 0 && { 'alert.datapoints': datapoints.map(([start, value]) => [epochMs(start), value] as const) }),
    ...(datapoints.length > 0 && periodSeconds !== undefined && { 'alert.period_ms': periodSeconds * 1_000 }),
  };
}

/** The rule as it held from an edit on. A deletion tells the last rule, but not since when it held. */
function tellEdit(source: string, arn: string | undefined, item: HistoryItem, at: Instant): Normalized {
  const found = readEdit(item);
  if (!found)
    return { events: [], issues: [{ pointer: '/HistoryData', problem: 'the edit cannot be read: what the alarm compared is not known' }] };
  // A composite rule compares nothing, and a rule of an alarm whose account is not known joins with nothing.
  if (!found.rule || arn === undefined) return { events: [], issues: [] };
  return { events: [], facts: [{ ...ruleFact(source, arn, found.rule), ...(!found.isGone && { heldFrom: at }) }], issues: [] };
}
