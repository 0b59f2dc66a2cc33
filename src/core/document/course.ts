import type { Analysis } from '../analysis/analyze.ts';
import { METRICS, type MetricName, type Milestone, type MilestoneName, type Milestones } from '../analysis/metrics.ts';
import { formatSpan, MILESTONE_WORDS, milestoneWords } from '../draft/durations.ts';
import type { TimelineEvent } from '../events.ts';
import { between, type Span } from '../time.ts';
import { type Claim, ENDS, type Quantity } from './claims.ts';
import { inWords } from './durations.ts';
import type { DocumentFinding } from './finding.ts';
import { type Happening, WHOLE_DAY_MS } from './happenings.ts';
import { isStated } from './lengths.ts';
import type { Role } from './roles.ts';
import { findShift, isDayShift } from './slips.ts';

/** What the record knows of an incident's course: what any post-mortem of it can be held against. */
export type RecordedCourse = Pick<Analysis, 'milestones' | 'durations' | 'timeline'>;

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
type Known = Extract<Milestone, { readonly known: true }>;

/** As which entry of a timeline a milestone may be told. Mitigation is mostly one of the others. */
const TOLD_AS: readonly (readonly [milestone: MilestoneName, roles: readonly Role[]])[] = [
  ['suspect_deployed', ['change']],
  ['impact_started', ['started']],
  ['detected', ['detected']],
  ['paged', ['declared', 'detected']],
  ['acknowledged', ['acknowledged']],
  ['communicated', ['status']],
  ['reversal_started', ['reversal']],
  ['reversed', ['reversed']],
  ['recovered', ['repaired']],
  ['resolved', ['resolved']],
];
/** Only an entry that says so tells these, since others happen in the same minute; and only events of the type can be meant. */
const SAID: ReadonlyMap<MilestoneName, TimelineEvent['type']> = new Map([
  ['acknowledged', 'incident.acknowledged'],
  ['communicated', 'status.published'],
]);

/** The durations of which a stated quantity may be one: documents count from different ends. */
const COUNTED_AS: Readonly<Partial<Record<Quantity, readonly MetricName[]>>> = {
  time_to_detect: ['time_to_detect', 'deployment_to_detection'],
  time_to_acknowledge: ['time_to_acknowledge'],
  time_to_repair: ['time_to_mitigate', 'time_to_recover', 'detection_to_recovery'],
  time_to_resolve: ['time_to_resolve', 'time_to_recover', 'detection_to_recovery'],
  time_to_recover: ['time_to_recover', 'detection_to_recovery', 'failed_deployment_recovery'],
  impact: ['time_to_recover', 'detection_to_recovery', 'time_to_resolve'],
  reversal: ['time_to_reverse'],
};

/**
 * Holds a document that is none of ours against the record: its entries by time and by what they tell, its stated durations by what
 * was measured. Times that are all off by whole hours are one finding; of what it lacks only milestones are told.
 */
export function compareWithCourse(
  happenings: readonly Happening[],
  claims: readonly Claim[],
  course: RecordedCourse,
): readonly DocumentFinding[] {
  const times = course.timeline.flatMap(({ event }) => Date.parse(event.time.at));
  const known = [...times, ...Object.values(course.milestones).flatMap((one) => (one.known ? [Date.parse(one.time.at)] : []))];
  const placed = onItsDay(happenings, known);
  if (isOfAnotherDay(placed, known)) return [otherDay(placed[0], course.milestones, known)];
  const shift = findShift(placed, known);
  const moved = shift ? placed.map((one) => ({ ...one, atMs: one.atMs + shift.ms })) : placed;
  return [
    ...(shift ? [slipFinding(shift.fitting[0], shift.ms, shift.fitting.length, placed.length)] : []),
    ...milestoneFindings(moved, known, course),
    ...claims.flatMap((claim) => claimFinding(claim, course)),
  ];
}

function statusTimes(timeline: RecordedCourse['timeline']): readonly number[] {
  return timesOf(timeline, 'status.published');
}

function timesOf(timeline: RecordedCourse['timeline'], wanted: TimelineEvent['type']): readonly number[] {
  return timeline
    .flatMap((entry) => (entry.kind === 'span' ? entry.members : [entry.event]))
    .filter(({ type }) => type === wanted)
    .map(({ time }) => Date.parse(time.at))
    .toSorted((a, b) => a - b);
}

