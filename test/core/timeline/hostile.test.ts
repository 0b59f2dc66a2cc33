import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordedEvent, TimelineEvent } from '../../../src/core/events.ts';
import { addMs, instantAt } from '../../../src/core/time.ts';
import type { TimelineEntry } from '../../../src/core/timeline/entry.ts';
import { mergeTimeline } from '../../../src/core/timeline/merge.ts';
import { API_SERVICE, CHECKOUT_SERVICE, eventOf, instant, moment } from '../../support/events.ts';

const owners = { services: [API_SERVICE, CHECKOUT_SERVICE], subject: ['api'] };
const INCIDENT = 'pagerduty/incident:PABC';
const SHA = 'sha:4e09993b9c9d4cc83d4ebe684ce423562dcc6e04';
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const arn = (name: string, region = 'us-east-1') => `alarm:arn:aws:cloudwatch:${region}:123456789012:alarm:${name}`;

function alarm(type: 'alert.fired' | 'alert.resolved', at: string, name: string, more: object = {}) {
  return eventOf(type, at, {
    key: `${name}-${at}-${type}`,
    time: moment(at, 0, 1),
    timeMeaning: 'occurred',
    belongsTo: [`aws-prod/alarm:${name}`],
    correlationKeys: [arn(name)],
    attributes: { 'alert.rule': name },
    ...more,
  });
}

/** A pager's alert of an alarm, recorded so many milliseconds after. */
function alert(type: 'alert.fired' | 'alert.resolved', at: string, name: string, lateMs = 1_000) {
  const stamp = addMs(instant(at), lateMs);
  return eventOf(type, stamp, {
    key: `${name}-${at}-${type}`,
    source: 'pagerduty',
    stream: 'alerts',
    belongsTo: ['pagerduty/service:PAPI001'],
    correlationKeys: [INCIDENT, arn(name)],
    attributes: { 'alert.rule': name },
  });
}

function membersOf(entry: TimelineEntry): readonly TimelineEvent[] {
  return [entry.event, ...entry.corroboratedBy, ...(entry.kind === 'span' ? entry.members.slice(1) : [])];
}

function shape(entries: readonly TimelineEntry[]) {
  return entries.map((entry) => [entry.kind, entry.event.type, entry.kind === 'span' ? entry.members.length : 1]);
}

describe('an alert storm', () => {
  const names = Array.from({ length: 12 }, (_, number) => `api-${String.fromCharCode(97 + number)}`);
  const at = (number: number) => instantAt(Date.parse(instant('14:32')) + number * 15 * SECOND);
  const fired = names.flatMap((name, number) => [alarm('alert.fired', at(number), name), alert('alert.fired', at(number), name)]);

  it('is one row with its count and its list where one incident took the alerts in within minutes', () => {
    const entries = mergeTimeline(fired, owners);
    expect(shape(entries)).toEqual([['span', 'alert.fired', 12]]);
    const [entry] = entries;
    expect(entry).toMatchObject({ until: moment('14:34:45', 0, 1), belongs: { service: 'api' } });
    expect(entry?.corroboratedBy).toHaveLength(12);
  });

  it('ends in one row for each source that tells the end', () => {
    const over = names.flatMap((name) => [alarm('alert.resolved', '14:52', name), alert('alert.resolved', '14:57', name)]);
    expect(shape(mergeTimeline([...fired, ...over], owners))).toEqual([
      ['span', 'alert.fired', 12],
      ['span', 'alert.resolved', 12],
      ['span', 'alert.resolved', 12],
    ]);
  });

  it('is none where few fired, where they came over an hour, or where no incident took them in', () => {
    expect(mergeTimeline(fired.slice(0, 8), owners)).toHaveLength(4);
    const slow = names.map((name, number) => alert('alert.fired', instantAt(Date.parse(instant('14:00')) + number * 7 * MINUTE), name));
    expect(mergeTimeline(slow, owners)).toHaveLength(12);
    expect(
      mergeTimeline(
        fired.filter(({ provenance }) => provenance.source === 'aws-prod'),
        owners,
      ),
    ).toHaveLength(12);
  });

  it('takes in no other incident’s alert of the same minutes', () => {
    const other = { ...alert('alert.fired', '14:33', 'checkout-x'), correlationKeys: ['pagerduty/incident:POTHER', arn('checkout-x')] };
    expect(shape(mergeTimeline([...fired, other], owners))).toEqual([
      ['span', 'alert.fired', 12],
      ['single', 'alert.fired', 1],
    ]);
  });

  it('is one row of 40 identical alerts that name no alarm', () => {
    const same = Array.from({ length: 40 }, (_, number) =>
      eventOf('alert.fired', '14:32', {
        key: `Q${number}`,
        source: 'pagerduty',
        stream: 'alerts',
        belongsTo: ['pagerduty/service:PAPI001'],
        correlationKeys: [INCIDENT],
      }),
    );
    expect(shape(mergeTimeline(same, owners))).toEqual([['span', 'alert.fired', 40]]);
  });
});

