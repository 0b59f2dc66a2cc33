import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../../shared/', import.meta.url);

/** A file of the reference folder beside the repository, or nothing where that folder is not there: the test skips by name. */
export function sharedFile(path: string): string | undefined {
  const file = fileURLToPath(new URL(path, ROOT));
  return existsSync(file) ? file : undefined;
}
