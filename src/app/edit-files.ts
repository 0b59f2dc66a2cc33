import { digestText } from '../core/digest.ts';
import type { BaseDraft, FileEdits, NotTaken, Proposed } from '../core/document/base-draft.ts';
import { readFileEdits } from '../core/document/file-edits.ts';
import { parseInline } from '../core/document/inline.ts';
import { mendNotes } from '../core/document/lost-notes.ts';
import { markKeys } from '../core/document/mark.ts';
import { type Part, readDocument } from '../core/document/reader.ts';
import { mendTables } from '../core/document/torn-tables.ts';
import { ACTION_CELLS, cellKey, generatedOf, isComputed } from '../core/draft/blocks.ts';
import type { Edit, EditedBlock, NewEdit } from '../core/draft/edits.ts';
import type { Draft } from '../core/draft/model.ts';
import { renderMarkdown } from '../render/markdown.ts';
import { renderTemplate } from '../render/template.ts';
import { keptForm } from '../render/words.ts';
import type { AppDeps } from './deps.ts';
import { editsOf, findStored, rebuild } from './draft.ts';
import { draftEdited, LONGEST_TEXT } from './edit-blocks.ts';
import { AppError } from './errors.ts';
import type { TemplateTexts } from './ports.ts';

/** A draft that was edited by hand. */
export interface EditFile {
  readonly path: string;
  readonly text: string;
  readonly author: string;
  /** The key of the incident, where the file does not say which draft it is of. */
  readonly key?: string;
}

/** What came of a file. All that a person typed is in one of the lists, or was there before. */
export interface EditsImported {
  /** The newest draft, with the edits in it. */
  readonly draftId: string;
  readonly incident: string;
  readonly recorded: readonly { readonly line: number; readonly edit: Edit }[];
  /** Somebody wrote the same block since the file was made: not written, and here are both. */
  readonly conflicts: readonly {
    readonly line: number;
    readonly block: string;
    readonly yours: string;
    readonly theirs: string;
    readonly author: string;
  }[];
  readonly notTaken: readonly NotTaken[];
  readonly told: readonly NotTaken[];
}

const LONGEST = 5_000_000;

/**
 * Takes a hand-edited draft back: what its person changed becomes edits of the incident, and the newest draft has them. Read against
 * the draft that its header names. Throws AppError('usage') where it names none and no incident is given, or is no text of ours.
 */
export async function importEdits(deps: AppDeps, { path, text, author, key }: EditFile): Promise<EditsImported> {
  if (text.length > LONGEST || text.includes('\0')) throw new AppError('usage', `${path} is no Markdown of at most 5 million characters`);
  const { home, newest, edits, lines, notTaken, told } = await readAgainst(deps, await findBase(deps, path, text, key), { text, author });
  const { recorded, conflicts } = await deps.drafts.record(home, edits);
  const draftId = recorded.length > 0 ? (await draftEdited(deps, home)).draftId : newest.draftId;
  const lineOf = new Map(
    edits.filter((edit) => !conflicts.some((one) => one.edit === edit)).map((edit, index) => [recorded[index], lines.get(edit) ?? 1]),
  );
  return {
    draftId,
    incident: home,
    recorded: recorded.map((edit) => ({ line: lineOf.get(edit) ?? 1, edit })).toSorted((a, b) => a.line - b.line),
    conflicts: conflicts.map(({ edit, newer }) => ({
      line: lines.get(edit) ?? 1,
      block: edit.block,
      yours: wordsIn(edit),
      theirs: wordsIn(newer),
      author: newer.author,
    })),
    notTaken,
    told,
  };
}

/**
 * Whether a file that a draft is to be written over has what a person typed and no draft has. Of one whose draft is of another store, or
 * is no longer named above marks of ours, nobody can tell: it may. A file that is none of ours has none.
 */
export async function hasUnsavedWords(deps: AppDeps, text: string): Promise<boolean> {
  const named = draftNamedIn(text);
  if (named === undefined) return markKeys(text).length > 0;
  const found = text.length > LONGEST ? undefined : await deps.drafts.findSnapshot(named);
  if (!found) return true;
  const { edits, notTaken } = await readAgainst(deps, { ...found, isCertain: true }, { text, author: 'not named' });
  return edits.length + notTaken.length > 0;
}

