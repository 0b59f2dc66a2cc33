import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Staged, stage } from '../../demo/run.ts';
import { packageRoot } from '../../src/platform/package-root.ts';
import { openDatabase } from '../../src/storage/database.ts';

const PATIENCE = { timeout: 60_000, interval: 50 };
const LONG = { timeout: 120_000 };

describe('`hindcast serve` that is told to stop', () => {
  let staged: Staged;
  let server: ChildProcess;
  let url: string;
  let drafts: string;

  beforeEach(async () => {
    staged = await stage();
    const words = [join(packageRoot(), 'src/cli/main.ts'), 'serve', '--config', staged.config, '--port', '0'];
    server = spawn(process.execPath, words, {
      env: { PATH: process.env['PATH'] ?? '', ...staged.env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    server.stderr?.on('data', (chunk) => {
      said += String(chunk);
    });
    await vi.waitFor(() => expect(said).toMatch(/serving on \S+/), PATIENCE);
    url = /serving on (\S+)/.exec(said)?.[1] ?? '';
    drafts = `${url}/incidents/${staged.world.truth.incident}/draft`;
    // What PagerDuty is asked last comes late, so that a draft is under way for a while.
    staged.pagerduty.fail({ path: /\/log_entries/, mode: 'slow', delayMs: 1_500 });
  }, 120_000);
  afterEach(async () => {
    server.kill('SIGKILL');
    await staged.close();
  });

  const asked = (path: string) => staged.pagerduty.requests.filter((request) => request.path.endsWith(path)).length;
  const stop = async () => {
    const ended = once(server, 'exit');
    await vi.waitFor(() => expect(asked('/log_entries')).toBe(1), PATIENCE);
    server.kill('SIGTERM');
    return await ended;
  };

  it('finishes the draft that two callers share by then, and takes no further request', LONG, async () => {
    const answers = [fetch(drafts, { method: 'POST' }), fetch(drafts, { method: 'POST' })];
    const [[code], ...ended] = await Promise.all([stop(), ...answers]);
    expect([code, ...ended.map(({ status }) => status)]).toEqual([0, 200, 200]);
    // Kept connections would hold it for more than a minute.
    expect(ended.map(({ headers }) => headers.get('connection'))).toEqual(['close', 'close']);
    const [one, other]: readonly string[] = await Promise.all(ended.map((answer) => answer.text()));
    expect(other).toBe(one);
    expect(staged.pagerduty.requests.filter(({ path }) => path === `/incidents/${staged.world.truth.incident}`)).toHaveLength(1);
    await expect(fetch(drafts)).rejects.toThrow();
  });

  it('finishes the draft that nobody waits for', LONG, async () => {
    const begun = await fetch(drafts, { method: 'POST', headers: { prefer: 'respond-async' } });
    expect([begun.status, begun.headers.get('location')]).toEqual([202, expect.stringMatching(/\/draft\/tasks\/[0-9a-f-]{36}$/)]);
    expect(await stop()).toEqual([0, null]);
    const db = await openDatabase(`sqlite:${join(staged.config, '../hindcast.db')}`);
    expect(await db.selectFrom('drafting').select('incident').execute()).toEqual([
      { incident: `pagerduty/incident:${staged.world.truth.incident}` },
    ]);
    await db.destroy();
  });
});
