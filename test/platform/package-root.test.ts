import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { engineName, packageRoot, readVersion } from '../../src/platform/package-root.ts';

it('the source finds the package it lies in, its configuration and its version', () => {
  const manifest: { version: string } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
  expect(readVersion()).toBe(manifest.version);
  expect(engineName()).toBe(`hindcast/${manifest.version}`);
});

it('built code finds the package as installed, past the package.json of no one', async () => {
  const root = mkdtempSync(join(tmpdir(), 'hindcast-root-'));
  try {
    mkdirSync(join(root, 'dist/src/platform'), { recursive: true });
    writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'hindcast', version: '9.8.7' }));
    writeFileSync(join(root, 'dist/package.json'), JSON.stringify({ type: 'module' }));
    cpSync(new URL('../../src/platform/package-root.ts', import.meta.url), join(root, 'dist/src/platform/package-root.ts'));
    const copy: { engineName(): string; packageRoot(): string } = await import(
      pathToFileURL(join(root, 'dist/src/platform/package-root.ts')).href
    );
    expect(copy.engineName()).toBe('hindcast/9.8.7');
    expect(copy.packageRoot()).toBe(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
