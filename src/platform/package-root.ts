import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Manifest {
  readonly name?: unknown;
  readonly version?: unknown;
}

/**
 * The folder of our own package.json: the repository when the source runs, the installed package when `dist/` does.
 * `config/` lies in it either way. Throws where neither this file nor any folder above it belongs to the package.
 */
export function packageRoot(): string {
  return find(import.meta.dirname).root;
}

/** The version that package.json states. */
export function readVersion(): string {
  return String(find(import.meta.dirname).manifest.version);
}

/** How a snapshot names what made it: `hindcast/0.1.0`. */
export function engineName(): string {
  return `hindcast/${readVersion()}`;
}

function find(folder: string): { readonly root: string; readonly manifest: Manifest } {
  const manifest = readManifest(join(folder, 'package.json'));
  if (manifest?.name === 'hindcast') return { root: folder, manifest };
  const above = dirname(folder);
  if (above === folder) throw new Error('the package.json of hindcast is in no folder above its own code');
  return find(above);
}

function readManifest(path: string): Manifest | undefined {
  try {
    const manifest: Manifest = JSON.parse(readFileSync(path, 'utf8'));
    return manifest;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
