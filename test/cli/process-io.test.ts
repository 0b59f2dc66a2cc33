import { spawnSync } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { expect, it } from 'vitest';

it.skipIf(!existsSync('/dev/full'))('a result that does not fit on the disk is said in one line, and exits 2 (needs /dev/full)', () => {
  const { status, stderr } = spawnSync(process.execPath, ['src/cli/main.ts', '--help'], {
    stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
    encoding: 'utf8',
  });
  expect(stderr).toBe('hindcast: the result cannot be written: the disk is full\n');
  expect(status).toBe(2);
});
