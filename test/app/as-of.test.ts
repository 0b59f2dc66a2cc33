import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../demo/world.ts';
import type { App } from '../../src/app/app.ts';
import { at, draftThen, openAt, seenOf, selectOf } from '../support/as-of-world.ts';
import { instant } from '../support/events.ts';

describe('a draft as of a time, over the real connectors', () => {
  let later: Awaited<ReturnType<typeof openAt>>;
  beforeAll(async () => {
    later = await openAt('2024-01-18T16:00:00Z');
    await later.app.draft({ select: selectOf(later.staged) });
  });
  afterAll(() => later.close());

  // Each moment is just before, at or just after something that a responder learned.
  it.each([
    '14:33:01', // the page, and no later second
    '14:34:59', // before the acknowledgement
    '14:35:00',
    '14:37:10', // a responder joins
    '14:39:00', // the queue's alarm is on
    '14:44:59', // before the rollback
    '14:45:01',
    '14:47:01', // the rollback is done; its comparison is known
    '14:50:59',
    '14:51:59', // the alarm still stands at ALARM
    '14:52:01',
    '14:57:00', // being closed at this very moment
    '14:57:31',
    '15:21:39', // before the fix is merged
    '15:21:41',
    '15:30:01', // a note of the day after
  ])('at %s is the document of whoever drafted at that moment', async (clock) => {
    const time = at(clock);
    const then = await draftThen(time);
    const select = selectOf(later.staged);
    expect(await seenOf(later.app, await later.app.draft({ select, asOf: time })), 'asked again').toBe(then);
    expect(await seenOf(later.app, await later.app.draft({ select, asOf: time, offline: true })), 'from the store').toBe(then);
  });

  it('is the draft that an open incident gets without any flag, and the bundle of the closed one gives', async () => {
    const time = at('14:44:00');
    const { app, staged, close } = await openAt(time);
    const then = await seenOf(app, await app.draft({ select: selectOf(staged) }));
    await close();
    const bundle = await later.app.exportBundle(later.staged.world.truth.incident, { roles: false });
    expect(await seenOf(later.app, await later.app.draftBundle(bundle, time))).toBe(then);
  });

  it('says nothing that came later', async () => {
    const seen = await seenOf(later.app, await later.app.draft({ select: selectOf(later.staged), asOf: at('14:44:00') }));
    const isLater = (text: string) => text > at('14:44:00');
    expect(seen.match(/2024-01-1[5-9]T\d\d:\d\d:\d\d\.\d{3}Z/g)?.filter(isLater)).toEqual([]);
    expect(seen).not.toMatch(/rollback is complete|Fix connection leak|review scheduled|a10c94a/);
  });
});

