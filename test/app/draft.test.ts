import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { App, Drafted, DraftRequest } from '../../src/app/app.ts';
import { APP_ERRORS, type AppError } from '../../src/app/errors.ts';
import { SourceError } from '../../src/contract/index.ts';
import { DEFAULT_POLICY } from '../../src/core/analysis/policy.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { instant, windowOf } from '../support/events.ts';
import { openTestApp, sourcesOf } from './fakes.ts';
import { type SmallWorld, smallForge, smallPager, smallWorld } from './small-world.ts';

const SERVICES = [{ name: 'api', owns: { pager: { services: ['API'] }, forge: {} }, depends_on: [] }];

async function open(
  world: SmallWorld,
  options: { readonly services?: typeof SERVICES; readonly forge?: boolean; readonly now?: string } = {},
) {
  const pager = smallPager(world);
  const forge = smallForge(world);
  const sources = sourcesOf({ pager, ...(options.forge !== false && { forge }) }, { connectors: [pager, forge] });
  const opened = await openTestApp(sources, { services: options.services ?? SERVICES });
  if (options.now) opened.clock.set(options.now);
  return { ...opened, pager, forge, sources };
}

const INCIDENT: DraftRequest = { select: { kind: 'incident', id: 'PABC' } };
const bytes = ({ draft }: Drafted) => JSON.stringify(draft) + renderMarkdown(draft);

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (thrown: AppError) => thrown,
  );
  return error ? `${error.code} ${APP_ERRORS[error.code].exit}: ${error.message}` : 'no error';
}

describe('a draft of a closed incident', () => {
  it('is complete, holds its moments, and is filed under its incident', async () => {
    const { app } = await open(smallWorld());
    const drafted = await app.draft(INCIDENT);
    expect(drafted.partial).toBe(false);
    expect(drafted.snapshot.incidents).toEqual(['pager/incident:PABC']);
    expect(drafted.snapshot).not.toHaveProperty('asOf');
    expect(drafted.draft.analysis.timeline.map(({ event }) => event.type)).toEqual([
      'incident.triggered',
      'incident.acknowledged',
      'note.added',
      'incident.resolved',
    ]);
    expect((await app.stored('PABC')).draftId).toBe(drafted.draftId);
    expect((await app.stored('pager~PABC')).draftId).toBe(drafted.draftId);
    expect((await app.stored(drafted.draftId)).draftId).toBe(drafted.draftId);
  });

  it('made twice from unchanged sources is one draft, and says when it was first taken', async () => {
    const { app, clock } = await open(smallWorld(), { now: '2024-01-17T10:00:00Z' });
    const first = await app.draft({ ...INCIDENT, refresh: true });
    clock.set('2024-01-18T10:00:00Z');
    const second = await app.draft({ ...INCIDENT, refresh: true });
    expect(second.draftId).toBe(first.draftId);
    expect(bytes(second)).toBe(bytes(first));
  });

  it('gets another id when a late note comes, and the old one stays', async () => {
    const world = smallWorld();
    const { app } = await open(world);
    const first = await app.draft(INCIDENT);
    world.entries.push({ id: 'R5', at: '2024-01-15T15:30:00Z', type: 'note.added', text: 'Review on Wednesday' });
    const second = await app.draft(INCIDENT);
    expect(second.draftId).not.toBe(first.draftId);
    expect(bytes(await app.stored(first.draftId))).toBe(bytes(first));
    expect((await app.reproduce(first.draftId)).same).toBe(true);
  });

  it('asked for by its number, offline as well, is the same draft', async () => {
    const { app } = await open(smallWorld());
    const byNumber = await app.draft({ select: { kind: 'incident', id: '7' } });
    expect(byNumber.snapshot.incidents).toEqual(['pager/incident:PABC']);
    expect(bytes(await app.draft({ select: { kind: 'incident', id: '7' }, offline: true }))).toBe(bytes(byNumber));
  });
});

it('is found by its number even where it was only ever asked for by its id', async () => {
  const { app, pager } = await open(smallWorld());
  const drafted = await app.draft(INCIDENT);
  const asked = pager.asked.length;
  expect((await app.stored('7')).draftId).toBe(drafted.draftId);
  expect((await app.draft({ select: { kind: 'incident', id: '#7' }, offline: true })).draftId).toBe(drafted.draftId);
  expect(pager.asked).toHaveLength(asked);
  expect(await codeOf(app.stored('8'))).toMatch(/^not_stored 4/);
});

