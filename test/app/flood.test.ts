import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Staged, stage } from '../../demo/run.ts';
import { type OpenedApp, openApp } from '../../src/compose.ts';
import { digestText } from '../../src/core/digest.ts';
import type { Draft } from '../../src/core/draft/model.ts';
import { parseInstant } from '../../src/core/time.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { renderTimeline } from '../../src/render/timeline.ts';

const START = Date.parse('2024-01-15T14:00:00Z');
const LETTERS = 'abcdefghij';
const wordsOf = (number: number) => Array.from(`${number}`, (figure) => LETTERS[Number(figure)]?.repeat(2)).join(' ');
const lineOf = (id: string, ms: number, more: object) =>
  JSON.stringify({ id, time: new Date(START + ms).toISOString(), meaning: 'recorded', ...more });

/** What a bot wrote into the channel, 5,000 times. */
const BOT = Array.from({ length: 5_000 }, (_, number) =>
  lineOf(`b${number}`, number * 800, { message: `retry ${number} failed after ${number % 90} ms`, actor: 'bot' }),
);
/** What twelve people wrote meanwhile. */
const people = (from: number, count: number) =>
  Array.from({ length: count }, (_, at) =>
    lineOf(`p${from + at}`, (from + at) * 1_300, { message: wordsOf(from + at), actor: `U${(from + at) % 12}` }),
  );

describe('a channel of thousands of messages, imported beside the sample incident', () => {
  let staged: Staged;
  let opened: OpenedApp;
  let id: string;
  let before: Draft;
  const draft = async () => (await opened.app.draft({ select: { kind: 'incident', id }, offline: true })).draft;
  const importLines = async (name: string, lines: readonly string[]) =>
    await opened.app.importFile({ name: `${name}.jsonl`, text: lines.join('\n'), source: name, incident: id });
  const rowsOf = ({ sections }: Draft) =>
    sections.flatMap(({ blocks }) => blocks).flatMap((block) => (block.kind === 'row' ? [block] : []));
  const toldBy = ({ analysis }: Draft, source: string) =>
    analysis.timeline
      .flatMap((entry) => (entry.kind === 'span' ? entry.members : [entry.event]))
      .filter((event) => event.id.startsWith(`${source}/`));

  beforeAll(async () => {
    staged = await stage();
    id = staged.world.truth.incident;
    const now = parseInstant(staged.world.now);
    opened = await openApp({ config: staged.config, env: staged.env, cwd: '.', ...(now && { now }) });
    before = (await opened.app.draft({ select: { kind: 'incident', id } })).draft;
  });
  afterAll(async () => {
    await opened.close();
    await staged.close();
  });

  it('is one row for what a bot wrote 5,000 times, with every message in the JSON', async () => {
    expect(await importLines('bot', BOT)).toMatchObject({ read: 5_000, added: 5_000 });
    const told = await draft();
    expect(rowsOf(told)).toHaveLength(rowsOf(before).length + 1);
    expect(toldBy(told, 'bot')).toHaveLength(5_000);
    expect(new Set(toldBy(told, 'bot').map(({ provenance }) => ('rule' in provenance ? '' : provenance.evidence))).size).toBe(5_000);
    expect(renderMarkdown(told)).toContain('4,999 more like it came until 15:06, the last: “retry 4999 failed after 49 ms”');
  });

  it('is a hundred rows of what people wrote, those of the response among them, and a line that says so', async () => {
    await importLines('chat', people(0, 2_000));
    const told = await draft();
    const rows = rowsOf(told).map(({ key }) => key);
    expect(rows).toHaveLength(100);
    expect(rows).toEqual(expect.arrayContaining(rowsOf(before).map(({ key }) => key)));
    expect(toldBy(told, 'chat')).toHaveLength(2_000);
    const text = renderMarkdown(told);
    const left = 2_000 - (100 - rowsOf(before).length - 1);
    expect(text).toContain(`left out are ${left.toLocaleString('en')} notes`);
    expect(renderTimeline(told, 'csv', 'UTC').match(/^.*,note\.added,.*$/gm)?.length).toBeGreaterThan(2_000);
  });

  it('keeps a row that somebody edited when more is imported', async () => {
    const told = await draft();
    const usual = new Set(rowsOf(before).map(({ key }) => key));
    const edited = rowsOf(told).find(({ key, what }) => !usual.has(key) && !what.text.includes('retry'));
    if (!edited) throw new Error('a message has a row');
    const change = {
      kind: 'rewrite',
      block: edited.key,
      after: 0,
      generated: digestText(edited.what.text),
      text: 'The pool was full.',
    } as const;
    expect(await opened.app.editBlock(id, { change, author: 'Ann' })).toMatchObject({ state: 'edited' });
    await importLines('chat', people(0, 4_000));
    const later = await draft();
    expect(toldBy(later, 'chat')).toHaveLength(4_000);
    expect(later.edits).toMatchObject([{ state: 'edited', key: edited.key, text: 'The pool was full.' }]);
    expect(rowsOf(later).map(({ key }) => key)).toContain(edited.key);
  });
});
