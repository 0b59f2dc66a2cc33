import type { EditsImported } from '../app/edit-files.ts';
import { AppError } from '../app/errors.ts';
import { toLine } from '../render/escape.ts';
import type { Context } from './io.ts';

export interface EditsFlags {
  readonly incident?: string;
  readonly author?: string;
  readonly config?: string;
}

const KINDS = { rewrite: 'rewritten', hide: 'taken out', show: 'shown again', insert: 'put in' } as const;
const LONGEST = 160;

/**
 * `hindcast edits import FILE.md`: a hand-edited draft back into the store. Exit 5 where something was left out: a conflict, a change
 * of what is computed, a part that matches nothing. The rest is taken all the same.
 */
export async function runEditsImport({ io, open }: Context, path: string, { incident, author, config }: EditsFlags): Promise<number> {
  if (author?.trim() === '') throw new AppError('usage', '--author is empty: give a name');
  const text = io.readFile(path);
  const { app, settings, close } = await open({
    offline: true,
    existing: true,
    ...(incident !== undefined && { select: incident }),
    ...(config !== undefined && { config }),
  });
  try {
    const by = author ?? settings.draft.authors[0] ?? 'not named';
    const imported = await app.importEdits({ path, text, author: by, ...(incident !== undefined && { incident }) });
    io.out(said(imported));
    tellLeftOut(imported, path, io.err);
    return imported.conflicts.length + imported.notTaken.length > 0 ? 5 : 0;
  } finally {
    await close();
  }
}

function said({ recorded, draftId, incident }: EditsImported): string {
  const lines = recorded.map(
    ({ line, edit }) => `${line}: ${edit.block} ${KINDS[edit.kind]}${'text' in edit ? `: ${short(edit.text)}` : ''}\n`,
  );
  return `${lines.join('')}${incident}: ${recorded.length} ${recorded.length === 1 ? 'edit' : 'edits'}; draft ${draftId}\n`;
}

function tellLeftOut({ conflicts, notTaken, told }: EditsImported, path: string, err: (text: string) => void): void {
  for (const { line, block, yours, theirs, author } of conflicts) {
    err(`${path}:${line}: conflict: ${toLine(author)} edited ${block} since this file was made; nothing was written\n`);
    err(`  yours:  ${toLine(yours)}\n  theirs: ${toLine(theirs)}\n`);
  }
  for (const { line, text, why } of notTaken) err(`${path}:${line}: not taken: ${short(text)}\n  ${why}\n`);
  for (const { line, text, why } of told) err(`${path}:${line}: ${short(text)}\n  ${why}\n`);
}

function short(text: string): string {
  const line = toLine(text);
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
