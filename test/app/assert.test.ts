import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Staged, stage } from '../../demo/run.ts';
import type { AssertRequest } from '../../src/app/assert.ts';
import type { OpenedApp } from '../../src/compose.ts';
import { openApp } from '../../src/compose.ts';
import { parseInstant } from '../../src/core/time.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';

describe('a fact that only people know, over the sample incident', () => {
  let staged: Staged;
  let opened: OpenedApp;
  let id: string;
  const select = () => ({ kind: 'incident', id }) as const;
  const open = async (now = staged.world.now) => {
    const at = parseInstant(now);
    return await openApp({ config: staged.config, env: staged.env, cwd: '.', ...(at && { now: at }) });
  };
  const state = (said: AssertRequest['said'], reason = 'a customer rang', author = 'Ann Lee') =>
    opened.app.assert({ id, said, reason, author });

  beforeAll(async () => {
    staged = await stage();
    id = staged.world.truth.incident;
    opened = await open();
  });
  afterAll(async () => {
    await opened.close();
    await staged.close();
  });

  it('is of an incident that was drafted: a mistyped one would be lost', async () => {
    await expect(state({ kind: 'milestone', milestone: 'impact_started', at: '2024-01-15T14:20Z' })).rejects.toMatchObject({
      code: 'not_stored',
      message: expect.stringContaining(id),
    });
  });

  it('changes the durations of every later draft, offline and online, and says so with its reason; offline no vendor is asked', async () => {
    const before = await opened.app.draft({ select: select() });
    const countCalls = () => staged.pagerduty.requests.length + staged.cloudwatch.requests.length + staged.github.requests.length;
    const calls = countCalls();
    const { evidence, incident } = await state({ kind: 'milestone', milestone: 'impact_started', at: '2024-01-15T14:20Z' });
    expect(incident).toBe(`pagerduty/incident:${id}`);
    for (const offline of [true, false]) {
      const { draftId, draft, snapshot } = await opened.app.draft({ select: select(), offline });
      expect(draftId).not.toBe(before.draftId);
      if (offline) expect(countCalls()).toBe(calls);
      expect(snapshot.evidence).toContain(evidence);
      expect(draft.analysis.milestones.impact_started).toMatchObject({
        basis: 'asserted',
        time: { at: '2024-01-15T14:20:00.000Z', minusMs: 0, plusMs: 60_000 },
        others: expect.arrayContaining([expect.objectContaining({ rule: 'onset_of_the_series_of_an_alarm' })]),
      });
      expect(draft.analysis.durations.time_to_detect).toMatchObject({ status: 'measured', span: { ms: 12 * 60_000 } });
      const text = renderMarkdown(draft);
      expect(text).toContain('| 14:20 | A person stated this time for the start of the impact: “a customer rang”');
      expect(text).not.toContain('Ann Lee');
      expect(JSON.stringify(draft)).not.toContain('Ann Lee');
    }
  });

  it('is not known to a draft as of a time before it was said', async () => {
    const asOf = parseInstant('2024-01-15T15:30:00Z');
    const { draft } = await opened.app.draft({ select: select(), offline: true, ...(asOf && { asOf }) });
    expect(draft.analysis.milestones.impact_started).toMatchObject({ basis: 'inferred' });
    expect(JSON.stringify(draft)).not.toContain('manual/');
  });

  it('is superseded by the next statement of the same milestone, and both stay', async () => {
    await state({ kind: 'milestone', milestone: 'impact_started', at: '2024-01-15T14:25:30Z' }, 'the caller looked it up');
    const { draft, snapshot } = await opened.app.draft({ select: select() });
    expect(draft.analysis.milestones.impact_started).toMatchObject({
      time: { at: '2024-01-15T14:25:30.000Z', plusMs: 1_000 },
      others: expect.arrayContaining([
        expect.objectContaining({ basis: 'asserted', time: { at: '2024-01-15T14:20:00.000Z', minusMs: 0, plusMs: 60_000 } }),
      ]),
    });
    expect(draft.analysis.coverage.find(({ source }) => source === 'manual')).toMatchObject({
      stream: 'milestones',
      status: 'complete',
      records: 2,
    });
    expect(snapshot.normalizers['manual']).toBe('manual/1');
  });

  it('is a row of its own where no system recorded it, with what it may be off', async () => {
    await state({ kind: 'event', at: '2024-01-15T14:37Z', plusMinusSeconds: 120, text: 'Support put up a banner.' }, 'their shift log');
    const { draft } = await opened.app.draft({ select: select() });
    const entry = draft.analysis.timeline.find(({ event }) => event.type === 'event.asserted');
    expect(entry).toMatchObject({ belongs: { service: 'api' }, event: { time: { minusMs: 120_000, plusMs: 120_000 } } });
  });

  it('takes the suspicion from a change, or gives it, and the draft says that a person did', async () => {
    const { draft: before } = await opened.app.draft({ select: select() });
    const [first] = before.analysis.suspects;
    expect(before.analysis.suspectVerdict).toBe('suspect');
    await state({ kind: 'suspect', change: first?.change ?? '', verdict: 'rejected' }, 'it only changed a test');
    const { draft: rejected } = await opened.app.draft({ select: select() });
    const of = (analysis: typeof rejected.analysis) => analysis.suspects.find(({ change }) => change === first?.change);
    expect(rejected.analysis.suspectVerdict).not.toBe('suspect');
    expect(of(rejected.analysis)?.reasons.map(({ code }) => code)).toContain('rejected_by_person');
    await state({ kind: 'suspect', change: first?.change ?? '', verdict: 'confirmed' }, 'it was not');
    const { draft: confirmed } = await opened.app.draft({ select: select() });
    expect(confirmed.analysis.suspectVerdict).toBe('suspect');
    expect(of(confirmed.analysis)?.reasons.map(({ code }) => code)).toContain('confirmed_by_person');
  });

  it('travels in the bundle, to the same bytes; with roles it names nobody', async () => {
    const { draftId } = await opened.app.draft({ select: select() });
    expect(await opened.app.reproduce(id)).toMatchObject({ draftId, same: true });
    const bundle = await opened.app.exportBundle(id, { roles: false });
    expect((await opened.app.draftBundle(bundle)).draftId).toBe(draftId);
    expect(await opened.app.reproduceBundle(bundle)).toMatchObject({ same: true });
    expect(await opened.app.exportBundle(id, { roles: true })).not.toContain('Ann Lee');
    const { incident } = await opened.app.importBundle(bundle);
    await expect(
      opened.app.assert({ id: incident, said: { kind: 'milestone', milestone: 'detected', at: 'x' }, reason: 'r', author: 'a' }),
    ).rejects.toThrow(/assert on the incident itself/);
    const imported = async () => (await opened.app.draft({ select: { kind: 'incident', id: incident }, offline: true })).draftId;
    const before = await imported();
    await state({ kind: 'event', at: '2024-01-15T14:39Z', text: 'The banner came down.' }, 'their shift log');
    expect(await imported()).toBe(before);
    const asOf = parseInstant('2024-01-15T15:30:00Z');
    const { draft } = await opened.app.draft({ select: { kind: 'incident', id: incident }, offline: true, ...(asOf && { asOf }) });
    expect(draft.analysis.milestones.impact_started).toMatchObject({ basis: 'inferred' });
  });

  it('about one incident changes no draft of another', async () => {
    const other = await openApp({
      config: staged.config,
      env: staged.env,
      cwd: '.',
      now: (await opened.app.draft({ select: select() })).snapshot.takenAt,
    });
    const from = parseInstant('2024-01-15T10:00:00Z');
    const to = parseInstant('2024-01-15T11:00:00Z');
    if (!from || !to) throw new Error('these are times');
    const { draft } = await other.app.draft({ select: { kind: 'window', window: { from, to }, service: 'api' } });
    await other.close();
    expect(draft.analysis.coverage.filter(({ source }) => source === 'manual')).toEqual([]);
  });

  it.each<[string, AssertRequest['said'], string, RegExp]>([
    [
      'a milestone that is none',
      { kind: 'milestone', milestone: 'impact_start', at: '2024-01-15T14:20Z' },
      'r',
      /known are .*impact_started/,
    ],
    [
      'a change that the draft does not know',
      { kind: 'suspect', change: 'github/deployment:X', verdict: 'rejected' },
      'r',
      /known are github\/deployment:DE_/,
    ],
    ['a time without an offset', { kind: 'event', at: '2024-01-15T14:20', text: 'x' }, 'r', /write 2024-01-15T14:20Z/],
    ['a time to come', { kind: 'event', at: '2030-01-15T14:20Z', text: 'x' }, 'r', /lies in the future/],
    ['no reason', { kind: 'milestone', milestone: 'detected', at: '2024-01-15T14:20Z' }, ' ', /the reason is empty/],
  ])('with %s is refused, and says what is known', async (_what, said, reason, message) => {
    await expect(state(said, reason)).rejects.toMatchObject({ code: 'usage', message: expect.stringMatching(message) });
  });
});

