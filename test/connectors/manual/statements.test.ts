import { describe, expect, it } from 'vitest';
import { manual } from '../../../connectors/manual/index.ts';
import { atMost } from '../../../src/contract/index.ts';
import { type Json, seal } from '../../../src/core/evidence.ts';
import { stamp } from '../../../src/core/timeline/normalize.ts';
import { instant } from '../../support/events.ts';

const said = { incident: 'pagerduty/incident:PABC', reason: 'a customer rang', author: 'Ann Lee', saidAt: '2024-01-15T16:00:00.000Z' };

function read(stream: string, body: Json) {
  const record = seal({ source: 'manual', stream, nativeId: 'PABC/x/1', body, observedTime: instant('16:00') });
  const normalize = manual.streams.find(({ spec }) => spec.id === stream)?.normalize ?? (() => ({ events: [], issues: [] }));
  const once = normalize(record);
  expect(normalize(structuredClone(record))).toEqual(once);
  return stamp(record, once, manual.normalizer);
}

describe('what a person stated', () => {
  it('is an event of that incident, known from when it was said, at the place and in the words of the statement', () => {
    const { events, issues } = read('milestones', { ...said, milestone: 'impact_started', at: '2024-01-15T14:20Z' });
    expect(issues).toEqual([]);
    expect(events[0]).toMatchObject({
      type: 'milestone.asserted',
      time: { at: '2024-01-15T14:20:00.000Z', minusMs: 0, plusMs: 60_000 },
      timeMeaning: 'asserted',
      knowableAt: said.saidAt,
      correlationKeys: ['pagerduty/incident:PABC'],
      attributes: { milestone: 'impact_started', reason: 'a customer rang', author: 'Ann Lee' },
      provenance: { pointer: '/at', originalTime: '2024-01-15T14:20Z' },
    });
  });

  it('is off by what the person said it may be off, to either side', () => {
    const { events } = read('events', { ...said, text: 'The banner went up.', at: '2024-01-15T14:20Z', plusMinusSeconds: 300 });
    expect(events[0]).toMatchObject({ type: 'event.asserted', time: { minusMs: 300_000, plusMs: 300_000 } });
  });

  it('judges a change at the time when it was said', () => {
    const { events } = read('judgments', { ...said, change: 'github/deployment:DE_1', verdict: 'rejected' });
    expect(events[0]).toMatchObject({
      type: 'suspect.judged',
      time: { at: said.saidAt },
      attributes: { change: 'github/deployment:DE_1', verdict: 'rejected' },
    });
  });

  it('names its author as a person where the name is one, so that a draft can print a role', () => {
    const body = { ...said, milestone: 'detected', at: '2024-01-15T14:20Z' };
    expect(read('milestones', body).facts).toMatchObject([{ kind: 'person', names: ['Ann Lee'] }]);
    expect(read('milestones', { ...body, author: 'dashboard' }).facts).toEqual([]);
  });

  it.each<[string, string, Json]>([
    ['no time', 'milestones', { ...said, milestone: 'detected', at: 'noon' }],
    ['a time with no offset', 'events', { ...said, text: 'x', at: '2024-01-15T14:20' }],
    ['no reason', 'events', { incident: said.incident, author: 'Ann Lee', saidAt: said.saidAt, text: 'x', at: '2024-01-15T14:20Z' }],
    ['a verdict that is none', 'judgments', { ...said, change: 'x', verdict: 'perhaps' }],
    ['no time of saying', 'judgments', { ...said, saidAt: 'yesterday', change: 'x', verdict: 'rejected' }],
    ['nothing', 'milestones', null],
  ])('with %s is an issue and no event', (_what, stream, body) => {
    const { events, issues } = read(stream, body);
    expect(events).toEqual([]);
    expect(issues).toHaveLength(1);
  });
});

describe('the source of statements', () => {
  it('reads what was told of an incident, and asks for nothing without one', async () => {
    const asked: unknown[] = [];
    const client = manual.open(
      {},
      {
        limited: (task) => task(),
        cache: { get: async () => undefined, set: async () => undefined },
        secret: () => '',
        log: { debug: () => undefined, warn: () => undefined },
        told: async (question) => {
          asked.push(question);
          return [{ nativeId: 'PABC/x/1', body: said, request: 'told' }];
        },
      },
    );
    const window = { from: instant('12:00'), to: instant('16:00') };
    const request = { window, scope: {}, now: instant('16:00'), calls: atMost(1), signal: new AbortController().signal };
    const [stream] = manual.streams;
    const listed = async (keys: readonly string[]) => (stream ? await Array.fromAsync(stream.pull(client, { ...request, keys })) : []);
    expect(await listed([])).toEqual([]);
    expect(await listed([said.incident])).toHaveLength(1);
    expect(asked).toEqual([{ stream: 'milestones', keys: [said.incident], window }]);
  });
});