function gapsOf(times: readonly number[]): readonly number[] {
  return times.slice(1).map((ms, index) => ms - (times[index] ?? ms));
}

/** Times of a document that names no day are of the record's. */
function onItsDay(happenings: readonly Happening[], known: readonly number[]): readonly Happening[] {
  const [first] = known.toSorted((a, b) => a - b);
  const timed = happenings.filter(({ stepMs }) => stepMs < WHOLE_DAY_MS);
  if (first === undefined || timed.some(({ atMs }) => atMs > 2 * DAY_MS)) return timed;
  const dayMs = Math.floor(first / DAY_MS) * DAY_MS;
  return timed.map((one) => ({ ...one, atMs: one.atMs + dayMs }));
}

function isOfAnotherDay(happenings: readonly Happening[], known: readonly number[]): boolean {
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return happenings.length > 0 && known.length > 0 && happenings.every(({ atMs }) => atMs < low - 3 * DAY_MS || atMs > high + 3 * DAY_MS);
}

function otherDay(
  first: Happening | undefined,
  { paged, detected, impact_started: started }: Milestones,
  known: readonly number[],
): DocumentFinding {
  const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  const begun = [started, detected, paged].find((one) => one.known);
  const recorded = begun?.known ? begun.time.at.slice(0, 10) : dayOf(Math.min(...known));
  return {
    line: first?.line ?? 1,
    kind: 'differs_from_record',
    stated: `${first?.stamp ?? ''} ${first?.text ?? ''}`.trim(),
    follows: `The document tells of ${dayOf(first?.atMs ?? 0)}, the record of ${recorded}: they may be of different incidents.`,
    sure: 'likely',
    verdict: 'wrong',
  };
}

function slipFinding(first: Happening | undefined, ms: number, fitting: number, all: number): DocumentFinding {
  const by = inWords(Math.abs(ms));
  return {
    line: first?.line ?? 1,
    kind: isDayShift(ms) ? 'midnight_slip' : 'zone_slip',
    stated: `${first?.stamp ?? ''} ${first?.text ?? ''}`.trim(),
    follows: `${fitting} of ${all} times fit the record when moved ${ms > 0 ? 'on' : 'back'} by ${by}: another zone, or another day?`,
    sure: 'likely',
    verdict: 'wrong',
  };
}

function milestoneFindings(
  happenings: readonly Happening[],
  known: readonly number[],
  { milestones, timeline }: RecordedCourse,
): readonly DocumentFinding[] {
  return TOLD_AS.flatMap(([name, roles]): readonly DocumentFinding[] => {
    const milestone = milestones[name];
    const says = (one: Happening) => !SAID.has(name) || roles.some((role) => one.roles.has(role));
    if (!milestone.known || happenings.some((one) => isAt(one, milestone) && says(one))) return [];
    const words = `the ${milestoneWords(name, milestone)}`;
    const atMs = Date.parse(milestone.time.at);
    const has = `The record has ${words} at ${milestone.time.at.slice(11, 16)} UTC`;
    const type = SAID.get(name);
    const told = wronglyTold(happenings, type ? timesOf(timeline, type) : known, roles).toSorted(
      (a, b) => Math.abs(a.atMs - atMs) - Math.abs(b.atMs - atMs),
    )[0];
    if (told) {
      const stated = `${told.stamp} ${told.text}`;
      return [{ line: told.line, kind: 'differs_from_record', stated, follows: `${has}.`, sure: 'likely', verdict: 'wrong' }];
    }
    const above = happenings.filter((one) => one.atMs <= atMs).toSorted((a, b) => b.atMs - a.atMs)[0] ?? happenings[0];
    const follows = `${has}${name === 'communicated' ? alsoOf(timeline) : ''}; the timeline does not tell of it.`;
    return [{ line: above?.line ?? 1, kind: 'event_missing', stated: words, follows, sure: 'possible', verdict: 'wrong' }];
  });
}

/** Entries of a kind at a time of which the record knows nothing. */
function wronglyTold(happenings: readonly Happening[], known: readonly number[], roles: readonly Role[]): readonly Happening[] {
  return happenings.filter(
    (one) => roles.some((role) => one.roles.has(role)) && !known.some((ms) => Math.abs(ms - one.atMs) <= one.stepMs),
  );
}

