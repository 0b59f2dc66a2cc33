import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordedEvent, RecordedType } from '../../../src/core/events.ts';
import { insertEvents, orderEvents } from '../../../src/core/timeline/order.ts';
import { eventOf } from '../../support/events.ts';

const TYPES = [
  'change.merged',
  'deployment.started',
  'deployment.succeeded',
  'alert.fired',
  'incident.triggered',
  'incident.reopened',
  'incident.reassigned',
  'responder.notified',
  'incident.acknowledged',
  'incident.escalated',
  'note.added',
  'alert.resolved',
  'incident.resolved',
] as const satisfies readonly RecordedType[];

/** Events with forced ties: two instants, three sources, few sequences. */
const crowd = fc
  .array(
    fc.record({
      type: fc.constantFrom(...TYPES),
      at: fc.constantFrom('14:33', '14:34'),
      source: fc.constantFrom('pagerduty', 'aws-prod', 'github'),
      sequence: fc.option(fc.integer({ min: -3, max: 3 }), { nil: undefined }),
    }),
    { minLength: 2, maxLength: 20 },
  )
  .map((some) =>
    some.map(({ type, at, source, sequence }, index) =>
      eventOf(type, at, { source, stream: 'one', key: `${index}`, ...(sequence !== undefined && { sequence }) }),
    ),
  );

function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  return items
    .map((item, index) => ({ item, rank: Math.sin(seed * 1000 + index * 7919) }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}

describe('the order of a timeline', () => {
  it('does not depend on arrival', () => {
    fc.assert(
      fc.property(crowd, fc.integer({ min: 1, max: 1e6 }), (events, seed) => {
        expect(orderEvents(shuffled(events, seed))).toEqual(orderEvents(events));
      }),
      { numRuns: 500 },
    );
  });

  it('is that of all, where some are put between others that are in order, of their own lanes and of the same', () => {
    fc.assert(
      fc.property(crowd, fc.array(fc.nat(19)), (events, chosen) => {
        const isAdded = (_: unknown, index: number) => chosen.includes(index);
        const [added, others] = [events.filter(isAdded), events.filter((event, index) => !isAdded(event, index))];
        expect(insertEvents(orderEvents(others), added)).toEqual(orderEvents(events));
      }),
      { numRuns: 500 },
    );
  });

  it('loses and invents nothing, and never goes back in time', () => {
    fc.assert(
      fc.property(crowd, (events) => {
        const ordered = orderEvents(events);
        expect(new Set(ordered)).toEqual(new Set(events));
        expect(ordered).toHaveLength(events.length);
        expect(ordered.map(({ time }) => time.at)).toEqual(events.map(({ time }) => time.at).toSorted());
      }),
    );
  });

  it('never turns two events of one source round that the source put in order', () => {
    fc.assert(
      fc.property(crowd, (events) => {
        const ordered = orderEvents(events);
        const lane = ({ provenance, time }: RecordedEvent) => `${provenance.source} ${time.at}`;
        for (const a of events) {
          for (const b of events) {
            if (lane(a) === lane(b) && (a.sequence ?? 0) < (b.sequence ?? 0)) expect(ordered.indexOf(a)).toBeLessThan(ordered.indexOf(b));
          }
        }
      }),
    );
  });

  it('shows cause before effect where two clocks cannot tell', () => {
    const events = [
      eventOf('incident.triggered', '14:33'),
      eventOf('alert.fired', '14:33'),
      eventOf('metric.breached', '14:33'),
      eventOf('deployment.succeeded', '14:33'),
    ];
    expect(orderEvents(events).map(({ type }) => type)).toEqual([
      'deployment.succeeded',
      'metric.breached',
      'alert.fired',
      'incident.triggered',
    ]);
  });

  it('U1.4 keeps "acknowledged, then escalated" and "resolved, then reopened" of one second', () => {
    const told = [
      eventOf('incident.acknowledged', '14:35', { sequence: -9 }),
      eventOf('incident.escalated', '14:35', { sequence: -8 }),
      eventOf('incident.resolved', '14:35', { sequence: -7 }),
      eventOf('incident.reopened', '14:35', { sequence: -6 }),
      eventOf('incident.acknowledged', '14:35', { sequence: -5, key: 'again' }),
    ];
    expect(orderEvents(told.toReversed())).toEqual(told);
  });

  it('never compares the sequences of two streams', () => {
    const late = eventOf('incident.triggered', '14:33', { sequence: 900 });
    const early = eventOf('incident.acknowledged', '14:33', { sequence: -900, stream: 'other' });
    expect(orderEvents([early, late])).toEqual([late, early]);
  });
});
