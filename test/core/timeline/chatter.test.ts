import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../../../src/core/events.ts';
import { addMs, type Instant } from '../../../src/core/time.ts';
import { rowKeyOf, type TimelineEntry } from '../../../src/core/timeline/entry.ts';
import { mergeTimeline } from '../../../src/core/timeline/merge.ts';
import { API_SERVICE, eventOf, instant } from '../../support/events.ts';

const owners = { services: [API_SERVICE], subject: ['api'] };
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const START = instant('14:20');

interface Said {
  readonly at: Instant;
  readonly text: string;
  readonly who?: string;
  readonly source?: string;
  readonly plusMs?: number;
}

function posted({ at, text, who = 'robot', source = 'slack', plusMs = 1 }: Said, number: number) {
  return eventOf('message.posted', at, {
    key: `${source}-${who}-${number}`,
    source,
    stream: 'events',
    time: { at, minusMs: 0, plusMs },
    actor: { kind: 'person', id: `${source}:user:${who}` },
    belongsTo: ['pagerduty/service:PAPI001'],
    correlationKeys: ['pagerduty/incident:PABC'],
    attributes: { text },
  });
}

const since = (ms: number) => addMs(START, ms);
const rowsOf = (events: readonly RecordedEvent[]) => mergeTimeline(events, owners);
const sizeOf = (entry: TimelineEntry) => (entry.kind === 'span' ? entry.members.length : 1);
const WORDS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'];

describe('what one author says again and again', () => {
  const retries = Array.from({ length: 300 }, (_, number) =>
    posted({ at: since(number * MINUTE), text: `retry ${number} of job-${number % 7} failed` }, number),
  );

  it('is one row where the words differ in their figures at most, whatever others say between', () => {
    const people = Array.from({ length: 30 }, (_, number) =>
      posted(
        { at: since(number * 7 * MINUTE), text: `I looked at shard ${WORDS[number % 12]} and ${WORDS[(number * 5) % 12]}`, who: 'ann' },
        number,
      ),
    );
    const rows = rowsOf([...retries, ...people]);
    const [row] = rows.filter(({ kind }) => kind === 'span');
    expect(rows).toHaveLength(31);
    expect(row).toMatchObject({ event: retries[0], members: retries, until: retries.at(-1)?.time });
  });

  it('is two rows where it fell silent between, and single rows where it was said four times', () => {
    const pause = [...retries.slice(0, 10), ...retries.slice(40, 50)];
    expect(rowsOf(pause).map(sizeOf)).toEqual([10, 10]);
    expect(rowsOf(retries.slice(0, 4)).map(sizeOf)).toEqual([1, 1, 1, 1]);
  });

  it('is a row for each author, channel, service and incident', () => {
    const rows = rowsOf(
      retries.slice(0, 40).flatMap((event, number) => {
        const common = { at: event.time.at, text: event.attributes.text };
        return [
          event,
          posted({ ...common, who: 'other' }, number),
          posted({ ...common, source: 'teams' }, number),
          { ...posted({ ...common, who: 'robot', source: 'mixed' }, number), belongsTo: number % 2 === 0 ? ['a'] : ['b'] },
        ];
      }),
    );
    expect(rows.map(sizeOf).toSorted((a, b) => a - b)).toEqual([20, 20, 40, 40, 40]);
  });
});

describe('what comes faster than anybody types', () => {
  const line = (number: number) => `${WORDS[number % 12]} ${WORDS[Math.floor(number / 12) % 12]}`;
  const log = (count: number, everyMs: number, plusMs = 1) =>
    Array.from({ length: count }, (_, number) => posted({ at: since(number * everyMs), text: line(number), plusMs }, number));

  it('is one row of one author, though no two lines are alike', () => {
    expect(rowsOf(log(100, 2 * SECOND)).map(sizeOf)).toEqual([100]);
  });

  it('is no row of its own where somebody spoke between, where it came slowly, or where a scribe wrote times to the minute', () => {
    const between = posted({ at: since(12 * SECOND + 500), text: 'stop the job', who: 'ann' }, 0);
    expect(rowsOf([...log(12, 2 * SECOND), between]).map(sizeOf)).toEqual(Array.from({ length: 13 }, () => 1));
    expect(rowsOf(log(12, 10 * SECOND))).toHaveLength(12);
    expect(rowsOf(log(12, 0, MINUTE))).toHaveLength(12);
  });

  it('is two rows where somebody spoke in the middle', () => {
    const between = posted({ at: since(41 * SECOND), text: 'stop the job', who: 'ann' }, 0);
    expect(rowsOf([...log(50, 2 * SECOND), between]).map(sizeOf)).toEqual([21, 1, 29]);
  });
});

describe('any conversation', () => {
  const said = fc.record({
    step: fc.integer({ min: 0, max: 4_000 }),
    who: fc.constantFrom('ann', 'robot', 'log'),
    text: fc.oneof(fc.constantFrom('retry 1', 'retry 2', '+1', 'I look'), fc.string({ maxLength: 5 })),
    source: fc.constantFrom('slack', 'teams'),
    scale: fc.constantFrom(1, SECOND),
  });
  const talk = fc.array(said, { maxLength: 120 }).map((all) => all.map(({ step, scale, ...one }) => ({ ...one, at: since(step * scale) })));
  const conversation = talk.map((all) => all.map(posted));
  const idsIn = (rows: readonly TimelineEntry[]) =>
    rows.flatMap((row) => (row.kind === 'span' ? row.members : [row.event])).map(({ id }) => id);

  it('stands in the timeline whole: the members and the single rows are all that was said, each once', () => {
    fc.assert(
      fc.property(conversation, (events) => {
        expect(idsIn(rowsOf(events)).toSorted()).toEqual(events.map(({ id }) => id).toSorted());
      }),
    );
  });

  it('gives the same rows in whatever order it arrives', () => {
    fc.assert(
      fc.property(
        conversation.chain((events) => fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length }))),
        ([events, shuffled]) => {
          expect(rowsOf(shuffled)).toEqual(rowsOf(events));
        },
      ),
    );
  });

  it('keeps the keys of its rows of many when more is said later', () => {
    // What is said again is no rush, and what comes in a rush says nothing twice.
    const again = talk.map((all) => all.map((one, number) => posted({ ...one, at: since(number * MINUTE) }, number)));
    const rush = talk.map((all) => all.map((one, number) => posted({ ...one, text: 'x'.repeat(number) }, number)));
    const spans = (all: readonly RecordedEvent[]) => rowsOf(all).flatMap((entry) => (entry.kind === 'span' ? [rowKeyOf(entry)] : []));
    fc.assert(
      fc.property(fc.oneof(again, rush), fc.integer({ min: 0, max: 4_000 }), (events, cut) => {
        const early = events.filter(({ time }) => time.at < since(cut * SECOND));
        expect(spans(events)).toEqual(expect.arrayContaining(spans(early)));
      }),
    );
  });
});
