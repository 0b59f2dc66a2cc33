import type { EvidenceId } from '../evidence.ts';
import { remembered } from '../remembered.ts';
import type { Window } from '../time.ts';
import type { Stamped } from './normalize.ts';
import { compare } from './order.ts';

/** Why a part of a source was not read. */
export type GapReason =
  | 'retention'
  | 'result_limit'
  | 'unauthorized'
  | 'forbidden'
  | 'unavailable'
  | 'budget'
  | 'unreadable'
  | 'cancelled'
  | 'not_offered'
  | 'not_mapped'
  | 'unsupported';

/** A part of a window that we know we cannot see. */
export interface Gap {
  readonly window: Window;
  readonly reason: GapReason;
  readonly detail: string;
}

/** What one pull says of one stream: asked what, of when, and what it could not get. Pinned by a snapshot. */
export interface Pulled {
  readonly source: string;
  readonly stream: string;
  readonly need: 'needed' | 'extra';
  readonly window: Window;
  readonly status: 'complete' | 'partial' | 'failed' | 'not_asked';
  readonly gaps: readonly Gap[];
  /** Why a complete answer is empty, and what to set: "no deployments in 90 days, 37 runs of deploy.yml: set `deploys: workflow_runs`". */
  readonly hint?: string;
}

/** What we asked one stream, what came, and what the reader cannot see. */
export interface Coverage extends Pulled {
  readonly resolutionMs?: { readonly asked: number; readonly got: number };
  readonly records: number;
  /** Records by what they gave: a record is counted once, so the five sum to `records`. */
  readonly gave: {
    readonly events: number;
    readonly series: number;
    readonly facts: number;
    readonly issues: number;
    readonly nothing: number;
  };
  readonly issues: readonly { readonly evidence: EvidenceId; readonly pointer: string; readonly problem: string }[];
}

/** Records counted by their streams while they are read: of each record only what the table says of it is kept. */
export interface Tallies {
  count(stamped: Stamped): void;
  /**
   * The coverage table: one line for each stream of each source, in the order of their names, since sentences cite
   * `source/stream`. Several pulls of one stream (other windows, other keys) join: the window is what all of them span, the
   * gaps keep their own. A record is counted once, by the first of events, series, facts and issues that it gave. A stream
   * that was not asked by itself, because another stream's answer nests it, has a line as soon as it has a record.
   */
  lines(pulled: readonly Pulled[]): readonly Coverage[];
}

/** What the records of one stream gave. */
interface Tally {
  readonly source: string;
  readonly stream: string;
  records: number;
  readonly gave: Record<keyof Coverage['gave'], number>;
  readonly issues: Coverage['issues'][number][];
  /** By series key, the finest period that came. */
  readonly finest: Map<string, number>;
}

/** Starts to count what came of each stream, so that a line of coverage says how much its pulls gave. */
export function startTallies(): Tallies {
  const tallies = new Map<string, Tally>();
  const tallyOf = remembered((source) => remembered((stream) => startTally(tallies, source, stream)));
  /** By series key, the finest period that an alarm evaluates it at: what a reader would want to see. */
  const wanted = new Map<string, number>();
  return {
    count: (stamped) => {
      tally(tallyOf(stamped.record.source)(stamped.record.stream), stamped);
      for (const fact of stamped.facts) if (fact.kind === 'alarm') for (const key of fact.seriesKeys) keepLeast(wanted, key, fact.periodMs);
    },
    lines: (pulled) => {
      const pullsOf = Map.groupBy(pulled, lineOf);
      const nested = [...tallies].filter(([line]) => !pullsOf.has(line)).map(([, own]) => nestedPull(own, pulled));
      const lines = [...pullsOf.values()].map(joinPulls).concat(nested.filter((pull) => pull !== undefined));
      return lines
        .toSorted((a, b) => compare(lineOf(a), lineOf(b)))
        .map((line) => toCoverage(line, tallies.get(lineOf(line)) ?? emptyTally(line), wanted));
    },
  };
}

/** The coverage table of records that are at hand. */
export function coverageOf(pulled: readonly Pulled[], records: readonly Stamped[]): readonly Coverage[] {
  const tallies = startTallies();
  for (const stamped of records) tallies.count(stamped);
  return tallies.lines(pulled);
}

function startTally(tallies: Map<string, Tally>, source: string, stream: string): Tally {
  const started = emptyTally({ source, stream });
  tallies.set(lineOf(started), started);
  return started;
}

function emptyTally({ source, stream }: Pick<Pulled, 'source' | 'stream'>): Tally {
  return { source, stream, records: 0, gave: { events: 0, series: 0, facts: 0, issues: 0, nothing: 0 }, issues: [], finest: new Map() };
}

