import { editsIn } from '../../src/app/edit-files.ts';
import { generatedOf, isComputed } from '../../src/core/draft/blocks.ts';
import { compose } from '../../src/core/draft/compose.ts';
import { admitEdits, type Edit, type GeneratedBlock, type NewEdit } from '../../src/core/draft/edits.ts';
import type { Draft } from '../../src/core/draft/model.ts';
import type { RecordedEvent } from '../../src/core/events.ts';
import { renderHtml } from '../../src/render/html.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { RECORDED, sampleAnalysis, sampleCase } from '../core/draft/sample.ts';
import { rewordedLine } from './draft-files.ts';
import { eventOf, instant } from './events.ts';
import { randomOf } from './random.ts';

/** What came of one history: nothing, where the law held. */
export interface Told {
  readonly problems: readonly string[];
  readonly edits: number;
  readonly conflicts: number;
  readonly files: number;
  readonly late: number;
}

interface World {
  events: readonly RecordedEvent[];
  edits: readonly Edit[];
  readonly late: string[];
  draft: Draft;
  /** Files that somebody may still have open, of whatever draft. */
  readonly files: { readonly text: string; readonly draft: Draft; readonly edits: readonly Edit[] }[];
  readonly problems: string[];
  counts: { conflicts: number; files: number };
  next: number;
}

const MARK = /<!-- (\S+) [0-9a-f]{10} e\d+ -->/;

/**
 * One random history: people edit in files, old ones too, and block by block, while events come late and some go. At its end each
 * block's last words stand in the Markdown and in the HTML once, in their place or as words about something that is gone; what was
 * taken out or written over stands nowhere; every late event has its row.
 */
export function tellHistory(seed: number, steps = 8): Told {
  const random = randomOf(seed);
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const world: World = {
    events: RECORDED,
    edits: [],
    late: [],
    draft: draftOf(RECORDED, []),
    files: [],
    problems: [],
    counts: { conflicts: 0, files: 0 },
    next: 0,
  };
  const acts = [editFile, editFile, editOldFile, editBlock, editBlock, editBlock, addLate, addLate, dropEvent, dropEvent] as const;
  for (let step = 0; step < steps; step += 1) {
    if (random() < 0.5 || step === 0) world.files.push({ text: renderMarkdown(world.draft), draft: world.draft, edits: world.edits });
    pick(acts)?.(world, random, pick);
    world.draft = draftOf(world.events, world.edits);
  }
  return { problems: [...world.problems, ...problemsOf(world)], edits: world.edits.length, ...world.counts, late: world.late.length };
}

type Pick = <T>(list: readonly T[]) => T | undefined;

function draftOf(events: readonly RecordedEvent[], edits: readonly Edit[]): Draft {
  const theCase = sampleCase({ events });
  return compose(theCase, sampleAnalysis(theCase), edits, `sha256:${'0'.repeat(64)}`);
}

function record(world: World, fresh: readonly NewEdit[]): void {
  const { recorded, conflicts } = admitEdits(fresh, world.edits);
  world.edits = [...world.edits, ...recorded];
  world.counts.conflicts += conflicts.length;
}

function wordsOf(world: World): string {
  world.next += 1;
  return `Human${world.next}x of **some** weight, \`code\` and a | bar`;
}

function editFile(world: World, random: () => number, pick: Pick): void {
  takeFile(world, { text: renderMarkdown(world.draft), draft: world.draft, edits: world.edits }, random, pick);
}

function editOldFile(world: World, random: () => number, pick: Pick): void {
  const file = pick(world.files);
  if (file) takeFile(world, file, random, pick);
}

