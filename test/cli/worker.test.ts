import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Staged, stage } from '../../demo/run.ts';
import { openApp } from '../../src/compose.ts';
import { packageRoot } from '../../src/platform/package-root.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { instant } from '../support/events.ts';

const WEBHOOKS = 'webhooks: { pagerduty: { source: pagerduty, secrets_env: PAGERDUTY_WEBHOOK_SECRETS } }\n';
const PATIENCE = { timeout: 60_000, interval: 100 };

describe('workers beside an API that takes a webhook', () => {
  let staged: Staged;
  let incident: string;

  beforeAll(async () => {
    staged = await stage();
    appendFileSync(staged.config, WEBHOOKS);
    incident = staged.world.truth.incident;
  });
  afterAll(() => staged.close());

  /** A process with the sources' tokens, and no secret of the webhook. */
  function startWorker(): ChildProcess {
    const words = [join(packageRoot(), 'src/cli/main.ts'), 'worker', '--config', staged.config];
    return spawn(process.execPath, words, {
      env: { PATH: process.env['PATH'] ?? '', HINDCAST_LOG: 'warn', ...staged.env },
      stdio: 'ignore',
    });
  }

  async function countIn(table: 'due_draft' | 'drafting'): Promise<number> {
    const db = await openDatabase(`sqlite:${join(staged.config, '../hindcast.db')}`);
    try {
      return (await db.selectFrom(table).select('no').execute()).length;
    } finally {
      await db.destroy();
    }
  }

  it('make the drafts that a delivery made due, each once in all', { timeout: 120_000 }, async () => {
    const api = await openApp({ config: staged.config, env: staged.env, cwd: '.', now: instant(staged.world.now) });
    await api.app.receive({ source: 'pagerduty', event: 'E1', type: 'incident.resolved', incident });
    expect(await countIn('due_draft')).toBe(2);
    const workers = [startWorker(), startWorker(), startWorker()];
    try {
      // What was due in the world's January is due today, one after the other; the second finds what the first one read.
      await vi.waitFor(async () => expect(await countIn('due_draft')).toBe(0), PATIENCE);
    } finally {
      for (const worker of workers) worker.kill('SIGTERM');
      const codes = await Promise.all(workers.map(async (worker) => (await once(worker, 'exit'))[0]));
      expect(codes).toEqual([0, 0, 0]);
    }
    expect(await countIn('drafting')).toBe(1);
    expect((await api.app.stored(incident)).draft.case.incidents[0].id).toBe(incident);
    expect(staged.pagerduty.requests.filter(({ path }) => path === `/incidents/${incident}`)).toHaveLength(2);
    await api.close();
  });
});