describe('the id of a draft', () => {
  it('counts policy, authors and code, and not the time of reading', async () => {
    const world = smallWorld();
    const { app, again, deps, clock } = await open(world);
    const { draftId } = await app.draft(INCIDENT);
    const policy = { ...DEFAULT_POLICY, suspect_score: 0.9 };
    const others = await Promise.all([
      app.draft({ ...INCIDENT, authors: ['Jane'] }),
      again({ settings: { ...deps.settings, policy } }).draft(INCIDENT),
      again({ engine: 'hindcast/next' }).draft(INCIDENT),
      app.draft({ ...INCIDENT, asOf: instant('14:50') }),
    ]);
    const ids = [draftId, ...others.map((other) => other.draftId)];
    expect(new Set(ids).size).toBe(5);
    clock.set('16:00');
    expect((await app.draft(INCIDENT)).draftId).toBe(draftId);
  });
});

describe('words that a person wrote', () => {
  it('are in the next draft, which has an id of its own and asks nothing for them', async () => {
    const { app, again, deps, pager } = await open(smallWorld(), { now: '2024-01-18T10:00:00Z' });
    const first = await app.draft(INCIDENT);
    const asked = pager.asked.length;
    const written = { sequence: 3, after: 0, author: 'jane', at: instant('16:30') } as const;
    const edit = { ...written, kind: 'insert', block: 'i.3', below: 'summary.what', text: 'It was the new cache.' } as const;
    const second = await again({ drafts: { ...deps.drafts, edits: async () => [edit] } }).draft(INCIDENT);
    expect(second.snapshot.lastEdit).toBe(3);
    expect(second.draftId).not.toBe(first.draftId);
    expect(renderMarkdown(second.draft)).toContain('It was the new cache.');
    expect(pager.asked).toHaveLength(asked);
  });
});

describe('a draft that is wanted again', () => {
  const LATER = '2024-01-18T10:00:00Z';

  it('long after its last window asks nothing, unless it must', async () => {
    const { app, pager } = await open(smallWorld(), { now: LATER });
    const first = await app.draft(INCIDENT);
    const asked = pager.asked.length;
    expect(bytes(await app.draft(INCIDENT))).toBe(bytes(first));
    expect(pager.asked).toHaveLength(asked);
    await app.draft({ ...INCIDENT, refresh: true });
    expect(pager.asked.length).toBeGreaterThan(asked);
  });

  it.each<[string, (opened: Awaited<ReturnType<typeof open>>) => Promise<App>, string]>([
    ['while notes may still come', async ({ app }) => app, '16:00'],
    [
      'under another policy',
      async ({ again, deps }) => again({ settings: { ...deps.settings, policy: { ...DEFAULT_POLICY, stable_for: '5m' } } }),
      LATER,
    ],
    ['by newer code', async ({ again }) => again({ engine: 'hindcast/next' }), LATER],
  ])('%s is read again', async (_when, reopen, now) => {
    const opened = await open(smallWorld(), { now });
    await opened.app.draft(INCIDENT);
    const asked = opened.pager.asked.length;
    await (await reopen(opened)).draft(INCIDENT);
    expect(opened.pager.asked.length).toBeGreaterThan(asked);
  });

  it('after a partial one asks again: the missing part may have come back', async () => {
    const world = smallWorld({ broken: { changes: new SourceError('forbidden', 'no permission') } });
    const { app } = await open(world, { now: LATER });
    expect((await app.draft(INCIDENT)).partial).toBe(true);
    world.broken = {};
    expect((await app.draft(INCIDENT)).partial).toBe(false);
  });

  it('by other authors has their names and asks nothing', async () => {
    const { app, pager } = await open(smallWorld(), { now: LATER });
    await app.draft(INCIDENT);
    const asked = pager.asked.length;
    expect((await app.draft({ ...INCIDENT, authors: ['Jane Doe'] })).draft.case.authors).toEqual(['Jane Doe']);
    expect(pager.asked).toHaveLength(asked);
  });
});

