import { describe, expect, it } from 'vitest';
import { draftDue } from '../../src/app/webhook.ts';
import { addMs } from '../../src/core/time.ts';
import { createBackfillStore } from '../../src/storage/backfill-store.ts';
import { lastTick } from '../../src/storage/schedule.ts';
import { submitDue } from '../../src/worker.ts';
import { ENGINES } from '../storage/engines.ts';
import { instant } from '../support/events.ts';
import { openTestApp, quietLog, sourcesOf } from './fakes.ts';
import { smallPager, smallWorld } from './small-world.ts';

const YEAR_MS = 365 * 86_400_000;
const NOW = instant('2024-01-15T18:00:00Z');
const DELIVERY = { source: 'pager', event: 'E1', type: 'incident.resolved', incident: 'PABC' } as const;

describe.each(ENGINES)('a clock that jumps, over $name', ({ open }) => {
  async function opened() {
    const { db, close } = await open();
    const { app, deps, clock } = await openTestApp(sourcesOf({ pager: smallPager(smallWorld()) }), {}, NOW, db);
    const at = (ms: number) => clock.set(addMs(NOW, ms));
    return { app, deps, at, db, close, drafting: () => draftDue(deps, app.draft) };
  }

  it('a year ahead when an incident is resolved keeps no draft back once it is right again', async () => {
    const { app, at, close, drafting } = await opened();
    at(YEAR_MS);
    await app.receive(DELIVERY);
    expect(await drafting()).toBe(false);
    at(60_000);
    expect(await drafting()).toBe(true);
    expect((await app.stored('PABC')).draft.case.incidents[0].id).toBe('PABC');
    await close();
  });

  it('a year back before an incident has settled makes it wait for no longer than it would have', async () => {
    const { app, at, close, drafting } = await opened();
    await app.receive(DELIVERY);
    at(-YEAR_MS);
    expect(await drafting()).toBe(true);
    await close();
  });

  it('back while a process that died had a draft in hand gives it to the next at once', async () => {
    const { app, at, deps, close, drafting } = await opened();
    await app.receive(DELIVERY);
    at(900_000);
    expect(await deps.deliveries.take(deps.clock.now(), addMs(deps.clock.now(), 180_000))).toMatchObject({ attempt: 1 });
    expect(await drafting()).toBe(false);
    at(900_000 - YEAR_MS);
    expect(await drafting()).toBe(true);
    await close();
  });

  it('back after a note was put off, or taken by a process that died, keeps it from nobody', async () => {
    const { at, deps, close } = await opened();
    const take = () => {
      const now = deps.clock.now();
      return deps.notes.take(now, addMs(now, 300_000), addMs(now, 86_400_000));
    };
    at(YEAR_MS);
    await deps.notes.add({ draft: 'sha256:a', incident: 'pager~PABC' }, deps.clock.now());
    expect(await take()).toMatchObject({ attempt: 1 });
    expect(await take()).toBeUndefined();
    at(0);
    expect(await take()).toMatchObject({ attempt: 2 });
    expect(await take()).toBeUndefined();
    await close();
  });

  it('keeps the settling of what came while it was right: not before its time, and then at once', async () => {
    const { app, at, close, drafting } = await opened();
    await app.receive(DELIVERY);
    at(899_000);
    expect(await drafting()).toBe(false);
    at(900_000);
    expect(await drafting()).toBe(true);
    expect(await drafting()).toBe(false);
    at(86_400_000);
    expect(await drafting()).toBe(true);
    expect(await drafting()).toBe(false);
    await close();
  });

  it('ahead and back submits what a schedule says at the right time, and nothing twice', async () => {
    const { at, db, deps, close } = await opened();
    const submitted: string[] = [];
    const look = async (ms: number) => {
      at(ms);
      await submitDue({
        schedule: [{ cron: '0 6 * * *', backfill: { last: '1d' } }],
        clock: deps.clock,
        log: quietLog(),
        store: createBackfillStore(db),
        backfills: {
          submit: async ({ window }) => {
            submitted.push(window.to);
            return {
              id: submitted.length,
              request: { window, join: 'merged' },
              takenAt: deps.clock.now(),
              state: 'listing',
              round: 0,
              items: [],
            };
          },
        },
        lastTick,
      });
    };
    const sixOClock = 12 * 3_600_000;
    await look(0);
    await look(YEAR_MS);
    await look(sixOClock + 5_000);
    await look(YEAR_MS + 60_000);
    await look(sixOClock + 65_000);
    await look(-YEAR_MS);
    await look(2 * sixOClock + sixOClock);
    expect(submitted).toEqual(['2024-01-16T06:00:00.000Z', '2024-01-17T06:00:00.000Z']);
    await close();
  });
});
