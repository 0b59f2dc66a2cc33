import { AppError } from '../app/errors.ts';
import { addMs, durationMs, type Instant, parseInstant, type Window } from '../core/time.ts';

/** RFC 3339 with an offset, `now`, or a length before now such as `-2h`. Throws AppError('usage') on anything else. */
export function parseTime(text: string, now: Instant, flag: string): Instant {
  if (text === 'now') return now;
  if (/^-\d{1,6}[smhd]$/.test(text)) return addMs(now, -durationMs(text.slice(1)));
  const instant = parseInstant(text);
  if (instant) return instant;
  throw new AppError(
    'usage',
    `${flag} ${JSON.stringify(text)} is not a time: write 2024-01-15T14:30:00Z (a time needs Z or an offset such as +01:00), now, -2h or -7d`,
  );
}

/** Both ends of a window, in order. Throws AppError('usage') where one is missing or they are turned round. */
export function parseWindow(from: string | undefined, to: string | undefined, now: Instant): Window {
  if (from === undefined || to === undefined) {
    throw new AppError('usage', `a window needs both ends: add ${from === undefined ? '--from' : '--to'} TIME`);
  }
  const window = { from: parseTime(from, now, '--from'), to: parseTime(to, now, '--to') };
  if (window.from >= window.to) throw new AppError('usage', `the window ends at ${window.to}, before it begins at ${window.from}`);
  return window;
}
