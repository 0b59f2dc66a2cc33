import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TimelineEvent } from '../../../src/core/events.ts';
import { rowKeyOf, type TimelineEntry } from '../../../src/core/timeline/entry.ts';
import { mergeTimeline } from '../../../src/core/timeline/merge.ts';
import { orderEvents } from '../../../src/core/timeline/order.ts';
import { API_SERVICE, CHECKOUT_SERVICE, eventOf, instant, moment } from '../../support/events.ts';

const owners = { services: [API_SERVICE, CHECKOUT_SERVICE], subject: ['api'] };
const ALARM = 'alarm:arn:aws:cloudwatch:us-east-1:123456789012:alarm:api-HighErrorRate';
const QUEUE = 'alarm:arn:aws:cloudwatch:us-east-1:123456789012:alarm:checkout-QueueDepth';
const INCIDENT = 'pagerduty/incident:PABC';

const alarmed = eventOf('alert.fired', '14:32', { time: moment('14:32', 0, 1), timeMeaning: 'occurred' });
const alerted = eventOf('alert.fired', '14:32:01', {
  source: 'pagerduty',
  stream: 'alerts',
  timeMeaning: 'occurred',
  belongsTo: ['pagerduty/service:PAPI001'],
  correlationKeys: [INCIDENT, ALARM],
});
const requested = eventOf('deployment.started', '14:12', { stream: 'deployments' });
const began = eventOf('deployment.started', '14:12:04', { timeMeaning: 'started' });
const succeeded = eventOf('deployment.succeeded', '14:15', { timeMeaning: 'ended' });
const announced = eventOf('deployment.succeeded', '14:15:03', {
  source: 'pagerduty',
  stream: 'change_events',
  belongsTo: ['pagerduty/service:PAPI001'],
  correlationKeys: ['deployment:acme/api#1305550234', 'sha:4e09993b9c9d4cc83d4ebe684ce423562dcc6e04'],
});

/** Every event of an entry: what it is, what corroborates it, what it stands for. */
function eventsIn(entry: TimelineEntry): readonly TimelineEvent[] {
  const members = entry.kind === 'span' ? entry.members.slice(1) : [];
  return [entry.event, ...entry.corroboratedBy, ...members];
}

function flap(at: string, until: string) {
  const common = {
    belongsTo: ['aws-prod/alarm:checkout-QueueDepth'],
    correlationKeys: [QUEUE],
    attributes: { 'alert.rule': 'checkout-QueueDepth' },
  };
  return [eventOf('alert.fired', at, common), eventOf('alert.resolved', until, common)];
}