describe('a fact about a draft that is final', () => {
  it('is taken up with no vendor asked again, and secrets in it are redacted', async () => {
    const staged = await stage({ now: '2024-01-17T16:00:00Z' });
    const now = parseInstant(staged.world.now);
    const { app, close } = await openApp({ config: staged.config, env: staged.env, cwd: '.', ...(now && { now }) });
    const select = { kind: 'incident', id: staged.world.truth.incident } as const;
    try {
      await app.draft({ select });
      const calls = staged.pagerduty.requests.length + staged.cloudwatch.requests.length + staged.github.requests.length;
      const reason = 'the caller pasted AKIAIOSFODNN7EXAMPLE';
      const { evidence } = await app.assert({
        id: select.id,
        said: { kind: 'milestone', milestone: 'impact_started', at: '2024-01-15T14:20Z' },
        reason,
        author: 'Ann Lee',
      });
      const { draft, snapshot } = await app.draft({ select });
      expect(draft.analysis.milestones.impact_started).toMatchObject({ basis: 'asserted' });
      expect(snapshot.evidence).toContain(evidence);
      expect(JSON.stringify([draft, await app.evidence(evidence)])).not.toContain('AKIAIOSFODNN7EXAMPLE');
      expect(staged.pagerduty.requests.length + staged.cloudwatch.requests.length + staged.github.requests.length).toBe(calls);
    } finally {
      await close();
      await staged.close();
    }
  });
});

