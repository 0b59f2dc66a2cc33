import { describe, expect, it } from 'vitest';
import { analyze } from '../../../src/core/analysis/analyze.ts';
import { compose } from '../../../src/core/draft/compose.ts';
import type { Edit } from '../../../src/core/draft/edits.ts';
import type { Block, Draft } from '../../../src/core/draft/model.ts';
import type { RecordedEvent } from '../../../src/core/events.ts';
import { addMs, epochMs } from '../../../src/core/time.ts';
import { rowKeyOf } from '../../../src/core/timeline/entry.ts';
import { renderMarkdown } from '../../../src/render/markdown.ts';
import { renderTimeline } from '../../../src/render/timeline.ts';
import { eventOf, instant } from '../../support/events.ts';
import { SAMPLE_EVENTS, sampleCase } from '../../support/sample-case.ts';

const MOST = 100;
const MANY = 1_500;
const LETTERS = 'abcdefghij';

/** Words of their own for each number, with no figure in them. */
const wordsOf = (number: number) => Array.from(`${number}`, (figure) => LETTERS[Number(figure)]?.repeat(3)).join(' ');

/** So many messages of twelve people, from 14:00 to 15:30. */
function chat(count: number): readonly RecordedEvent[] {
  return Array.from({ length: count }, (_, number) =>
    eventOf('message.posted', addMs(instant('14:00'), Math.round((number * 5_400_000) / count)), {
      key: `C${number}`,
      source: 'slack',
      stream: 'events',
      actor: { kind: 'person', id: `slack:user:${number % 12}`, name: `responder ${number % 12}` },
      belongsTo: ['pagerduty/service:PAPI001'],
      correlationKeys: ['pagerduty/incident:PABC'],
      attributes: { text: wordsOf(number) },
    }),
  );
}

function flags(count: number): readonly RecordedEvent[] {
  return Array.from({ length: count }, (_, number) =>
    eventOf('flag.changed', addMs(instant('13:00'), number * 1_000), {
      key: `F${number}`,
      source: 'flags',
      stream: 'events',
      belongsTo: ['pagerduty/service:PAPI001'],
      correlationKeys: [],
      attributes: { key: `flag-${number}`, value: 'on' },
    }),
  );
}

function draftOf(more: readonly RecordedEvent[], edits: readonly Edit[] = []): Draft {
  const theCase = sampleCase({ events: [...SAMPLE_EVENTS, ...more] });
  return compose(theCase, analyze(theCase), edits, 'sha256:0');
}

const blocksOf = (draft: Draft, key = 'timeline') => draft.sections.find((section) => section.key === key)?.blocks ?? [];
const rowsOf = (draft: Draft) => blocksOf(draft).filter((block): block is Extract<Block, { kind: 'row' }> => block.kind === 'row');
const textOf = (draft: Draft, key: string) => {
  const block = draft.sections.flatMap(({ blocks }) => blocks).find((one) => one.key === key);
  return block?.kind === 'caveat' ? block.what.text : undefined;
};
const usual = rowsOf(draftOf([]));

