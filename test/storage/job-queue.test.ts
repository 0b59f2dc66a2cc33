import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { DeadJob, JobQueue } from '../../src/app/backfill-ports.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { createLocalQueue } from '../../src/storage/job-queue-local.ts';
import { createBossQueue } from '../../src/storage/job-queue-pgboss.ts';
import { newPostgresUrl } from './engines.ts';

interface Queues {
  /** Two processes on one store. */
  readonly one: JobQueue;
  readonly other: JobQueue;
  /** Lets time go by: the clock of a store of ours is the story's, that of a server is nobody's. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

const QUEUES: readonly { readonly name: string; open(pauses?: false): Promise<Queues> }[] = [
  {
    name: 'SQLite',
    open: async (pauses) => {
      const db = await openDatabase('sqlite::memory:');
      let now = Date.parse('2024-01-15T12:00:00Z');
      const queue = () => createLocalQueue(db, { nowMs: () => now, newLease: randomUUID, ...(pauses === false && { pauseMs: 0 }) });
      const pass = async (ms: number) => {
        now += ms;
      };
      return { one: queue(), other: queue(), pass, close: () => db.destroy() };
    },
  },
  {
    name: 'PostgreSQL (pg-boss)',
    open: async (pauses) => {
      const url = await newPostgresUrl();
      const log = { warn: () => undefined };
      const [one, other] = [await createBossQueue(url, log, pauses === false ? 0 : 1), await createBossQueue(url, log)];
      return {
        one,
        other,
        pass: (ms) => wait(ms),
        close: async () => {
          await one.close();
          await other.close();
        },
      };
    },
  },
];

const job = (key: string, priority = 0) => ({ key, body: { name: key }, priority });

async function until<T>({ pass }: Queues, ask: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 800; tries += 1) {
    if (tries > 0) await pass(50);
    const found = await ask();
    if (found !== undefined) return found;
  }
  throw new Error('nothing came');
}

/** The dead letter that the queue tells of, settled. */
async function deadOf(queue: JobQueue): Promise<DeadJob | undefined> {
  let told: DeadJob | undefined;
  await queue.takeDead(async (dead) => {
    told = dead;
  });
  return told;
}

describe.each(QUEUES)('the queue of $name', ({ open }) => {
  async function opened(act: (queues: Queues) => Promise<void>): Promise<void> {
    const queues = await open();
    try {
      await act(queues);
    } finally {
      await queues.close();
    }
  }

  it('gives each job to one taker, the highest priority first and of equals the one sent first, and then none', () =>
    opened(async ({ one, other }) => {
      await one.send([job('a'), job('b', 5)]);
      await one.send([job('c', 5)]);
      const taken = [await one.take(), await other.take(), await one.take(), await other.take()];
      expect(taken.map((found) => found?.key)).toEqual(['b', 'c', 'a', undefined]);
      expect(taken[0]).toMatchObject({ body: { name: 'b' }, attempt: 1 });
    }));

  it('holds a key once, however often and by whomever it is sent, also while it is worked on', () =>
    opened(async ({ one, other }) => {
      await Promise.all([one.send([job('a'), job('b')]), other.send([job('b'), job('a')])]);
      const first = await one.take();
      await other.send([job('a'), job('b')]);
      expect([first?.key, (await other.take())?.key].toSorted()).toEqual(['a', 'b']);
      expect(await one.take()).toBeUndefined();
    }));

  it('gives a job that failed again, a little later, and a done one never', () =>
    opened(async (queues) => {
      const { one, other, pass } = queues;
      await one.send([job('a')]);
      const first = await one.take();
      if (!first) throw new Error('no job');
      const failed = performance.now();
      await one.fail(first, 'the source was down');
      const early = await other.take();
      // Where the machine stood still meanwhile, it is later already.
      if (performance.now() < failed + 1_000) expect(early).toBeUndefined();
      const second = early ?? (await until(queues, () => other.take()));
      expect(second).toMatchObject({ key: 'a', attempt: 2 });
      await other.done(second);
      await pass(1_500);
      expect(await one.take()).toBeUndefined();
      expect(await deadOf(one)).toBeUndefined();
    }));

  it('gives the job of a worker that went silent to the next, and the silent one can no longer settle it', () =>
    opened(async (queues) => {
      const { one, other } = queues;
      await one.send([job('a')]);
      const lost = await one.take();
      if (!lost) throw new Error('no job');
      expect(await one.keep(lost)).toBe(true);
      const found = await until(queues, () => other.take());
      expect(found).toMatchObject({ key: 'a', attempt: 2 });
      expect(await one.keep(lost)).toBe(false);
      await one.done(lost);
      expect(await other.keep(found)).toBe(true);
    }));

  it('gives back what a worker that was told to stop had begun', () =>
    opened(async ({ one, other }) => {
      await one.send([job('a')]);
      const begun = await one.take();
      if (begun) await one.giveBack(begun);
      expect(await other.take()).toMatchObject({ key: 'a' });
    }));

  it('takes out what nobody has begun', () =>
    opened(async ({ one, other }) => {
      await one.send([job('a', 1), job('b'), job('c')]);
      const begun = await one.take();
      await other.drop(['b', 'c', 'never sent']);
      expect(await other.take()).toBeUndefined();
      expect(begun && (await one.keep(begun))).toBe(true);
    }));
});

describe('a dead letter', () => {
  it.each(QUEUES)('of $name is told once, with the reason of its last failure, and its key can be sent again', async ({ open }) => {
    const queues = await open(false);
    const { one, other, close } = queues;
    await one.send([job('a')]);
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      const taken = await until(queues, () => one.take());
      expect(taken.attempt).toBe(attempt);
      await one.fail(taken, `failure ${attempt}`);
    }
    // Who dies before it is settled has settled nothing.
    const away = () => other.takeDead(() => Promise.reject(new Error('the store was away')));
    await expect(until(queues, async () => (await away()) || undefined)).rejects.toThrow('the store was away');
    const told = await until(queues, () => deadOf(other));
    expect(told).toEqual({ key: 'a', body: { name: 'a' }, reason: 'failure 5' });
    expect(await deadOf(one)).toBeUndefined();
    expect(await one.take()).toBeUndefined();
    await one.send([job('a')]);
    expect(await other.take()).toMatchObject({ key: 'a', attempt: 1 });
    await close();
  });

  it.each(QUEUES)("of $name tells a reason that no database keeps as it is: a vendor's words may hold anything", async ({ open }) => {
    const queues = await open(false);
    const { one, close } = queues;
    await one.send([job('a')]);
    for (let attempt = 1; attempt <= 5; attempt += 1) await one.fail(await until(queues, () => one.take()), 'it said \u0000, then \ud800');
    expect(await until(queues, () => deadOf(one))).toMatchObject({ key: 'a', reason: 'it said \ufffd, then \ufffd' });
    await close();
  });
});

