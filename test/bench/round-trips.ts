import { type Staged, stage } from '../../demo/run.ts';
import { MAX_ROUNDS } from '../../src/app/plan.ts';
import { openApp } from '../../src/compose.ts';
import { parseInstant } from '../../src/core/time.ts';
import type { Held } from './held.ts';

const DELAY_MS = 200;
const AT_MOST = 1.25;

/**
 * One draft of the sample with and without 200 ms added to each answer: the difference is what waiting costs, whatever the machine.
 * The critical path is the plan's rounds, each as long as its longest stream has pages: in the second PagerDuty's calls, which go one
 * at a time for each token (their advice), in the third the comparisons of one repository.
 */
export async function measureRoundTrips(): Promise<readonly Held[]> {
  const staged = await stage();
  const standIns = [staged.pagerduty, staged.cloudwatch, staged.github];
  try {
    // The first one loads the SDKs.
    await draftOnce(staged);
    const plain = Math.min(await draftOnce(staged), await draftOnce(staged));
    for (const standIn of standIns) {
      standIn.reset();
      standIn.fail({ path: /./, mode: 'slow', delayMs: DELAY_MS });
    }
    const once = await draftOnce(staged);
    const inSecond = staged.pagerduty.requests.length - 1;
    const inThird = staged.github.requests.filter(({ path }) => path.includes('/compare/')).length;
    const calls = standIns.reduce((sum, { requests }) => sum + requests.length, 0);
    const slow = Math.min(once, await draftOnce(staged));
    const waited = (slow - plain) / DELAY_MS;
    const critical = MAX_ROUNDS - 2 + Math.max(1, inSecond) + Math.max(1, inThird);
    const trips = waited / critical;
    const text = `one draft, ${DELAY_MS} ms added to each of ${calls} answers: waits ${waited.toFixed(1)} of them, ${trips.toFixed(2)} times its critical path of ${critical}, at most ${AT_MOST}`;
    return [{ text, held: trips <= AT_MOST }];
  } finally {
    await staged.close();
  }
}

async function draftOnce({ config, env, world }: Staged): Promise<number> {
  const now = parseInstant(world.now);
  if (!now) throw new Error('the world has no now');
  const { app, close } = await openApp({ config, env, cwd: '.', now });
  try {
    const started = performance.now();
    await app.draft({ select: { kind: 'incident', id: world.truth.incident }, refresh: true });
    return performance.now() - started;
  } finally {
    await close();
  }
}
