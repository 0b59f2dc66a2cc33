import { AppError } from '../app/errors.ts';
import { isZone, renderTimeline, type TimelineFormat } from '../render/timeline.ts';
import { exitOf } from './draft.ts';
import type { Context } from './io.ts';
import { type SelectFlags, withDraft } from './select.ts';

export interface TimelineFlags extends SelectFlags {
  readonly format: TimelineFormat;
  readonly tz: string;
}

/** `hindcast timeline`: every entry of the merged timeline, those of other services too. */
export async function runTimeline(context: Context, id: string | undefined, flags: TimelineFlags): Promise<number> {
  if (!isZone(flags.tz))
    throw new AppError('usage', `--tz ${JSON.stringify(flags.tz)} is not a time zone: write UTC or a name such as Europe/Berlin`);
  return await withDraft(context, id, flags, (drafted) => {
    context.io.out(renderTimeline(drafted.draft, flags.format, flags.tz));
    return exitOf(drafted, context.io.err);
  });
}
