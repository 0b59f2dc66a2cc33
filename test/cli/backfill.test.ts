import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Staged, stage } from '../../demo/run.ts';
import { main } from '../../src/cli/command-line.ts';
import { openApp } from '../../src/compose.ts';
import { manyIncidents } from '../support/backfill-world.ts';
import { instant } from '../support/events.ts';
import { openTerminal } from '../support/terminal.ts';

const LONG = { timeout: 120_000 };
const ALL = ['--from', '2024-01-08T00:00:00Z', '--to', '2024-01-16T00:00:00Z'];
/** The newest incident is open then, and closed in the afternoon. */
const MORNING = '2024-01-15T14:50:00.000Z';
const AFTERNOON = '2024-01-15T16:00:00.000Z';

describe('`hindcast backfill` against the stand-ins', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-cli-backfill-'));
  let staged: Staged;

  /** The vendors at another time of the same world, over the same store. */
  async function moveTo(now: string): Promise<void> {
    await staged?.close();
    const { pagerduty } = manyIncidents(3, 72);
    staged = await stage({
      folder,
      now,
      change: (world) => ({ ...world, pagerduty: { ...world.pagerduty, incidents: pagerduty.incidents } }),
    });
  }
  beforeAll(() => moveTo(MORNING));
  afterAll(async () => {
    await staged.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function hindcast(words: readonly string[], { interrupted = false } = {}) {
    const terminal = openTerminal({ env: { ...staged.env, HINDCAST_LOG: 'silent' }, cwd: folder });
    if (interrupted) terminal.interrupt();
    const open = (options: object) =>
      openApp({ ...options, config: staged.config, env: terminal.io.env, cwd: folder, now: instant(staged.world.now) });
    const io = { ...terminal.io, isTerminal: true, now: () => instant(staged.world.now) };
    return { code: await main(words, io, open), ...terminal.printed };
  }
  const calls = () => [staged.pagerduty, staged.cloudwatch, staged.github].reduce((sum, { requests }) => sum + requests.length, 0);
  /** Of a table: what each row but its head says of the incident, the state and the note. */
  const rowsOf = (out: string) =>
    out.split('\n').flatMap((line) => {
      const [, incident, state, note] =
        /^pagerduty\/(\S+)\s+\S+Z\s+(drafted|failed|cancelled|waiting|had a draft)\s*(.*)$/.exec(line) ?? [];
      return incident === undefined ? [] : [`${incident} ${state}${/retention/.test(note ?? '') ? ', retention' : ''}`];
    });

  it('one that is interrupted says how to go on, and is gone on with: months become incidents, incidents drafts', LONG, async () => {
    const cut = await hindcast(['backfill', ...ALL], { interrupted: true });
    expect([cut.code, cut.err]).toEqual([130, expect.stringContaining('run the same command again to go on')]);
    const { code, out } = await hindcast(['backfill', ...ALL]);
    expect([code, rowsOf(out)]).toEqual([0, ['QB0000 drafted', 'QB0001 drafted', 'QB0002 drafted']]);
    expect(out).toMatch(/^backfill 1: 3 drafts, of them 3 drafted\n2024-01-08 to 2024-01-16, as of 2024-01-15T14:50:00\.000Z\n/);
  });

  it('a later one asks only for what was open then, and for the list', LONG, async () => {
    await moveTo(AFTERNOON);
    const { code, out } = await hindcast(['backfill', ...ALL]);
    expect([code, rowsOf(out)]).toEqual([0, ['QB0000 drafted', 'QB0001 had a draft', 'QB0002 had a draft']]);
    const before = calls();
    const again = await hindcast(['backfill', ...ALL]);
    expect([again.code, rowsOf(again.out)]).toEqual([0, ['QB0000 had a draft', 'QB0001 had a draft', 'QB0002 had a draft']]);
    expect(calls() - before).toBeLessThan(5);
  });

  it('what failed is listed with its reason, and tried again by itself; what retention had taken is said of each', LONG, async () => {
    const older = ['--from', '2024-01-01T00:00:00Z', '--to', '2024-01-10T00:00:00Z'];
    rmSync(join(folder, 'hindcast.db'));
    staged.pagerduty.fail({ path: /^GET \/incidents\/QB0002(?:\?|$)/, mode: 403 });
    const failed = await hindcast(['backfill', ...older]);
    expect([failed.code, rowsOf(failed.out)]).toEqual([4, ['QB0002 failed']]);
    expect(failed.out).toContain('the token needs incidents.read');
    // While it is tried again: what it takes in all, and each news once.
    expect(failed.err).toMatch(/^by the budgets about: .*pagerduty \d+ calls, 1 min/m);
    const news = failed.err.trim().split('\n');
    expect(new Set(news).size).toBe(news.length);
    expect((await hindcast(['backfill', 'status'])).out).toBe('2024-01-01 to 2024-01-10  backfill 1: 1 drafts, of them 1 failed\n');
    await moveTo('2024-02-20T00:00:00.000Z');
    const retried = await hindcast(['backfill', 'retry', '1']);
    expect([retried.code, rowsOf(retried.out)]).toEqual([3, ['QB0002 drafted, retention']]);
    expect((await hindcast(['backfill', 'status', '1'])).out).toBe(retried.out);
  });

  it('what nobody has begun is left when it is cancelled', LONG, async () => {
    await hindcast(['backfill', ...ALL], { interrupted: true });
    const { code, out } = await hindcast(['backfill', 'cancel', '2']);
    expect([code, out.split('\n')[0]]).toEqual([0, 'backfill 2: cancelled before its incidents were listed']);
    expect((await hindcast(['backfill', 'cancel', '7'])).code).toBe(4);
    expect((await hindcast(['backfill', 'retry', 'x'])).code).toBe(2);
    expect((await hindcast(['backfill', '--from', '2024-01-08T00:00:00Z'])).err).toContain('a window needs both ends');
  });

  it('`summary` counts them from what is stored, by month, as a table and as CSV', LONG, async () => {
    const before = calls();
    const table = await hindcast(['summary', ...ALL]);
    expect(table.out).toMatch(/^Incidents that began from 2024-01-08T00:00:00\.000Z up to 2024-01-16T00:00:00\.000Z: \d/);
    const csv = await hindcast(['summary', ...ALL, '--by', 'month', '--format', 'csv']);
    expect(csv.out.split('\r\n')[0]).toBe('group,duration,incident,ms,at least ms,at most ms');
    expect([table.code, csv.code, calls() - before]).toEqual([0, 0, 0]);
  });
});