describe('a restless world as of a time: alarms that flap, late alerts, and a second incident of the service', () => {
  const PAGE = Date.parse('2024-01-15T14:33:00Z');
  const stamp = (ms: number) => new Date(PAGE + ms * 1_000).toISOString();
  const second = (ms: number) => `${stamp(ms).slice(0, 19)}Z`;

  /** Seconds after the page: when each firing of the two alarms began, how long it lasted, and how late its alert came. */
  const FLAPS = [
    { alarm: 'api-flap-0', from: -150.25, lasts: 40, late: 5 },
    { alarm: 'api-flap-0', from: 42.5, lasts: 55.75, late: 71 },
    { alarm: 'api-flap-0', from: 130.5, lasts: 20.125, late: 12 },
    { alarm: 'api-flap-1', from: 60, lasts: 200.5, late: 88 },
    { alarm: 'api-flap-1', from: 300.5, lasts: 61, late: 30 },
  ];
  const restless = (world: World): World => {
    const [base] = world.cloudwatch.alarms.filter(({ name }) => name === 'api-HighErrorRate');
    if (!base) throw new Error('the world has its alarm');
    const flapping = [...Map.groupBy(FLAPS, ({ alarm }) => alarm)].map(([name, own]) => ({
      ...base,
      name,
      edits: [],
      history: own.flatMap(({ from, lasts }) => [
        { at: stamp(from), from: 'OK', to: 'ALARM', start: stamp(from), actions: true },
        { at: stamp(from + lasts), from: 'ALARM', to: 'OK', start: stamp(from + lasts), actions: true },
      ]),
    }));
    const alerts = FLAPS.filter(({ from }) => from > 0).map(({ alarm, from, late }, number) => ({
      id: `QFLAP${number}`,
      at: second(from + late),
      resolved_at: second(from + late + 300),
      integration: 'PINTCW1',
      alarm,
      state_change_at: stamp(from),
    }));
    const byTime = <Timed extends { readonly at: string }>(all: readonly Timed[]) => all.toSorted((a, b) => (a.at < b.at ? -1 : 1));
    const incidents = world.pagerduty.incidents.map((one) =>
      one.id === world.truth.incident
        ? {
            ...one,
            alerts: byTime([...(one.alerts ?? []), ...alerts]),
            log: byTime([
              ...one.log,
              ...alerts.map(({ id, at: told }) => ({ at: told, type: 'trigger', integration: 'PINTCW1', alert: id })),
            ]),
          }
        : one,
    );
    const [opened, closed] = [second(400), second(1_000)];
    const slow = {
      id: 'Q1OVERLAP00001',
      number: 4822,
      title: 'API slow',
      service: 'PAPI001',
      urgency: 'high',
      created_at: opened,
      status: 'resolved',
      log: [
        { at: opened, type: 'trigger', integration: 'PINTCW1' },
        { at: opened, type: 'assign', to: 'jane', automatic: true },
        { at: closed, type: 'resolve', by: 'jane' },
      ],
    } as const;
    return {
      ...world,
      cloudwatch: { ...world.cloudwatch, alarms: [...world.cloudwatch.alarms, ...flapping] },
      pagerduty: { ...world.pagerduty, incidents: [...incidents, slow] },
    };
  };

  let later: Awaited<ReturnType<typeof openAt>>;
  beforeAll(async () => {
    later = await openAt('2024-01-18T16:00:00Z', restless);
    await later.app.draft({ select: selectOf(later.staged) });
  });
  afterAll(() => later.close());

  // In the first second, inside a flap, between a firing and its alert, at an event's very instant, before and at the second incident.
  it.each([0.001, 60, 98.25, 114.5, 131, 399.999, 1_000])(
    'the draft of %s s after the page is the one of whoever drafted then',
    async (seconds) => {
      const time = instant(stamp(seconds));
      const then = await draftThen(time, restless);
      const select = selectOf(later.staged);
      expect(await seenOf(later.app, await later.app.draft({ select, asOf: time })), 'asked again').toBe(then);
      expect(await seenOf(later.app, await later.app.draft({ select, asOf: time, offline: true })), 'from the store').toBe(then);
    },
  );

  it('with a channel that was imported since, the draft is the one of whoever had imported it up to then, from a bundle too', async () => {
    const said = (number: number) => ({ id: `m${number}`, time: second(number * 20), meaning: 'published', actor: `U${number % 3}` });
    const lines = Array.from({ length: 40 }, (_, number) => ({ ...said(number), message: number % 2 ? `retry ${number}` : 'I look' }));
    const importInto = async (app: App, until: string) => {
      const text = lines.flatMap((line) => (line.time < until ? [JSON.stringify(line)] : [])).join('\n');
      await app.importFile({ name: 'chat.jsonl', text, source: 'chat', incident: later.staged.world.truth.incident });
    };
    const time = instant(stamp(250));
    const { app, staged, close } = await openAt(time, restless);
    await app.draft({ select: selectOf(staged) });
    await importInto(app, time);
    const then = await seenOf(app, await app.draft({ select: selectOf(staged), asOf: time }));
    await close();
    await importInto(later.app, stamp(99_999));
    const select = selectOf(later.staged);
    expect(await seenOf(later.app, await later.app.draft({ select, asOf: time, offline: true }))).toBe(then);
    await later.app.draft({ select });
    const bundle = await later.app.exportBundle(later.staged.world.truth.incident, { roles: false });
    const fromBundle = await seenOf(later.app, await later.app.draftBundle(bundle, time));
    expect(fromBundle).toBe(then);
  });
});

describe('an incident that was closed and opened again, as of a time', () => {
  const reopened = (world: World): World => {
    const incidents = world.pagerduty.incidents.map((one) =>
      one.id === world.truth.incident
        ? {
            ...one,
            log: [
              ...one.log,
              { at: '2024-01-15T15:10:00Z', type: 'reopen', by: 'jane' },
              { at: '2024-01-15T15:40:00Z', type: 'resolve', by: 'jane' },
            ].toSorted((a, b) => (a.at < b.at ? -1 : 1)),
          }
        : one,
    );
    return { ...world, pagerduty: { ...world.pagerduty, incidents } };
  };
  let later: Awaited<ReturnType<typeof openAt>>;
  beforeAll(async () => {
    later = await openAt('2024-01-18T16:00:00Z', reopened);
    await later.app.draft({ select: selectOf(later.staged) });
  });
  afterAll(() => later.close());

  it.each(['14:57:01', '15:05:00', '15:10:01', '15:39:59'])('at %s it stands as whoever drafted then found it', async (clock) => {
    const time = at(clock);
    const then = await draftThen(time, reopened);
    const select = selectOf(later.staged);
    expect(await seenOf(later.app, await later.app.draft({ select, asOf: time })), 'asked again').toBe(then);
    expect(await seenOf(later.app, await later.app.draft({ select, asOf: time, offline: true })), 'from the store').toBe(then);
    expect(then).toContain(`**Status:** ${clock < '15:10:00' ? 'Resolved' : 'Open'}, as of`);
  });
});
