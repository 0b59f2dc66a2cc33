import type { Drafted } from '../app/app.ts';
import type { Draft } from '../core/draft/model.ts';
import { renderJson } from '../render/json.ts';
import { renderMarkdown } from '../render/markdown.ts';
import type { Context } from './io.ts';
import { type SelectFlags, withDraft } from './select.ts';

export interface DraftFlags extends SelectFlags {
  readonly format: 'markdown' | 'json' | 'html';
  readonly out?: string;
}

/** `hindcast draft`: the main job. Exit 3 where a needed stream has a gap. */
export async function runDraft(context: Context, id: string | undefined, flags: DraftFlags): Promise<number> {
  const { io } = context;
  return await withDraft(context, id, flags, async (drafted) => {
    const text = await renderAs(flags.format, drafted.draft);
    if (flags.out === undefined) io.out(text);
    else io.writeFile(flags.out, text);
    if (flags.out !== undefined) io.err(`draft written to ${flags.out}\n`);
    if (flags.bundle !== undefined) io.err('drafted from a bundle: its hashes agree with each other; that does not say who made it\n');
    return exitOf(drafted, io.err);
  });
}

/** The page and its graphs are loaded only where they are asked for. */
async function renderAs(format: DraftFlags['format'], draft: Draft): Promise<string> {
  if (format === 'html') return (await import('../render/html.ts')).renderHtml(draft);
  return format === 'json' ? renderJson(draft) : renderMarkdown(draft);
}

/** 0, or 3 with the gaps of the needed streams said on standard error. */
export function exitOf({ partial, draft }: Drafted, err: (text: string) => void): number {
  if (!partial) return 0;
  err('partial: a source that the draft needs could not be read in full\n');
  const needed = draft.analysis.coverage.filter(({ need }) => need === 'needed');
  const lines = needed.flatMap(({ source, stream, gaps }) =>
    gaps.map(({ reason, detail }) => `  ${source}/${stream}: ${reason}: ${detail}\n`),
  );
  for (const line of new Set(lines)) err(line);
  return 3;
}
