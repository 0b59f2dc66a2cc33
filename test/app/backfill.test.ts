import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createBackfills, isFinished } from '../../src/app/backfill.ts';
import type { Json } from '../../src/core/evidence.ts';
import { createBackfillStore } from '../../src/storage/backfill-store.ts';
import { createLocalQueue } from '../../src/storage/job-queue-local.ts';
import { ENGINES } from '../storage/engines.ts';
import { instant } from '../support/events.ts';
import { openTestApp, sourcesOf } from './fakes.ts';

const WINDOW = { from: instant('2024-01-01T00:00:00Z'), to: instant('2024-01-15T00:00:00Z') };
const CASES = ['A', 'B', 'C'].map((id) => ({ keys: [`pager/incident:${id}`] as const, began: instant('2024-01-10T00:00:00Z') }));
const NOTHING = { already: [], gaps: [], estimate: [] };

describe.each(ENGINES)('a backfill on $name', ({ open }) => {
  async function opened() {
    const { db, close } = await open();
    const { deps } = await openTestApp(sourcesOf({}));
    const store = createBackfillStore(db);
    const jobs = createLocalQueue(db, { nowMs: () => 0, newLease: randomUUID, pauseMs: 0 });
    return { store, jobs, close, backfills: createBackfills({ app: deps, store, jobs }) };
  }

  it('submitted twice while it is unfinished is one, and has one job', async () => {
    const { backfills, jobs, close } = await opened();
    const [one, other] = [await backfills.submit({ window: WINDOW }), await backfills.submit({ window: WINDOW })];
    expect(other).toEqual(one);
    expect(await jobs.take()).toMatchObject({ body: { backfill: one.id } });
    expect(await jobs.take()).toBeUndefined();
    await close();
  });

  it('lists what failed with its reason, and tries that alone again', async () => {
    const { backfills, store, jobs, close } = await opened();
    const { id } = await backfills.submit({ window: WINDOW });
    await store.list(id, NOTHING, CASES);
    await store.list(id, NOTHING, CASES);
    for (const position of [0, 2]) await store.settle(id, position, { draftId: `sha256:${position}` });
    await backfills.bury({ backfill: id, position: 1 }, 'the pager was down');
    await backfills.bury({ backfill: id, position: 0 }, 'a late worker of a draft that was made');
    const failed = await backfills.find(id);
    expect(isFinished(failed)).toBe(true);
    expect(failed.items.map(({ state, reason }) => [state, reason])).toEqual([
      ['drafted', undefined],
      ['failed', 'the pager was down'],
      ['drafted', undefined],
    ]);
    const list = await jobs.take();
    if (list) await jobs.done(list);
    expect(isFinished(await backfills.retry(id))).toBe(false);
    expect(await jobs.take()).toMatchObject({ body: { backfill: id, position: 1 } });
    expect(await jobs.take()).toBeUndefined();
    await close();
  });

  it('that is cancelled keeps what was drafted, leaves the rest, and the next of the same window is a new one', async () => {
    const { backfills, store, jobs, close } = await opened();
    const { id } = await backfills.submit({ window: WINDOW });
    await store.list(id, NOTHING, CASES);
    await backfills.submit({ window: WINDOW });
    await store.settle(id, 0, { draftId: 'sha256:0' });
    const { items } = await backfills.cancel(id);
    expect(items.map(({ state }) => state)).toEqual(['drafted', 'cancelled', 'cancelled']);
    expect((await backfills.submit({ window: WINDOW })).id).not.toBe(id);
    expect(await jobs.take()).toMatchObject({ body: { backfill: id } });
    await close();
  });

  it('whose incidents could not be listed says why, and can be tried again', async () => {
    const { backfills, close } = await opened();
    const { id } = await backfills.submit({ window: WINDOW });
    await backfills.bury({ backfill: id }, 'the pager refused the token');
    expect(await backfills.find(id)).toMatchObject({ state: 'failed', reason: 'the pager refused the token' });
    expect(await backfills.retry(id)).toMatchObject({ state: 'listing' });
    await close();
  });

  it('that is tried again while its failure is still being told is listed again, and no late telling fails it', async () => {
    const { backfills, jobs, close } = await opened();
    const { id } = await backfills.submit({ window: WINDOW });
    for (let job = await jobs.take(); job; job = await jobs.take()) await jobs.fail(job, 'the pager was down');
    const letters: Json[] = [];
    await jobs.takeDead(async ({ body, reason }) => {
      letters.push(body);
      await backfills.bury(body, reason);
      await backfills.retry(id);
    });
    const again = await jobs.take();
    expect(again).toMatchObject({ body: { backfill: id } });
    // Its worker died before the letter was out of the queue.
    for (const body of letters) await backfills.bury(body, 'the pager was down');
    expect(await backfills.find(id)).toMatchObject({ state: 'listing' });
    await backfills.bury(again?.body ?? null, 'the pager refused the token');
    expect(await backfills.find(id)).toMatchObject({ state: 'failed', reason: 'the pager refused the token' });
    await close();
  });

  it('has a draft that is tried again while its failure is still being told, and no late telling fails that', async () => {
    const { backfills, store, jobs, close } = await opened();
    const { id } = await backfills.submit({ window: WINDOW });
    await store.list(id, NOTHING, CASES);
    const first = { backfill: id, position: 1, round: 0 };
    await backfills.bury(first, 'the pager was down');
    await backfills.retry(id);
    await backfills.bury(first, 'the pager was down');
    expect((await backfills.find(id)).items.map(({ state }) => state)).toEqual(['waiting', 'waiting', 'waiting']);
    // As an earlier version sent it.
    await backfills.bury({ backfill: id, position: 1 }, 'the pager was down');
    expect((await backfills.find(id)).items.map(({ state }) => state)).toEqual(['waiting', 'failed', 'waiting']);
    expect(await jobs.take()).toMatchObject({ body: { backfill: id } });
    await close();
  });
});