describe('an alarm that flaps', () => {
  const flap = (start: string, count: number, everyMs: number, name = 'api-cpu', region = 'us-east-1', source = 'aws-prod') =>
    Array.from({ length: count }, (_, number) => addMs(instant(start), number * everyMs)).flatMap((at) => {
      const more = { source, belongsTo: [`${source}/alarm:${name}`], correlationKeys: [arn(name, region)] };
      return [alarm('alert.fired', at, name, more), alarm('alert.resolved', addMs(at, MINUTE), name, more)];
    });

  it('is one row across midnight, and over a year', () => {
    expect(shape(mergeTimeline(flap('2023-12-31T23:40:00Z', 6, 8 * MINUTE), owners))).toEqual([['span', 'alert.fired', 12]]);
  });

  it('is two rows where two alarms of one name flap in two regions', () => {
    const both = [...flap('14:00', 4, 5 * MINUTE), ...flap('14:00', 4, 5 * MINUTE, 'api-cpu', 'us-west-2', 'aws-dr')];
    const entries = mergeTimeline(both, owners);
    expect(shape(entries)).toEqual([
      ['span', 'alert.fired', 8],
      ['span', 'alert.fired', 8],
    ]);
    expect(entries.map(({ belongs }) => belongs.service)).toEqual(['unmapped', 'api']);
  });

  it('takes in the pager’s copies of its ends', () => {
    const copies = [0, 1, 2, 3].map((number) => alert('alert.resolved', addMs(instant('14:01'), number * 5 * MINUTE), 'api-cpu', 30_000));
    expect(shape(mergeTimeline([...flap('14:00', 4, 5 * MINUTE), ...copies], owners))).toEqual([['span', 'alert.fired', 12]]);
  });

  it('is one row where a monitor only repeats that it fires, and keeps its end an hour later', () => {
    const again = Array.from({ length: 8 }, (_, number) => alert('alert.fired', addMs(instant('14:00'), number * 10 * MINUTE), 'api-cpu'));
    const over = alert('alert.resolved', '16:10', 'api-cpu');
    expect(shape(mergeTimeline([...again, over], owners))).toEqual([
      ['span', 'alert.fired', 8],
      ['single', 'alert.resolved', 1],
    ]);
  });

  it('is not made of two firings that two sources saw and nothing joined', () => {
    const seen = [0, 30].flatMap((minutes) => {
      const at = addMs(instant('14:00'), minutes * MINUTE);
      return [
        alarm('alert.fired', at, 'api-cpu'),
        alert('alert.fired', at, 'api-cpu', 5 * MINUTE),
        alarm('alert.resolved', addMs(at, 10 * MINUTE), 'api-cpu'),
      ];
    });
    expect(mergeTimeline(seen, owners)).toHaveLength(6);
  });

  it('bears an end that comes before its start', () => {
    const early = [alarm('alert.resolved', '13:59', 'api-cpu'), alarm('alert.fired', '14:00', 'api-cpu')];
    expect(shape(mergeTimeline(early, owners))).toEqual([
      ['single', 'alert.resolved', 1],
      ['single', 'alert.fired', 1],
    ]);
  });
});

