import { AppError } from '../../src/app/errors.ts';
import type { Io } from '../../src/cli/io.ts';
import { instantAt } from '../../src/core/time.ts';

/** A terminal that keeps what was printed, over files in memory; its clock stands at the sample world's now. */
export interface Terminal {
  readonly io: Io;
  readonly printed: { out: string; err: string };
  readonly files: Map<string, string>;
  interrupt(): void;
}

export function openTerminal(options: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {}): Terminal {
  const printed = { out: '', err: '' };
  const files = new Map<string, string>();
  const controller = new AbortController();
  return {
    printed,
    files,
    interrupt: () => controller.abort(new AppError('interrupted', 'interrupted')),
    io: {
      out: (text) => {
        printed.out += text;
      },
      err: (text) => {
        printed.err += text;
      },
      isTerminal: false,
      env: options.env ?? {},
      cwd: options.cwd ?? '.',
      now: () => instantAt(Date.UTC(2024, 0, 15, 16)),
      readFile: (path) => {
        const text = files.get(path);
        if (text === undefined) throw new AppError('usage', `${path} cannot be read: it, or its folder, does not exist`);
        return text;
      },
      findFile: (path) => files.get(path),
      writeFile: (path, text) => {
        files.set(path, text);
      },
      checkWritable: () => undefined,
      makeFolder: () => undefined,
      signal: controller.signal,
    },
  };
}
