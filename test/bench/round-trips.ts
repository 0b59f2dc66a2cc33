import { dirname, join } from 'node:path';
import { type Staged, stage } from '../../demo/run.ts';
import { openApp } from '../../src/compose.ts';
import { type Instant, parseInstant } from '../../src/core/time.ts';
import type { Held } from './held.ts';
import { longestList, type Made, roundsIn, unneededIn } from './needed-calls.ts';

const DELAY_MS = 200;
const AT_MOST = 1.25;
/** Of each kind, in turn: the machine is shared, and the best of a few of each say what waiting costs. */
const DRAFTS = 7;

/**
 * One draft of the sample with 200 ms added to each answer: how long any of its calls was out, by the times of the stand-ins' own log,
 * whatever else the machine does between. The same draft with nothing added is shown beside it: the difference is the same wait by
 * the clock, and the machine's other work with it. The critical path is the plan's rounds and the further pages of the longest list, both counted in the stand-ins' own log.
 */
export async function measureRoundTrips(): Promise<readonly Held[]> {
  const staged = await stage();
  const standIns = { pagerduty: staged.pagerduty, 'aws-prod': staged.cloudwatch, github: staged.github };
  const now = nowOf(staged);
  const slowly = () => {
    for (const standIn of Object.values(standIns)) {
      standIn.reset();
      standIn.fail({ path: /./, mode: 'slow', delayMs: DELAY_MS });
    }
  };
  try {
    // The first one loads the SDKs.
    await draftOnce(staged, now);
    slowly();
    await draftOnce(staged, now);
    const logOf = (): readonly Made[] =>
      Object.entries(standIns).flatMap(([source, { requests }]) => requests.map((request) => ({ source, ...request })));
    const log = logOf();
    const unneeded = unneededIn(log, join(dirname(staged.config), 'hindcast.db'), now);
    const [plain, slow, out]: [number[], number[], number[]] = [[], [], []];
    for (let made = 0; made < DRAFTS; made += 1) {
      slowly();
      slow.push(await draftOnce(staged, now));
      out.push(outOf(logOf()));
      for (const standIn of Object.values(standIns)) standIn.reset();
      plain.push(await draftOnce(staged, now));
    }
    const waited = Math.min(...out) / DELAY_MS;
    const byClock = (Math.min(...slow) - Math.min(...plain)) / DELAY_MS;
    const [rounds, pages] = [roundsIn(log), longestList(log)];
    const critical = rounds + pages - 1;
    const trips = waited / critical;
    const path = `${rounds} rounds and ${pages - 1} further pages of the longest list`;
    const text = `one draft, ${DELAY_MS} ms added to each of ${log.length} answers (best of ${DRAFTS}): waits ${waited.toFixed(2)} of them (${byClock.toFixed(2)} by the clock), ${trips.toFixed(2)} times its critical path of ${critical} (${path}), at most ${AT_MOST}`;
    const calls = unneeded.length === 0 ? `each of the ${log.length} calls is one that the plan needs` : unneeded.join('; ');
    return [
      { text, held: trips <= AT_MOST },
      { text: calls, held: unneeded.length === 0 },
    ];
  } finally {
    await staged.close();
  }
}

/** How long at least one call was out, each for as long as its answer was held back. */
function outOf(log: readonly Made[]): number {
  let [total, until] = [0, Number.NEGATIVE_INFINITY];
  for (const { at } of log.toSorted((a, b) => a.at - b.at)) {
    total += at + DELAY_MS - Math.max(at, until);
    until = at + DELAY_MS;
  }
  return total;
}

function nowOf({ world }: Staged): Instant {
  const now = parseInstant(world.now);
  if (!now) throw new Error('the world has no now');
  return now;
}

async function draftOnce({ config, env, world }: Staged, now: Instant): Promise<number> {
  const { app, close } = await openApp({ config, env, cwd: '.', now });
  try {
    const started = performance.now();
    await app.draft({ select: { kind: 'incident', id: world.truth.incident }, refresh: true });
    return performance.now() - started;
  } finally {
    await close();
  }
}
