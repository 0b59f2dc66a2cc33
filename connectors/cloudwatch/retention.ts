import { addMs, epochMs, type Instant, instantAt, type Window } from '../../src/contract/index.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** "The alarm history is retained for 30 days" (Amazon CloudWatch User Guide; older texts say two weeks). */
export const HISTORY_DAYS = 30;

/** The oldest item of alarm history that is still kept. */
export function oldestHistory(now: Instant): Instant {
  return addMs(now, -HISTORY_DAYS * DAY_MS);
}

/**
 * What CloudWatch keeps, and for how long ("Metrics retention", Amazon CloudWatch User Guide). Values finer than a minute exist for
 * high-resolution metrics only. Each period is stored in aligned chunks of its own length, so that windows share evidence.
 */
const TIERS = [
  { periodSeconds: 1, keptMs: 3 * HOUR_MS, words: 'values finer than a minute for 3 hours' },
  { periodSeconds: 60, keptMs: 15 * DAY_MS, words: '1-minute values for 15 days' },
  { periodSeconds: 300, keptMs: 63 * DAY_MS, words: '5-minute values for 63 days' },
  { periodSeconds: 3_600, keptMs: 455 * DAY_MS, words: '1-hour values for 455 days' },
] as const;

/** How far back each thing can still be read, in words: `alarm history reaches back to 2023-12-16, 1-minute values to …`. */
export function reachOf(now: Instant): string {
  const dayOf = (keptMs: number) => addMs(now, -keptMs).slice(0, 10);
  const values = TIERS.filter(({ keptMs }) => keptMs >= DAY_MS).map(({ periodSeconds, keptMs }) => {
    return `${inWords(periodSeconds).replace(' min', '-minute').replace(' h', '-hour')} values to ${dayOf(keptMs)}`;
  });
  return [`alarm history reaches back to ${oldestHistory(now).slice(0, 10)}`, ...values].join(', ');
}

/** A stretch of one period that is stored as one record, `from` ≤ t < `to`. It begins late only where retention has taken its start. */
export type Chunk = Window;

/** Neighboring chunks of one period: asked in one call. */
export interface Stretch {
  readonly periodSeconds: number;
  readonly chunks: readonly Chunk[];
  /** Of the last period that is over; nothing later is asked. */
  readonly until: Instant;
}

/** A part of the window whose values are kept coarser than wanted, or not at all. */
export interface Loss {
  readonly window: Window;
  readonly detail: string;
}

/**
 * Which chunks answer a window, finest first by age: what is young enough at the wanted period, what is older at the finest period
 * that is still kept. Where the age limit falls inside a chunk, the kept rest of it is read as well as the coarser chunk beside it.
 */
export function planChunks(
  window: Window,
  wantedSeconds: number,
  now: Instant,
): { readonly stretches: readonly Stretch[]; readonly losses: readonly Loss[] } {
  const nowMs = epochMs(now);
  const fromMs = epochMs(window.from);
  const stretches: Stretch[] = [];
  const losses: Loss[] = [];
  let endMs = Math.min(epochMs(window.to), nowMs);
  let finer = '';
  for (const { periodSeconds, keptMs, words } of stepsOf(wantedSeconds)) {
    const startMs = Math.max(fromMs, nowMs - keptMs);
    if (startMs < endMs) {
      stretches.push(...stretchOf(startMs, endMs, nowMs - keptMs, periodSeconds, nowMs));
      if (periodSeconds > wantedSeconds) losses.push(lossOf(startMs, endMs, `kept at ${inWords(periodSeconds)} only: ${finer}`));
      endMs = startMs;
    }
    finer = `CloudWatch keeps ${words}`;
  }
  if (fromMs < endMs) losses.push(lossOf(fromMs, endMs, `no values are left: ${finer}`));
  return { stretches, losses };
}

interface Step {
  readonly periodSeconds: number;
  readonly keptMs: number;
  readonly words: string;
}

/** The periods that can be had, finest first, each with the age up to which it is. A coarse wish is served by several tiers alike. */
function stepsOf(wantedSeconds: number): readonly Step[] {
  const tiers = TIERS.filter(({ periodSeconds }) => periodSeconds >= 60 || wantedSeconds < 60);
  const steps = tiers.map(({ periodSeconds, ...tier }) => ({
    ...tier,
    periodSeconds: Math.ceil(Math.max(wantedSeconds, periodSeconds) / periodSeconds) * periodSeconds,
  }));
  return steps.filter(({ periodSeconds }, index) => periodSeconds !== steps[index + 1]?.periodSeconds);
}

function stretchOf(startMs: number, endMs: number, edgeMs: number, periodSeconds: number, nowMs: number): readonly Stretch[] {
  const periodMs = periodSeconds * 1_000;
  const untilMs = Math.floor(nowMs / periodMs) * periodMs;
  const chunks: Chunk[] = [];
  for (let at = chunkStart(startMs, periodSeconds); at < Math.min(endMs, untilMs); at = chunkEnd(at, periodSeconds)) {
    const kept = Math.max(at, Math.ceil(edgeMs / periodMs) * periodMs);
    if (kept < chunkEnd(at, periodSeconds)) chunks.push({ from: instantAt(kept), to: instantAt(chunkEnd(at, periodSeconds)) });
  }
  const lastMs = Math.min(epochMs(chunks.at(-1)?.to ?? instantAt(0)), untilMs);
  return chunks.length > 0 ? [{ periodSeconds, chunks, until: instantAt(lastMs) }] : [];
}

function chunkStart(ms: number, periodSeconds: number): number {
  const length = chunkLength(periodSeconds);
  if (length !== undefined) return ms - (ms % length);
  const at = new Date(ms);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth());
}

function chunkEnd(startMs: number, periodSeconds: number): number {
  const length = chunkLength(periodSeconds);
  if (length !== undefined) return startMs + length;
  const at = new Date(startMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1);
}

/** An hour, six hours, a day; nothing for a month of UTC. */
function chunkLength(periodSeconds: number): number | undefined {
  if (periodSeconds < 60) return HOUR_MS;
  if (periodSeconds < 300) return 6 * HOUR_MS;
  return periodSeconds < 3_600 ? DAY_MS : undefined;
}

function lossOf(fromMs: number, toMs: number, detail: string): Loss {
  return { window: { from: instantAt(fromMs), to: instantAt(toMs) }, detail };
}

/** `5 min`, `1 h`. */
function inWords(periodSeconds: number): string {
  return periodSeconds % 3_600 === 0
    ? `${periodSeconds / 3_600} h`
    : periodSeconds % 60 === 0
      ? `${periodSeconds / 60} min`
      : `${periodSeconds} s`;
}
