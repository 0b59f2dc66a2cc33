import { type Staged, stage } from '../../demo/run.ts';
import { MAX_ROUNDS } from '../../src/app/plan.ts';
import { openApp } from '../../src/compose.ts';
import { parseInstant } from '../../src/core/time.ts';

export const DELAY_MS = 200;
export const AT_MOST = 1.25;

export interface RoundTrips {
  /** What the delay of every answer added to the draft, in delays. */
  readonly waited: number;
  /** The longest chain of calls of which each needs the one before, in calls. */
  readonly critical: number;
  readonly calls: number;
}

/**
 * One draft of the sample with and without 200 ms added to each answer: the difference is what waiting costs, whatever the machine.
 * The critical path is the plan's rounds, each as long as its longest stream has pages: in the second PagerDuty's calls, which go one
 * at a time for each token (their advice), in the third the comparisons of one repository.
 */
export async function measureRoundTrips(): Promise<RoundTrips> {
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
    return {
      waited: (slow - plain) / DELAY_MS,
      critical: MAX_ROUNDS - 2 + Math.max(1, inSecond) + Math.max(1, inThird),
      calls,
    };
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
