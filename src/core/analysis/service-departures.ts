import { epochMs, type Moment } from '../time.ts';
import { compare } from '../timeline/order.ts';
import { findDepartures, type ScanQuestion, type SeenDeparture } from './departures.ts';
import type { Refusal } from './onset.ts';
import { startOf } from './track.ts';

/** When a service left its normal: the first of its series that did, and all that left with it, in the order of their onsets. */
export interface ServiceDeparture {
  readonly time: Moment;
  readonly first: SeenDeparture;
  readonly members: readonly [SeenDeparture, ...SeenDeparture[]];
  /** 1 is just enough to be told from what so many series do by chance. */
  readonly strength: number;
}

/** What a scan of all series of a service says: its departures, and which series were refused and why. */
export interface ServiceScan {
  readonly departures: readonly ServiceDeparture[];
  readonly refused: readonly { readonly key: string; readonly refusal: Refusal }[];
}

/** A departure of a series counts toward its service from this strength on, whether or not it is one by itself. */
const COUNTS = 0.7;
/** Series that leave within so many periods of the first leave together: their points do not begin at one moment. */
const TOGETHER_PERIODS = 2;
/** So many periods in which a level that stays is still changing: other measures that leave then leave with it. */
const CHANGES_PERIODS = 5;
/** What a collector stamps may be this old, so that the end of a period shows only in the next: cAdvisor looks every 10 to 15 s. */
const SAMPLED_MS = 15_000;
/** Two measures of a service depart together when the harmonic mean of their strengths reaches this. */
const TWO_MEASURES = 2.5;
/** One measure alone among many must be further out, since of many series one is always the oddest. */
const ONE_MEASURE = 3.4;

/**
 * The departures of a service, from all of its series together and with no firing given.
 *
 * Series that leave their normal at the same time are one departure, dated by the first of them. The statistics of one metric
 * are one measure, since its percentiles move together anyway; what counts is that a second, other measure leaves with it, or
 * that one leaves by far. Asking for a second witness keeps the false onsets of a service as rare as those of one series, which
 * the number of series would otherwise multiply (as "m of n" rules do for the channels of a monitor). Whoever knows from elsewhere that
 * something was wrong then asks for a `least` strength under 1.
 */
export function findServiceDepartures(questions: readonly ScanQuestion[], least = 1): ServiceScan {
  const answers = questions.map((question) => ({ key: question.series.key, answer: findDepartures(question, COUNTS) }));
  const refused = answers.flatMap(({ key, answer }) => ('found' in answer ? [{ key, refusal: answer }] : []));
  const seen = answers.flatMap(({ answer }) => ('found' in answer ? [] : answer));
  const ordered = seen.toSorted((a, b) => compare(a.time.at, b.time.at) || compare(a.series.key, b.series.key));
  const departures = groupsOf(ordered)
    .map((members): ServiceDeparture => {
      const first = firstOf(members);
      return { time: timeOf(first, members), first, members, strength: strengthOf(members) };
    })
    .filter(({ strength }) => strength >= least);
  return { departures: departures.filter((one, at) => !isPartOf(one, departures[at - 1])), refused };
}

type Group = [SeenDeparture, ...SeenDeparture[]];

function groupsOf(ordered: readonly SeenDeparture[]): readonly Group[] {
  const groups: Group[] = [];
  for (const departure of ordered) {
    const group = groups.at(-1);
    const withinMs = TOGETHER_PERIODS * departure.series.periodMs;
    if (group && epochMs(departure.time.at) - epochMs(group[0].time.at) <= withinMs) group.push(departure);
    else groups.push([departure]);
  }
  return groups;
}

/** A departure that begins while another goes on, until half of its series are back, is a part of it; not of one too weak to be told alone. */
function isPartOf({ first, strength }: ServiceDeparture, before: ServiceDeparture | undefined): boolean {
  if (!before || before.strength < Math.min(1, strength)) return false;
  const ends = before.members.map(overAt).toSorted((a, b) => a - b);
  return epochMs(first.time.at) < (ends[Math.floor((ends.length - 1) / 2)] ?? 0);
}

/** A level that stays is over when it has changed, which takes a few periods: what comes then is something else. */
function overAt({ track, index, end, hasSettled }: SeenDeparture): number {
  return startOf(track, hasSettled ? index + CHANGES_PERIODS : end + 1);
}

/**
 * From where the first of them may have begun to where the furthest had: the first sign of a departure may be chance, and so the
 * truth may also lie in the period in which it became plain. What is sampled reaches back by its age.
 */
function timeOf(first: SeenDeparture, members: Group): Moment {
  const plain = members.reduce((furthest, one) => (one.strength > furthest.strength ? one : furthest), first);
  const untilMs = Math.max(endMs(first.time), endMs(plain.time));
  const { at, minusMs } = first.time;
  return { at, minusMs: minusMs + SAMPLED_MS, plusMs: untilMs - epochMs(at) };
}

function endMs({ at, plusMs }: Moment): number {
  return epochMs(at) + plusMs;
}

/** The first that departs by itself; where none does and only their number tells, the first of all. */
function firstOf(members: Group): SeenDeparture {
  return members.find(({ strength }) => strength >= 1) ?? members[0];
}

function strengthOf(members: Group): number {
  const measures = Map.groupBy(members, ({ series }) => measureOf(series.key));
  const strengths = [...measures.values()].map((all) => Math.max(...all.map(({ strength }) => strength)));
  const [most = 0, second = 0] = strengths.toSorted((a, b) => b - a);
  const both = second > 0 ? (2 * most * second) / (most + second) : 0;
  return Math.max(both / TWO_MEASURES, most / ONE_MEASURE);
}

/** A series' key without its statistic. */
function measureOf(key: string): string {
  return key.split('#')[0] ?? key;
}
