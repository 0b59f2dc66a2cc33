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
