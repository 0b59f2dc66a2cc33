import { describe, expect, it } from 'vitest';
import { gather } from '../../../src/core/draft/material.ts';
import { sentenceOf } from '../../../src/core/draft/sentences.ts';
import type { TimelineEvent } from '../../../src/core/events.ts';
import { eventOf } from '../../support/events.ts';
import { sampleAnalysis, sampleCase } from './sample.ts';

const OURS = { 'incident.id': 'PABC' };

function said(event: TimelineEvent, incidents: readonly [string, ...string[]] = ['pagerduty/incident:PABC']): string {
  const theCase = sampleCase({ incidents });
  const entry = { kind: 'single', key: 't.1', event, belongs: { service: 'api' }, corroboratedBy: [] } as const;
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
