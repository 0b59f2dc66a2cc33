import { renderTimeline, type TimelineFormat } from '../render/timeline.ts';
import { exitOf } from './draft.ts';
import type { Context } from './io.ts';
import { type SelectFlags, withDraft } from './select.ts';

export interface TimelineFlags extends SelectFlags {
  readonly format: TimelineFormat;
  readonly tz: string;
}

/** `hindcast timeline`: every entry of the merged timeline, those of other services too. */
export async function runTimeline(context: Context, id: string | undefined, flags: TimelineFlags): Promise<number> {
  return await withDraft(context, id, flags, (drafted) => {
    context.io.out(renderTimeline(drafted.draft, flags.format, flags.tz));
    return exitOf(drafted, context.io.err);
  });
}