/** What a file asks for, against the draft that it was made from and the newest. */
async function readAgainst(
  deps: AppDeps,
  based: Awaited<ReturnType<typeof findBase>>,
  { text, author }: Pick<EditFile, 'text' | 'author'>,
) {
  const home = based.snapshot.origin ?? based.snapshot.incidents[0];
  const { draft } = await rebuild(deps, based.draftId, based.snapshot);
  const known = await editsOf(deps, based.snapshot);
  const newest = await findStored(deps, home);
  const current = newest.draftId === based.draftId ? draft : (await rebuild(deps, newest.draftId, newest.snapshot)).draft;
  const { template } = deps.settings;
  const made = { draft, known, isCertain: based.isCertain, ...(template && { template }) };
  return { home, newest, ...editsIn(text, made, { current, written: { author, at: deps.clock.now() } }) };
}

/** As the header of a page says it. */
export function draftNamedIn(text: string): string | undefined {
  return /draft\s+[`*_]*(sha256:[0-9a-f]{64})/.exec(text)?.[1];
}

function wordsIn(edit: NewEdit): string {
  return 'text' in edit ? edit.text : edit.kind === 'hide' ? '(taken out)' : '(shown again)';
}

async function findBase(deps: AppDeps, path: string, text: string, key: string | undefined) {
  const named = draftNamedIn(text);
  const found = named === undefined ? undefined : await deps.drafts.findSnapshot(named);
  const home = found && (found.snapshot.origin ?? found.snapshot.incidents[0]);
  if (found && key !== undefined && key !== home) throw new AppError('usage', `${path} is a draft of ${home}, not of ${key}`);
  if (found) return { ...found, isCertain: true };
  if (key === undefined) {
    const why =
      named === undefined ? 'does not say which draft it was made from' : `was made from the draft ${named}, which is not in this store`;
    throw new AppError('usage', `${path} ${why}: name the incident with --incident ID`);
  }
  return { ...(await findStored(deps, key)), isCertain: false };
}

/** The draft that a file was made from, as far as that is known. */
export interface MadeFrom {
  readonly draft: Draft;
  /** The edits that it holds. */
  readonly known: readonly Edit[];
  /** False where the file does not say: then it is the newest. */
  readonly isCertain: boolean;
  readonly template?: TemplateTexts;
}

/**
 * What a file's text asks for, as edits that can be recorded, each with its line; without what the newest draft has already, so that
 * a file may be read twice. What cannot be taken is listed. Pure.
 */
export function editsIn(
  text: string,
  made: MadeFrom,
  { current, written }: Pick<Now, 'current' | 'written'>,
): { readonly edits: readonly NewEdit[]; readonly lines: ReadonlyMap<NewEdit, number> } & Pick<FileEdits, 'notTaken' | 'told'> {
  const { text: mended, lineOf } = mendTables(text.replaceAll('\r\n', '\n'));
  const length = mended.split('\n').length;
  const file = readDocument(mendNotes(mended), 'whole').flatMap((part) =>
    part.line > length ? [] : [{ ...part, line: lineOf(part.line) }],
  );
  const read = readFileEdits(file, baseOf(file, made));
  const { edits, lines, tooLong } = toEdits(read, { current, seen: made.draft.lastEdit ?? 0, written });
  const told = [...read.told, ...goneSince(file, { seen: made.draft, current, edits })];
  return { edits, lines, notTaken: [...read.notTaken, ...tooLong], told };
}

/** Blocks of the file that somebody took out since it was made: that the file still has them does not bring them back. */
function goneSince(
  file: readonly Part[],
  { seen, current, edits }: { readonly seen: Draft; readonly current: Draft; readonly edits: readonly NewEdit[] },
): readonly NotTaken[] {
  const before = new Set(seen.edits.flatMap(({ key, state }) => (state === 'hidden' ? [key] : [])));
  const gone = new Set(current.edits.flatMap(({ key, state }) => (state === 'hidden' && !before.has(key) ? [key] : [])));
  for (const { block } of edits) gone.delete(block);
  return file.flatMap(({ mark, line, text }) =>
    mark && gone.has(mark.key)
      ? [
          {
            line,
            text,
            why: 'It was taken out since this file was made, and stays out. To have it back, put it into a new file of the draft.',
          },
        ]
      : [],
  );
}

/** The draft as its page stood: where a template may have arranged it, as the file's headings say. */
function baseOf(file: readonly Part[], { draft, known, isCertain, template }: MadeFrom): BaseDraft {
  const pages = [renderMarkdown(draft), ...(template ? [renderTemplate(draft, template)] : [])].map((page) => readDocument(page, 'whole'));
  const headings = new Set(file.flatMap(({ kind, text }) => (kind === 'heading' ? [text] : [])));
  const score = (page: readonly Part[]) => page.filter(({ kind, text }) => kind === 'heading' && headings.has(text)).length;
  const [parts = []] = pages.toSorted((a, b) => score(b) - score(a));
  const computed = new Set(draft.sections.flatMap(({ blocks }) => blocks.filter(isComputed).map(({ key }) => key)));
  const blocks = generatedOf(draft.sections).filter(({ isPlace }) => !isPlace);
  return {
    parts,
    blocks: new Map(blocks.map(({ key, digest }) => [key, { digest, isComputed: computed.has(key) }])),
    sections: draft.sections.map(({ key, heading }) => ({ key, heading })),
    edits: new Map(draft.edits.map((edit) => [edit.key, edit])),
    lastEdit: draft.lastEdit ?? 0,
    earlier: earlierOf(known),
    isCertain,
  };
}

function earlierOf(known: readonly Edit[]): BaseDraft['earlier'] {
  const texts = Map.groupBy(
    known.flatMap((edit) => ('text' in edit ? [edit] : [])),
    ({ block }) => block,
  );
  return new Map([...texts].map(([block, edits]) => [block, edits.map(({ text }) => parseInline(text))]));
}

interface Now {
  readonly current: Draft;
  /** The last edit that the file's draft held. */
  readonly seen: number;
  readonly written: Pick<NewEdit, 'author' | 'at'>;
}

/** What a file asks for as edits, without what the newest draft has already: a file may be read twice. */
function toEdits({ proposed }: FileEdits, { current, seen, written }: Now) {
  const now = new Map(current.edits.map((edit) => [edit.key, edit]));
  const digests = new Map(generatedOf(current.sections).map(({ key, digest }) => [key, digest]));
  const names = new Map<string, string>();
  const lines = new Map<NewEdit, number>();
  const tooLong: NotTaken[] = [];
  for (const one of proposed) {
    const text = 'words' in one ? keptForm(one.words) : '';
    if (text.length > LONGEST_TEXT) {
      tooLong.push({ line: one.line, text: text.slice(0, 200), why: `A block has at most ${LONGEST_TEXT} characters.` });
      continue;
    }
    if (one.kind === 'insert') {
      const below = names.get(one.below) ?? one.below;
      const there = current.edits.find((edit) => isThere(edit, { text, below, seen }));
      if (there) names.set(one.block, there.key);
      else for (const edit of inserts(one, { text, below, seen, written })) lines.set(edit, one.line);
      continue;
    }
    const edit: NewEdit = { ...written, ...changeOf(one, text), after: one.after };
    if (!isDone(edit, now.get(one.block), digests.get(one.block))) lines.set(edit, one.line);
  }
  return { edits: [...lines.keys()], lines, tooLong };
}

function changeOf({ kind, block, generated }: Exclude<Proposed, { kind: 'insert' }>, text: string) {
  return kind === 'rewrite' ? { kind, block, generated, text } : { kind, block, generated };
}

function inserts(
  { block, shape, cells = {} }: Extract<Proposed, { kind: 'insert' }>,
  { text, below, seen, written }: Pick<Now, 'seen' | 'written'> & { readonly text: string; readonly below: string },
): readonly NewEdit[] {
  const common = { ...written, after: seen };
  const filled = ACTION_CELLS.flatMap((cell): readonly NewEdit[] => {
    const words = keptForm(cells[cell] ?? []);
    return words === '' ? [] : [{ ...common, kind: 'rewrite', block: cellKey(block, cell), generated: digestText(''), text: words }];
  });
  return [{ ...common, kind: 'insert', block, below, text, ...(shape && { shape }) }, ...filled];
}

/** Put in since the file was made, with these very words in this very place: by the same file, read before. */
function isThere(
  edit: EditedBlock,
  { text, below, seen }: { readonly text: string; readonly below: string; readonly seen: number },
): boolean {
  return edit.state === 'inserted' && edit.text === text && edit.below === below && Number(edit.key.slice('i.'.length)) > seen;
}

function isDone(edit: NewEdit, now: EditedBlock | undefined, digest: string | undefined): boolean {
  if (edit.kind === 'hide') return now?.state === 'hidden';
  if (edit.kind === 'show') return now?.state !== 'hidden';
  if (edit.kind !== 'rewrite' || now?.text !== edit.text || !('author' in now)) return false;
  return now.state !== 'stale' || edit.generated !== digest;
}
