import type { Progress } from '../app/app.ts';
import type { Io } from './io.ts';

/** What takes less is over before anybody could read a line about it. */
const SHOWN_AFTER_MS = 1_000;
const REPAINTED_AFTER_MS = 100;
const COLUMNS = 79;
const CLEAR = '\r\u001b[K';

/**
 * Runs what may take long, and says on a terminal how far it is: one line from the second second on, that is gone at the end.
 * Elsewhere it says nothing.
 */
export async function withProgress<T>(
  { err, isTerminal }: Pick<Io, 'err' | 'isTerminal'>,
  what: string,
  act: (onProgress: (progress: Progress) => void) => Promise<T>,
  afterMs = SHOWN_AFTER_MS,
): Promise<T> {
  if (!isTerminal) return await act(() => undefined);
  const records = new Map<string, number>();
  let last = '';
  let isShown = false;
  const paint = () => {
    isShown = true;
    const all = [...records.values()].reduce((sum, count) => sum + count, 0);
    const line = last === '' ? `${what} …` : `${what}: ${all} records, ${last}`;
    err(`${CLEAR}${line.slice(0, COLUMNS)}`);
  };
  let timer = setTimeout(function repaint() {
    paint();
    timer = setTimeout(repaint, REPAINTED_AFTER_MS);
  }, afterMs);
  try {
    return await act(({ source, stream, question, records: count, waitMs }) => {
      const name = `${source}/${stream}`;
      records.set(`${name} ${question}`, count);
      last = waitMs === undefined ? name : `${source} limits its calls: waiting ${Math.ceil(waitMs / 1_000)} s`;
    });
  } finally {
    clearTimeout(timer);
    if (isShown) err(CLEAR);
  }
}
