import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../../../src/core/events.ts';
import { addMs } from '../../../src/core/time.ts';
import { mergeTimeline } from '../../../src/core/timeline/merge.ts';
import { API_SERVICE, CHECKOUT_SERVICE, eventOf, instant } from '../../support/events.ts';

const owners = { services: [API_SERVICE, CHECKOUT_SERVICE], subject: ['api'] };
type Step = 'incident.triggered' | 'incident.acknowledged' | 'incident.merged' | 'incident.resolved';

/** What happened to one incident, so many seconds after 14:30. */
const step = (
  type: Step,
  seconds: number,
  incident: string,
  more: { readonly by?: string; readonly service?: string } = {},
): RecordedEvent =>
  eventOf(type, addMs(instant('14:30'), seconds * 1_000), {
    key: `${type}-${incident}-${seconds}`,
    belongsTo: [`pagerduty/service:${more.service ?? 'PAPI001'}`],
    correlationKeys: [`pagerduty/incident:${incident}`],
    attributes: { 'incident.id': incident },
    ...(more.by !== undefined && { actor: { kind: 'person' as const, id: `pagerduty:user:${more.by}` } }),
  });

const IDS = ['A', 'B', 'C', 'D', 'E'];
const five = (type: Step, more?: Parameters<typeof step>[3]) => IDS.map((id, at) => step(type, at * 10, id, more));
/** An hour later all of them are merged: slowly, so that no merge stands in a row with another. */
const merges = IDS.map((id, at) => step('incident.merged', 3_600 + at * 600, id));
const rowsOf = (events: readonly RecordedEvent[]) =>
  mergeTimeline(events, owners).map((entry) => [entry.event.type, entry.kind === 'span' ? entry.members.length : 1]);

describe('one step of many incidents within minutes', () => {
  it.each(['incident.triggered', 'incident.acknowledged', 'incident.resolved'] as const)(
    'is one row where they were merged: %s',
    (type) => {
      expect(rowsOf(five(type))).toHaveLength(5);
      expect(rowsOf([...five(type), ...merges])).toEqual([[type, 5], ...merges.map(() => ['incident.merged', 1])]);
    },
  );

  it('is one row where that step is the merge', () => {
    expect(rowsOf(five('incident.merged'))).toEqual([['incident.merged', 5]]);
  });

  it('is a row for each where there are few, or where they came slowly', () => {
    expect(rowsOf(five('incident.merged').slice(1))).toHaveLength(4);
    expect(rowsOf([...IDS.map((id, at) => step('incident.triggered', at * 120, id)), ...merges])).toHaveLength(10);
  });

  it('is told apart by whose incidents they are, and by whose hand it was', () => {
    const [one, other] = [five('incident.triggered').slice(0, 3), five('incident.triggered', { service: 'PCHK001' }).slice(3)];
    expect(rowsOf([...one, ...other, ...merges])).toHaveLength(10);
    const byTwo = five('incident.acknowledged', { by: 'PJANE' }).map((own, at) =>
      at % 2 ? own : step('incident.acknowledged', at * 10, 'ABCDE'.charAt(at), { by: 'PSAM' }),
    );
    expect(rowsOf([...byTwo, ...merges])).toHaveLength(10);
  });

  it('counts an incident once: what triggers it again is of further alerts', () => {
    const again = Array.from({ length: 4 }, (_, at) => step('incident.triggered', 5 + at * 10, 'A'));
    const all = rowsOf([...five('incident.triggered').slice(0, 1), ...again, ...merges]);
    expect(all.filter(([type]) => type === 'incident.triggered')).toHaveLength(5);
  });

  it('loses and doubles no happening, whatever happened when', () => {
    const types: readonly Step[] = ['incident.triggered', 'incident.acknowledged', 'incident.merged', 'incident.resolved'];
    const happened = fc.record({
      type: fc.constantFrom(...types),
      seconds: fc.nat({ max: 900 }),
      incident: fc.constantFrom('A', 'B', 'C', 'D', 'E', 'F', 'G'),
      by: fc.constantFrom('PJANE', 'PSAM'),
    });
    fc.assert(
      fc.property(fc.uniqueArray(happened, { maxLength: 60, selector: (one) => JSON.stringify(one) }), (all) => {
        const events = all.map(({ type, seconds, incident, by }) => step(type, seconds, incident, { by }));
        const ids = new Set(events.map(({ id }) => id));
        const told = mergeTimeline(events, owners).flatMap((entry) => (entry.kind === 'span' ? entry.members : [entry.event]));
        expect(told.map(({ id }) => id).toSorted()).toEqual([...ids].toSorted());
      }),
    );
  });
});