describe('one happening seen by several sources', () => {
  it('is one entry: the alarm as CloudWatch has it, with the alert that it raised', () => {
    const [entry, ...others] = mergeTimeline([alerted, alarmed], owners);
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ kind: 'single', event: alarmed, corroboratedBy: [alerted], belongs: { service: 'api' } });
  });

  it('is one entry where the alert carries only the time at which it was recorded', () => {
    const recorded = eventOf('alert.fired', '14:33', { source: 'pagerduty', stream: 'alerts', correlationKeys: [INCIDENT, ALARM] });
    expect(mergeTimeline([recorded, alarmed], owners)).toHaveLength(1);
  });

  it('is two where a person closes the alert minutes after the alarm was over', () => {
    const over = eventOf('alert.resolved', '14:52', { time: moment('14:52', 0, 1) });
    const closed = eventOf('alert.resolved', '14:53', { source: 'pagerduty', stream: 'alerts', correlationKeys: [INCIDENT, ALARM] });
    expect(mergeTimeline([over, closed], owners)).toHaveLength(2);
  });

  it('is two where the alarm fired again, and where two alarms fired at once', () => {
    const again = eventOf('alert.fired', '14:32:03', { time: moment('14:32:03', 0, 1) });
    const other = eventOf('alert.fired', '14:32', { key: 'other', source: 'aws-dr', correlationKeys: [QUEUE] });
    expect(mergeTimeline([alarmed, again, other], owners)).toHaveLength(3);
  });

  it('U0.9 is one start of a deployment, dated by its first status and not by the request', () => {
    const late = eventOf('deployment.started', '15:40', { timeMeaning: 'started', key: 'late' });
    expect(mergeTimeline([requested, began], owners)).toMatchObject([{ event: began, corroboratedBy: [requested] }]);
    expect(mergeTimeline([late, requested], owners)).toMatchObject([{ event: late, corroboratedBy: [requested] }]);
  });

  it('U0.9 is one finish, dated by the last success of GitHub', () => {
    const twice = eventOf('deployment.succeeded', '14:16', { timeMeaning: 'ended', key: 'twice' });
    expect(mergeTimeline([announced, twice, succeeded], owners)).toMatchObject([{ event: twice, corroboratedBy: [succeeded, announced] }]);
  });

  it('is one rollout by revision and environment where the pipeline names no deployment', () => {
    const nameless = { ...announced, correlationKeys: ['sha:4e09993b9c9d4cc83d4ebe684ce423562dcc6e04'] };
    const staging = { ...nameless, attributes: { ...nameless.attributes, 'deployment.environment.name': 'staging' } };
    const hours = { ...nameless, time: moment('16:00') };
    const silent = { ...nameless, attributes: { ...nameless.attributes, 'deployment.environment.name': '' } };
    expect(mergeTimeline([succeeded, silent], owners)).toHaveLength(1);
    expect(mergeTimeline([succeeded, nameless], owners)).toHaveLength(1);
    expect(mergeTimeline([succeeded, staging], owners)).toHaveLength(2);
    expect(mergeTimeline([succeeded, hours], owners)).toHaveLength(2);
  });

  it('is two rollouts where one revision was deployed twice', () => {
    const again = eventOf('deployment.succeeded', '14:17', {
      key: 'again',
      attributes: { 'deployment.id': '1305550299' },
      correlationKeys: ['deployment:acme/api#1305550299', 'sha:4e09993b9c9d4cc83d4ebe684ce423562dcc6e04'],
    });
    expect(mergeTimeline([succeeded, again], owners)).toHaveLength(2);
  });

  it('is one note that its own stream and the log both tell, and two where the words differ', () => {
    const logged = eventOf('note.added', '14:38', { attributes: { text: 'pool is at 100%' } });
    const listed = eventOf('note.added', '14:38:01', { stream: 'notes', attributes: { text: ' pool is  at 100%' } });
    const other = eventOf('note.added', '14:38:01', { stream: 'notes', key: 'other', attributes: { text: 'rolling back' } });
    expect(mergeTimeline([listed, logged, other], owners)).toMatchObject([{ event: logged, corroboratedBy: [listed] }, { event: other }]);
  });

  it('is two notes that were posted twice in one second, each with its own twin', () => {
    const both = ['one', 'two'].flatMap((key, sequence) => [
      eventOf('note.added', '14:38', { key, sequence }),
      eventOf('note.added', '14:38', { key, sequence, stream: 'notes' }),
    ]);
    expect(mergeTimeline(both, owners).map(({ corroboratedBy }) => corroboratedBy.length)).toEqual([1, 1]);
  });

  it('is two entries where only the incident is shared', () => {
    const events = [
      eventOf('responder.notified', '14:33', { attributes: { 'responder.id': 'a' } }),
      eventOf('incident.acknowledged', '14:33'),
    ];
    expect(mergeTimeline(events, owners)).toHaveLength(2);
  });
});

describe('a span', () => {
  const flaps = [...flap('13:51:30', '13:52:30'), ...flap('13:58:30', '14:00:30'), ...flap('14:08:30', '14:09:30')];

  it('is one row for an alarm that flapped, with all its members', () => {
    const [entry, ...others] = mergeTimeline(flaps.toReversed(), owners);
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ kind: 'span', event: flaps[0], members: flaps, until: moment('14:09:30') });
    expect(entry?.belongs).toEqual({ service: 'other', why: 'belongs to checkout' });
  });

  it('does not swallow two firings, a firing that lasted, or one an hour later', () => {
    expect(mergeTimeline(flaps.slice(0, 4), owners)).toHaveLength(4);
    const lasting = flap('14:20', '15:20');
    const later = flap('16:30', '16:31');
    expect(mergeTimeline([...flaps, ...lasting, ...later], owners).map(({ kind }) => kind)).toEqual([
      'span',
      'single',
      'single',
      'single',
      'single',
    ]);
  });

  it('keeps the alert of another source that one of its members raised', () => {
    const [fired] = flap('13:58:30', '14:00:30');
    const alert = eventOf('alert.fired', '13:58:31', { source: 'pagerduty', stream: 'alerts', correlationKeys: [QUEUE], key: 'Q1' });
    const [entry] = mergeTimeline([...flaps, alert], owners);
    expect(fired).toBeDefined();
    expect(entry).toMatchObject({ kind: 'span', corroboratedBy: [alert] });
  });

  it('is one row for notifications in a row, and ends with anything else of the incident', () => {
    const first = eventOf('responder.notified', '14:33:01');
    const second = eventOf('responder.notified', '14:33:04');
    const acknowledged = eventOf('incident.acknowledged', '14:35');
    const third = eventOf('responder.notified', '14:36:02');
    const noise = alarmed;
    const entries = mergeTimeline([third, acknowledged, second, noise, first], owners);
    expect(entries.map(({ kind, event }) => [kind, event.id])).toEqual([
      ['single', noise.id],
      ['span', first.id],
      ['single', acknowledged.id],
      ['single', third.id],
    ]);
    expect(entries[1]).toMatchObject({ members: [first, second], until: second.time });
  });
});

