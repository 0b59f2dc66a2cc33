import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Actor, EventSeed } from '../../src/core/events.ts';
import { seal } from '../../src/core/evidence.ts';
import { sharedFact, startShared } from '../../src/core/shared.ts';
import { stamp } from '../../src/core/timeline/normalize.ts';
import { instant, moment } from '../support/events.ts';

const few = fc.constantFrom('a', 'b', 'a b', '');
const actors: fc.Arbitrary<Actor> = fc.record(
  { kind: fc.constantFrom('person', 'automation', 'unknown'), id: few, name: few },
  { requiredKeys: ['kind'] },
);
const seeds: fc.Arbitrary<EventSeed> = fc
  .record({ belongsTo: fc.array(few, { maxLength: 3 }), correlationKeys: fc.array(few, { maxLength: 3 }), url: few, actor: actors })
  .map((own) => ({
    ...own,
    key: 'k',
    type: 'note.added',
    pointer: '/at',
    originalTime: '14:00',
    time: moment('14:00'),
    timeMeaning: 'recorded',
    knowableAt: instant('14:00'),
    attributes: { text: '' },
  }));

const RECORD = seal({
  source: 'pagerduty',
  stream: 'notes',
  nativeId: 'N1',
  body: { at: '14:00' },
  observedTime: instant('15:00'),
});

it('sharing what many events have in common changes nothing that any of them says', () => {
  fc.assert(
    fc.property(fc.array(seeds), (given) => {
      const shared = startShared();
      for (const seed of given) {
        const said = { events: [seed], issues: [] };
        const alone = JSON.stringify(stamp(RECORD, said, 'pagerduty/1'));
        expect(alone).toContain('"note.added"');
        expect(JSON.stringify(stamp(RECORD, said, 'pagerduty/1', shared))).toBe(alone);
      }
      const facts = given.map(({ belongsTo: names }) => ({ kind: 'person' as const, key: 'pagerduty:user:P1', names }));
      expect(facts.map((fact) => sharedFact(fact, shared))).toEqual(facts);
    }),
  );
});

it('equal parts are held once', () => {
  const shared = startShared();
  const actor = (name: string): Actor => ({ kind: 'person', id: 'github:user:jane', name });
  expect(shared.actor(actor('Jane'))).toBe(shared.actor(actor('Jane')));
  expect(shared.actor(actor('Jane D.'))).toEqual(actor('Jane D.'));
  expect(shared.list(['a'])).toBe(shared.list(['a']));
  expect(shared.starts(60_000, 60_000, 3)).toBe(shared.starts(60_000, 60_000, 3));
  expect([...shared.starts(60_000, 60_000, 3)]).toEqual([60_000, 120_000, 180_000]);
  expect([...shared.starts(60_000, 60_000, 2)]).toEqual([60_000, 120_000]);
});