describe('a fact about a window that never paged', () => {
  it('is of that window, under its id', async () => {
    const staged = await stage();
    const now = parseInstant(staged.world.now);
    const { app, close } = await openApp({ config: staged.config, env: staged.env, cwd: '.', ...(now && { now }) });
    const [from, to] = [parseInstant('2024-01-15T10:00:00Z'), parseInstant('2024-01-15T11:00:00Z')];
    if (!from || !to) throw new Error('these are times');
    try {
      const select = { kind: 'window', window: { from, to }, service: 'api' } as const;
      await app.draft({ select });
      const id = 'w~20240115T100000Z~20240115T110000Z~api';
      const said = { kind: 'milestone', milestone: 'impact_started', at: '2024-01-15T10:20Z' } as const;
      expect(await app.assert({ id, said, reason: 'a call', author: 'ann' })).toMatchObject({ incident: id });
      expect((await app.draft({ select })).draft.analysis.milestones.impact_started).toMatchObject({ basis: 'asserted' });
      expect((await app.pull({ window: { from, to }, service: 'api', bundle: true })).bundle).toContain('a call');
      // A day after it may be meant; a year before it hardly.
      const far = async (at: string) => (await app.assert({ id, said: { ...said, at }, reason: 'a call', author: 'ann' })).farMs;
      expect(await far('2023-01-15T10:00Z')).toBeLessThan(-364 * 86_400_000);
      expect(await far('2024-01-15T15:00Z')).toBeUndefined();
    } finally {
      await close();
      await staged.close();
    }
  });
});

describe('a fact about an incident that is still open', () => {
  it('is known at once, though its draft is pinned to the minute', async () => {
    const staged = await stage({ now: '2024-01-15T14:40:45Z' });
    const now = parseInstant(staged.world.now);
    const { app, close } = await openApp({ config: staged.config, env: staged.env, cwd: '.', ...(now && { now }) });
    const id = staged.world.truth.incident;
    try {
      const { snapshot } = await app.draft({ select: { kind: 'incident', id } });
      expect(snapshot.asOf).toBe('2024-01-15T14:40:00.000Z');
      await app.assert({
        id,
        said: { kind: 'milestone', milestone: 'impact_started', at: '2024-01-15T14:20Z' },
        reason: 'a call',
        author: 'ann',
      });
      for (const offline of [true, false]) {
        const { draft } = await app.draft({ select: { kind: 'incident', id }, offline });
        expect(draft.analysis.milestones.impact_started).toMatchObject({ basis: 'asserted' });
        expect(JSON.stringify(draft).includes('"author":"ann"')).toBe(false);
        expect(draft.analysis.coverage.find(({ source }) => source === 'manual')).toMatchObject({ records: 1 });
      }
    } finally {
      await close();
      await staged.close();
    }
  });
});
