import type { Citation } from '../core/citation.ts';
import { parseInline, plainOf } from '../core/document/inline.ts';
import { ACTION_CELLS, type ActionCell, cellKey, cellTexts, NEW_ACTION } from '../core/draft/blocks.ts';
import type { EditedBlock } from '../core/draft/edits.ts';
import type { Block, Draft, Section } from '../core/draft/model.ts';
import { escapeInline, escapeText, linkOf, toLine } from './escape.ts';
import { openNotes } from './notes.ts';
import { placesOf } from './placed.ts';
import { writePieces } from './sources.ts';
import { canonicalWords } from './words.ts';

/** An action item, ready to become an issue of a tracker. Names and meanings are stable. */
export interface ActionIssue {
  /** The block's key: `actions.deploy_fix`. The same action of a later draft has the same. */
  readonly key: string;
  /** One line of plain text, at most 200 characters. */
  readonly title: string;
  /** Markdown: the action in full, what it rests on, and where it comes from. */
  readonly body: string;
  /** As people filled them in, else ours; empty where nobody said. */
  readonly owner: string;
  readonly due: string;
  readonly priority: string;
  readonly status: string;
}

/** Issue trackers take 256; what is cut stands in the body. */
const TITLE = 200;

/** The action items of a draft, as people left them: what they hid is left out, what they put in is there. */
export function actionIssues(draft: Draft): readonly ActionIssue[] {
  const edits = new Map(draft.edits.map((edit) => [edit.key, edit]));
  const places = placesOf(draft.edits);
  return draft.sections.filter(({ key }) => key === 'actions').flatMap((section) => issuesOf(section));

  function issuesOf(section: Section): readonly ActionIssue[] {
    return places(section).flatMap(({ block, below }) => [
      ...(block?.kind === 'action' && edits.get(block.key)?.state !== 'hidden' ? [issueOf(block)] : []),
      ...below.filter(({ group }) => group === 'action').map(({ key, text }) => toIssue(key, text, [])),
    ]);
  }

  function issueOf(block: Extract<Block, { readonly kind: 'action' }>): ActionIssue {
    return toIssue(block.key, humanWords(edits.get(block.key)) ?? escapeText(block.what.text), block.what.cites, cellTexts(block));
  }

  /** `words` are Markdown. */
  function toIssue(key: string, words: string, cites: readonly Citation[], ours = NEW_ACTION): ActionIssue {
    const cell = (name: ActionCell) => plain(humanWords(edits.get(cellKey(key, name))) ?? escapeText(ours[name]));
    const [owner = '', due = '', priority = '', status = ''] = ACTION_CELLS.map(cell);
    return {
      key,
      title: cut(plain(words)),
      body: bodyOf({ words: canonicalWords(words), owner, due, priority }, cites, draft),
      owner,
      due,
      priority,
      status,
    };
  }
}

function humanWords(edit: EditedBlock | undefined): string | undefined {
  return edit?.state === 'edited' || edit?.state === 'stale' ? edit.text : undefined;
}

function plain(words: string): string {
  return toLine(plainOf(parseInline(words))).trim();
}

function cut(title: string): string {
  const characters = Array.from(title);
  return characters.length > TITLE ? `${characters.slice(0, TITLE - 1).join('')}…` : title;
}

interface Written {
  readonly words: string;
  readonly owner: string;
  readonly due: string;
  readonly priority: string;
}

function bodyOf({ words, owner, due, priority }: Written, cites: readonly Citation[], draft: Draft): string {
  const notes = openNotes(draft);
  notes.numbersOf(cites);
  const [incident] = draft.case.incidents;
  const named = linkOf(incident.number === undefined ? incident.id : `#${incident.number}`, incident.url);
  const filled = [
    ['Owner role', owner],
    ['Due', due],
    ['Priority', priority],
  ].map(([label, value]) => `- **${label}:** ${value ? escapeInline(value) : 'to be filled in'}`);
  const rests = notes
    .all()
    .map(({ pieces }) => `- ${writePieces(pieces.map((piece) => ('anchor' in piece ? { text: piece.anchor } : piece)))}`);
  return [
    words,
    '',
    ...filled,
    ...(rests.length > 0 ? ['', 'It rests on:', '', ...rests] : []),
    '',
    `From the post-mortem of incident ${named}, ${escapeInline(incident.title)}.`,
    '',
  ].join('\n');
}

/** The commands of GitHub's own tool that open the issues from their files: nothing here calls a network. */
export function issueCommands(issues: readonly { readonly title: string; readonly file: string }[]): string {
  return issues.map(({ title, file }) => `gh issue create --title ${quoted(title)} --body-file ${quoted(file)}\n`).join('');
}

/** For a POSIX shell: nothing in it is read as anything but text. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
