import { describe, expect, it } from 'vitest';
import { gather } from '../../../src/core/draft/material.ts';
import { sentenceOf } from '../../../src/core/draft/sentences.ts';
import type { TimelineEvent } from '../../../src/core/events.ts';
import { addMs } from '../../../src/core/time.ts';
import { eventOf, instant } from '../../support/events.ts';
import { sampleAnalysis, sampleCase } from './sample.ts';

const OURS = { 'incident.id': 'PABC' };

function said(event: TimelineEvent, incidents: readonly [string, ...string[]] = ['pagerduty/incident:PABC']): string {
  const theCase = sampleCase({ incidents });
  const entry = { kind: 'single', event, belongs: { service: 'api' }, corroboratedBy: [] } as const;
  return sentenceOf(entry, gather(theCase, sampleAnalysis(theCase)));
}

describe('what happened to a response, in words', () => {
  it.each([
    [{ 'change.field': 'priority', 'change.from': 'P3', 'change.to': 'P1' }, 'The priority of the incident was changed from P3 to P1.'],
    [{ 'change.field': 'urgency', 'change.to': 'high' }, 'The urgency of the incident was changed to high.'],
    [{}, 'The priority of the incident was changed.'],
  ] as const)('a change of rank %j', (own, sentence) => {
    expect(said(eventOf('incident.priority_updated', '14:40', { attributes: { ...OURS, ...own } }))).toBe(sentence);
  });

  it.each([
    [{ 'snooze.seconds': 14_400 }, ' snoozed the incident for 4 h.'],
    [{}, ' snoozed the incident.'],
  ] as const)('a snooze %j', (own, end) => {
    const actor = { kind: 'automation', name: 'A rule' } as const;
    expect(said(eventOf('incident.snoozed', '14:40', { actor, attributes: { ...OURS, ...own } }))).toBe(`A rule${end}`);
  });

  it.each([
    ['repeated', 'the calls began again'],
    ['exhausted', 'the calls ended'],
  ] as const)('nobody answered, and the policy %s', (outcome, end) => {
    expect(said(eventOf('incident.unanswered', '14:40', { attributes: { ...OURS, 'escalation.outcome': outcome } }))).toBe(
      `Nobody on the escalation policy answered for the incident: ${end}.`,
    );
  });

  it('a request that was declined', () => {
    const attributes = { ...OURS, 'responder.id': 'pagerduty:user:P9', 'responder.name': 'database on-call' };
    expect(said(eventOf('responder.declined', '14:40', { attributes }))).toBe('Database on-call declined to join.');
  });

  it('an incident that began before a window is named in it, and whom its page reached is told', () => {
    const window = 'w~20240115T141200Z~20240115T150000Z';
    const triggered = eventOf('incident.triggered', '14:33', { attributes: OURS });
    expect(said(triggered, [window])).toMatch(/^Incident (?:PABC|#\d+) was opened and the on-call paged\.$/);
  });
});

describe('a change that no deployment made', () => {
  const change = (stream: string, key: string, value: string) => eventOf('config.changed', '14:27', { stream, attributes: { key, value } });

  it('is a setting with its value', () => {
    expect(said(change('events', 'pool.size', '200'))).toBe('Setting pool.size was changed to “200”.');
    expect(said(change('events', 'pool.size', ''))).toBe('Setting pool.size was changed.');
  });

  it('or the words of who told it to the pager, which name no setting', () => {
    expect(said(change('change_events', 'autoscaler', 'Scaled api from 4 to 8 tasks'))).toBe(
      'Change by autoscaler: “Scaled api from 4 to 8 tasks”',
    );
  });
});

describe('many alarms in one row', () => {
  const alarms = (type: 'alert.fired' | 'alert.resolved', names: readonly string[], everyMs: number) => {
    const members = names.map((name, number) =>
      eventOf(type, addMs(instant('14:32'), number * everyMs), {
        key: `${name}${number}`,
        attributes: { 'alert.rule': name },
        correlationKeys: [`alarm:${name}`],
      }),
    );
    const [first] = members;
    const last = members.at(-1);
    if (!first || !last) throw new Error('alarms');
    const theCase = sampleCase();
    const entry = {
      kind: 'span',
      key: 't.1',
      event: first,
      belongs: { service: 'api' },
      corroboratedBy: [],
      members,
      until: last.time,
    } as const;
    return sentenceOf(entry, gather(theCase, sampleAnalysis(theCase)));
  };
  const NAMES = ['api-a', 'api-b', 'api-c', 'api-d', 'api-e', 'api-f'];

  it('says how many fired, how quickly, and names the first', () => {
    expect(alarms('alert.fired', NAMES, 15_000)).toBe('6 alarms fired within 1 min 15 s: api-a, api-b, api-c, api-d and 2 more.');
    expect(alarms('alert.fired', [...NAMES, 'api-a'], 14_000)).toBe(
      '6 alarms fired 7 times in all within 1 min 24 s: api-a, api-b, api-c, api-d and 2 more.',
    );
    expect(alarms('alert.resolved', NAMES.slice(0, 3), 0)).toBe('3 alarms were OK again at once: api-a, api-b and api-c.');
  });

  it('says of one alarm how often', () => {
    expect(alarms('alert.fired', ['api-a', 'api-a', 'api-a'], 60_000)).toBe('Alarm api-a fired. This happened 3 times until 14:34.');
  });
});