describe('offline', () => {
  it('gives the same bytes with every source down', async () => {
    const world = smallWorld();
    const { app, pager } = await open(world);
    const online = await app.draft(INCIDENT);
    const asked = pager.asked.length;
    world.broken = { incidents: new SourceError('unavailable', 'down'), log_entries: new SourceError('unavailable', 'down') };
    expect(bytes(await app.draft({ ...INCIDENT, offline: true }))).toBe(bytes(online));
    expect(pager.asked).toHaveLength(asked);
  });

  it('without a draft goes by what was read: a window that was pulled gives the same draft that asking gives', async () => {
    const { app, pager } = await open(smallWorld());
    const select = { kind: 'window', window: windowOf('14:00', '15:00'), service: 'api' } as const;
    await app.pull({ window: select.window, service: select.service });
    const asked = pager.asked.length;
    const offline = await app.draft({ select, offline: true });
    expect(pager.asked).toHaveLength(asked);
    expect(bytes(offline)).toBe(bytes(await app.draft({ select })));
  });

  it('means the newest draft of the incident, whatever was joined to it', async () => {
    const { app, deps } = await open(smallWorld());
    const { snapshot } = await app.draft(INCIDENT);
    await deps.drafts.saveSnapshot('sha256:joined', { ...snapshot, incidents: ['pager/incident:PABC', 'pager/incident:PXYZ'] });
    expect((await app.draft({ ...INCIDENT, offline: true })).snapshot.incidents).toHaveLength(2);
    expect((await app.draft(INCIDENT)).snapshot.incidents).toHaveLength(1);
  });

  it('keeps the order in which its records came, whatever is read later', async () => {
    const world = smallWorld();
    const { app } = await open(world);
    const select = { kind: 'window', window: windowOf('14:00', '15:00'), service: 'api' } as const;
    await app.pull({ window: select.window, service: select.service });
    const offline = await app.draft({ select, offline: true });
    world.entries.push({ id: 'R5', at: '2024-01-15T15:30:00Z', type: 'note.added', text: 'Review on Wednesday' });
    await app.draft(INCIDENT);
    expect(await app.reproduce(offline.draftId)).toMatchObject({ same: true });
  });

  it('of what was never read says so, and does not ask', async () => {
    const { app, pager } = await open(smallWorld());
    expect(await codeOf(app.draft({ ...INCIDENT, offline: true }))).toMatch(/^not_stored 4: .*not in the store/);
    expect(pager.asked).toEqual([]);
  });

  it('of two incidents of which only one was drafted says that they were not read together, and accuses neither', async () => {
    const { app } = await open(smallWorld());
    await app.draft(INCIDENT);
    const said = await codeOf(app.draft({ ...INCIDENT, with: ['PNOPE'], offline: true }));
    expect(said).toMatch(/^not_stored 4: incidents \w+, PNOPE are not in the store as one case: draft them together once/);
  });
});

describe('as of an earlier time', () => {
  it('the draft is what drafting then would have been: open, with nothing later in it', async () => {
    const { app } = await open(smallWorld());
    const { draft, snapshot } = await app.draft({ ...INCIDENT, asOf: instant('14:38') });
    expect(snapshot.asOf).toBe(instant('14:38'));
    expect(snapshot.windows.incident.to).toBe(instant('14:38'));
    expect(draft.analysis.timeline.map(({ event }) => event.type)).toEqual(['incident.triggered', 'incident.acknowledged']);
    expect(draft.analysis.durations.time_to_resolve.status).toBe('running');
  });

  it('offline it is only a look back: the newest draft stays what it was', async () => {
    const { app } = await open(smallWorld());
    const newest = await app.draft(INCIDENT);
    const back = await app.draft({ ...INCIDENT, asOf: instant('14:38'), offline: true });
    expect(back.draft.analysis.timeline.map(({ event }) => event.type)).toEqual(['incident.triggered', 'incident.acknowledged']);
    expect((await app.stored('PABC')).draftId).toBe(newest.draftId);
  });

  it('before it began, or in the future, is refused', async () => {
    const { app } = await open(smallWorld());
    expect(await codeOf(app.draft({ ...INCIDENT, asOf: instant('14:00') }))).toMatch(/^usage 2: .*had not begun/);
    const whole = await app.draft(INCIDENT);
    expect(await codeOf(app.draft({ ...INCIDENT, asOf: instant('14:00'), offline: true }))).toMatch(/^usage 2: .*had not begun/);
    // A look back does not take the place of the draft that stands, and can be made again.
    const back = await app.draft({ ...INCIDENT, asOf: instant('14:38') });
    expect((await app.draft({ ...INCIDENT, offline: true })).draftId).toBe(whole.draftId);
    expect(await app.reproduce(back.draftId)).toMatchObject({ same: true });
    expect(await codeOf(app.draft({ ...INCIDENT, asOf: instant('17:00') }))).toMatch(/^usage 2: .*future/);
  });
});