describe('a timeline with thousands of rows', () => {
  const draft = draftOf(chat(MANY));

  it('has every row of the usual document and is filled up to a hundred, in time order', () => {
    const rows = rowsOf(draft);
    expect(rows).toHaveLength(MOST);
    expect(rows.map(({ key }) => key)).toEqual(expect.arrayContaining(usual.map(({ key }) => key)));
    const order = draft.analysis.timeline.map(rowKeyOf);
    expect(rows.map(({ key }) => order.indexOf(key))).toEqual(rows.map(({ key }) => order.indexOf(key)).toSorted((a, b) => a - b));
  });

  it('says first how many it left out and where they stand, and every number of it is right', () => {
    const [line] = blocksOf(draft);
    expect(line).toMatchObject({ kind: 'caveat', key: 'timeline.shortened' });
    const left = MANY + usual.length - MOST;
    expect(textOf(draft, 'timeline.shortened')).toBe(
      `This table holds 100 of ${(MANY + usual.length).toLocaleString('en')} rows; left out are ${left.toLocaleString('en')} messages. ` +
        'Of what came most often it holds what lies nearest to a milestone. The JSON and the command hindcast timeline hold all.',
    );
    const told = draft.analysis.timeline.filter(({ event }) => event.type === 'message.posted');
    expect(told).toHaveLength(MANY);
    expect(renderTimeline(draft, 'csv', 'UTC').match(/message\.posted/g)).toHaveLength(MANY);
  });

  it('shows of the many those next to a milestone', () => {
    const times = Object.values(draft.analysis.milestones).flatMap((one) => (one.known ? [epochMs(one.time.at)] : []));
    const messages = draft.analysis.timeline.filter(({ event }) => event.type === 'message.posted');
    const shown = new Set(rowsOf(draft).map(({ key }) => key));
    const far = (some: typeof messages) =>
      some.map(({ event }) => Math.min(...times.map((time) => Math.abs(epochMs(event.time.at) - time))));
    const nearest = Math.min(...far(messages.filter((entry) => !shown.has(rowKeyOf(entry)))));
    expect(Math.max(...far(messages.filter((entry) => shown.has(rowKeyOf(entry)))))).toBeLessThanOrEqual(nearest);
  });

  it('gives each kind its share where two are many, and never the place of what comes seldom', () => {
    const both = draftOf([...chat(MANY), ...flags(800)]);
    const kinds = Map.groupBy(rowsOf(both), ({ what }) => /^Flag|^Message/.exec(what.text)?.[0] ?? 'other');
    expect(kinds.get('other')?.map(({ key }) => key)).toEqual(usual.map(({ key }) => key));
    expect(Math.abs((kinds.get('Flag')?.length ?? 0) - (kinds.get('Message')?.length ?? 0))).toBeLessThanOrEqual(1);
    expect(textOf(both, 'timeline.shortened')).toMatch(/left out are [\d,]+ messages and \d+ flags\./);
  });

  it('is the whole table up to a hundred rows', () => {
    const fitting = draftOf(chat(MOST - usual.length));
    expect(rowsOf(fitting)).toHaveLength(MOST);
    expect(textOf(fitting, 'timeline.shortened')).toBeUndefined();
  });
});

describe('what people edited', () => {
  const base = draftOf(chat(60));
  const [first, second, third] = rowsOf(base).filter(({ what }) => what.text.startsWith('Message'));
  if (!first || !second || !third) throw new Error('messages have rows');
  const written = { after: 0, author: 'Ann', at: instant('16:00') };
  const edits: readonly Edit[] = [
    { ...written, kind: 'rewrite', block: first.key, generated: 'x', text: 'What Ann made of it', sequence: 1 },
    { ...written, kind: 'hide', block: second.key, generated: 'x', sequence: 2 },
    { ...written, kind: 'insert', block: 'i.3', below: third.key, text: 'A row of hers', sequence: 3 },
  ];

  it('stays in its row when thousands more come', () => {
    const later = draftOf([...chat(60), ...flags(MANY), ...chat(MANY).slice(60)], edits);
    expect(rowsOf(later).map(({ key }) => key)).toEqual(expect.arrayContaining([first.key, second.key, third.key]));
    expect(later.edits.filter(({ state }) => state === 'orphaned')).toEqual([]);
    const text = renderMarkdown(later);
    expect(text).toContain('What Ann made of it');
    expect(text).toContain('A row of hers');
  });
});

describe('a log of very many status updates', () => {
  const posts = Array.from({ length: 400 }, (_, number) =>
    eventOf('status.published', addMs(instant('14:00'), number * 10_000), {
      key: `S${number}`,
      source: 'statuspage',
      stream: 'events',
      belongsTo: ['pagerduty/service:PAPI001'],
      attributes: { state: 'monitoring', text: wordsOf(number) },
    }),
  );

  it('holds fifty, says so, and measures each from the update before it, shown or not', () => {
    const before = blocksOf(draftOf([]), 'communication').length;
    const draft = draftOf(posts);
    const told = blocksOf(draft, 'communication').filter(({ key }) => /^communication\.[0-9a-z]{10}$/.test(key));
    expect(before).toBeLessThan(20);
    expect(told).toHaveLength(50);
    expect(textOf(draft, 'communication.shortened')).toMatch(
      /^This log holds 50 of 40\d status updates; left out are 35\d status updates\./,
    );
    const texts = told.flatMap((block) => (block.kind === 'prose' ? block.sentences.map(({ text }) => text) : []));
    expect(texts.filter((text) => text.includes(', 10 s after the one before')).length).toBeGreaterThan(30);
  });
});
