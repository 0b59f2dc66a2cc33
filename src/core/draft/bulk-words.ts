import type { EventOf, TimelineEvent } from '../events.ts';
import { between } from '../time.ts';
import type { TimelineEntry } from '../timeline/entry.ts';
import { wasCalled } from './called.ts';
import { formatLength } from './durations.ts';
import { factsOf, nameOf, type Voice } from './material.ts';
import { capitalOf, countOf, listOf, numberOf } from './words.ts';

type Step = EventOf<'incident.triggered' | 'incident.acknowledged' | 'incident.merged' | 'incident.resolved'>;

/** Numbers that a row of many incidents carries; the JSON has all. */
const NAMED = 4;

/** The words of a row that stands for one step of many incidents; nothing for any other row. */
export function wordBulk({ event, members, until }: Extract<TimelineEntry, { readonly kind: 'span' }>, voice: Voice): string | undefined {
  const steps = members.filter(isStep).filter(({ type }) => type === event.type);
  const ids = [...new Set(steps.map(({ attributes }) => attributes['incident.id']))];
  const [first] = steps;
  if (!first || ids.length < 2) return undefined;
  const names = namedOf(ids, voice).map((id) => numberIn(voice, `/incident:${id}`));
  const list = listOf([...names, ...(ids.length > NAMED ? [`${numberOf(ids.length - NAMED)} more`] : [])]);
  const lastMs = between(event.time, until).ms;
  return `${WORDS[first.type](steps, ids.length, voice)} ${lastMs < 1_000 ? 'at once' : `within ${formatLength(lastMs)}`}: ${list}.`;
}

const WORDS = {
  'incident.triggered': (steps, count, voice) =>
    `${countOf(count, 'incident')} were opened${steps.every((step) => wasCalled(voice, keyOf(step))) ? ' and the on-call paged' : ''}`,
  'incident.acknowledged': (steps, count, voice) => did(steps, count, voice, 'acknowledged'),
  'incident.merged': (steps, count, voice) => {
    const targets = new Set(steps.map((step) => targetOf(step, voice)));
    const [target] = targets;
    return `${countOf(count, 'incident')} were merged into ${targets.size === 1 && target !== undefined ? numberIn(voice, target) : 'others'}`;
  },
  'incident.resolved': (steps, count, voice) => did(steps, count, voice, 'closed'),
} as const satisfies Record<Step['type'], (steps: readonly Step[], count: number, voice: Voice) => string>;

/** The first, and among them the one that the draft was asked for, which is looked for in the table. */
function namedOf(ids: readonly string[], { theCase }: Voice): readonly string[] {
  const asked = ids.slice(NAMED).find((id) => theCase.incidents[0].endsWith(`/incident:${id}`));
  return asked === undefined ? ids.slice(0, NAMED) : [...ids.slice(0, NAMED - 1), asked];
}

function isStep(event: TimelineEvent): event is Step {
  return Object.hasOwn(WORDS, event.type);
}

function did([first]: readonly Step[], count: number, { whoIs }: Voice, verb: string): string {
  const who = first?.actor?.name ?? whoIs(first?.actor?.id);
  return who === undefined
    ? `${countOf(count, 'incident')} were ${verb}`
    : `${capitalOf(nameOf(who))} ${verb} ${countOf(count, 'incident')}`;
}

function keyOf({ correlationKeys }: Step): string | undefined {
  return correlationKeys.find((key) => key.includes('/incident:'));
}

/** The key of what an incident was merged into, as its entry says it, else as its own record does. */
export function targetOf(event: TimelineEvent, material: Voice): string | undefined {
  const { attributes } = event;
  const id = 'incident.id' in attributes ? attributes['incident.id'] : '';
  const said = 'merged.into' in attributes ? attributes['merged.into'] : undefined;
  return said ?? factsOf(material, 'incident').find(({ key }) => key.endsWith(`/incident:${id}`))?.mergedInto;
}

/** `#4821`, or the vendor's id where its number was not read. */
export function numberIn(material: Voice, key: string): string {
  const number = factsOf(material, 'incident').find((fact) => fact.key.endsWith(key))?.number;
  return number === undefined ? nameOf(key.split('/incident:')[1] ?? key) : `#${number}`;
}