describe('a job beside one that kills its worker', () => {
  it('is not given up with it: ten workers may die at it, and it is tried and told as any other', async () => {
    const db = await openDatabase('sqlite::memory:');
    let now = Date.parse('2024-01-15T12:00:00Z');
    const queue = createLocalQueue(db, { nowMs: () => now, newLease: randomUUID });
    await queue.send([job('a')]);
    for (let death = 0; death < 10; death += 1) {
      expect(await queue.take()).toMatchObject({ key: 'a' });
      now += queue.leaseMs + 1;
    }
    const eleventh = await queue.take();
    expect([eleventh?.attempt, await deadOf(queue)]).toEqual([11, undefined]);
    if (eleventh) await queue.done(eleventh);
    await queue.send([job('b')]);
    for (let death = 0; death < 20; death += 1) {
      await queue.take();
      now += queue.leaseMs + 1;
    }
    expect(await queue.take()).toBeUndefined();
    expect(await deadOf(queue)).toMatchObject({ key: 'b', reason: 'its worker ended 20 times while it was at it' });
    await db.destroy();
  });
});

describe('a clock that jumps', () => {
  it('forward gives a job twice, backward keeps none back', async () => {
    const db = await openDatabase('sqlite::memory:');
    let now = Date.parse('2024-01-15T12:00:00Z');
    const queue = createLocalQueue(db, { nowMs: () => now, newLease: randomUUID });
    await queue.send([job('a')]);
    const first = await queue.take();
    now += 86_400_000;
    const second = await queue.take();
    expect([first?.attempt, second?.attempt]).toEqual([1, 2]);
    now -= 365 * 86_400_000;
    const third = await queue.take();
    expect(third).toMatchObject({ key: 'a', attempt: 3 });
    if (third) await queue.fail(third, 'down');
    now -= 365 * 86_400_000;
    expect(await queue.take()).toMatchObject({ key: 'a', attempt: 4 });
    await db.destroy();
  });
});
