import { describe, expect, it } from 'vitest';
import { addMs } from '../../src/core/time.ts';
import { createDeliveries } from '../../src/storage/deliveries.ts';
import { ENGINES } from './engines.ts';
import { NOON } from './samples.ts';

const MINUTE = 60_000;
const later = (minutes: number) => addMs(NOON, minutes * MINUTE);

describe.each(ENGINES)('what was delivered, on $name', ({ open }) => {
  it('is noted once: of ten at once one makes drafts due', async () => {
    const { db, close } = await open();
    const store = createDeliveries(db);
    const noted = await Promise.all(
      Array.from({ length: 10 }, () => store.note('pagerduty E1', NOON, [{ incident: 'pagerduty~PABC', at: later(15) }])),
    );
    expect(noted.filter(Boolean)).toHaveLength(1);
    expect(await store.take(later(14), later(44))).toBeUndefined();
    expect(await store.take(later(15), later(45))).toMatchObject({ incident: 'pagerduty~PABC', attempt: 1 });
    expect(await store.take(later(15), later(45))).toBeUndefined();
    await close();
  });

  it('is due anew once its process has lost it, or it was put off, and gone once it is done', async () => {
    const { db, close } = await open();
    const store = createDeliveries(db);
    await store.note('pagerduty E1', NOON, [{ incident: 'pagerduty~PABC', at: NOON }]);
    await store.take(NOON, later(30));
    const again = await store.take(later(30), later(60));
    expect(again).toMatchObject({ attempt: 2 });
    await store.postpone(again?.no ?? 0, later(90), 'PagerDuty did not answer');
    expect(await store.take(later(89), later(100))).toBeUndefined();
    const third = await store.take(later(90), later(120));
    expect(third).toMatchObject({ attempt: 3 });
    await store.done(third?.no ?? 0);
    expect(await store.take(later(10_000), later(10_030))).toBeUndefined();
    await close();
  });

  it('is held by who says so in time, and by nobody who has lost it', async () => {
    const { db, close } = await open();
    const store = createDeliveries(db);
    await store.note('pagerduty E1', NOON, [{ incident: 'pagerduty~PABC', at: NOON }]);
    const first = { no: 0, incident: '', attempt: 0, ...(await store.take(NOON, later(3))) };
    expect(await store.keep(first, later(6))).toBe(true);
    expect(await store.take(later(5), later(8))).toBeUndefined();
    const second = { ...first, ...(await store.take(later(6), later(9))) };
    expect(second).toMatchObject({ attempt: 2 });
    expect([await store.keep(first, later(12)), await store.keep(second, later(12))]).toEqual([false, true]);
    await store.postpone(second.no, later(20), 'PagerDuty did not answer');
    expect(await store.keep(second, later(30))).toBe(false);
    await close();
  });

  it('of one incident is made by one process at a time', async () => {
    const { db, close } = await open();
    const store = createDeliveries(db);
    const drafts = [NOON, later(1)].map((at) => ({ incident: 'pagerduty~PABC', at }));
    await store.note('pagerduty E1', NOON, [...drafts, { incident: 'pagerduty~PXYZ', at: later(2) }]);
    const taken = [await store.take(later(2), later(5)), await store.take(later(2), later(5)), await store.take(later(2), later(5))];
    expect(taken.map((due) => due?.incident)).toEqual(['pagerduty~PABC', 'pagerduty~PXYZ', undefined]);
    await store.done(taken[0]?.no ?? 0);
    expect(await store.take(later(2), later(5))).toMatchObject({ incident: 'pagerduty~PABC' });
    await close();
  });

  it('of an incident that was reopened and resolved again is due by the last event alone', async () => {
    const { db, close } = await open();
    const store = createDeliveries(db);
    await store.note('pagerduty E1', NOON, [{ incident: 'pagerduty~PABC', at: later(15) }]);
    await store.note('pagerduty E2', later(10), [{ incident: 'pagerduty~PABC', at: later(25) }]);
    expect(await store.take(later(20), later(50))).toBeUndefined();
    expect(await store.take(later(25), later(55))).toBeDefined();
    expect(await store.take(later(25), later(55))).toBeUndefined();
    await close();
  });
});