function takeFile(world: World, file: World['files'][number], random: () => number, pick: Pick): void {
  let { text } = file;
  if (random() < 0.15) {
    takeCutFile(world, file, random);
    return;
  }
  for (let change = 0; change < 3; change += 1) {
    const line = pick(text.split('\n').filter((one) => MARK.test(one)));
    if (line === undefined) continue;
    const what = random();
    if (what < 0.1) text = movedTo(text, line, pick(text.split('\n').filter((one) => MARK.test(one) && one !== line)));
    else if (what < 0.4) text = text.replace(line, () => reworded(line, wordsOf(world)));
    else if (what < 0.6) text = text.replace(`${line}\n`, '');
    else if (what < 0.8) text = text.replace(line, () => `${line}\n\n${wordsOf(world)}\n`);
    else
      text = text.replace(line, () =>
        line.startsWith('|') ? `${line}\n|  | ${wordsOf(world).replace('|', '\\|')} |  |` : `${line}\n\n- ${wordsOf(world)}\n`,
      );
  }
  const written = { author: 'ana', at: instant('17:00') };
  const { edits } = editsIn(text, { draft: file.draft, known: file.edits, isCertain: true }, { current: world.draft, written });
  record(world, edits);
  world.counts.files += 1;
}

/** A line put below another of its kind: a row stays in a table. */
function movedTo(text: string, line: string, below: string | undefined): string {
  if (below === undefined || below.startsWith('|') !== line.startsWith('|')) return text;
  const moved = line.startsWith('|') ? line : `\n${line}`;
  return text.replace(`${line}\n`, '').replace(below, () => `${below}\n${moved}`);
}

/** A file that was cut off asks for nothing: neither is what it lacks taken out, nor what broke off written anew. */
function takeCutFile(world: World, file: World['files'][number], random: () => number): void {
  const from = file.text.search(MARK) + 60;
  const text = file.text.slice(0, from + Math.floor(random() * (file.text.indexOf('\n## Sources') - from)));
  const made = { draft: file.draft, known: file.edits, isCertain: true };
  const { edits } = editsIn(text, made, { current: world.draft, written: { author: 'ana', at: instant('17:00') } });
  const asked = edits.map((edit) => `${edit.kind} ${edit.block} ${'text' in edit ? edit.text : ''}`);
  if (asked.length > 0) world.problems.push(`a file cut off at ${text.length} asks for ${asked.join('; ').slice(0, 300)}`);
  world.counts.files += 1;
}

/** The line with other words before its notes and mark; in a row of the timeline in the cell that words have. */
function reworded(line: string, words: string): string {
  const cell = words.replace('|', '\\|');
  const cells = line.split(/(?<!\\)\|/);
  if (!line.startsWith('|')) return rewordedLine(line, words);
  const at = MARK.exec(line)?.[1]?.startsWith('t.') ? 2 : 1;
  return cells.map((text, index) => (index === at ? ` ${cell} ` : text)).join('|');
}

function editBlock(world: World, random: () => number, pick: Pick): void {
  const computed = new Set(world.draft.sections.flatMap(({ blocks }) => blocks.filter(isComputed).map(({ key }) => key)));
  const ours = generatedOf(world.draft.sections);
  const touched = world.draft.edits.map(({ key, text }): GeneratedBlock => ({ key, text, digest: 'sha256:none' }));
  // What people wrote is written on, so that words stand below words.
  const target = pick(touched.length > 0 && random() < 0.5 ? touched : ours.filter(({ key }) => !computed.has(key)));
  if (!target) return;
  const written = { author: 'ben', at: instant('17:00'), after: random() < 0.8 ? (world.edits.at(-1)?.sequence ?? 0) : 0 };
  const what = target.isPlace ? 1 : random();
  if (what < 0.4) record(world, [{ ...written, kind: 'rewrite', block: target.key, generated: target.digest, text: wordsOf(world) }]);
  else if (what < 0.6)
    record(world, [{ ...written, kind: pick(['hide', 'show'] as const) ?? 'hide', block: target.key, generated: target.digest }]);
  else if (!/\.(?:owner|due|priority|status)$/.test(target.key))
    record(world, [{ ...written, kind: 'insert', block: 'new.1', below: target.key, text: wordsOf(world) }]);
}

function addLate(world: World, random: () => number): void {
  const text = `Late${world.late.length}x was told`;
  const at = `14:${String(20 + Math.floor(random() * 39)).padStart(2, '0')}:${String(1 + Math.floor(random() * 58)).padStart(2, '0')}`;
  world.late.push(text);
  world.events = [...world.events, eventOf('note.added', at, { key: `late-${world.late.length}`, attributes: { text } })];
}

