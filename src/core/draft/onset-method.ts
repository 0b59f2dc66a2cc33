import type { HeldAgainst, ImpactVoice } from '../analysis/impact-voices.ts';
import { durationMs, type Moment } from '../time.ts';
import { citeMilestone, say } from './cite.ts';
import { formatLength } from './durations.ts';
import { type Known, known } from './known.ts';
import type { Material } from './material.ts';
import type { Block, Cited } from './model.ts';
import { countOf, numberOf, stampOf, UNSAID_MS, whenOf } from './words.ts';

/** How the start was found, in words that whoever reads the draft can check against the graph; only where a metric told it. */
export function method(material: Material): readonly Block[] {
  const start = known(material, 'impact_started');
  const voice = start && material.analysis.impactSeries.find(({ cites: [cite] }) => 'event' in cite && cite.event === start.cites[0]);
  if (!start || !voice?.against) return [];
  const cites = citeMilestone(start);
  const [first, ...rest] = [...foundBy(voice, voice.against, start, material.day), exactness(voice.against, start.time, material.day)];
  if (first === undefined) return [];
  const sentences = [
    say(first, cites),
    ...rest.map((text) => say(text, cites)),
    ...firstStep(voice, material.day),
    ...unseenStep(voice, material.day),
    ...end(material),
  ] as const;
  return [{ kind: 'prose', key: 'impact.method', sentences }];
}

function foundBy(voice: ImpactVoice, against: HeldAgainst, { time }: Known, day: string): readonly string[] {
  const { value, valueAt, expected, limit, points, course } = against;
  const at = stampOf(time.at, day);
  if (value === undefined)
    return [`How the start was found: the values stopped at ${at}, and the alarm takes a missing value for a bad one.`];
  const before = course === undefined ? '' : ` The usual course of the ${course} was taken off first.`;
  const led = voice.alarm === undefined ? 'to the incident' : 'to the alarm';
  const neighbors = voice.scan ? ' With no alarm on it, two neighboring values beyond it are asked for.' : '';
  const isPlain = Math.abs(value - expected) >= Math.abs(limit - expected);
  const found = (of: string) => `The first value beyond that noise which led ${led} is ${of}.${neighbors}`;
  return [
    `How the start was found: each value is held against the middle of the ${countOf(points, 'normal value')} before it and the noise around it.${before}`,
    ...(valueAt === undefined
      ? [found(`the start: ${numberOf(value)} at ${at}`)]
      : [
          found(`${numberOf(value)}, ${whenOf({ at: valueAt, minusMs: 0, plusMs: 0 }, day)}`),
          `The way to it is slow: its line leaves the level before it at ${at}, and that is the start.`,
        ]),
    `About ${short(expected)} was usual then${isPlain ? `, and ${short(limit)} the limit` : ''}.`,
  ];
}

/** Three figures: what is usual is an estimate. */
function short(value: number): string {
  return numberOf(Number(value.toPrecision(3)));
}

/** A value says nothing of where in its period something began; and before it a small or slow start does not show. */
function exactness({ periodMs, absent = 0 }: HeldAgainst, time: Moment, day: string): string {
  const missing = absent === 0 ? '' : absent === 1 ? ', the one before is missing' : `, the ${absent} before are missing`;
  const each = `Each value covers ${formatLength(periodMs)}${missing}`;
  if (time.minusMs === 0) return `${each}, and the start is no more exact than that.`;
  const widthMs = time.minusMs + time.plusMs;
  const known = widthMs <= UNSAID_MS ? `is known to within ${formatLength(widthMs)}` : `lies ${whenOf(time, day)}`;
  return `${each} and a small or slow start does not show at once, so it ${known}.`;
}

/** The record of a rollout tells of a start that the metric alone does not show. */
function firstStep({ mayBeginWith }: ImpactVoice, day: string): readonly Cited[] {
  if (!mayBeginWith) return [];
  const { at, cites } = mayBeginWith;
  return [say(`A rollout was under way: its step at ${stampOf(at.at, day)} is a start that the noise does not rule out.`, cites)];
}

/** Where the record of changes has a gap nobody can say that no canary was there. */
function unseenStep({ mayBeginIn }: ImpactVoice, day: string): readonly Cited[] {
  if (!mayBeginIn) return [];
  const { window, cites } = mayBeginIn;
  const span = `between ${stampOf(window.from, day)} and ${stampOf(window.to, day)}`;
  return [say(`Changes ${span} could not be read: a small first step of one is a start that the noise does not rule out.`, cites)];
}

function end(material: Material): readonly Cited[] {
  const recovered = known(material, 'recovered');
  if (!recovered || material.events.get(recovered.cites[0])?.type !== 'metric.recovered') return [];
  const length = formatLength(durationMs(material.theCase.policy.stable_for));
  const all = recovered.cites.length > 1 ? 'all of these metrics were' : 'the metric was';
  return [say(`The impact counts as over from the moment after which ${all} normal for ${length}.`, citeMilestone(recovered))];
}
