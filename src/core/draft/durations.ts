import type { Metric, MetricName, Milestone, MilestoneName, Milestones } from '../analysis/metrics.ts';
import { METRICS } from '../analysis/metrics.ts';
import { END_OF_SUSPECT, START_OF_A_FAILED_SUSPECT } from '../analysis/reversal-milestones.ts';
import type { Span } from '../time.ts';

/** What each milestone is called in a sentence. */
export const MILESTONE_WORDS = {
  suspect_deployed: 'end of the suspect deployment',
  impact_started: 'start of the impact',
  detected: 'detection',
  paged: 'page',
  acknowledged: 'acknowledgement',
  communicated: 'first status update',
  reversal_started: 'start of the reversal',
  reversed: 'end of the reversal',
  mitigated: 'mitigation',
  recovered: 'recovery',
  resolved: 'closing of the incident',
} as const satisfies Record<MilestoneName, string>;

/** What is missing where a milestone is not known. */
const MISSING = {
  ...MILESTONE_WORDS,
  suspect_deployed: 'suspect',
  communicated: 'status update',
  reversal_started: 'reversal',
  reversed: 'reversal',
  resolved: 'closing',
} as const satisfies Record<MilestoneName, string>;

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;
const UNITS = [
  [DAY, 'd'],
  [HOUR, 'h'],
  [MINUTE, 'min'],
  [SECOND, 's'],
] as const;

/** What a milestone is called where it is known how it was found: a suspect that was never whole counts from its start. */
export function milestoneWords(name: MilestoneName, milestone?: Milestone): string {
  return milestone?.known && milestone.rule === START_OF_A_FAILED_SUSPECT ? 'start of the suspect deployment' : MILESTONE_WORDS[name];
}

/** The label of a duration with both of its ends, since the field's abbreviations do not agree on them. */
export function labelOf(name: MetricName, milestones?: Milestones): string {
  const { label, from, to } = METRICS[name];
  const ends = `${milestoneWords(from, milestones?.[from])} to ${MILESTONE_WORDS[to]}`;
  return label.toLowerCase() === ends ? label : `${label}: ${ends}`;
}

/**
 * A duration as every document prints it: `17 min`, `18 min (17–18 min)`, `43 min so far`, `within 30 s of each other`,
 * `unknown: no recovery seen`. Where one event is both ends (a page that nothing detected before) there is nothing to measure.
 */
export function formatMetric(metric: Metric, milestones: Milestones): string {
  if (metric.status === 'running') return `${lengthOf(metric.atLeastMs, grainOf(metric.atLeastMs, 0), Math.floor)} so far`;
  if (metric.status === 'unknown') return `unknown: ${[...new Set(metric.missing.map((name) => missing(name, milestones)))].join(', ')}`;
  const { ms, minMs, maxMs } = metric.span;
  if (metric.status === 'measured') return formatSpan(metric.span);
  if (metric.status === 'indistinct' && new Set(metric.cites).size === 1) return 'none: one event is both';
  const widest = Math.max(Math.abs(minMs), Math.abs(maxMs));
  if (metric.status === 'indistinct') return `within ${boundOf(widest)} of each other`;
  return `the other way round, by ${formatSpan({ ms: -ms, minMs: -maxMs, maxMs: -minMs })}`;
}

/** A length with the bounds that its ends allow, where rounding does not hide them: `18 min (17–18 min)`. */
export function formatSpan({ ms, minMs, maxMs }: Span): string {
  const grain = grainOf(ms, maxMs - minMs);
  const value = lengthOf(ms, grain);
  // The second by which a stamp is cut is no bound that a reader should weigh.
  const from = ms - minMs <= SECOND ? value : lengthOf(Math.max(0, minMs), grain);
  const to = maxMs - ms <= SECOND ? value : lengthOf(maxMs, grain);
  if ((from === value && to === value) || (grain === SECOND && maxMs - minMs <= 2 * SECOND)) return value;
  if (from === '0 s') return `${value} (0–${to})`;
  const [, low, unit] = /^(\d+) (min|s)$/.exec(from) ?? [];
  return low && to.endsWith(` ${unit}`) && !to.slice(0, -` ${unit}`.length).includes(' ')
    ? `${value} (${low}–${to})`
    : `${value} (${from}–${to})`;
}

/** A length alone, rounded to what a reader can use: `45 s`, `2 min 34 s`, `37 min`, `3 h 12 min`. */
export function formatLength(ms: number): string {
  return lengthOf(ms, grainOf(ms, 0));
}

/** At most so long: rounded up, but for the seconds by which stamps are cut. */
export function boundOf(ms: number): string {
  const grain = grainOf(ms, Number.POSITIVE_INFINITY);
  return lengthOf(grain === SECOND ? ms : ms - 2 * SECOND, grain, Math.ceil);
}

/** Seconds where they can be known and matter, else minutes, else hours. */
function grainOf(ms: number, widthMs: number): number {
  if (ms < 90 * SECOND || (ms < 10 * MINUTE && widthMs <= 2 * SECOND)) return SECOND;
  return ms < 2 * DAY ? MINUTE : HOUR;
}

function lengthOf(ms: number, grain: number, round: (value: number) => number = Math.round): string {
  let rest = round(ms / grain) * grain;
  // Under two hours minutes are easier to compare than "1 h 37 min".
  const units = rest < 2 * HOUR ? UNITS.slice(2) : rest < 2 * DAY ? UNITS.slice(1) : UNITS;
  const parts: string[] = [];
  for (const [size, unit] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.join(' ') || (grain === SECOND ? '0 s' : '0 min');
}

function missing(name: MilestoneName, milestones: Milestones): string {
  const milestone = milestones[name];
  if (milestone.known) return `no ${MISSING[name]} seen`;
  // Of what was stopped the record may hold the end alone.
  if (name === 'reversal_started' && milestones.reversed.known && milestone.why === 'not_seen')
    return `no ${MILESTONE_WORDS[name]} seen, only its end`;
  // Of what began, it is the end that is missing.
  const isBegun =
    name === 'reversed' ? milestones.reversal_started.known : name === 'suspect_deployed' && milestone.wanted === END_OF_SUSPECT;
  const words = isBegun ? MILESTONE_WORDS[name] : MISSING[name];
  if (milestone.why === 'not_covered') return `${words} not covered by what was read`;
  const seen = name === 'suspect_deployed' && words === MISSING[name] ? 'found' : 'seen';
  return `no ${words} ${milestone.why === 'not_yet' ? 'yet' : seen}`;
}
