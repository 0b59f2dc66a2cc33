import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { AppError } from '../app/errors.ts';
import type { TemplateTexts } from '../app/ports.ts';

const MOST_FILES = 100;
const MOST_BYTES = 1_000_000;

/**
 * The template at a path, which messages call `shown`, with every `.liquid` file of its own folder, by name: all that rendering it may use. A link that leads out
 * of the folder is not followed. Throws AppError('config') where it cannot be read, or where it is more than templates are.
 */
export function readTemplate(path: string, shown = path): TemplateTexts {
  const folder = onDisk(shown, () => realpathSync(dirname(path)));
  const main = basename(path);
  const names = onDisk(shown, () => readdirSync(folder)).filter((name) => name === main || name.endsWith('.liquid'));
  if (!names.includes(main)) throw new AppError('config', `draft.template: ${shown} cannot be read: there is no such file`);
  if (names.length > MOST_FILES) throw new AppError('config', `draft.template: ${folder} holds more than ${MOST_FILES} templates`);
  const inside = names.filter((name) => isInside(join(folder, name), folder));
  if (!inside.includes(main)) throw new AppError('config', `draft.template: ${shown} is no file of its own folder`);
  const files = Object.fromEntries(inside.map((name) => [name, onDisk(shown, () => readFileSync(join(folder, name), 'utf8'))]));
  const bytes = Object.values(files).reduce((sum, text) => sum + text.length, 0);
  if (bytes > MOST_BYTES)
    throw new AppError('config', `draft.template: the templates of ${folder} are longer than ${MOST_BYTES} characters`);
  return { main, files };
}

function isInside(file: string, folder: string): boolean {
  try {
    return realpathSync(file).startsWith(`${folder}${sep}`) && statSync(file).isFile() && statSync(file).size <= MOST_BYTES;
  } catch {
    // A link to nowhere.
    return false;
  }
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  ENOTDIR: 'there is no such file',
};

function onDisk<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw new AppError('config', `draft.template: ${path} cannot be read: ${PROBLEMS[code] ?? code}`, { cause: error });
  }
}
