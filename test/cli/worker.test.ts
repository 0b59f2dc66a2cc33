import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Staged, stage } from '../../demo/run.ts';
import { type OpenedApp, openApp } from '../../src/compose.ts';
import { addMs, type Instant, instantAt } from '../../src/core/time.ts';
import { packageRoot } from '../../src/platform/package-root.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { instant } from '../support/events.ts';

const PATIENCE = { timeout: 60_000, interval: 100 };
const LONG = { timeout: 120_000 };

describe('workers beside an API that takes a webhook', () => {
  let staged: Staged;
  let incident: string;
  let env: Readonly<Record<string, string>>;

  beforeEach(async () => {
    staged = await stage();
    incident = staged.world.truth.incident;
    const note = `{ link: "https://hindcast.acme.com/", token_env: PAGERDUTY_NOTE_TOKEN, from: ${staged.world.people[0]?.email} }`;
    appendFileSync(staged.config, `webhooks: { pagerduty: { source: pagerduty, secrets_env: NOT_SET_HERE, note: ${note} } }\n`);
    env = { ...staged.env, PAGERDUTY_NOTE_TOKEN: staged.world.pagerduty.write_token ?? '' };
    const api = await open(instant(staged.world.now));
    await api.app.receive({ source: 'pagerduty', event: 'E1', type: 'incident.resolved', incident });
    await api.close();
  });
  afterEach(() => staged.close());

  const open = (now: Instant): Promise<OpenedApp> => openApp({ config: staged.config, env, cwd: '.', now });
  const notes = () => staged.pagerduty.requests.filter(({ method, path }) => method === 'POST' && path === `/incidents/${incident}/notes`);

  /** A process with no secret of the webhook. What was due in the world's January is due today. */
  function startWorker(): ChildProcess {
    const words = [join(packageRoot(), 'src/cli/main.ts'), 'worker', '--config', staged.config];
    return spawn(process.execPath, words, { env: { PATH: process.env['PATH'] ?? '', HINDCAST_LOG: 'silent', ...env }, stdio: 'ignore' });
  }

  async function left(): Promise<{ readonly drafts: number; readonly notes: number; readonly made: number }> {
    const db = await openDatabase(`sqlite:${join(staged.config, '../hindcast.db')}`);
    try {
      const drafts = await db.selectFrom('due_draft').select('no').execute();
      const due = await db.selectFrom('draft_note').select('no').where('state', '=', 'due').execute();
      const made = await db.selectFrom('drafting').select('no').execute();
      return { drafts: drafts.length, notes: due.length, made: made.length };
    } finally {
      await db.destroy();
    }
  }

  it('make the drafts that a delivery made due, each once in all, and one note', LONG, async () => {
    expect(await left()).toEqual({ drafts: 2, notes: 0, made: 0 });
    const workers = [startWorker(), startWorker(), startWorker()];
    try {
      await vi.waitFor(async () => expect(await left()).toMatchObject({ drafts: 0, notes: 0 }), PATIENCE);
    } finally {
      for (const worker of workers) worker.kill('SIGTERM');
      expect(await Promise.all(workers.map(async (worker) => (await once(worker, 'exit'))[0]))).toEqual([0, 0, 0]);
    }
    // The second draft read the note and the record that the note had changed: that was no news.
    expect(await left()).toEqual({ drafts: 0, notes: 0, made: 1 });
    expect(notes().map(({ status }) => status)).toEqual([200]);
    expect(staged.pagerduty.requests.filter(({ path }) => path === `/incidents/${incident}`)).toHaveLength(2);
  });

  it('killed when the note was sent and not yet filed: who comes after finds it at PagerDuty', LONG, async () => {
    staged.pagerduty.fail({ path: /^POST/, mode: 'hang', times: 1 });
    const worker = startWorker();
    await vi.waitFor(() => expect(notes()).toHaveLength(1), PATIENCE);
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    expect((await left()).notes).toBe(1);
    const next = await open(addMs(instantAt(Date.now()), 600_000));
    const stop = new AbortController();
    const drafting = next.app.keepDrafting(stop.signal);
    await vi.waitFor(async () => expect(await next.app.noteOf(incident)).toMatchObject({ state: 'written' }), PATIENCE);
    stop.abort();
    await drafting;
    await next.close();
    expect(notes()).toHaveLength(1);
  });
});
