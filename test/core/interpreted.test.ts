import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RecordedEvent, RecordedType } from '../../src/core/events.ts';
import { openPage } from '../../src/core/interpreted.ts';
import { startShared } from '../../src/core/shared.ts';
import type { Stamped } from '../../src/core/timeline/normalize.ts';
import { eventOf, factOf, incidentFactOf, instant, recordOf, seriesOf } from '../support/events.ts';

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

/** Events whose members stand in two orders, as two normalizers write them. */
function toEvent({ type, at, points, ...own }: Said, index: number): RecordedEvent {
  const event = eventOf(type, at, { ...own, key: `${index}`, source: 'pagerduty', stream: 'log_entries' });
  const attributes = points ? { ...event.attributes, 'alert.datapoints': points } : event.attributes;
  const { time, provenance, ...rest } = event;
  return {
    ...(index % 2 === 0 ? { time, ...rest } : { ...rest, time }),
    attributes,
    provenance: { ...provenance, nativeId: 'R' },
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

/** As the page gives it back: every event has the sequence of the place, before its provenance. */
function placed(record: Stamped, sequence: number | undefined): Stamped {
  const events = record.events.map(({ provenance, ...rest }) => {
    return { ...rest, ...(sequence !== undefined && { sequence }), provenance } as RecordedEvent;
  });
  return { ...record, events };
}

function roundTrip(records: readonly Stamped[], cut: number, sequence: number | undefined): readonly unknown[] {
  let text: string | undefined;
  for (const some of [records.slice(0, cut), records.slice(cut)]) {
    const page = openPage(text, startShared());
    for (const record of some) page.add(records.indexOf(record), record, READ);
    text = page.text();
  }
  const page = openPage(text, startShared());
  return records.map(({ record }, no) => page.say({ no, id: record.id, ...(sequence !== undefined && { sequence }) }, byTest));
}

it('law: what a page keeps of a record is told again to the last byte, whenever it was added', () => {
  fc.assert(
    fc.property(
      fc.array(stamped, { maxLength: 6 }),
      fc.nat(6),
      fc.option(fc.integer({ min: -9, max: 9 }), { nil: undefined }),
      (records, cut, sequence) => {
        const wanted = records.map((record) => {
          const { id, source, stream } = record.record;
          return placed({ ...record, record: { id, source, stream } }, sequence);
        });
        const told = roundTrip(records, cut, sequence);
        expect(told).toEqual(wanted);
        expect(JSON.stringify(told)).toBe(JSON.stringify(wanted));
      },
    ),
  );
});

it('tells nothing of a record that other code read, that it never saw, or whose source nobody reads', () => {
  const note = recordOf('R', { events: [eventOf('note.added', '14:32')] });
  const page = openPage(undefined, startShared());
  page.add(1, note, READ);
  const open = () => openPage(page.text(), startShared());
  const place = { no: 1, id: note.record.id };
  expect(open().say(place, () => 'test/2')).toBe('unread');
  expect(open().say({ ...place, no: 2 }, byTest)).toBe('unread');
  expect(open().say(place, () => undefined)).toBe('unknown');
  expect(openPage(page.text().slice(1), startShared()).say(place, byTest)).toBe('unread');
  expect(openPage('{"form":0}', startShared()).say(place, byTest)).toBe('unread');
});

it('leaves out a series that JSON has no numbers for', () => {
  const series = seriesOf('aws-prod/metric:5XX#Sum', 60_000, '14:00', [1, 2]);
  const record = recordOf('R', { series: [{ ...series, values: Float64Array.of(1, Number.POSITIVE_INFINITY) }] });
  const page = openPage(undefined, startShared());
  page.add(1, record, READ);
  expect(openPage(page.text(), startShared()).say({ no: 1, id: record.record.id }, byTest)).toBe('unread');
});
