import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { processIo } from '../../src/cli/process-io.ts';

it.skipIf(!existsSync('/dev/full'))('a result that does not fit on the disk is said in one line, and exits 2 (needs /dev/full)', () => {
  const { status, stderr } = spawnSync(process.execPath, ['src/cli/main.ts', '--help'], {
    stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
    encoding: 'utf8',
  });
  expect(stderr).toBe('hindcast: the result cannot be written: the disk is full\n');
  expect(status).toBe(2);
});

it.each([
  ['Latin-1, as a spreadsheet saves it', Buffer.from('caf\xe9 down', 'latin1'), /is not UTF-8, but Latin-1/],
  ['UTF-16', Buffer.from('\ufefftime', 'utf16le'), /is not UTF-8, but UTF-16/],
])('a file in %s is refused: its words would be kept with holes in them', (_, bytes, said) => {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-io-'));
  const path = join(folder, 'own.csv');
  writeFileSync(path, bytes);
  try {
    const { status, stderr } = spawnSync(process.execPath, ['src/cli/main.ts', 'verify', path], { encoding: 'utf8' });
    expect(stderr).toMatch(said);
    expect(status).toBe(2);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('a file that a draft would be written over and that is no text in UTF-8 stays as it is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-io-'));
  const path = join(folder, 'pm.md');
  writeFileSync(path, Buffer.from('caf\xe9 down', 'latin1'));
  try {
    expect(() => processIo().findFile(path)).toThrow(/is not UTF-8, but Latin-1.*save it as UTF-8/);
    expect(processIo().findFile(join(folder, 'other.md'))).toBeUndefined();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('a file is imported with no configuration and no token: nobody is asked', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-io-'));
  writeFileSync(join(folder, 'own.jsonl'), '{"time":"2024-01-15T14:20:00Z","meaning":"occurred","message":"a customer rang"}\n');
  const { PAGERDUTY_TOKEN: _, HINDCAST_CONFIG: __, ...env } = process.env;
  try {
    const script = join(process.cwd(), 'src/cli/main.ts');
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, 'import', 'own.jsonl', '--source', 'calls'], {
      cwd: folder,
      env,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^calls: 1 read, 1 new, 0 refused/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
