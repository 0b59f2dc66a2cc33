import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Staged, stage } from '../../demo/run.ts';
import { main } from '../../src/cli/command-line.ts';
import { openApp } from '../../src/compose.ts';
import { instant } from '../support/events.ts';
import { openTerminal } from '../support/terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'hindcast-cli-as-of-'));
const NOW = '2024-01-15T16:00:00Z';
const AS_OF = '--as-of 2024-01-15T14:44:00Z';
let staged: Staged;
let bundle = '';
beforeAll(async () => {
  staged = await stage({ folder, now: NOW });
});
afterAll(async () => {
  await staged.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The command line over the sample world, its stand-ins and a store that lasts. */
async function run(words: string) {
  const { io, printed, files } = openTerminal({ env: staged.env });
  files.set('case.jsonl', bundle);
  const code = await main(words.split(' '), io, (options) =>
    openApp({ ...options, config: staged.config, env: staged.env, cwd: '.', now: instant(NOW) }),
  );
  return { code, ...printed, files };
}
const id = () => staged.world.truth.incident;

it('a timeline as of a time ends there: from the sources, from the store, and from a bundle', async () => {
  const whole = await run(`timeline ${id()}`);
  expect(whole.out).toContain('14:45:00 UTC');
  const then = await run(`timeline ${id()} ${AS_OF}`);
  expect(then).toMatchObject({ code: 0, err: '' });
  expect(then.out).toContain('Decision: roll back to v2.3.3');
  expect(then.out).not.toMatch(/T?14:4[5-9]:\d\d UTC|14:5\d:\d\d UTC|15:\d\d:\d\d UTC|rollback is complete/);
  expect((await run(`timeline ${id()} ${AS_OF} --offline`)).out).toBe(then.out);
  const exported = await run(`bundle export ${id()} --out case.jsonl`);
  bundle = exported.files.get('case.jsonl') ?? '';
  expect((await run(`timeline --bundle case.jsonl ${AS_OF}`)).out).toBe(then.out);
});

it('a window as of a time inside it is what was known of it then', async () => {
  const window = 'timeline --from 2024-01-15T14:00:00Z --to 2024-01-15T15:30:00Z --service api';
  expect((await run(window)).out).toContain('rollback is complete');
  const then = await run(`${window} ${AS_OF}`);
  expect(then.code).toBe(0);
  expect(then.out).toContain('Decision: roll back to v2.3.3');
  expect(then.out).not.toContain('rollback is complete');
});

it.each([
  ['before it began', '--as-of 2024-01-15T14:20:00Z', 'had not begun: it began at 2024-01-15T14:33:00.000Z'],
  ['in the future', '--as-of 2024-01-15T17:00:00Z', 'lies in the future'],
  ['that is none', '--as-of noon', '"noon" is not a time'],
  ['without an offset', '--as-of 2024-01-15T14:44:00', 'needs Z or an offset'],
])('a time %s is a usage error that says so', async (_, asOf, said) => {
  const refused = await run(`timeline ${id()} ${asOf}`);
  expect(refused).toMatchObject({ code: 2, out: '' });
  expect(refused.err).toContain(said);
});

it('the time that a refusal names as the earliest is answered', async () => {
  const { err } = await run(`timeline ${id()} --as-of 2024-01-15T14:20:00Z`);
  expect(err).toContain('--from T --to 2024-01-15T14:20:00.000Z');
  const earliest = /earliest time to look back to is (\S+Z)/.exec(err)?.[1] ?? 'none';
  expect(await run(`timeline ${id()} --as-of ${earliest}`)).toMatchObject({
    code: 0,
    out: expect.stringContaining('The incident was opened'),
  });
});

it('a bundle says nothing of a time before it began', async () => {
  const refused = await run('timeline --bundle case.jsonl --as-of 2024-01-15T14:20:00Z');
  expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('had not begun') });
});
