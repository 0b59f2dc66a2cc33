import { wallStopwatch } from '../../src/platform/clock.ts';
import { createLimiter } from '../../src/platform/limiter.ts';
import { createLeases } from '../../src/storage/budget.ts';
import { openDatabase } from '../../src/storage/database.ts';

/** A process of its own that calls a vendor so many times under the shared budget: `node caller.ts STORE VENDOR CALLS PER_WINDOW WINDOW_MS`. */
const [url = '', vendor = '', calls = '', perWindow = '', windowMs = ''] = process.argv.slice(2);
const db = await openDatabase(url);
const leases = createLeases(db);
const limiter = createLimiter(wallStopwatch(), { leases: () => leases, windowMs: Number(windowMs) });
const limits = { requestsPerMinute: Number(perWindow), concurrency: 3, pageSize: 100 };
// The first call of a process loads what calls need; it is not counted.
await (await fetch(`${vendor}warm`)).text();
const call = () =>
  limiter.limited('pagerduty', limits, async () => {
    const answer = await fetch(vendor);
    await answer.text();
    const [remaining, reset] = ['ratelimit-remaining', 'ratelimit-reset'].map((name) => answer.headers.get(name));
    if (remaining != null && reset != null) limiter.observe('pagerduty', limits, { remaining: Number(remaining), resetMs: Number(reset) });
  });
await Promise.all(Array.from({ length: Number(calls) }, call));
await db.destroy();