/** An event that a source took back, so that its row goes: words about it must not. Rows that people touched go first. */
function dropEvent(world: World, _: () => number, pick: Pick): void {
  const states = new Set(
    world.draft.edits.flatMap((edit) => [edit.key, ...('below' in edit && edit.below !== undefined ? [edit.below] : [])]),
  );
  const rows = world.draft.sections.flatMap(({ blocks }) =>
    blocks.flatMap((block) => (block.kind === 'row' && states.has(block.key) ? block.what.cites : [])),
  );
  const touched = new Set(rows.flatMap((cite) => ('event' in cite ? [cite.event] : [])));
  const isOld = ({ type, attributes }: RecordedEvent) =>
    (type === 'note.added' || type === 'status.published') && !world.late.some((text) => JSON.stringify(attributes).includes(text));
  const gone = pick(world.events.filter((event) => isOld(event) && touched.has(event.id))) ?? pick(world.events.filter(isOld));
  world.events = world.events.filter((event) => event !== gone);
}

function problemsOf(world: World): readonly string[] {
  const pages = { markdown: renderMarkdown(world.draft), html: renderHtml(world.draft) };
  const states = new Map(world.draft.edits.map((edit) => [edit.key, edit]));
  const last = new Map(world.edits.flatMap((edit) => ('text' in edit ? [[edit.block, edit.text] as const] : [])));
  const problems: string[] = [];
  const tokenOf = (text: string) => /Human\d+x/.exec(text)?.[0] ?? text;
  const isShownNow = ({ block, text }: { readonly block: string; readonly text: string }) =>
    last.get(block) === text && states.get(block)?.state !== 'hidden';
  const written = world.edits.filter((edit) => 'text' in edit);
  // Words that were moved are taken out where they stood, and put in elsewhere.
  const shown = new Set(written.filter(isShownNow).map(({ text }) => tokenOf(text)));
  for (const edit of written) {
    const token = tokenOf(edit.text);
    const isShown = shown.has(token);
    for (const [kind, page] of Object.entries(pages)) {
      const count = page.split(token).length - 1;
      if (count !== (isShown ? 1 : 0))
        problems.push(`${token} of ${edit.block} stands ${count} times in the ${kind}: ${JSON.stringify(states.get(edit.block))}`);
    }
    if (isShownNow(edit)) problems.push(...placeProblems(edit.block, token, states.get(edit.block)?.state, pages.markdown));
  }
  return [...problems, ...lateProblems(world, states, pages)];
}

/** Late words that no page says, unless people touched their row, or a row counts them between its first and its last. */
function lateProblems(world: World, states: ReadonlyMap<string, unknown>, pages: Readonly<Record<string, string>>): readonly string[] {
  const rows = world.draft.sections.flatMap(({ blocks }) => blocks.flatMap((block) => (block.kind === 'row' ? [block] : [])));
  const untold = world.late.filter((text) => {
    const row = rows.find(({ what }) => what.text.includes(text));
    return row ? !states.has(row.key) && !Object.values(pages).every((page) => page.includes(text)) : true;
  });
  const shared = rows.flatMap(({ what }) => (/Late\d+x/.test(what.text) ? /(\d+) more like it came/.exec(what.text) : null) ?? []);
  const counted = shared.length > 0 ? Number(shared[1]) - 1 : 0;
  return untold.length === counted ? [] : untold.map((text) => `${text} is not there`);
}

/** In its place: on the line with its block's mark, and below the heading of what is gone only where that is so. */
function placeProblems(block: string, token: string, state: string | undefined, page: string): readonly string[] {
  const at = page.indexOf(token);
  const line = page.slice(page.lastIndexOf('\n', at) + 1, page.indexOf('\n', at));
  const key = block.replace(/\.(?:owner|due|priority|status)$/, '');
  const lost = page.indexOf('## No longer in the timeline');
  const isLost = lost >= 0 && at > lost;
  return [
    ...(line.includes(`<!-- ${key} `) || line.includes(`<!-- ${block} `)
      ? []
      : [`${token} of ${block} is not on the line of its mark: ${line}`]),
    ...(isLost === (state === 'orphaned') ? [] : [`${token} of ${block} is ${state}, and ${isLost ? '' : 'not '}below what is gone`]),
  ];
}
