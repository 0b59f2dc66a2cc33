import type { Case } from '../case.ts';
import type { RecordedEvent } from '../events.ts';
import { addMs, between, type Moment } from '../time.ts';
import type { Change } from './changes.ts';
import { isSetting } from './settings.ts';
import type { Impact } from './weighing.ts';

/** What a sentence says was set: from which value to which, as they are written there. */
export interface Swap {
  readonly subject: string;
  readonly from: string;
  readonly to: string;
}

/** A value has a digit or is quoted, or is a word of a switch or a level: "from Monday to Friday" names none. */
const VALUE = '([`"“\'‘]?[\\w.%+:/-]+(?:,\\d{3})*[`"”\'’]?)';
const FROM_TO = new RegExp(`\\bfrom\\s+${VALUE}\\s+to\\s+${VALUE}(?=[\\s,;.)!]|$)`, 'i');
const ARROW = new RegExp(`(?:^|[\\s:=(])${VALUE}\\s*(?:->|=>|→)\\s*${VALUE}(?=[\\s,;.)!]|$)`);
/** It was not done, or not yet: what failed over was, and so was a scheduled patch. */
const NOT_DONE =
  /\b(?:not|never|fail(?:ed|s)?(?![ -]?over)|will|would|should|(?:planned|scheduled)(?! (?:failover|maintenance|patch|restart|switch|upgrade|window))|pending|proposed|requested|plans?|may|might)\b|n't\b/i;
/** Words of the setting itself: which way it went is told by the values. */
const VERBS = new Set(
  (
    'a an the of for was were is are been has have its in on set sets setting changed change changes config configuration scaled scale scales scaling up down out in back ' +
    'increased increase increases decreased decrease decreases reduced reduce reduces raised raise lowered lower bumped bump cut grew shrank put ' +
    'updated update adjusted moved resized resize value again reset restored'
  ).split(' '),
);

/** The values that a text says something was set from and to, and what that is; nothing where it does not tell all three. */
export function swapIn(text: string): Swap | undefined {
  if (NOT_DONE.test(text)) return undefined;
  const found = FROM_TO.exec(text) ?? ARROW.exec(text);
  const [from, to] = [bare(found?.[1]), bare(found?.[2])];
  if (!found || from === '' || to === '' || from === to) return undefined;
  // What stands behind the values says who and why; only where nothing stands before them it says what.
  const before = subjectIn(text.slice(0, found.index));
  const subject = before === '' ? subjectIn(text.slice(found.index + found[0].length)) : before;
  return subject === '' ? undefined : { subject, from, to };
}

function bare(value: string | undefined): string {
  return (value ?? '')
    .replace(/^[`"“'‘]|[`"”'’]$/g, '')
    .replace(/[.:]$/, '')
    .toLowerCase();
}

function subjectIn(text: string): string {
  const words = text.toLowerCase().split(/[^\p{L}\p{N}._/-]+/u);
  return words
    .map((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''))
    .filter((word) => word !== '' && !VERBS.has(word))
    .join(' ');
}

/**
 * The changes, where one put back in values what an earlier one had set: "from 200 to 20", then "from 20 to 200". What was set only once the impact stood
 * is an answer to it, an autoscaler's above all, and what undoes that later is no reversal of a cause; nor is what came after the impact was over, or
 * before it began. Of a case whose impact has no time nothing is joined.
 */
export function withSwapsJoined(changes: readonly Change[], events: Case['events'], impact: Impact): readonly Change[] {
  const began = impact.started ?? impact.known;
  if (!began) return changes;
  const told = changes.some(({ kind }) => isOfSettings(kind)) ? settingsBy(events) : undefined;
  if (!told) return changes;
  const swaps = new Map(changes.map((change) => [change, swapOf(change, told)]));
  return changes.map((change, at) => {
    const swap = swaps.get(change);
    if (!swap || change.reverses !== undefined || !isWithin(change, began, impact.recovery)) return change;
    const last = changes.slice(0, at).findLast((other) => isSameLane(other, change) && swaps.get(other)?.subject === swap.subject);
    const set = last && swaps.get(last);
    const isSwapped = set?.from === swap.to && set.to === swap.from;
    return last && isSwapped && last.reverses === undefined && isBefore(last, began, impact.known)
      ? { ...change, reverses: last.key }
      : change;
  });
}

function isOfSettings(kind: Change['kind']): boolean {
  return kind === 'config' || kind === 'flag';
}

type Told = ReadonlyMap<string, { readonly source: string; readonly key: string; readonly value: string }>;

function settingsBy(events: Case['events']): Told {
  const recorded = events.filter((event): event is RecordedEvent => !('rule' in event.provenance)).filter(isSetting);
  return new Map(recorded.map(({ id, attributes, provenance }) => [id, { source: provenance.source, ...attributes }]));
}

/** What a change of one step says; one of many has no one pair of values. */
function swapOf({ kind, cites, steps }: Change, told: Told): Swap | undefined {
  const [cite] = cites;
  if (!isOfSettings(kind) || steps !== undefined || !('event' in cite)) return undefined;
  const value = told.get(cite.event)?.value;
  return value === undefined ? undefined : swapIn(value);
}

function isSameLane(a: Change, b: Change): boolean {
  return a.kind === b.kind && a.belongs.service === b.belongs.service && a.environment === b.environment && laneOf(a) === laneOf(b);
}

/** The source and the setting's own key, without the event that named it. */
function laneOf({ key }: Change): string {
  return key.slice(0, key.lastIndexOf('@'));
}

/** After the impact began, and before it was over. */
function isWithin({ began: { at } }: Change, began: Moment, over: Moment | undefined): boolean {
  return at > began.at && (over === undefined || addMs(over.at, over.plusMs) >= at);
}

/** Before the impact began, as far as its bounds tell, and before anybody or anything could know of it. */
function isBefore({ began: set }: Change, began: Moment, known: Moment | undefined): boolean {
  return between(set, began).maxMs > 0 && (known === undefined || set.at < known.at);
}