describe('two rollouts of one revision', () => {
  const rollout = (at: string, id: number, more: object = {}) =>
    eventOf('deployment.succeeded', at, {
      key: `D${id}`,
      timeMeaning: 'ended',
      attributes: { 'deployment.id': `${id}` },
      correlationKeys: [`deployment:acme/api#${id}`, SHA],
      ...more,
    });
  const nameless = eventOf('deployment.succeeded', '14:15:03', {
    key: 'C1',
    source: 'pagerduty',
    stream: 'change_events',
    belongsTo: ['pagerduty/service:PAPI001'],
    correlationKeys: [SHA],
  });

  it('stay two, though a report between them names neither', () => {
    const entries = mergeTimeline([rollout('14:15', 1), nameless, rollout('14:17', 2)], owners);
    expect(entries.map(({ corroboratedBy }) => corroboratedBy.length)).toEqual([1, 0]);
  });

  it('stay two in two environments, though a report between them names none', () => {
    const staging = rollout('14:14', 1, { attributes: { 'deployment.id': '1', 'deployment.environment.name': 'staging' } });
    const bare = { ...nameless, attributes: { ...nameless.attributes, 'deployment.environment.name': '' } };
    const live = rollout('14:16', 2, { source: 'argo', correlationKeys: [SHA] });
    expect(mergeTimeline([staging, bare, live], owners)).toHaveLength(2);
  });
});

describe('in any hostile world', () => {
  const NAMES = ['api-a', 'api-b', 'checkout-c'];
  const clock = fc.integer({ min: 0, max: 40 }).map((step) => addMs(instant('23:50'), step * 30 * SECOND));
  const kind = fc.constantFrom('alert.fired' as const, 'alert.resolved' as const);
  const seen = fc.record({ at: clock, name: fc.constantFrom(...NAMES), type: kind, late: fc.integer({ min: 0, max: 150_000 }) });
  const one = fc.oneof(
    seen.map(({ at, name, type }) => alarm(type, at, name)),
    seen.map(({ at, name, type }) => alarm(type, at, name, { source: 'aws-dr', correlationKeys: [arn(name, 'us-west-2')] })),
    seen.map(({ at, name, type, late }) => alert(type, at, name, late)),
    clock.map((at): RecordedEvent => eventOf('responder.notified', at, { attributes: { 'responder.id': 'a' } })),
    clock.map((at): RecordedEvent => eventOf('incident.acknowledged', at)),
    clock.map((at): RecordedEvent => eventOf('deployment.succeeded', at, { correlationKeys: [SHA] })),
    clock.map(
      (at): RecordedEvent => eventOf('deployment.succeeded', at, { source: 'pagerduty', stream: 'change_events', correlationKeys: [SHA] }),
    ),
  );
  const world = fc.uniqueArray(one, { selector: ({ id }) => id, maxLength: 60 });

  it('every event stands in exactly one entry, its time at its entry’s or after', () => {
    fc.assert(
      fc.property(world, (events) => {
        const entries = mergeTimeline(events, owners);
        expect(
          entries
            .flatMap(membersOf)
            .map(({ id }) => id)
            .toSorted(),
        ).toEqual(events.map(({ id }) => id).toSorted());
        for (const entry of entries) {
          const times = (entry.kind === 'span' ? entry.members : [entry.event]).map(({ time }) => time.at);
          expect(times).toEqual(times.toSorted());
        }
      }),
      { numRuns: 300 },
    );
  });

  it('the timeline is the same in whatever order the events came', () => {
    fc.assert(
      fc.property(
        world.chain((events) => fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length }))),
        ([events, shuffled]) => {
          expect(mergeTimeline(shuffled, owners)).toEqual(mergeTimeline(events, owners));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('no two happenings of one source are told as one: what one stream tells twice of an alarm is two members or two rows', () => {
    fc.assert(
      fc.property(world, (events) => {
        for (const entry of mergeTimeline(events, owners)) {
          if (entry.kind === 'span' || !entry.event.type.startsWith('alert.')) continue;
          const lanes = membersOf(entry).map(({ provenance }) => ('rule' in provenance ? '' : `${provenance.source}/${provenance.stream}`));
          expect(new Set(lanes).size).toBe(lanes.length);
          expect(
            new Set(membersOf(entry).flatMap(({ correlationKeys }) => correlationKeys.filter((key) => key.startsWith('alarm:')))).size,
          ).toBe(1);
        }
      }),
      { numRuns: 300 },
    );
  });
});
