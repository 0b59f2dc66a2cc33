import { expect, it } from 'vitest';
import { wasCalled } from '../../../src/core/draft/called.ts';
import { coursesIn } from '../../../src/core/draft/material.ts';
import type { TimelineEvent } from '../../../src/core/events.ts';
import { eventOf } from '../../support/events.ts';
import { sampleCase } from './sample.ts';

const theCase = sampleCase();
const [incident] = theCase.incidents;
const common = { correlationKeys: [incident] };
const assigned = eventOf('incident.reassigned', '14:33', common);
const notified = (status?: string) => {
  const event = eventOf('responder.notified', '14:33:01', common);
  return status === undefined ? event : { ...event, attributes: { ...event.attributes, 'notification.status': status } };
};

it.each<readonly [string, readonly TimelineEvent[], boolean]>([
  ['nobody in the record', [], false],
  ['an assignment, and no record of notifications', [assigned], true],
  ['a notification that went out', [assigned, notified('success')], true],
  ['a notification of which nothing is said', [notified()], true],
  ['a notification that failed', [assigned, notified('failed')], false],
  [
    'a person who acknowledged all the same',
    [notified('failed'), eventOf('incident.acknowledged', '14:35', { ...common, actor: { kind: 'person', id: 'pagerduty:user:P1' } })],
    true,
  ],
  ['an integration that acknowledged', [eventOf('incident.acknowledged', '14:35', { ...common, actor: { kind: 'automation' } })], false],
  ['somebody called for another incident', [{ ...assigned, correlationKeys: ['pagerduty/incident:POTHER'] }], false],
])('a page reached someone or not: %s', (_, events, called) => {
  expect(wasCalled({ theCase, courseOf: coursesIn(new Map(events.map((event) => [event.id, event]))) })).toBe(called);
});
