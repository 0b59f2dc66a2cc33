import { Cron } from 'croner';
import { AppError } from '../app/errors.ts';
import { epochMs, type Instant, instantAt } from '../core/time.ts';

/** The last time that a cron expression came round by `now`, in UTC; nothing where it never did. Throws AppError('config') for no expression. */
export function lastTick(cron: string, now: Instant): Instant | undefined {
  // One second later, since croner looks strictly before.
  const [last] = read(cron).previousRuns(1, new Date(epochMs(now) + 1_000));
  return last && instantAt(last.getTime());
}

function read(cron: string): Cron {
  try {
    return new Cron(cron, { timezone: 'UTC', paused: true });
  } catch (error) {
    throw new AppError('config', `\`schedule\`: ${JSON.stringify(cron)} is no cron expression: write five fields, such as "0 6 * * 1"`, {
      cause: error,
    });
  }
}
