import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyze, type Finding } from '../../../src/core/analysis/analyze.ts';
import type { Case } from '../../../src/core/case.ts';
import type { RecordedEvent } from '../../../src/core/events.ts';
import { eventOf, factOf, instant, moment, seriesOf } from '../../support/events.ts';
import { deploymentEvents, ERRORS, OLD, SAMPLE_EVENTS, SAMPLE_FACTS, sampleCase } from '../../support/sample-case.ts';

const MINUTE = 60_000;
const ONCALL = { kind: 'person', id: 'pagerduty:user:PJANED1' } as const;
const CODES: readonly Finding['code'][] = [
  'page_delayed',
  'unanswered_at_first',
  'reversal_late',
  'known_before_alarm',
  'impact_outlasted_record',
  'record_outlasted_impact',
  'grew_after_reversal',
  'alarm_fired_again',
];

function found(more: Partial<Case> = {}): readonly Finding[] {
  return analyze(sampleCase(more)).findings.filter(({ code }) => CODES.includes(code));
}

/** The sample with more events, without those of some types. */
function withEvents(extra: readonly RecordedEvent[], without: readonly RecordedEvent['type'][] = []): Partial<Case> {
  return { events: [...SAMPLE_EVENTS.filter(({ type }) => !without.includes(type)), ...extra] };
}

function note(at: string, text: string) {
  return eventOf('note.added', at, { key: `n${at}`, actor: ONCALL, attributes: { text } });
}

it('nothing is found in a response that went well', () => {
  expect(found()).toEqual([]);
});

describe('a page that came late', () => {
  it('is found beyond the target, by the first alarm and the first trigger', () => {
    const late = withEvents([eventOf('incident.triggered', '14:40')], ['incident.triggered', 'incident.acknowledged']);
    expect(found(late)).toMatchObject([
      { code: 'page_delayed', subject: 'api-HighErrorRate', span: { ms: 8 * MINUTE, minMs: 8 * MINUTE - 1 } },
    ]);
  });

  it('is not found where the bounds leave the target open, or none is set', () => {
    const coarse = eventOf('incident.triggered', '14:38', { time: moment('14:38', 120_000, 60_000) });
    expect(found(withEvents([coarse], ['incident.triggered', 'incident.acknowledged']))).toEqual([]);
    const { policy } = sampleCase();
    const late = withEvents([eventOf('incident.triggered', '14:40')], ['incident.triggered', 'incident.acknowledged']);
    expect(found({ ...late, policy: { ...policy, targets: {} } })).toEqual([]);
  });
});

describe('a page that nobody answered at first', () => {
  const acknowledged = eventOf('incident.acknowledged', '14:45', { actor: ONCALL });
  const timeout = eventOf('incident.escalated', '14:38', { attributes: { 'escalation.cause': 'timeout' } });

  it('is found where it moved on by itself before a person took it', () => {
    const [finding, ...others] = found(withEvents([timeout, acknowledged], ['incident.acknowledged']));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 'unanswered_at_first', subject: 'pagerduty/incident:PABC', span: { ms: 12 * MINUTE } });
    expect(finding?.cites).toContainEqual({ event: timeout.id });
  });

  it('is found with no length where nobody ever took it', () => {
    const [finding] = found(withEvents([timeout], ['incident.acknowledged']));
    expect(finding?.code).toBe('unanswered_at_first');
    expect(finding).not.toHaveProperty('span');
  });

  it('is not found where a person handed it on, or it moved on after it was taken', () => {
    const handed = eventOf('incident.escalated', '14:34', { attributes: { 'escalation.cause': 'person' } });
    const later = eventOf('incident.escalated', '14:36', { attributes: { 'escalation.cause': 'timeout' } });
    expect(found(withEvents([handed]))).toEqual([]);
    expect(found(withEvents([later]))).toEqual([]);
  });
});