describe('an open incident', () => {
  it('is drafted as of its minute', async () => {
    const world = smallWorld({ resolved: null });
    world.entries.pop();
    const { app, clock } = await open(world);
    clock.set('14:50:42');
    const { snapshot, draft } = await app.draft(INCIDENT);
    expect(snapshot.asOf).toBe(instant('14:50'));
    expect(draft.case.incidents[0].status).toBe('open');
    expect(draft.analysis.durations.time_to_resolve).toMatchObject({ status: 'running' });
  });
});

describe('a window', () => {
  const select = { kind: 'window', window: windowOf('09:00', '10:00'), service: 'api' } as const;

  it('with nothing in it is a case of its own', async () => {
    const { app } = await open(smallWorld());
    const { snapshot, draft } = await app.draft({ select });
    expect(snapshot.incidents).toEqual(['w~20240115T090000Z~20240115T100000Z~api']);
    expect(snapshot.subject).toEqual(['api']);
    expect((await app.stored('w~20240115T090000Z~20240115T100000Z~api')).draft.id).toBe(draft.id);
  });

  it('with an incident inside is about that incident', async () => {
    const { app } = await open(smallWorld());
    const { snapshot } = await app.draft({ select: { ...select, window: windowOf('14:00', '15:00') } });
    expect(snapshot.incidents).toEqual(['pager/incident:PABC']);
  });

  it('of a service that nobody configured is refused, with those that are', async () => {
    const { app } = await open(smallWorld());
    expect(await codeOf(app.draft({ select: { ...select, service: 'apo' } }))).toMatch(/^usage 2: no service "apo" is configured: api/);
  });
});

it('a window of its own stands in place of the one that the policy gives', async () => {
  const { app } = await open(smallWorld());
  const { snapshot } = await app.draft({ ...INCIDENT, window: windowOf('14:30', '15:00') });
  expect(snapshot.windows.incident).toEqual(windowOf('14:30', '15:00'));
});

describe('with no services configured', () => {
  it('the incident is about the service that its record names, and a vendor without a source says what it would add', async () => {
    const { app } = await open(smallWorld(), { services: [], forge: false });
    const { partial, snapshot, draft } = await app.draft(INCIDENT);
    expect(partial).toBe(false);
    expect(snapshot.services).toEqual([{ name: 'API', owns: { pager: { services: ['API'] } }, depends_on: [] }]);
    expect(draft.case.services).toEqual(['API']);
    expect(snapshot.coverage).toContainEqual(
      expect.objectContaining({
        source: 'forge',
        status: 'not_asked',
        gaps: [],
        hint: 'no Forge source is configured: what was changed would come from it',
      }),
    );
  });
});

describe('a source that fails', () => {
  it('in the middle gives a partial draft that names what is missing', async () => {
    const { app } = await open(smallWorld({ broken: { changes: new SourceError('unavailable', 'forge.example does not answer') } }));
    const { partial, draft } = await app.draft(INCIDENT);
    expect(partial).toBe(true);
    expect(draft.analysis.coverage).toContainEqual(
      expect.objectContaining({
        source: 'forge',
        status: 'failed',
        gaps: [expect.objectContaining({ detail: 'forge.example does not answer' })],
      }),
    );
    expect(renderMarkdown(draft)).toContain('forge.example does not answer');
  });

  it.each([
    [
      'the record with a refused token',
      new SourceError('unauthorized', 'the token in PAGER_TOKEN is refused'),
      /^unreadable 4: .*PAGER_TOKEN is refused/,
    ],
    ['the record with silence', new SourceError('unavailable', 'no answer in 30 s'), /^unreadable 4: .*no answer in 30 s/],
  ])('on %s leaves nothing to write', async (_what, incidents, expected) => {
    const { app } = await open(smallWorld({ broken: { incidents } }));
    expect(await codeOf(app.draft(INCIDENT))).toMatch(expected);
  });

  it('is not to blame for an id that nobody knows', async () => {
    const { app } = await open(smallWorld());
    expect(await codeOf(app.draft({ select: { kind: 'incident', id: 'PNONE' } }))).toMatch(
      /^unknown_incident 4: pager knows no incident PNONE/,
    );
    expect(await codeOf(app.draft({ ...INCIDENT, with: ['PNONE'] }))).toMatch(/^unknown_incident 4/);
  });

  it('for a window means that no source answered', async () => {
    const down = new SourceError('unavailable', 'no route');
    const { app } = await open(smallWorld({ broken: { incidents: down, changes: down } }));
    expect(await codeOf(app.draft({ select: { kind: 'window', window: windowOf('09:00', '10:00') } }))).toMatch(
      /^unreadable 4: no source answered: no route/,
    );
  });
});

