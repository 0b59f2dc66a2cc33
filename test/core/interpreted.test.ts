import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { EventSeed, RecordedEvent, RecordedType } from '../../src/core/events.ts';
import { type Place, readPage } from '../../src/core/interpreted.ts';
import { markOf } from '../../src/core/marks.ts';
import { startPacking } from '../../src/core/packing.ts';
import { startShared } from '../../src/core/shared.ts';
import { type Stamped, stamp } from '../../src/core/timeline/normalize.ts';
import { eventOf, evidenceOf, factOf, incidentFactOf, instant, recordOf, seriesOf } from '../support/events.ts';

const READ = { normalizer: 'test/1', nativeId: 'R' };
const byTest = () => 'test/1';

/** As a body in the store has them, which knows no -0. */
const numbers = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const few = fc.constantFrom('a', 'b', 'a long text of several words', '');
const types: fc.Arbitrary<RecordedType> = fc.constantFrom('note.added', 'incident.acknowledged', 'alert.fired', 'deployment.started');
const said = fc.record(
  {
    type: types,
    at: fc.constantFrom('14:32', '14:33:05'),
    knowableAt: fc.constantFrom(instant('14:32'), instant('14:40')),
    url: few,
    actor: fc.record({ kind: fc.constantFrom('person', 'automation', 'unknown'), id: few, name: few }, { requiredKeys: ['kind'] }),
    belongsTo: fc.array(few, { maxLength: 2 }),
    correlationKeys: fc.array(few, { maxLength: 2 }),
    points: fc.array(fc.tuple(fc.nat(1e12), numbers), { maxLength: 3 }),
  },
  { requiredKeys: ['type', 'at', 'belongsTo', 'correlationKeys'] },
);

/** As `stamp` gives it: its members in their order. */
function toEvent({ type, at, points, ...own }: Said, index: number): RecordedEvent {
  const event = eventOf(type, at, { ...own, key: `${index}`, source: 'pagerduty', stream: 'log_entries' });
  const { actor, url, provenance, id, ...rest } = event;
  return {
    type: rest.type,
    time: rest.time,
    timeMeaning: rest.timeMeaning,
    knowableAt: rest.knowableAt,
    belongsTo: rest.belongsTo,
    correlationKeys: rest.correlationKeys,
    attributes: points ? { ...event.attributes, 'alert.datapoints': points } : event.attributes,
    id,
    provenance: { ...provenance, nativeId: 'R' },
    ...(actor && { actor }),
    ...(url !== undefined && { url }),
  } as RecordedEvent;
}
type Said = typeof said extends fc.Arbitrary<infer Value> ? Value : never;

const stamped: fc.Arbitrary<Stamped> = fc
  .record({
    events: fc.array(said, { maxLength: 3 }),
    person: fc.option(few, { nil: undefined }),
    issue: fc.boolean(),
    values: fc.option(fc.array(numbers, { maxLength: 5 }), { nil: undefined }),
    isKnown: fc.boolean(),
  })
  .map(({ events, person, issue, values, isKnown }) => {
    const record = recordOf('R', {
      events: events.map(toEvent),
      facts: person === undefined ? [] : [factOf({ kind: 'person', key: person, names: [person] }), incidentFactOf()],
      series: values ? [seriesOf('aws-prod/metric:5XX#Sum', 60_000, '14:00', values, { source: 'pagerduty' })] : [],
      issues: issue ? [{ pointer: '/a', problem: 'unreadable' }] : [],
    });
    return { ...record, ...(isKnown && { knowableAt: instant('14:41') }) };
  });

/** As the page gives it back: every event has the sequence of the place, and the marks of their ids stand beside them. */
function placed({ record: { id, source, stream }, ...said }: Stamped, sequence: number | undefined): Stamped {
  const events = said.events.map((event) => ({ ...event, ...(sequence !== undefined && { sequence }) }) as RecordedEvent);
  const { series, facts, issues, knowableAt } = said;
  const marks = events.map((event) => markOf(event.id));
  return { record: { id, source, stream }, events, marks, series, facts, issues, ...(knowableAt !== undefined && { knowableAt }) };
}

function textOf(records: ReadonlyMap<number, Stamped>): string {
  const packing = startPacking();
  for (const [no, record] of records) packing.add(no, record, READ);
  return packing.text();
}

function told(text: string, places: readonly Place[], normalizerOf: (source: string) => string | undefined = byTest) {
  const said: Stamped[] = [];
  const unread = readPage(text, places, { shared: startShared(), normalizerOf }, (stamped) => said.push(stamped));
  return { said, unread };
}

