import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../demo/world.ts';
import { draftThen, at as instantAt, openAt, seenOf, selectOf } from '../support/as-of-world.ts';
import { draftVariant } from '../support/staged-world.ts';

const at = (clock: string) => `2024-01-15T${clock}Z`;
const [EARLY, MAIN] = ['Q1EARLYPAGE001', 'Q1POOL0EXHAUST'];

/** Sam is paged by the API two minutes before Jane, answers at once, and merges his incident into hers at 14:38. */
const merged = (sample: World): World => withEarly(sample, true);
/** The same, where nothing told PagerDuty of the early page but its own integration: it has no alert, so none moves. */
const unalerted = (sample: World): World => withEarly(sample, false);

function withEarly(sample: World, hasAlert: boolean): World {
  const { pagerduty, cloudwatch } = sample;
  const [base] = cloudwatch.alarms.filter(({ name }) => name === 'api-HighErrorRate');
  const [main] = pagerduty.incidents;
  if (!base || !main) throw new Error('the world has an alarm and an incident');
  const early = {
    ...base,
    name: 'api-Unhealthy',
    edits: [],
    history: [{ at: at('14:30:30'), from: 'OK', to: 'ALARM', start: at('14:30:00'), actions: true }],
  };
  const alert = { id: 'Q1ALERT0EARLY1', at: at('14:31:00'), integration: 'PINTCW1', alarm: early.name, state_change_at: at('14:30:30') };
  const first = {
    ...main,
    id: EARLY,
    number: 4819,
    title: 'ALARM: "api-Unhealthy" in US East (N. Virginia)',
    created_at: at('14:31:00'),
    merged_into: main.id,
    alerts: hasAlert ? [alert] : [],
    responders: [],
    past_incidents: [],
    log: [
      { at: at('14:31:00'), type: 'trigger', integration: 'PINTCW1', ...(hasAlert && { alert: alert.id }) },
      { at: at('14:31:00'), type: 'assign', to: 'sam', automatic: true },
      { at: at('14:31:02'), type: 'notify', user: 'sam', by: 'phone', status: 'success' },
      { at: at('14:31:40'), type: 'acknowledge', by: 'sam' },
      { at: at('14:36:00'), type: 'annotate', by: 'sam', text: 'Same errors as the other page: merging.' },
      { at: at('14:38:00'), type: 'resolve', by: 'sam' },
    ],
  };
  return {
    ...sample,
    cloudwatch: { ...cloudwatch, alarms: [...cloudwatch.alarms, early] },
    pagerduty: { ...pagerduty, incidents: [...pagerduty.incidents, first] },
  };
}