function alsoOf(timeline: RecordedCourse['timeline']): string {
  const { length } = statusTimes(timeline);
  return length > 1 ? `, and ${length - 1} more after it` : '';
}

function isAt({ atMs, stepMs }: Happening, { time }: Known): boolean {
  const ms = Date.parse(time.at);
  return atMs + stepMs > ms - time.minusMs - MINUTE_MS && atMs <= ms + time.plusMs + MINUTE_MS;
}

function claimFinding(claim: Claim, course: RecordedCourse): readonly DocumentFinding[] {
  if (claim.quantity === 'cadence') return cadenceFinding(claim, course);
  const [first] = measuredFor(claim, course);
  if (!first || claim.isPartial || supportOf(claim, course) !== undefined) return [];
  return [finding(claim, 'differs_from_record', inRecord(first, course))];
}

/** What the record has of a stated length, and between which milestones. */
interface Recorded {
  readonly from: MilestoneName;
  readonly to: MilestoneName;
  readonly span: Span;
}

function inRecord({ from, to, span }: Recorded, { milestones }: RecordedCourse): string {
  return `The record has ${formatSpan(span)}, from ${milestoneWords(from, milestones[from])} to ${MILESTONE_WORDS[to]}.`;
}

function measuredFor({ quantity, start, end }: Claim, { durations, milestones }: RecordedCourse): readonly Recorded[] {
  const to = end ?? ENDS[quantity]?.to;
  if (start && to) return apartOf(toldAs(start), toldAs(to), milestones);
  return (COUNTED_AS[quantity] ?? []).flatMap((name) => {
    const metric = durations[name];
    return metric.status === 'measured' ? [{ ...METRICS[name], span: metric.span }] : [];
  });
}

/** The milestones that entries of these roles tell of; what is over is mitigated, too. */
function toldAs(roles: readonly Role[]): readonly MilestoneName[] {
  const names = TOLD_AS.flatMap(([name, told]) => (told.some((role) => roles.includes(role)) ? [name] : []));
  return roles.includes('repaired') ? [...names, 'mitigated'] : names;
}

function apartOf(starts: readonly MilestoneName[], ends: readonly MilestoneName[], milestones: Milestones): readonly Recorded[] {
  return starts.flatMap((from) =>
    ends.flatMap((to): readonly Recorded[] => {
      const [first, last] = [milestones[from], milestones[to]];
      if (from === to || !first.known || !last.known) return [];
      const span = between(first.time, last.time);
      return span.ms < 0 ? [] : [{ from, to, span }];
    }),
  );
}

/** What in the record bears a claim out, in a sentence; nothing where it does not. */
export function supportOf(claim: Claim, course: RecordedCourse): string | undefined {
  if (claim.quantity === 'cadence') {
    const gaps = gapsOf(statusTimes(course.timeline));
    const isKept = gaps.length > 0 && Math.max(...gaps) <= claim.length.ms * 1.5 + claim.length.halfStepMs;
    return isKept ? `The record has ${gaps.length + 1} status updates, at most ${inWords(Math.max(...gaps))} apart.` : undefined;
  }
  const held = measuredFor(claim, course).find(({ span }) => isWithin(claim, span));
  return held && inRecord(held, course);
}

/** "Under two minutes" is held against the best answer: a bound that lies a second lower bears nothing out. */
function isWithin({ length }: Claim, span: Span): boolean {
  if (length.bound === 'under' || length.bound === 'over') return isStated(length, span.ms);
  return isStated(length, span.ms) || isStated(length, span.minMs) || isStated(length, span.maxMs);
}

function cadenceFinding(claim: Claim, course: RecordedCourse): readonly DocumentFinding[] {
  if (supportOf(claim, course) !== undefined) return [];
  const times = statusTimes(course.timeline);
  const follows =
    times.length < 2
      ? `The record has ${times.length === 0 ? 'no status update' : 'one status update'} that could show it.`
      : `Two status updates of the record are ${inWords(Math.max(...gapsOf(times)))} apart.`;
  return [finding(claim, 'claim_unsupported', follows)];
}

function finding({ line, text }: Claim, kind: DocumentFinding['kind'], follows: string): DocumentFinding {
  return { line, kind, stated: text, follows, sure: 'likely', verdict: 'wrong' };
}
