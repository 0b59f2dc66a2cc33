import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Staged, stage } from '../../demo/run.ts';
import { packageRoot } from '../../src/platform/package-root.ts';

const MAIN = `${packageRoot()}/src/cli/main.ts`;
let staged: Staged;
beforeAll(async () => {
  staged = await stage();
});
afterAll(() => staged.close());

/** A process that the kernel lets write no file beyond so many blocks of the shell's: it fails a write as a full disk or a quota does. */
async function run(words: readonly string[], blocks: number | 'unlimited') {
  const command = `ulimit -f ${blocks}; exec "$0" "$@"`;
  const env = { PATH: process.env['PATH'] ?? '', ...staged.env };
  const child = spawn('sh', ['-c', command, process.execPath, MAIN, ...words, '--config', staged.config], { env });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (said.out += String(chunk)));
  child.stderr.on('data', (chunk) => (said.err += String(chunk)));
  const [code, signal]: readonly unknown[] = await once(child, 'close');
  return { code, signal, ...said };
}

it('a draft whose store may not grow says so; with room the same command goes on, and the draft is reproduced', {
  timeout: 120_000,
}, async () => {
  const { incident } = staged.world.truth;
  const said =
    /^hindcast: the store \S+ cannot be used: the disk could not be read or written; check the disk, and its quota or limit .*\n/;
  for (const blocks of [100, 700]) {
    const { code, signal, out, err } = await run(['draft', incident], blocks);
    expect([code, signal, out]).toEqual([4, null, '']);
    expect(err).toMatch(said);
  }
  expect(await run(['draft', incident], 'unlimited')).toMatchObject({ code: 3, out: expect.stringContaining('# ') });
  expect(await run(['reproduce', incident], 'unlimited')).toMatchObject({ code: 0 });
});
