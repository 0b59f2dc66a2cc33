import { Cron } from 'croner';
import { AppError } from '../app/errors.ts';
import { epochMs, type Instant, instantAt } from '../core/time.ts';

/** The last time that a cron expression came round by `now`, in UTC; nothing where it never did. Throws AppError('config') for no expression. */
export function lastTick(cron: string, now: Instant): Instant | undefined {
  // One second later, since croner looks strictly before.
  const [last] = read(cron).previousRuns(1, new Date(epochMs(now) + 1_000));
  return last && instantAt(last.getTime());
}

/** Why a cron expression cannot stand in `schedule`, in words that follow its key; nothing where it can. */
export function cronProblem(cron: string): string | undefined {
  try {
    const times = read(cron);
    if (times.nextRun() !== null || times.previousRuns(1).length > 0) return undefined;
    return `${JSON.stringify(cron)} names a time that never comes round`;
  } catch {
    return `${JSON.stringify(cron)} is no cron expression: write five fields, such as "0 6 * * 1"`;
  }
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