describe('who a row belongs to', () => {
  it('is the service that claims it, another service, or nobody', () => {
    const checkout = eventOf('deployment.succeeded', '14:21', {
      key: 'c',
      belongsTo: ['github/repo:acme/checkout@production'],
      correlationKeys: [],
    });
    const staging = eventOf('deployment.succeeded', '14:22', {
      key: 's',
      belongsTo: ['github/repo:acme/api@staging'],
      correlationKeys: [],
    });
    expect(mergeTimeline([succeeded, checkout, staging], owners).map(({ belongs }) => belongs)).toEqual([
      { service: 'api' },
      { service: 'other', why: 'belongs to checkout' },
      { service: 'unmapped', why: 'no service owns github/repo:acme/api@staging' },
    ]);
  });

  it('is ours where a shared alarm that another service owns, or nobody, paged us', () => {
    const shared = { ...alarmed, belongsTo: ['aws-prod/alarm:lb-shared'] };
    const theirs = { ...alarmed, belongsTo: ['aws-prod/alarm:checkout-shared'] };
    expect(mergeTimeline([shared, alerted], owners)[0]?.belongs).toEqual({ service: 'api' });
    expect(mergeTimeline([theirs, alerted], owners)[0]?.belongs).toEqual({ service: 'api' });
    expect(mergeTimeline([theirs], owners)[0]?.belongs).toEqual({ service: 'other', why: 'belongs to checkout' });
  });

  it("is the incident's for what a person asserts of it", () => {
    expect(mergeTimeline([eventOf('event.asserted', '14:52')], owners)[0]?.belongs).toEqual({ service: 'api' });
  });
});

describe('the merged timeline', () => {
  const world = [
    requested,
    began,
    succeeded,
    announced,
    alarmed,
    alerted,
    ...flap('13:51:30', '13:52:30'),
    ...flap('13:58:30', '14:00:30'),
    ...flap('14:08:30', '14:09:30'),
    ...flap('14:24:30', '14:25:30'),
    eventOf('incident.triggered', '14:33'),
    eventOf('responder.notified', '14:33:01'),
    eventOf('responder.notified', '14:33:04'),
    eventOf('incident.acknowledged', '14:35'),
    eventOf('note.added', '14:38'),
    eventOf('note.added', '14:38', { stream: 'notes' }),
    eventOf('metric.recovered', '14:50'),
    eventOf('incident.resolved', '14:57'),
  ];

  it('is the same in whatever order the events arrive, even twice', () => {
    const expected = mergeTimeline(world, owners);
    fc.assert(
      fc.property(fc.shuffledSubarray(world, { minLength: world.length }), (events) => {
        expect(mergeTimeline([...events, ...events.slice(0, 3)], owners)).toEqual(expected);
      }),
    );
  });

  it('holds every event in exactly one entry, and its rows in order', () => {
    fc.assert(
      fc.property(fc.subarray(world), (events) => {
        const entries = mergeTimeline(events, owners);
        const told = entries.flatMap(eventsIn);
        expect(told.map(({ id }) => id).toSorted()).toEqual(events.map(({ id }) => id).toSorted());
        const rows = entries.map(({ event }) => event);
        expect(rows).toEqual(orderEvents(rows));
        expect(new Set(entries.map(rowKeyOf)).size).toBe(entries.length);
      }),
    );
  });

  it('names a row by its event, so that the row keeps its edits when more is known of it', () => {
    const [before] = mergeTimeline([alarmed], owners);
    const [after] = mergeTimeline([{ ...alarmed, url: 'https://console.aws.amazon.com', knowableAt: instant('14:33') }, alerted], owners);
    expect(before && rowKeyOf(before)).toMatch(/^t\.[0-9a-z]{10}$/);
    expect(after && rowKeyOf(after)).toBe(before && rowKeyOf(before));
  });
});

it('an event of the case’s incident that names no service is the incident’s: records of 2013 have none', () => {
  const old = eventOf('note.added', '14:38', { belongsTo: [], correlationKeys: [INCIDENT] });
  const foreign = eventOf('note.added', '14:40', { belongsTo: [], correlationKeys: ['pagerduty/incident:POTHER'] });
  const belongs = mergeTimeline([old, foreign], { ...owners, incidents: [INCIDENT] }).map((entry) => entry.belongs.service);
  expect(belongs).toEqual(['api', 'unmapped']);
});