function tally(own: Tally, stamped: Stamped): void {
  own.records += 1;
  own.gave[kindOf(stamped)] += 1;
  for (const { pointer, problem } of stamped.issues) own.issues.push({ evidence: stamped.record.id, pointer, problem });
  for (const { key, periodMs } of stamped.series) keepLeast(own.finest, key, periodMs);
}

function keepLeast(least: Map<string, number>, key: string, value: number): void {
  least.set(key, Math.min(value, least.get(key) ?? Number.POSITIVE_INFINITY));
}

function lineOf({ source, stream }: Pick<Pulled, 'source' | 'stream'>): string {
  return `${source}/${stream}`;
}

function joinPulls(pulls: readonly Pulled[]): Pulled {
  const ordered = pulls.toSorted((a, b) => compare(a.window.from, b.window.from) || compare(canonicalOf(a), canonicalOf(b)));
  const [first] = ordered;
  if (!first) throw new RangeError('a line of coverage needs a pull');
  const statuses = new Set(ordered.map(({ status }) => status));
  const gaps = new Map(
    ordered.flatMap(({ gaps }) => gaps).map((gap) => [`${gap.window.from}/${gap.window.to}/${gap.reason}/${gap.detail}`, gap]),
  );
  const hint = ordered.find((pull) => pull.hint !== undefined)?.hint;
  return {
    source: first.source,
    stream: first.stream,
    need: ordered.some(({ need }) => need === 'needed') ? 'needed' : 'extra',
    window: spanOf(ordered),
    status: statuses.size === 1 ? first.status : 'partial',
    gaps: [...gaps.values()].toSorted((a, b) => compare(a.window.from, b.window.from) || compare(a.detail, b.detail)),
    ...(hint !== undefined && { hint }),
  };
}

function canonicalOf(pull: Pulled): string {
  return [pull.window.to, pull.status, pull.need, pull.hint ?? '', ...pull.gaps.map((gap) => `${gap.reason}${gap.detail}`)].join('|');
}

function spanOf(pulls: readonly Pulled[]): Window {
  const froms = pulls.map(({ window }) => window.from).toSorted(compare);
  const tos = pulls.map(({ window }) => window.to).toSorted(compare);
  const [from] = froms;
  const to = tos.at(-1);
  if (!from || !to) throw new RangeError('a line of coverage needs a pull');
  return { from, to };
}

/** A line for records that came nested in another stream's answer: as whole as that answer, over the source's windows. */
function nestedPull({ source, stream }: Tally, pulled: readonly Pulled[]): Pulled | undefined {
  const siblings = pulled.filter((pull) => pull.source === source);
  if (siblings.length === 0) return undefined;
  return { source, stream, need: 'extra', window: spanOf(siblings), status: 'complete', gaps: [] };
}

function toCoverage(pull: Pulled, { records, gave, issues, finest }: Tally, wanted: ReadonlyMap<string, number>): Coverage {
  const resolution = coarsest(finest, wanted);
  // What no service claims was never asked for.
  const isUnasked = records === 0 && pull.gaps.length > 0 && pull.gaps.every((gap) => gap.reason === 'not_mapped' && isWhole(gap, pull));
  return {
    ...pull,
    ...(isUnasked && { status: 'not_asked' as const }),
    ...(resolution && { resolutionMs: resolution }),
    records,
    gave,
    issues: issues.toSorted((a, b) => compare(a.evidence, b.evidence) || compare(a.pointer, b.pointer) || compare(a.problem, b.problem)),
  };
}

function isWhole(gap: Gap, { window }: Pulled): boolean {
  return gap.window.from <= window.from && gap.window.to >= window.to;
}

function kindOf(stamped: Stamped): keyof Coverage['gave'] {
  if (stamped.events.length > 0) return 'events';
  if (stamped.series.length > 0) return 'series';
  if (stamped.facts.length > 0) return 'facts';
  return stamped.issues.length > 0 ? 'issues' : 'nothing';
}

/** Of the series that alarms name: the wanted period beside the finest that came, where the two differ most. */
function coarsest(finest: ReadonlyMap<string, number>, wanted: ReadonlyMap<string, number>): Coverage['resolutionMs'] {
  const pairs = [...finest].flatMap(([key, got]) => {
    const asked = wanted.get(key);
    return asked === undefined ? [] : [{ asked, got }];
  });
  return pairs.toSorted((a, b) => b.got / b.asked - a.got / a.asked || b.got - a.got)[0];
}
