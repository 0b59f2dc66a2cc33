import { describe, expect, it } from 'vitest';
import { compose } from '../../src/core/draft/compose.ts';
import type { TimelineEvent } from '../../src/core/events.ts';
import { rowKeyOf } from '../../src/core/timeline/entry.ts';
import { renderJson } from '../../src/render/json.ts';
import { renderTimeline } from '../../src/render/timeline.ts';
import { sampleAnalysis, sampleCase } from '../core/draft/sample.ts';
import { eventOf, moment } from '../support/events.ts';

/** The `what` of each line of the CSV, for a draft whose timeline holds these events of another service too. */
function whats(events: readonly TimelineEvent[]): readonly string[] {
  const theCase = sampleCase({});
  const analysis = sampleAnalysis(theCase);
  const others = events.map((event) => ({
    kind: 'single' as const,
    event,
    belongs: { service: 'checkout' },
    corroboratedBy: [],
  }));
  const draft = compose(theCase, { ...analysis, timeline: [...analysis.timeline, ...others] }, [], 'draft');
  const lines = renderTimeline(draft, 'csv', 'UTC').split('\r\n').slice(1, -1);
  return lines
    .slice(-events.length)
    .map((line) => /^[^,]*,[^,]*,[^,]*,(?:"((?:[^"]|"")*)"|([^,]*)),/.exec(line)?.slice(1).join('') ?? line);
}

const PERSON = { kind: 'person', id: 'pagerduty:user:PJANED1', name: 'primary on-call' } as const;

type Stage = 'deployment.started' | 'deployment.succeeded' | 'deployment.failed';

/** A deployment of which nothing is said but this. */
function rollout(
  type: Stage,
  at: string,
  said: { readonly 'deployment.id': string; readonly 'vcs.ref.head.name'?: string },
): TimelineEvent {
  const event = eventOf(type, at, { key: `${type}-${said['deployment.id']}` });
  return { ...event, attributes: { 'deployment.environment.name': 'production', ...said } };
}

describe('an entry that the draft gives no row is told in words all the same', () => {
  it('never by the name of its type', () => {
    const theCase = sampleCase({});
    const draft = compose(theCase, sampleAnalysis(theCase), [], 'draft');
    const types = draft.analysis.timeline.map(({ event }) => event.type).join('|');
    for (const line of renderTimeline(draft, 'table', 'UTC').split('\n')) expect(line).not.toMatch(new RegExp(`  (?:${types})(?::|$)`));
  });

  it('what others did, with people by their roles', () => {
    expect(
      whats([
        eventOf('incident.acknowledged', '14:36', { actor: PERSON, attributes: { 'incident.id': 'POTHER' } }),
        eventOf('responder.notified', '14:34', { attributes: { 'incident.id': 'POTHER', 'responder.id': PERSON.id } }),
      ]),
    ).toEqual(['Primary on-call acknowledged incident POTHER.', 'Primary on-call was notified.']);
  });

  it('a deployment that ended is not said to have no end', () => {
    const named = { 'deployment.id': '77', 'vcs.ref.head.name': 'v9' };
    expect(
      whats([
        rollout('deployment.started', '14:00', named),
        rollout('deployment.failed', '14:05', named),
        rollout('deployment.started', '14:06', { ...named, 'deployment.id': '78' }),
      ]),
    ).toEqual([
      'Deployment of v9 to production started.',
      'Deployment of v9 to production failed.',
      'Deployment of v9 to production started; the record holds no end of it.',
    ]);
  });

  it('a build that is called by its page and says not what it carries, as of Jenkins', () => {
    const build = { 'deployment.id': 'https://ci.example.com/job/api/412/' };
    const started = rollout('deployment.started', '14:00', build);
    expect(whats([started])).toEqual(['Deployment job/api/412 to production started; the record holds no end of it.']);
    expect(whats([started, rollout('deployment.succeeded', '14:03', build)])[1]).toBe('Deployment job/api/412 to production finished.');
  });
});

it('a table in another zone holds no time of another, inside its sentences either', () => {
  const theCase = sampleCase({});
  const draft = compose(theCase, sampleAnalysis(theCase), [], 'draft');
  const started = (zone: string) => /v2\.3\.4 deployed to production \(started ([^)]*)\)/.exec(renderTimeline(draft, 'table', zone))?.[1];
  expect(started('UTC')).toBe('14:12');
  expect(started('Asia/Kathmandu')).toBe('19:57');
  // Begun a quarter of an hour earlier, it began on the day before it ended, where it ended just after midnight.
  const late = {
    ...draft,
    analysis: {
      ...draft.analysis,
      changes: draft.analysis.changes.map((change, index) => (index === 0 ? { ...change, began: moment('13:59:30') } : change)),
    },
  };
  expect(/\(started ([^)]*)\)/.exec(renderTimeline(late, 'table', 'Pacific/Norfolk'))?.[1]).toBe('01:59');
  expect(/\(started ([^)]*)\)/.exec(renderTimeline(late, 'table', 'Asia/Vladivostok'))?.[1]).toBe('15 January 2024, 23:59');
});

it('JSON names each entry by the row that words it, in the draft and by itself', () => {
  const theCase = sampleCase({});
  const draft = compose(theCase, sampleAnalysis(theCase), [], 'draft');
  const rows = draft.sections.flatMap(({ blocks }) => blocks.flatMap((block) => (block.kind === 'row' ? [block.key] : [])));
  const keys = draft.analysis.timeline.map(rowKeyOf);
  expect(rows.length).toBeGreaterThan(0);
  expect(keys).toEqual(expect.arrayContaining(rows));
  const namesIn = (timeline: readonly { readonly key: string }[]) => timeline.map(({ key }) => key);
  expect(namesIn(JSON.parse(renderJson(draft)).analysis.timeline)).toEqual(keys);
  for (const zone of ['UTC', 'Europe/Berlin']) expect(namesIn(JSON.parse(renderTimeline(draft, 'json', zone)).timeline)).toEqual(keys);
});
