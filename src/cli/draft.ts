import { basename, dirname, join, parse } from 'node:path';
import type { App, Drafted } from '../app/app.ts';
import type { TemplateTexts } from '../app/ports.ts';
import type { Draft } from '../core/draft/model.ts';
import { renderJson } from '../render/json.ts';
import { type MarkdownOptions, renderMarkdown } from '../render/markdown.ts';
import type { Context, Io } from './io.ts';
import { type SelectFlags, withDraft } from './select.ts';

export interface DraftFlags extends SelectFlags {
  readonly format: 'markdown' | 'plain' | 'json' | 'html';
  readonly out?: string;
}

/** `hindcast draft`: the main job. Exit 3 where a needed stream has a gap. */
export async function runDraft(context: Context, id: string | undefined, flags: DraftFlags): Promise<number> {
  const { io } = context;
  if (flags.out !== undefined) io.checkWritable(flags.out);
  return await withDraft(context, id, flags, async (drafted, { app, settings }) => {
    const text = await renderAs(flags, drafted.draft, settings.template, io);
    if (flags.out === undefined) io.out(text);
    else await writeOver(flags.out, text, app, io);
    if (flags.bundle !== undefined) io.err('drafted from a bundle: its hashes agree with each other; that does not say who made it\n');
    await tellKinderWords(drafted.draft, io.err);
    return exitOf(drafted, io.err);
  });
}

/** Words that a person typed into the file that is there, and that no draft has, are kept beside it. */
async function writeOver(out: string, text: string, app: App, io: Io): Promise<void> {
  const before = io.findFile(out);
  if (before !== undefined && before !== text && (await app.hasUnsavedWords(before))) {
    const kept = freeName(out, io);
    io.writeFile(kept, before);
    io.err(`${out} had words that no draft has: it is kept as ${kept}; take them in with: hindcast edits import ${kept}\n`);
  }
  io.writeFile(out, text);
  io.err(`draft written to ${out}\n`);
}

function freeName(out: string, io: Io): string {
  const { dir, name, ext } = parse(out);
  for (let number = 1; ; number += 1) {
    const kept = join(dir, `${name}.kept-${number}${ext}`);
    if (io.findFile(kept) === undefined) return kept;
  }
}

/** The page, its graphs and templates are loaded only where they are asked for. */
async function renderAs({ format, out }: DraftFlags, draft: Draft, template: TemplateTexts | undefined, io: Io): Promise<string> {
  if (format === 'html') return (await import('../render/html.ts')).renderHtml(draft);
  if (format === 'json') return renderJson(draft);
  const options: MarkdownOptions = {
    ...(format === 'plain' && { style: 'plain' }),
    ...(out !== undefined && { graphs: await writeGraphs(draft, out, io) }),
  };
  return template === undefined ? renderMarkdown(draft, options) : (await import('../app/arranged.ts')).arranged(draft, template, options);
}

/** Draws each figure into `FILE-graphs/` beside the document; by its key where it lies. */
async function writeGraphs(draft: Draft, out: string, io: Io): Promise<ReadonlyMap<string, string>> {
  const keys = draft.sections.flatMap(({ blocks }) => blocks.flatMap(({ kind, key }) => (kind === 'figure' ? [key] : [])));
  const { drawFigure } = await import('../render/figure.ts');
  const drawn = keys.flatMap((key) => {
    const svg = drawFigure(draft, key);
    return svg === undefined ? [] : [{ key, svg }];
  });
  if (drawn.length === 0) return new Map();
  const folder = `${basename(out).replace(/\.(?:md|markdown|txt)$/i, '')}-graphs`;
  io.makeFolder(join(dirname(out), folder));
  return new Map(
    drawn.map(({ key, svg }) => {
      const name = `${key.replaceAll(/[^\w-]+/g, '-')}.svg`;
      io.writeFile(join(dirname(out), folder, name), svg);
      return [key, `${folder}/${name}`] as const;
    }),
  );
}

/** People's own words are never changed: what blames in them is said beside the draft, and stays out of it. */
async function tellKinderWords({ edits }: Draft, err: (text: string) => void): Promise<void> {
  if (edits.length === 0) return;
  const { kinderWords } = await import('../core/draft/kinder-words.ts');
  for (const { key, said, kinder } of kinderWords(edits)) err(`wording: ${key} has “${said}”. ${kinder}\n`);
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