describe('an incident that another was merged into', () => {
  it('is one case with it: the first page, the first answer, and windows around both', async () => {
    const { drafted, markdown } = await draftVariant({ world: merged });
    const { milestones, findings, coverage } = drafted.draft.analysis;
    expect(milestones.paged).toMatchObject({ time: { at: '2024-01-15T14:31:00.000Z' } });
    expect(milestones.acknowledged).toMatchObject({ time: { at: '2024-01-15T14:31:40.000Z' } });
    expect(milestones.resolved).toMatchObject({ time: { at: '2024-01-15T14:57:00.000Z' } });
    expect(findings.map(({ code }) => code)).not.toContain('incident_overlaps');
    expect(drafted.draft.case.incidents.map(({ id, mergedInto }) => [id, mergedInto])).toEqual([
      [MAIN, undefined],
      [EARLY, MAIN],
    ]);
    expect(drafted.draft.case.windows.incident.from).toBe('2024-01-15T12:31:00.000Z');
    // Every list reaches as far back as the case, and none is told twice.
    const lists = coverage.filter(({ stream }) => ['alarms', 'alarm_history', 'pushes', 'incidents'].includes(stream));
    expect(lists.map(({ stream, window }) => [stream, window.from])).toEqual(
      ['alarm_history', 'alarms', 'pushes', 'incidents'].map((stream) => [stream, '2024-01-15T12:31:00.000Z']),
    );
    expect(markdown).toContain('Incident #4819 was merged into incident #4821.');
    expect(markdown).toMatch(/\*\*Together with:\*\* \[#4819\]\S+ ALARM: "api-Unhealthy" .*\(merged into #4821\)/);
    expect(markdown).toContain('**Status:** Resolved');
  });

  it('tells the same times as the draft of the one that was merged, whose header says how the outage ended', async () => {
    const [one, other] = [
      await draftVariant({ world: merged }),
      await draftVariant({ world: merged, request: { select: { kind: 'incident', id: EARLY } } }),
    ];
    expect(other.drafted.draft.analysis.milestones).toEqual(one.drafted.draft.analysis.milestones);
    expect(other.markdown).toContain('**Status:** Merged into #4821, which is resolved');
  });

  it('is found by its alert where it is of a service that ours does not depend on', async () => {
    const elsewhere = (sample: World): World => {
      const world = merged(sample);
      const incidents = world.pagerduty.incidents.map((one) => (one.id === EARLY ? { ...one, service: 'PCHK001' } : one));
      return { ...world, pagerduty: { ...world.pagerduty, incidents } };
    };
    const { drafted } = await draftVariant({ world: elsewhere });
    expect(drafted.snapshot.joined).toEqual([`pagerduty/incident:${EARLY}`]);
    expect(drafted.draft.analysis.milestones.paged).toMatchObject({ time: { at: '2024-01-15T14:31:00.000Z' } });
  });

  it('stands alone where the policy joins none, and says what it leaves out', async () => {
    const { drafted, markdown } = await draftVariant({ world: merged, policy: { join: 'none' } });
    expect(drafted.draft.case.incidents.map(({ id }) => id)).toEqual([MAIN]);
    expect(drafted.draft.analysis.findings.map(({ code }) => code)).toContain('incident_overlaps');
    expect(markdown).toContain('Another incident was merged into this one: #4819');
  });
});

describe('a storm of incidents that were merged into one', () => {
  const start = Date.parse(at('14:31:00'));
  const clock = (seconds: number) => `${new Date(start + seconds * 1_000).toISOString().slice(0, 19)}Z`;
  const storm = (sample: World): World => {
    const { pagerduty } = sample;
    const incidents = Array.from({ length: 30 }, (_, number) => ({
      id: `QSTORM${String(number).padStart(8, '0')}`,
      number: 4900 + number,
      title: `host ${number} is down`,
      service: 'PAPI001',
      urgency: 'high' as const,
      created_at: clock(number * 10),
      status: 'resolved' as const,
      merged_into: MAIN,
      log: [
        { at: clock(number * 10), type: 'trigger', integration: 'PINTCW1' },
        { at: clock(number * 10), type: 'assign', to: 'sam', automatic: true },
        { at: clock(number * 10 + 2), type: 'notify', user: 'sam', by: 'phone', status: 'success' },
        { at: clock(300 + number), type: 'acknowledge', by: 'sam' },
        { at: clock(600 + number), type: 'resolve', by: 'sam' },
      ],
    }));
    return { ...sample, pagerduty: { ...pagerduty, incidents: [...pagerduty.incidents, ...incidents] } };
  };

  it('is a row for each thing that was done to them, a short header, and one line for those that were not read', async () => {
    const { drafted, markdown, section } = await draftVariant({ world: storm });
    const rows = section('timeline')
      .split('\n')
      .filter((line) => /incident.*#\d/i.test(line));
    expect(rows.map((row) => row.split(' | ')[1])).toEqual([
      '25 incidents were opened and the on-call paged within 4 min: #4900, #4901, #4902, #4903 and 21 more.',
      'Incident #4821 was opened and the on-call paged.',
      'Primary on-call acknowledged incident #4821.',
      'Primary on-call 2 acknowledged 25 incidents within 24 s: #4900, #4901, #4902, #4903 and 21 more.',
      '25 incidents were merged into #4821 within 24 s: #4900, #4901, #4902, #4903 and 21 more.',
      'Primary on-call closed incident #4821.',
    ]);
    expect(markdown).toMatch(/\*\*Together with:.*\[#4904\]\S+ host 4 is down \(merged into #4821\); and 20 more, which the JSON names/);
    expect(section('coverage')).toContain('5 more were merged into this one: a draft reads the first 25 of those (left: ');
    expect(drafted.draft.case.incidents).toHaveLength(26);
    expect(drafted.draft.analysis.milestones.acknowledged).toMatchObject({ time: { at: '2024-01-15T14:35:00.000Z' } });
  });
});

describe('a merge as of a time', () => {
  let later: Awaited<ReturnType<typeof openAt>>;
  beforeAll(async () => {
    later = await openAt('2024-01-18T16:00:00Z', unalerted);
    for (const id of [MAIN, EARLY]) await later.app.draft({ select: selectOf(later.staged, id) });
  });
  afterAll(() => later.close());

  it.each(['14:34:00', '14:37:59', '14:38:01', '14:50:00'].flatMap((clock) => [MAIN, EARLY].map((id) => [clock, id] as const)))(
    'at %s the draft of %s is the one of whoever drafted then',
    async (clock, id) => {
      const time = instantAt(clock);
      const then = await draftThen(time, unalerted, id);
      const select = selectOf(later.staged, id);
      expect(await seenOf(later.app, await later.app.draft({ select, asOf: time })), 'asked again').toBe(then);
      expect(await seenOf(later.app, await later.app.draft({ select, asOf: time, offline: true })), 'from the store').toBe(then);
    },
  );

  it.each([false, true])(
    'before the target had begun it is refused, though what was merged into it is older (offline: %s)',
    async (offline) => {
      const drafted = later.app.draft({ select: selectOf(later.staged, MAIN), asOf: instantAt('14:32:00'), offline });
      await expect(drafted).rejects.toThrow('it had not begun: it began at 2024-01-15T14:33:00.000Z');
    },
  );

  it('asks no source again for a case that is closed and settled', async () => {
    const { app, staged } = later;
    const before = staged.pagerduty.requests.length;
    const { snapshot } = await app.draft({ select: selectOf(staged) });
    expect(snapshot.joined).toEqual([`pagerduty/incident:${EARLY}`]);
    expect(staged.pagerduty.requests).toHaveLength(before);
  });

  it('is looked back to from what a backfill drafted, too', async () => {
    const { app, staged, close } = await openAt('2024-01-18T16:00:00Z', unalerted);
    await app.draft({ select: selectOf(staged, MAIN), with: [EARLY] });
    const asOf = instantAt('14:37:59');
    const seen = await seenOf(app, await app.draft({ select: selectOf(staged, MAIN), asOf, offline: true }));
    await close();
    expect(seen).toBe(await draftThen(asOf, unalerted, MAIN));
  });

  it('shows an alert that the merge moved under the incident that it moved to, before it too, and says that it does', async () => {
    const { app, staged, close } = await openAt('2024-01-18T16:00:00Z', merged);
    const { draft } = await app.draft({ select: selectOf(staged), asOf: instantAt('14:37:00') });
    await close();
    const fired = draft.analysis.timeline.find(
      ({ event }) => event.type === 'alert.fired' && event.attributes['alert.rule'] === 'api-Unhealthy',
    );
    expect(fired?.corroboratedBy.flatMap(({ correlationKeys }) => correlationKeys)).toContain(`pagerduty/incident:${MAIN}`);
    expect(JSON.stringify(draft.sections)).toContain('the incident of an alert stand as their records were read');
  });
});
