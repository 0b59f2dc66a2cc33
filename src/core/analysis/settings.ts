import type { EventOf, RecordedEvent } from '../events.ts';
import { between, durationMs } from '../time.ts';
import { isOneSubject, percentIn, switchedIn } from './switches.ts';

/** A flag or a configuration that was changed. */
export type SettingEvent = EventOf<'flag.changed' | 'config.changed'>;

/** One change of a flag or of a configuration: what is turned up step by step is one change. */
export interface Setting {
  readonly kind: 'flag' | 'config';
  readonly key: string;
  /** What it was set to in the end. */
  readonly value: string;
  readonly events: readonly [SettingEvent, ...SettingEvent[]];
}

/** A step that comes later than this after the one before is a change of its own. */
const STEP_MS = durationMs('12h');
const ON = /^(?:on|true|enabled?|active|yes|1)$/i;
const OFF = /^(?:off|false|disabled?|inactive|no|0)$/i;
const BACK = /\b(?:revert(?:s|ed|ing)?|undo|undone|restor(?:e|es|ed|ing)|roll(?:ing|ed|s)?[\s_-]?back)\b/i;

/** Whether an event tells of a flag or of a configuration. */
export function isSetting(event: RecordedEvent): event is SettingEvent {
  return event.type === 'flag.changed' || event.type === 'config.changed';
}

/** The share of all traffic that a text names, of 1: `25%`, `canary at 5 %`, `on`, `turned off for everyone`; nothing where it names none. */
export function shareIn(text: string): number | undefined {
  const switched = switchedIn(text);
  if (switched !== undefined) return switched;
  if (text.includes('%')) return percentIn(text);
  return ON.test(text.trim()) ? 1 : OFF.test(text.trim()) ? 0 : undefined;
}

/** Flags by source, owner and key, each rise in percent joined to the one before; every other event is a change of its own. */
export function settingsOf(events: readonly SettingEvent[]): readonly Setting[] {
  const settings: Setting[] = [];
  for (const event of events) {
    const { key, value } = event.attributes;
    const at = settings.findLastIndex((one) => isSameSetting(one, event));
    const open = settings[at];
    if (open && isFurther(open, event)) settings[at] = { ...open, value, events: [...open.events, event] };
    else settings.push({ kind: event.type === 'flag.changed' ? 'flag' : 'config', key, value, events: [event] });
  }
  return settings;
}

function isSameSetting({ key, events: [first] }: Setting, { attributes, provenance, belongsTo, type }: SettingEvent): boolean {
  const isSameOwner = first.belongsTo.join() === belongsTo.join();
  const isSameKey = key === attributes.key && first.type === type && isSameOwner && source(first) === source({ provenance });
  // A tool that tells the pager of every flag has one key for all of them: their names stand in its words.
  return isSameKey && (first.type === 'flag.changed' || isOneSubject(first.attributes.value, attributes.value));
}

function source({ provenance }: Pick<SettingEvent, 'provenance'>): string {
  return 'source' in provenance ? provenance.source : '';
}

function isFurther({ kind, value, events }: Setting, event: SettingEvent): boolean {
  const [before, after] = [shareIn(value), shareIn(event.attributes.value)];
  const last = events.at(-1) ?? events[0];
  const isRising = before !== undefined && after !== undefined && before > 0 && after > before;
  const isFlag = kind === 'flag' || (switchedIn(value) !== undefined && switchedIn(event.attributes.value) !== undefined);
  return isFlag && isRising && between(last.time, event.time).ms <= STEP_MS;
}

/** Whether setting something to `value` takes back that it was set to `from`: off after on, less of the traffic, or in its own words. */
export function isTakingBack(value: string, from: string): boolean {
  if (saysBack(value)) return true;
  const [before, after] = [shareIn(from), shareIn(value)];
  return before !== undefined && after !== undefined && after < before;
}

/** Whether a text says by itself that it takes something back. */
export function saysBack(text: string): boolean {
  return BACK.test(text);
}
