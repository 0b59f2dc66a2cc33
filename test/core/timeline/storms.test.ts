import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordedEvent, TimelineEvent } from '../../../src/core/events.ts';
import { addMs } from '../../../src/core/time.ts';
import type { TimelineEntry } from '../../../src/core/timeline/entry.ts';
import { mergeTimeline } from '../../../src/core/timeline/merge.ts';
import { API_SERVICE, CHECKOUT_SERVICE, eventOf, instant } from '../../support/events.ts';

const DATABASE = { name: 'database', owns: ['aws-prod/alarm:rds-*'], dependsOn: [] };
const owners = { services: [API_SERVICE, CHECKOUT_SERVICE, DATABASE], subject: ['api'] };
const SECOND = 1_000;
const since = (seconds: number) => addMs(instant('14:30'), seconds * SECOND);
const arn = (name: string) => `alarm:arn:aws:cloudwatch:us-east-1:123456789012:alarm:${name}`;

/** A change of an alarm as its monitor has it. */
const change = (type: 'alert.fired' | 'alert.resolved', seconds: number, name: string): RecordedEvent =>
  eventOf(type, since(seconds), {
    key: `${name}-${seconds}`,
    timeMeaning: 'occurred',
    belongsTo: [`aws-prod/alarm:${name}`],
    correlationKeys: [arn(name)],
    attributes: { 'alert.rule': name },
  });

/** The page of it, in an incident of its own or in one with others. */
const page = (seconds: number, name: string, incident: string): RecordedEvent =>
  eventOf('alert.fired', since(seconds + 3), {
    key: `${name}-${seconds}`,
    source: 'pagerduty',
    stream: 'alerts',
    belongsTo: ['pagerduty/service:PAPI001'],
    correlationKeys: [`pagerduty/incident:${incident}`, arn(name)],
    attributes: { 'alert.rule': name },
  });

const trigger = (seconds: number, incident: string): RecordedEvent =>
  eventOf('incident.triggered', since(seconds), {
    key: `${incident}-${seconds}`,
    correlationKeys: [`pagerduty/incident:${incident}`],
    attributes: { 'incident.id': incident },
  });

const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);
const membersOf = (entry: TimelineEntry): readonly TimelineEvent[] => (entry.kind === 'span' ? entry.members : [entry.event]);
const shape = (entries: readonly TimelineEntry[]) =>
  entries.map((entry) => [entry.event.type, membersOf(entry).length, entry.belongs.service]);

describe('500 different alarms in five minutes', () => {
  const names = numbers(500).map((number) => `api-host-${number}`);
  const at = (number: number) => number * 0.6;
  const fired = names.map((name, number) => change('alert.fired', at(number), name));

  it('are one row, whether they paged nobody, each in an incident of its own, or all in one', () => {
    expect(shape(mergeTimeline(fired, owners))).toEqual([['alert.fired', 500, 'api']]);
    for (const incidentOf of [(number: number) => `P${number}`, () => 'PABC']) {
      const pages = names.map((name, number) => page(at(number), name, incidentOf(number)));
      const [row, ...others] = mergeTimeline([...pages, ...fired], owners);
      expect(others).toEqual([]);
      expect(row && shape([row])).toEqual([['alert.fired', 500, 'api']]);
      expect(row?.corroboratedBy).toHaveLength(500);
    }
  });

  it('end in one row for each few minutes', () => {
    const over = names.map((name, number) => change('alert.resolved', 1_200 + at(number), name));
    expect(shape(mergeTimeline([...fired, ...over], owners))).toEqual([
      ['alert.fired', 500, 'api'],
      ['alert.resolved', 500, 'api'],
    ]);
  });

  it('are a row for each service, those of others set apart with the reason', () => {
    const mixed = numbers(90).map((number) => change('alert.fired', number, `${['api', 'checkout', 'rds'][number % 3]}-${number}`));
    const rows = mergeTimeline(mixed, owners);
    expect(rows.map((row) => [membersOf(row).length, row.belongs])).toEqual([
      [30, { service: 'api' }],
      [30, { service: 'other', why: 'belongs to checkout' }],
      [30, { service: 'other', why: 'belongs to database' }],
    ]);
  });

  it('trigger their incident again and again: one row, and the trigger that opened it another', () => {
    const triggers = numbers(501).map((number) => trigger(at(number), 'PABC'));
    expect(shape(mergeTimeline(triggers, owners))).toEqual([
      ['incident.triggered', 1, 'api'],
      ['incident.triggered', 500, 'api'],
    ]);
  });

  it('are no storm where they open an incident each: every opening is a row', () => {
    expect(
      mergeTimeline(
        numbers(30).map((number) => trigger(number, `P${number}`)),
        owners,
      ),
    ).toHaveLength(30);
  });
});

describe('two alarms that flap in turn', () => {
  it('are a row each, with their own members and no other', () => {
    const flap = fc.array(fc.integer({ min: 30, max: 500 }), { minLength: 3, maxLength: 12 });
    fc.assert(
      fc.property(flap, flap, (api, queue) => {
        const events = [['api-cpu', api] as const, ['api-queue', queue] as const].flatMap(([name, gaps]) =>
          gaps.flatMap((_, episode) => {
            const start = gaps.slice(0, episode).reduce((sum, gap) => sum + gap, 0);
            return [change('alert.fired', start, name), change('alert.resolved', start + 20, name)];
          }),
        );
        const rows = mergeTimeline(events, owners);
        expect(rows).toHaveLength(2);
        for (const row of rows) {
          expect(new Set(membersOf(row).flatMap(({ correlationKeys }) => correlationKeys)).size).toBe(1);
        }
        expect(
          rows
            .flatMap(membersOf)
            .map(({ id }) => id)
            .toSorted(),
        ).toEqual(events.map(({ id }) => id).toSorted());
      }),
    );
  });
});
