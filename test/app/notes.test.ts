import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Staged, stage } from '../../demo/run.ts';
import { buildServer } from '../../src/api/server.ts';
import { openApp } from '../../src/compose.ts';
import type { Draft } from '../../src/core/draft/model.ts';
import { addMs } from '../../src/core/time.ts';
import { instant } from '../support/events.ts';
import { quietLog } from './fakes.ts';

/** As long as a test may take at all. */
const PATIENCE = { timeout: 60_000, interval: 50 };
const HOUR = 3_600_000;

describe('the note that goes back to an incident', () => {
  let staged: Staged;
  let incident: string;
  beforeEach(async () => {
    staged = await stage();
    incident = staged.world.truth.incident;
  });
  afterEach(() => staged.close());

  /** A process some hours after the world's now, with `note` in its configuration and this token for it. */
  async function openAfter(hours: number, token = staged.world.pagerduty.write_token ?? '', withNote = true) {
    const note = `, note: { link: "https://hindcast.acme.com", token_env: NOTE_TOKEN, from: ${staged.world.people[0]?.email} }`;
    const webhooks = `webhooks: { pagerduty: { source: pagerduty, secrets_env: SECRETS${withNote ? note : ''} } }\n`;
    const config = `${staged.config}.${hours}.yaml`;
    writeFileSync(config, `${readFileSync(staged.config, 'utf8')}${webhooks}`);
    const env = { ...staged.env, NOTE_TOKEN: token, HINDCAST_LOG: 'silent' };
    return await openApp({ config, env, cwd: '.', now: addMs(instant(staged.world.now), hours * HOUR) });
  }
  type Process = Awaited<ReturnType<typeof openAfter>>;

  /** Lets the process make what is due until nothing more comes of it. */
  async function work({ app }: Process, until: () => Promise<void>): Promise<void> {
    const stop = new AbortController();
    const drafting = app.keepDrafting(stop.signal);
    await vi.waitFor(until, PATIENCE);
    stop.abort();
    await drafting;
  }
  const resolved = (event: string) => ({ source: 'pagerduty', event, type: 'incident.resolved', incident });
  const posts = () => staged.pagerduty.requests.filter(({ method }) => method === 'POST');
  const contents = () => posts().map(({ body }) => JSON.parse(body ?? '{}').note.content);

  it('says where the draft is, once, and the next reading takes it neither for a note of a responder nor for news', async () => {
    const first = await openAfter(0);
    await first.app.receive(resolved('E1'));
    await first.close();
    const second = await openAfter(1);
    await work(second, async () => expect(await second.app.noteOf(incident)).toMatchObject({ state: 'written' }));
    const made = await second.app.stored(incident);
    expect(contents()).toEqual([
      `Hindcast drafted the post-mortem of this incident: https://hindcast.acme.com/incidents/pagerduty~${incident}/draft (${made.draftId})`,
    ]);
    await second.app.receive(resolved('E2'));
    await second.close();

    const third = await openAfter(3);
    const before = staged.pagerduty.requests.length;
    await work(third, async () => expect(staged.pagerduty.requests.length).toBeGreaterThan(before + 8));
    expect((await third.app.stored(incident)).draftId).toBe(made.draftId);
    const refreshed = await third.app.draft({ select: { kind: 'incident', id: incident }, refresh: true });
    expect(JSON.stringify(refreshed.draft)).not.toContain('Hindcast drafted the post-mortem');
    const silent = ({ analysis }: Draft) =>
      analysis.coverage.filter(({ stream }) => stream === 'notes' || stream === 'log_entries').map(({ gave }) => gave.nothing);
    expect(silent(refreshed.draft)).toEqual(silent(made.draft).map((count) => count + 1));
    expect(posts()).toHaveLength(1);
    await third.close();
  });

  it('that PagerDuty refuses leaves the draft as it is, and tells why in the log, in the API and in check', async () => {
    const first = await openAfter(0);
    await first.app.receive(resolved('E1'));
    await first.close();
    const second = await openAfter(1, staged.world.pagerduty.token);
    await work(second, async () => expect(await second.app.noteOf(incident)).toMatchObject({ state: 'due', reason: expect.anything() }));
    expect((await second.app.stored(incident)).partial).toBe(false);
    const server = await buildServer({ app: second.app, tokens: [], log: quietLog() });
    const { note } = (await server.inject({ method: 'GET', url: `/incidents/${incident}` })).json();
    expect(note).toMatchObject({ state: 'due', reason: expect.stringContaining('the token needs incidents.write') });
    const [checked] = (await second.app.check()).filter(({ source }) => source === 'pagerduty');
    expect(checked?.ok).toBe(false);
    expect(checked?.report.checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(['note']);
    await server.close();
    await second.close();
  });

  it('is off where the configuration does not ask for it', async () => {
    const first = await openAfter(0, '', false);
    await first.app.receive(resolved('E1'));
    expect((await first.app.check()).flatMap(({ report }) => report.checks.map(({ name }) => name))).not.toContain('note');
    await first.close();
    const second = await openAfter(1, '', false);
    await work(second, async () => expect((await second.app.incidents({ limit: 1 })).length).toBe(1));
    await second.close();
    expect(posts()).toEqual([]);
  });

  it('without its token ends a process before it begins', async () => {
    const opened = await openAfter(0, '');
    await expect(opened.app.keepDrafting(new AbortController().signal)).rejects.toThrow(/NOTE_TOKEN, which is empty/);
    expect(() => opened.webhook).toThrow(/NOTE_TOKEN/);
    await opened.close();
  });
});
