import { CommanderError } from 'commander';
import { APP_ERRORS, AppError } from '../app/errors.ts';
import type { Io, Open } from './io.ts';
import { buildProgram, type Run } from './program.ts';

/** Runs the words after `hindcast` and answers the exit code of interface.md. */
export async function main(words: readonly string[], io: Io, open: Open = openComposed(io)): Promise<number> {
  let code = 0;
  const run: Run =
    (command) =>
    async (...args) => {
      code = await command({ io, open }, ...args);
    };
  try {
    await buildProgram(io, run).parseAsync(spareLengths(words), { from: 'user' });
    return code;
  } catch (error) {
    return explain(error, io);
  }
}

/** `assert ID detected -20m`: a length ago would be read as an option, so it goes on with the minus sign of print (U+2212). */
function spareLengths(words: readonly string[]): string[] {
  if (words[0] !== 'assert') return [...words];
  return words.map((word, index) =>
    /^-\d{1,6}[smhd]$/.test(word) && !words[index - 1]?.startsWith('--') ? word.replace('-', '\u2212') : word,
  );
}

function openComposed(io: Io): Open {
  return async (options) => (await import('../compose.ts')).openApp({ ...options, env: io.env, cwd: io.cwd });
}

/** What a person reads when a command could not do its work, and the exit code that goes with it. */
function explain(error: unknown, io: Io): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : APP_ERRORS.usage.exit;
  if (error instanceof AppError) {
    io.err(`hindcast: ${error.message}\n`);
    return APP_ERRORS[error.code].exit;
  }
  if (io.signal.aborted) {
    io.err('hindcast: interrupted; what was read is kept, run the same command again to go on\n');
    return APP_ERRORS.interrupted.exit;
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const isDebugging = io.env['HINDCAST_LOG'] === 'debug';
  io.err(`hindcast: a fault of ours: ${isDebugging ? (stack ?? message) : message}\n`);
  io.err('Please report it; HINDCAST_LOG=debug shows where it happened.\n');
  return 1;
}
