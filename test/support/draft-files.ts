import { editsIn, type MadeFrom } from '../../src/app/edit-files.ts';
import { compose } from '../../src/core/draft/compose.ts';
import type { Edit } from '../../src/core/draft/edits.ts';
import type { Block, Draft } from '../../src/core/draft/model.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { sample, type Told } from '../core/draft/tellings.ts';
import { instant } from './events.ts';

export const WRITTEN = { author: 'ana', at: instant('17:00') };
export const NEVER = `sha256:${'0'.repeat(64)}`;

/** The draft of what a test tells, with edits. */
export function draftOf({ theCase, analysis }: Told, edits: readonly Edit[] = []): Draft {
  return compose(theCase, analysis, edits, NEVER);
}

/** What a file asks for, of the draft that it was made from. */
export function read(text: string, draft: Draft, made: Partial<MadeFrom> = {}) {
  return editsIn(text, { draft, known: [], isCertain: true, ...made }, { current: draft, written: WRITTEN });
}

/** The same in short. */
export function short(text: string, draft: Draft, made: Partial<MadeFrom> = {}) {
  const { edits, notTaken, told } = read(text, draft, made);
  return {
    edits: edits.map((edit) => {
      const place = edit.kind === 'insert' ? `below ${edit.below}${edit.shape ? ` as ${edit.shape}` : ''}` : '';
      return [edit.kind, edit.block, place, 'text' in edit ? edit.text : ''].filter((word) => word !== '').join(' | ');
    }),
    notTaken: notTaken.map(({ text: said, why }) => `${said} -> ${why}`),
    told: told.length,
  };
}

/** The sample as a file that nobody touched. */
export const DRAFT = draftOf(sample());
export const TEXT = renderMarkdown(DRAFT);
export const NOTHING = { edits: [], notTaken: [], told: 0 };

/** The line of the block with that key. */
export function lineOf(key: string, text = TEXT): string {
  const line = text.split('\n').find((one) => one.includes(`<!-- ${key} `));
  if (line === undefined) throw new Error(`no line has the mark of ${key}`);
  return line;
}

export function changed(key: string, change: (line: string) => string, text = TEXT): string {
  const line = lineOf(key, text);
  return text.replace(line, () => change(line));
}

export const BLOCKS: readonly Block[] = DRAFT.sections.flatMap(({ blocks }) => blocks);

/** The line with other words: in a row those of the words' cell, else all before the notes and the mark. */
export function reworded(line: string, kind: Block['kind'], words: string): string {
  if (kind === 'row')
    return line.replace(/^(\| [^|]* \| ).*?( \| (?:(?!(?<!\\)\|).)*\|)$/, (_, before, after) => `${before}${words}${after}`);
  if (kind === 'action') return line.replace(/^\| .*?( \[\^\d+\].*)$/, (_, after) => `| ${words}${after}`);
  return rewordedLine(line, words);
}

/** The line of a paragraph, an item or a quote with other words before its notes and mark. */
export function rewordedLine(line: string, words: string): string {
  return line.replace(
    /^((?:- |\d+\. |> \*\*(?:Question|Note):\*\* )?).*?((?: \[\^\d+\])* <!-- .*)$/,
    (_, before, after) => `${before}${words}${after}`,
  );
}
