import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The package as a stranger gets it: packed, installed into an empty folder, started by its bin. */
describe('the package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-package-'));
  const run = (file: string, words: readonly string[], cwd: string) => execFileSync(file, words, { cwd, encoding: 'utf8', stdio: 'pipe' });
  let packed: readonly string[] = [];

  beforeAll(() => {
    run('npm', ['pack', '--pack-destination', folder], ROOT);
    const [tarball] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
    packed = run('tar', ['-tf', join(folder, tarball ?? '')], folder).split('\n');
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'stranger', private: true }));
    run('npm', ['install', '--no-audit', '--no-fund', `./${tarball}`], folder);
  }, 300_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('holds what runs and what configures it, and no source or test', () => {
    expect(packed).toContain('package/dist/src/cli/main.js');
    expect(packed).toContain('package/config/default.yaml');
    expect(packed).toContain('package/demo/worlds/connection-pool.yaml');
    expect(packed.filter((name) => name.endsWith('.ts') || name.includes('/test/'))).toEqual([]);
  });

  it('runs hindcast --help', () => {
    const help = run(join(folder, 'node_modules/.bin/hindcast'), ['--help'], folder);
    for (const command of ['draft', 'timeline', 'pull', 'check', 'reproduce', 'bundle', 'serve', 'demo'])
      expect(help).toContain(`\n  ${command} `);
  });

  it('drafts the sample incident from dist/, with nothing but the package', () => {
    const draft = run(join(folder, 'node_modules/.bin/hindcast'), ['demo'], folder);
    expect(draft).toMatch(/^# Post-mortem: /);
    expect(draft).toContain('v2.3.4');
  });
});