describe('a reversal that waited', () => {
  it.each([
    ['a decision to roll back', 'Decision: roll back to v2.3.3.'],
    ['the suspect by its tag', 'Connections climb since v2.3.4 is out.'],
    ['the suspect by its pull request', 'This looks like #1234, see the pool.'],
  ])('is found where a note named %s ten minutes and more before it began', (_what, text) => {
    expect(found(withEvents([note('14:34', text)]))).toMatchObject([{ code: 'reversal_late', subject: text, span: { ms: 11 * MINUTE } }]);
  });

  it.each([
    ['a rollback that was ruled out', 'We cannot roll back, the migration is out.'],
    ['a rollback of long ago', 'Same as last week, before the rollback.'],
    ['another version', 'Waiting for v2.3.41 and #12345.'],
    ['nothing of it', 'The pool is at 100%.'],
  ])('is not found where the note named %s', (_what, text) => {
    expect(found(withEvents([note('14:34', text)]))).toEqual([]);
  });

  it('is not found where it was named minutes before, or before anybody knew of the impact', () => {
    const early = { ...note('14:20', 'If this fails, roll back to v2.3.3.'), actor: { kind: 'automation' } as const };
    expect(found(withEvents([note('14:42', 'roll back'), early]))).toEqual([]);
  });

  it('is found where a person had confirmed the suspect, by when that was said', () => {
    const judged = eventOf('suspect.judged', '14:34', {
      attributes: { change: 'github/deployment:DE_1305550234', verdict: 'confirmed', reason: 'seen in the profile' },
    });
    const after = { ...judged, knowableAt: instant('15:30') };
    const key = analyze(sampleCase()).suspects[0]?.change ?? '';
    const named = { ...judged, attributes: { ...judged.attributes, change: key } };
    expect(found(withEvents([named]))).toMatchObject([
      { code: 'reversal_late', span: { ms: 11 * MINUTE }, cites: [{ event: named.id }, {}] },
    ]);
    expect(found(withEvents([{ ...after, attributes: named.attributes }]))).toEqual([]);
  });

  it('is found where the revert of the suspect had been merged', () => {
    const revert = factOf({
      kind: 'change' as const,
      key: 'github/pull:acme/api#1236',
      number: 1236,
      title: 'Revert "Cache user profiles in the profile endpoint"',
      url: 'https://github.com/acme/api/pull/1236',
      revisions: ['f00'],
      reverts: '#1234',
      mergedAt: instant('14:33'),
    });
    expect(found({ facts: [...SAMPLE_FACTS, revert] })).toMatchObject([
      { code: 'reversal_late', subject: '#1236 Revert "Cache user profiles in the profile endpoint"', span: { ms: 12 * MINUTE } },
    ]);
    expect(found({ facts: [...SAMPLE_FACTS, { ...revert, reverts: '#1229' }] })).toEqual([]);
  });
});

describe('people who knew before any alarm', () => {
  it('is found where one opened the incident, wrote on it, or stated that it was known', () => {
    const opened = eventOf('incident.triggered', '14:30', { key: 'o', actor: ONCALL });
    const stated = eventOf('milestone.asserted', '14:26', {
      attributes: { milestone: 'detected' },
      time: moment('14:26', 120_000, 120_000),
      correlationKeys: ['pagerduty/incident:PABC'],
    });
    const rang = eventOf('event.asserted', '14:28', { attributes: { text: 'A customer rang support.' } });
    expect(found(withEvents([opened], ['incident.triggered']))).toMatchObject([
      { code: 'known_before_alarm', subject: 'api-HighErrorRate', span: { ms: 2 * MINUTE }, cites: [{ event: opened.id }, {}] },
    ]);
    expect(found(withEvents([note('14:31', 'Users see errors')]))).toMatchObject([{ code: 'known_before_alarm' }]);
    expect(found(withEvents([rang]))).toMatchObject([{ code: 'known_before_alarm', cites: [{ event: rang.id }, {}] }]);
    expect(found(withEvents([stated, rang]))).toContainEqual(
      expect.objectContaining({ code: 'known_before_alarm', span: { ms: 6 * MINUTE, minMs: 4 * MINUTE, maxMs: 8 * MINUTE + 1 } }),
    );
  });

  it('is not found where the bounds leave open which came first, or the statement is of something else', () => {
    const about = eventOf('event.asserted', '14:30', { attributes: { text: 'A customer rang.' }, time: moment('14:30', 300_000, 300_000) });
    const other = eventOf('event.asserted', '14:28', { attributes: { text: 'The cache was flushed.' } });
    expect(found(withEvents([about, other]))).toEqual([]);
  });

  it('is not found of an integration that opened the incident', () => {
    const opened = eventOf('incident.triggered', '14:30', { key: 'o', actor: { kind: 'automation', name: 'Datadog' } });
    expect(found(withEvents([opened], ['incident.triggered']))).toEqual([]);
  });
});

describe('the record against the impact', () => {
  const closed = (at: string) => withEvents([eventOf('incident.resolved', at, { key: at, actor: ONCALL })], ['incident.resolved']);

  it('is found closed before the service was normal, and is no contradiction', () => {
    expect(found(closed('14:46'))).toMatchObject([{ code: 'impact_outlasted_record', span: { minMs: expect.any(Number) } }]);
    const { findings } = analyze(sampleCase(closed('14:46')));
    expect(findings.filter(({ code }) => code === 'milestones_inverted')).toEqual([]);
  });

  it('is found closed more than an hour after, and not within it', () => {
    expect(found(closed('15:55'))).toMatchObject([{ code: 'record_outlasted_impact', span: { ms: 65 * MINUTE } }]);
    expect(found(closed('15:40'))).toEqual([]);
  });

  it('is not found where the bounds overlap', () => {
    expect(found(closed('14:49:30'))).toEqual([]);
  });
});

