import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AppError } from '../src/app/errors.ts';
import { parseInstant } from '../src/core/time.ts';
import { createBackfillStore } from '../src/storage/backfill-store.ts';
import { openDatabase } from '../src/storage/database.ts';
import { createLocalQueue } from '../src/storage/job-queue-local.ts';
import { lastTick } from '../src/storage/schedule.ts';
import { runWorker, type ScheduleOptions, submitDue } from '../src/worker.ts';
import { ENGINES } from './storage/engines.ts';
import { instant } from './support/events.ts';

const MONDAYS = [{ cron: '0 6 * * 1', backfill: { last: '7d' } }];

describe('the last time of a cron expression', () => {
  it.each([
    ['0 6 * * 1', '2024-01-15T06:00:00.000Z', '2024-01-15T06:00:00.000Z'],
    ['0 6 * * 1', '2024-01-15T05:59:59.000Z', '2024-01-08T06:00:00.000Z'],
    ['*/15 * * * *', '2024-01-15T12:44:10.000Z', '2024-01-15T12:30:00.000Z'],
  ])('%s at %s was %s, in UTC', (cron, now, expected) => {
    expect(lastTick(cron, instant(now))).toBe(expected);
  });

  it('of what is no expression is refused as a mistake of the configuration', () => {
    expect(() => lastTick('every monday', instant('2024-01-15T06:00:00Z'))).toThrow(/"every monday" is no cron expression/);
  });
});

describe.each(ENGINES)('a schedule on $name', ({ open }) => {
  it('comes round once for all processes, however often each looks, whatever the clock does, and again the next week', async () => {
    const { db, close } = await open();
    // As the product does: what is submitted again while it is not finished is the same.
    const submitted = new Map<string, number>();
    let now = instant('2024-01-15T05:59:00Z');
    let dies = false;
    const options = (): ScheduleOptions => ({
      schedule: MONDAYS,
      clock: { now: () => now, sleep: async () => undefined },
      log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
      store: createBackfillStore(db),
      backfills: {
        submit: async ({ window }) => {
          if (dies) throw new Error('killed before it was filed');
          const name = `${window.from} to ${window.to}`;
          const id = submitted.get(name) ?? submitted.size + 1;
          submitted.set(name, id);
          return { id, request: { window, join: 'merged' }, takenAt: now, state: 'listing', round: 0, items: [] };
        },
      },
      lastTick,
    });
    const lookAt = async (at: string) => {
      now = parseInstant(at) ?? now;
      await Promise.all([submitDue(options()), submitDue(options()), submitDue(options())]);
      return submitted.size;
    };
    expect(await lookAt('2024-01-15T05:59:00Z')).toBe(0);
    expect(await lookAt('2024-01-15T06:00:05Z')).toBe(1);
    expect(await lookAt('2024-01-15T06:05:00Z')).toBe(1);
    expect(await lookAt('2024-01-15T06:00:01Z')).toBe(1);
    expect(await lookAt('2024-01-15T18:00:00Z')).toBe(1);
    dies = true;
    await expect(lookAt('2024-01-22T06:01:00Z')).rejects.toThrow('killed');
    dies = false;
    // Nobody had claimed it: the next who looks makes it good.
    expect(await lookAt('2024-01-22T06:09:00Z')).toBe(2);
    expect([...submitted.keys()]).toEqual([
      '2024-01-08T06:00:00.000Z to 2024-01-15T06:00:00.000Z',
      '2024-01-15T06:00:00.000Z to 2024-01-22T06:00:00.000Z',
    ]);
    await close();
  });
});

describe('a worker whose store takes nothing', () => {
  it('asks no vendor again until it does, and the job is as untried as it was', async () => {
    const db = await openDatabase('sqlite::memory:');
    const jobs = createLocalQueue(db, { nowMs: () => 0, newLease: randomUUID });
    await jobs.send([{ key: 'a', body: 'the job', priority: 0 }]);
    const story: string[] = [];
    let room = -9;
    const over = new AbortController();
    await runWorker(
      {
        jobs,
        clock: { sleep: () => new Promise((resolve) => setImmediate(resolve)) },
        log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
        ready: async () => {
          room += 1;
          story.push(room < 0 ? 'full' : 'room');
          if (room < 0) throw new AppError('store', 'the disk is full');
        },
        work: async () => {
          story.push('asked');
          if (room < 0) throw new AppError('store', 'the disk is full');
          over.abort();
        },
        bury: async () => undefined,
      },
      over.signal,
    );
    expect([story[0], story[1], story.at(-1)]).toEqual(['asked', 'full', 'asked']);
    expect(story.filter((told) => told === 'asked')).toHaveLength(2);
    expect(await db.selectFrom('job').select('attempts').execute()).toEqual([]);
    await db.destroy();
  });
});