it('law: what a page keeps of records is told again to the last byte, whichever of them are asked for, in whatever order they were added', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ stamped, no: fc.nat(1_023), isAsked: fc.boolean() }), { maxLength: 8 }),
      fc.option(fc.integer({ min: -9, max: 9 }), { nil: undefined }),
      (given, sequence) => {
        const records = new Map(given.map((one) => [one.no, one]));
        const text = textOf(new Map([...records].map(([no, one]) => [no, one.stamped])));
        const asked = [...records].filter(([, { isAsked }]) => isAsked).toSorted(([a], [b]) => a - b);
        const places = asked.map(([no, one]) => ({ no, id: one.stamped.record.id, ...(sequence !== undefined && { sequence }) }));
        const { said, unread } = told(text, places);
        const wanted = asked.map(([, one]) => placed(one.stamped, sequence));
        expect(unread).toEqual([]);
        expect(said).toEqual(wanted);
        expect(JSON.stringify(said)).toBe(JSON.stringify(wanted));
      },
    ),
  );
});

it('tells what a stamped record says to the last byte', () => {
  const record = evidenceOf('R', { at: '2024-01-15T14:32:00Z' }, { source: 'pagerduty', stream: 'log_entries' });
  const seed: EventSeed = {
    ...({ type: 'note.added', key: 'R1', pointer: '/at', originalTime: '2024-01-15T14:32:00Z', timeMeaning: 'recorded' } as const),
    ...{ url: 'https://example.org', time: { at: instant('14:32'), minusMs: 0, plusMs: 1_000 }, knowableAt: instant('14:32') },
    ...{
      attributes: { text: 'on it' },
      belongsTo: ['a'],
      correlationKeys: ['b'],
      actor: { kind: 'person', id: 'pagerduty:user:P1' } as const,
    },
  };
  const stamped = stamp(record, { events: [seed], issues: [] }, 'test/1');
  const { said } = told(textOf(new Map([[1, stamped]])), [{ no: 1, id: record.id }]);
  const { marks, ...rest } = said[0] ?? {};
  expect(JSON.stringify(rest)).toBe(JSON.stringify(stamped));
});

it('tells nothing of a record that other code read, that it never saw, or whose source nobody reads', () => {
  const note = recordOf('R', { events: [eventOf('note.added', '14:32')] });
  const later = recordOf('S', { events: [eventOf('note.added', '14:33')] });
  const text = textOf(
    new Map([
      [1, note],
      [3, later],
    ]),
  );
  const place = { no: 1, id: note.record.id };
  const third = { no: 3, id: later.record.id };
  expect(told(text, [place, third], () => 'test/2')).toEqual({ said: [], unread: [place, third] });
  const [zeroth, second, fourth] = [0, 2, 4].map((no) => ({ ...place, no }));
  const between = [zeroth, place, second, third, fourth].flatMap((one) => one ?? []);
  const { said, unread } = told(text, between);
  expect(said.map(({ record }) => record.id)).toEqual([place.id, third.id]);
  expect(unread).toEqual([zeroth, second, fourth]);
  expect(told(text, [place], () => undefined)).toEqual({ said: [], unread: [] });
  expect(told(text.slice(1), [place]).unread).toEqual([place]);
  expect(told('{"form":0}', [place]).unread).toEqual([place]);
  expect(told('null', [place]).unread).toEqual([place]);
});

it('leaves out a series that JSON has no numbers for', () => {
  const series = seriesOf('aws-prod/metric:5XX#Sum', 60_000, '14:00', [1, 2]);
  const record = recordOf('R', { series: [{ ...series, values: Float64Array.of(1, Number.POSITIVE_INFINITY) }] });
  const packing = startPacking();
  packing.add(1, record, READ);
  expect(packing.numbers()).toEqual([]);
  expect(told(packing.text(), [{ no: 1, id: record.record.id }]).unread).toHaveLength(1);
});

it('leaves out a number that JSON has not, and a name that sets no member, wherever they stand', () => {
  const series = seriesOf('aws-prod/metric:5XX#Sum', 60_000, '14:00', [1, 2]);
  const named: { readonly text: string } = JSON.parse('{"text":"on it","__proto__":"lost"}');
  const alarm = {
    comparison: 'above',
    periodMs: Number.POSITIVE_INFINITY,
    breaching: 1,
    outOf: 1,
    missing: 'missing',
    seriesKeys: [],
  } as const;
  const odd = [
    recordOf('R', { series: [{ ...series, periodMs: Number.POSITIVE_INFINITY }] }),
    recordOf('S', { facts: [factOf({ kind: 'alarm', key: 'a', ...alarm })] }),
    recordOf('T', { events: [eventOf('note.added', '14:32', { attributes: named })] }),
    recordOf('U', { events: [eventOf('alert.fired', '14:32', { attributes: { 'alert.rule': 'r', 'alert.period_ms': 1 / 0 } })] }),
  ];
  const places = odd.map(({ record: { id } }, no) => ({ no, id }));
  expect(told(textOf(new Map(odd.entries())), places)).toEqual({ said: [], unread: places });
});