describe('an alarm of the case that fires again', () => {
  const first = SAMPLE_EVENTS.find(({ type, time }) => type === 'alert.fired' && time.at === instant('14:32'));

  it('after the incident was closed is found, with how long after', () => {
    const again = { ...first, id: 'aws-prod/alarm_history/again#alert.fired', time: moment('15:40') } as RecordedEvent;
    expect(found(withEvents([again]))).toMatchObject([{ code: 'alarm_fired_again', subject: 'api-HighErrorRate' }]);
  });

  it('is none where a pager tells of an earlier firing late', () => {
    const keys = [...(first?.correlationKeys ?? []), 'pagerduty/incident:PABC'];
    const late = { ...first, id: 'pagerduty/alerts/late#alert.fired', time: moment('15:40') } as RecordedEvent;
    const told = { ...late, timeMeaning: 'recorded' as const, correlationKeys: keys };
    expect(found(withEvents([told]))).toEqual([]);
  });

  it('before that is none, nor is one of another service', () => {
    const during = { ...first, id: 'aws-prod/alarm_history/again#alert.fired', time: moment('14:53') } as RecordedEvent;
    const other = { ...during, time: moment('15:40'), correlationKeys: ['alarm:else'], belongsTo: ['aws-prod/alarm:else'] };
    expect(found(withEvents([during]))).toEqual([]);
    expect(found(withEvents([other]))).toEqual([]);
  });
});

it('states no length below nothing, and cites only what the case holds', () => {
  const extra = [
    note('14:33:30', 'roll back'),
    eventOf('incident.escalated', '14:34', { attributes: { 'escalation.cause': 'timeout' } }),
    eventOf('incident.resolved', '14:46', { key: 'early' }),
    eventOf('incident.triggered', '14:20', { key: 'o', actor: ONCALL }),
    eventOf('event.asserted', '14:28', { attributes: { text: 'A customer rang.' } }),
  ];
  fc.assert(
    fc.property(fc.subarray([...SAMPLE_EVENTS, ...extra]), (events) => {
      const analysis = analyze(sampleCase({ events }));
      const known = new Set<string>(
        analysis.timeline.flatMap((entry) =>
          [entry.event, ...entry.corroboratedBy, ...(entry.kind === 'span' ? entry.members : [])].map(({ id }) => id),
        ),
      );
      for (const { span, cites } of analysis.findings.filter((finding) => CODES.includes(finding.code))) {
        expect(span?.minMs ?? 0).toBeGreaterThanOrEqual(0);
        for (const cite of cites) if ('event' in cite) expect(known).toContain(cite.event);
      }
    }),
    { numRuns: 40 },
  );
});

describe('a reversal after which it was worse', () => {
  const deployed = deploymentEvents({ id: 9, sha: 'sha-9', ref: 'v9', created: '14:24', started: '14:24', done: '14:27' });
  const back = deploymentEvents({ id: 10, sha: OLD, ref: 'v2.3.3', created: '14:40', started: '14:40', done: '14:43', task: 'rollback' });
  /** Errors a minute from 13:00 on: as many as given from 14:29, then from 14:44, and few again from 15:05. */
  const series = (valueAt: (minute: number) => number) => [
    seriesOf(
      ERRORS,
      MINUTE,
      '2024-01-15T13:00:00Z',
      Array.from({ length: 150 }, (_, at) => (at < 89 || at >= 125 ? 4 + (at % 3) : valueAt(at) + (at % 3))),
    ),
  ];
  const others = SAMPLE_EVENTS.filter(({ type }) => !type.startsWith('deployment.'));
  const grown = (valueAt: (minute: number) => number) =>
    analyze(sampleCase({ events: [...others, ...deployed, ...back], series: series(valueAt) })).findings.filter(
      ({ code }) => code === 'grew_after_reversal',
    );

  it('is found where the errors jumped with it', () => {
    expect(grown((at) => (at < 104 ? 200 : 1_500))).toMatchObject([{ subject: 'HTTPCode_Target_5XX_Count' }]);
  });

  it.each([
    ['they stayed as they were', () => 600],
    ['they fell', (at: number) => (at < 104 ? 600 : 100)],
    ['they had been growing all the time', (at: number) => 100 + 60 * (at - 89)],
  ])('is not where %s', (_, valueAt) => {
    expect(grown(valueAt)).toEqual([]);
  });
});