it('an interrupt is exit 130, and what was read is kept', async () => {
  const controller = new AbortController();
  const { app, clock } = await open(smallWorld());
  const stopped = app.draft({ ...INCIDENT, signal: controller.signal, onProgress: () => controller.abort() });
  expect(await codeOf(stopped)).toMatch(/^interrupted 130/);
  clock.set('16:00');
  expect((await app.draft(INCIDENT)).partial).toBe(false);
});

it('evidence that came in any order gives the same bytes', async () => {
  const source = await open(smallWorld());
  const online = await source.app.draft(INCIDENT);
  const records = await source.deps.evidence.read(online.snapshot.evidence);
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray([...records], { minLength: records.length }), async (shuffled) => {
      const { app, deps } = await open(smallWorld());
      const run = await deps.evidence.startRun(instant('16:00'));
      for (const record of shuffled) await deps.evidence.keep(run, [record]);
      await deps.drafts.saveSnapshot(online.draftId, { ...online.snapshot, run });
      expect(bytes(await app.stored('PABC'))).toBe(bytes(online));
      await app.close();
    }),
    { numRuns: 20 },
  );
});

describe('a pull of a window', () => {
  it('as a dry run asks nothing and tells the calls', async () => {
    const { app, pager } = await open(smallWorld());
    const report = await app.pull({ window: windowOf('14:00', '15:00'), dryRun: true });
    expect(pager.asked).toEqual([]);
    expect(report.streams.map(({ source, stream, requests }) => `${source}/${stream} ${requests}`)).toEqual([
      'pager/incidents 1',
      'forge/changes 1',
      'pager/log_entries 1',
    ]);
  });

  it('keeps what it reads and gives it as a bundle', async () => {
    const { app } = await open(smallWorld());
    const { streams, partial, bundle } = await app.pull({ window: windowOf('14:00', '15:00'), service: 'api', bundle: true });
    expect(partial).toBe(false);
    expect(streams.map(({ stream, records }) => `${stream} ${records}`)).toContain('log_entries 4');
    expect((await app.draftBundle(bundle)).snapshot.incidents).toEqual(['pager/incident:PABC']);
  });
});

describe('a check', () => {
  it('tells each source apart, and what fails is a line and not an error', async () => {
    const pager = smallPager(smallWorld());
    const forge = {
      ...smallForge(smallWorld()),
      check: async () => {
        throw new SourceError('unauthorized', 'the token in FORGE_TOKEN is refused');
      },
    };
    const { app } = await openTestApp(sourcesOf({ pager, forge }));
    expect(await app.check()).toMatchObject([
      { source: 'pager', ok: true },
      { source: 'forge', ok: false, report: { checks: [{ ok: false, detail: 'the token in FORGE_TOKEN is refused' }] } },
    ]);
  });

  it('that is interrupted is no verdict, also where a connector tells the abort as a failed line', async () => {
    const interrupt = new AbortController();
    const pager = {
      ...smallPager(smallWorld()),
      check: async () => {
        interrupt.abort();
        return { checks: [{ name: 'reachable', ok: false, detail: 'the call was cancelled' }] };
      },
    };
    const { app } = await openTestApp(sourcesOf({ pager }));
    await expect(app.check(interrupt.signal)).rejects.toMatchObject({ code: 'interrupted' });
  });
});

it('lists incidents of a service, a page at a time', async () => {
  const { app, pager } = await open(smallWorld());
  await app.draft(INCIDENT);
  await app.draft({ select: { kind: 'window', window: windowOf('09:00', '10:00'), service: 'api' } });
  const page = await app.incidents({ limit: 1, service: 'api' });
  expect(page.map(({ snapshot }) => snapshot.incidents[0])).toEqual(['pager/incident:PABC']);
  const [last] = page;
  const next = await app.incidents({ limit: 5, service: 'api', ...(last && { before: last.draftId }) });
  expect(next.map(({ snapshot }) => snapshot.incidents[0])).toEqual(['w~20240115T090000Z~20240115T100000Z~api']);
  expect(await app.incidents({ limit: 5, service: 'checkout' })).toEqual([]);
  expect(pager.asked.length).toBeGreaterThan(0);
});
