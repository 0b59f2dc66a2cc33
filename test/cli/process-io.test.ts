import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
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

describe('in a folder with no store', () => {
  const script = join(process.cwd(), 'src/cli/main.ts');
  const { PAGERDUTY_TOKEN: _, HINDCAST_CONFIG: __, ...env } = process.env;
  const run = (folder: string, words: readonly string[]) =>
    spawnSync(process.execPath, [script, ...words], { cwd: folder, env: { ...env, T: 'a token' }, encoding: 'utf8' });

  it.each([
    ['diff PABC', 4, /no draft of pagerduty\/incident:PABC is stored/],
    ['reproduce PABC', 4, /no draft of pagerduty\/incident:PABC is stored/],
    ['bundle export PABC', 4, /no draft of pagerduty\/incident:PABC is stored/],
    ['actions export PABC', 4, /no draft of pagerduty\/incident:PABC is stored/],
    ['draft PABC --offline', 4, /incident PABC is not in the store/],
    ['timeline PABC --offline', 4, /incident PABC is not in the store/],
    ['verify own.md --incident PABC', 4, /no draft of pagerduty\/incident:PABC is stored/],
    ['edits import own.md --incident PABC', 4, /no draft of pagerduty\/incident:PABC is stored/],
    ['summary --from -2d --to now', 0, /^$/],
  ])('`%s` finds nothing, and makes none', (words, code, said) => {
    const folder = mkdtempSync(join(tmpdir(), 'hindcast-io-'));
    writeFileSync(join(folder, 'own.md'), '# Ours\n\nSupport had forty calls.\n');
    try {
      const { status, stderr } = run(folder, words.split(' '));
      expect(stderr).toMatch(said);
      expect(status).toBe(code);
      expect(readdirSync(folder)).toEqual(['own.md']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('a bundle is drafted over a file with words of a person, which is kept, and no store is made', () => {
    const folder = mkdtempSync(join(tmpdir(), 'hindcast-io-'));
    const bundle = join(process.cwd(), 'test/scenarios/connection-pool/evidence.jsonl');
    try {
      expect(run(folder, ['draft', '--bundle', bundle, '--out', 'pm.md']).status).toBe(0);
      writeFileSync(
        join(folder, 'pm.md'),
        readFileSync(join(folder, 'pm.md'), 'utf8').replace(/^## Impact$/m, '## Impact\n\nForty calls.\n'),
      );
      const { status, stderr } = run(folder, ['draft', '--bundle', bundle, '--out', 'pm.md']);
      expect(stderr).toContain('it is kept as pm.kept-1.md');
      expect(status).toBe(0);
      expect(readdirSync(folder).toSorted()).toEqual(['pm-graphs', 'pm.kept-1.md', 'pm.md']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    ['pull --from -2h --to now --out no/such.jsonl', /^hindcast: no\/such.jsonl cannot be written: it, or its folder, does not exist\n$/],
    ['pull --from -2h --to now --out .', /^hindcast: . cannot be written: it is a folder\n$/],
    ['draft PABC --out hindcast.yaml/pm.md', /^hindcast: hindcast.yaml\/pm.md cannot be written: a folder of its path is a file\n$/],
  ])('`%s` is refused before anybody is asked', (words, said) => {
    const folder = mkdtempSync(join(tmpdir(), 'hindcast-io-'));
    // Whoever asked this address would fail, with another code and many words.
    const sources = { pagerduty: { connector: 'pagerduty', token_env: 'T', base_url: 'http://127.0.0.1:9' } };
    const services = [{ name: 'api', owns: { pagerduty: { service_ids: ['P1'] } } }];
    writeFileSync(join(folder, 'hindcast.yaml'), JSON.stringify({ sources, services }));
    try {
      const { status, stderr } = run(folder, words.split(' '));
      expect(stderr).toMatch(said);
      expect(status).toBe(2);
      expect(readdirSync(folder)).toEqual(['hindcast.yaml']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('what can be written is found so with nothing written, over a file and in a folder', () => {
    const folder = mkdtempSync(join(tmpdir(), 'hindcast-io-'));
    writeFileSync(join(folder, 'pm.md'), 'words');
    try {
      for (const name of ['pm.md', 'new.md']) processIo().checkWritable(join(folder, name));
      expect(readdirSync(folder)).toEqual(['pm.md']);
      expect(readFileSync(join(folder, 'pm.md'), 'utf8')).toBe('words');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
