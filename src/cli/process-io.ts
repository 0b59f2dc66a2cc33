import { isUtf8 } from 'node:buffer';
import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { APP_ERRORS, AppError } from '../app/errors.ts';
import { instantAt } from '../core/time.ts';
import type { Io } from './io.ts';

/** The real terminal, files and clock. A second interrupt ends the process at once. */
export function processIo(): Io {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () =>
      controller.abort(new AppError('interrupted', 'interrupted; what was read is kept, run the same command again to go on')),
    );
  }
  process.stdout.on('error', ({ code = '' }: NodeJS.ErrnoException) => {
    // A reader that stops reading (`| head`) is not an error of ours.
    if (code === 'EPIPE') process.exit(0);
    process.stderr.write(`hindcast: the result cannot be written: ${REASONS[code] ?? code}\n`);
    process.exit(APP_ERRORS.usage.exit);
  });
  return {
    out: (text) => {
      process.stdout.write(text);
    },
    err: (text) => {
      process.stderr.write(text);
    },
    isTerminal: process.stderr.isTTY === true,
    env: process.env,
    cwd: process.cwd(),
    now: () => instantAt(Date.now()),
    readFile: (path) =>
      textOf(
        path,
        onFile(path, 'read', (full) => readFileSync(full)),
      ),
    findFile: findText,
    writeFile: (path, text) => onFile(path, 'written', (full) => writeFileSync(full, text)),
    checkWritable: (path) => onFile(path, 'written', tryPath),
    makeFolder: (path) => onFile(path, 'made', (full) => mkdirSync(full, { recursive: true })),
    signal: controller.signal,
  };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it, or its folder, does not exist',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a folder of its path is a file',
  EROFS: 'the disk is read-only',
  ENAMETOOLONG: 'its name is too long',
  EEXIST: 'a file of that name stands there',
  ENOSPC: 'the disk is full',
};

/** Bytes of another encoding would be read as words with holes in them, and kept as such: they are refused. */
function textOf(path: string, bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  const isWide = bytes[0] === 0xff || bytes[0] === 0xfe;
  const found = isWide ? 'UTF-16' : 'Latin-1, Windows-1252 or no text at all';
  throw new AppError('usage', `${path} is not UTF-8, but ${found}: save it as UTF-8`);
}

/** No pipe or device is read: it may never end. What is there and cannot be read as text is refused: it is about to be written over. */
function findText(path: string): string | undefined {
  if (statSync(resolve(path), { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  return textOf(
    path,
    onFile(path, 'read', (full) => readFileSync(full)),
  );
}

/** As `writeFileSync` would fail, with nothing written: a file that stands there is opened as it is, and of another its folder is asked. */
function tryPath(full: string): void {
  if (existsSync(full)) closeSync(openSync(full, 'r+'));
  else accessSync(`${dirname(full)}${sep}`, constants.W_OK);
}

function onFile<T>(path: string, verb: string, act: (full: string) => T): T {
  try {
    return act(resolve(path));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    throw new AppError('usage', `${path} cannot be ${verb}: ${REASONS[code] ?? code}`, { cause: error });
  }
}
