import type { Change } from '../analysis/changes.ts';
import type { EventOf } from '../events.ts';
import { nameOf, type Voice } from './material.ts';
import { quoteOf } from './words.ts';

/** `change of the flag new-cache`; of what a pager was told, in the words of its sender: of several steps those of the last. */
export function settingChange(change: Change, events: Voice['events']): string {
  const told = change.cites
    .map((cite) => ('event' in cite ? events.get(cite.event) : undefined))
    .filter((event) => event?.type === 'config.changed');
  const last = told.at(-1);
  const { steps = [] } = change;
  if (!last || !isToldToPager(last)) return `change of the ${settingName(change)}`;
  if (steps.length > 1)
    return `change by ${nameOf(last.attributes.key)} in ${steps.length} steps up to ${quoteOf(last.attributes.value, 80)}`;
  return `change ${quoteOf(last.attributes.value, 120)} by ${nameOf(last.attributes.key)}`;
}

/** A change event says what was done in its sender's words, and names no setting. */
export function isToldToPager({ provenance }: EventOf<'config.changed'>): boolean {
  return provenance.stream === 'change_events';
}

/** What was set to what, without a full stop. */
export function settingChanged({ key, value }: EventOf<'config.changed'>['attributes']): string {
  return `Setting ${nameOf(key)} was changed${value === '' ? '' : ` to ${quoteOf(value, 80)}`}`;
}

/** `flag new-cache` of `flags/flag:new-cache@3`, `setting pool.size` of `ops/config:pool.size@7`. */
function settingName({ kind, key }: Change): string {
  const name = key.slice(key.indexOf(`/${kind}:`) + kind.length + 2).replace(/@[^@]*$/, '');
  return `${kind === 'flag' ? 'flag' : 'setting'} ${nameOf(name)}`;
}
