import { expect, it } from 'vitest';
import { withProgress } from '../../src/cli/progress.ts';

const CLEAR = '\r\u001b[K';

/** A terminal's error output, or a file's. */
function open(isTerminal: boolean) {
  const said: string[] = [];
  return { said, io: { isTerminal, err: (text: string) => void said.push(text) } };
}

const tick = () => new Promise((resolve) => setTimeout(resolve, 5));

it('what is over at once says nothing', async () => {
  const { io, said } = open(true);
  expect(await withProgress(io, 'reading', async () => 'done')).toBe('done');
  expect(said).toEqual([]);
});

it('what takes longer shows one line, which is gone at the end, also where it fails', async () => {
  const { io, said } = open(true);
  const failing = withProgress(
    io,
    'reading',
    async (onProgress) => {
      onProgress({ source: 'pagerduty', stream: 'log_entries', question: 'all', records: 100 });
      onProgress({ source: 'github', stream: 'deployments', question: 'all', records: 3 });
      onProgress({ source: 'pagerduty', stream: 'log_entries', question: 'all', records: 200 });
      while (said.length === 0) await tick();
      throw new Error('reset');
    },
    0,
  );
  await expect(failing).rejects.toThrow('reset');
  expect(said[0]).toBe(`${CLEAR}reading: 203 records, pagerduty/log_entries`);
  expect(said.at(-1)).toBe(CLEAR);
});

it('a line fits a terminal, whatever a source is called', async () => {
  const { io, said } = open(true);
  await withProgress(
    io,
    'reading',
    async (onProgress) => {
      onProgress({ source: 'x'.repeat(200), stream: 'alerts', question: 'all', records: 1 });
      while (said.length === 0) await tick();
    },
    0,
  );
  expect(said[0]).toHaveLength(CLEAR.length + 79);
});

it('where nobody watches nothing is said, however long it takes', async () => {
  const { io, said } = open(false);
  await withProgress(io, 'reading', tick, 0);
  expect(said).toEqual([]);
});

it('a source that says later is named with the time it takes', async () => {
  const { io, said } = open(true);
  await withProgress(
    io,
    'reading',
    async (onProgress) => {
      onProgress({ source: 'aws-prod', stream: 'alarms', question: 'all', records: 2, waitMs: 30_000 });
      while (said.length === 0) await tick();
    },
    0,
  );
  expect(said[0]).toBe(`${CLEAR}reading: 2 records, aws-prod limits its calls: waiting 30 s`);
});

it('what is asked of one stream beside each other adds up, and the count never falls', async () => {
  const { io, said } = open(true);
  await withProgress(
    io,
    'reading',
    async (onProgress) => {
      onProgress({ source: 'aws-prod', stream: 'series', question: 'one', records: 45 });
      onProgress({ source: 'aws-prod', stream: 'series', question: 'two', records: 15 });
      while (said.length === 0) await tick();
    },
    0,
  );
  expect(said[0]).toBe(`${CLEAR}reading: 60 records, aws-prod/series`);
});
