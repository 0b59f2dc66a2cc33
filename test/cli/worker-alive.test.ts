import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AppError } from '../../src/app/errors.ts';
import { main } from '../../src/cli/command-line.ts';
import type { Open } from '../../src/cli/io.ts';
import { openTerminal } from '../support/terminal.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A worker whose queue is empty, told to stop by the controller. */
function startWorker(writeFile?: (path: string, text: string) => void) {
  const stop = new AbortController();
  const { io, files } = openTerminal();
  const untilStopped = (signal: AbortSignal) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  const service = { work: untilStopped, keepSchedule: untilStopped, keepRetention: untilStopped };
  const open = (async () => ({ settings: {}, service: async () => service, close: async () => {} })) as never as Open;
  const begun = Promise.withResolvers<void>();
  const write = (path: string, text: string) => {
    (writeFile ?? io.writeFile)(path, text);
    begun.resolve();
  };
  const ended = main(['worker', '--alive', '/tmp/alive'], { ...io, signal: stop.signal, writeFile: write }, open);
  return { stop, files, ended, begun: Promise.race([begun.promise, ended]) };
}

it('a worker writes its file again and again while it lives, and no longer once it has ended', async () => {
  const { stop, files, ended, begun } = startWorker();
  await begun;
  expect(files.has('/tmp/alive')).toBe(true);
  for (let beat = 0; beat < 3; beat += 1) {
    files.delete('/tmp/alive');
    vi.advanceTimersByTime(5_000);
    expect(files.has('/tmp/alive')).toBe(true);
  }
  stop.abort();
  expect(await ended).toBe(0);
  files.delete('/tmp/alive');
  vi.advanceTimersByTime(60_000);
  expect(files.has('/tmp/alive')).toBe(false);
});

it('a worker goes on where its file can no longer be written, and does not begin where it never could', async () => {
  let written = 0;
  const worker = startWorker(() => {
    written += 1;
    if (written > 1) throw new Error('the disk is full');
  });
  await worker.begun;
  expect(written).toBe(1);
  vi.advanceTimersByTime(10_000);
  expect(written).toBe(3);
  worker.stop.abort();
  expect(await worker.ended).toBe(0);
  const refused = startWorker(() => {
    throw new AppError('usage', '/tmp/alive cannot be written: permission denied');
  });
  expect(await refused.ended).toBe(2);
});
