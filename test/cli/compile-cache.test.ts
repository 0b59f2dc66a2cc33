import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'hindcast-compiled-'));
afterAll(() => rmSync(folder, { recursive: true }));

function help(env: NodeJS.ProcessEnv): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const { NODE_COMPILE_CACHE: _, NODE_DISABLE_COMPILE_CACHE: __, ...own } = process.env;
  return spawnSync(process.execPath, ['src/cli/main.ts', '--help'], { env: { ...own, ...env }, encoding: 'utf8' });
}

describe('what Node compiled', () => {
  it("is kept in the user's own cache for the next command", () => {
    const cache = join(folder, 'user');
    expect(help({ XDG_CACHE_HOME: cache })).toMatchObject({ status: 0, stderr: '' });
    expect(existsSync(join(cache, 'hindcast'))).toBe(true);
  });

  it('is kept where Node was told to, or not at all', () => {
    const [cache, told] = [join(folder, 'other'), join(folder, 'told')];
    expect(help({ XDG_CACHE_HOME: cache, NODE_COMPILE_CACHE: told }).status).toBe(0);
    expect([existsSync(told), existsSync(cache)]).toEqual([true, false]);
    expect(help({ XDG_CACHE_HOME: cache, NODE_DISABLE_COMPILE_CACHE: '1' }).status).toBe(0);
    expect(existsSync(cache)).toBe(false);
    // A variable that is set to nothing names no folder.
    expect(help({ XDG_CACHE_HOME: cache, NODE_COMPILE_CACHE: '' }).status).toBe(0);
    expect(existsSync(join(cache, 'hindcast'))).toBe(true);
  });

  it('is left out in silence where the cache cannot be written: the command runs all the same', () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const { status, stdout, stderr } = help({ XDG_CACHE_HOME: file });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('Usage: hindcast');
  });
});
