import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../src/core/analysis/policy.ts';
import { assemble } from '../../src/core/case.ts';
import type { EvidenceId } from '../../src/core/evidence.ts';
import { type Instant, instantAt } from '../../src/core/time.ts';
import type { Stamped } from '../../src/core/timeline/normalize.ts';
import { locateNames } from '../../src/core/unplaced-names.ts';
import {
  API_SERVICE,
  CHECKOUT_SERVICE,
  eventOf,
  evidenceOf,
  factOf,
  incidentFactOf,
  instant,
  pulledOf,
  recordOf,
  seriesOf,
  snapshotOf,
  WINDOWS,
} from '../support/events.ts';

const services = [API_SERVICE, CHECKOUT_SERVICE];
const INCIDENT = 'pagerduty/incident:PABC';
const ERRORS = 'aws-prod/metric:AWS/ApplicationELB/HTTPCode_Target_5XX_Count?LoadBalancer=app%2Fapi#Sum';
const jane = { kind: 'person', id: 'pagerduty:user:PJANED1', name: 'Jane Doe' } as const;

const NOTE = 'Looked at it with Alex Rivera, then asked Jane Doe';

const incident = recordOf('PABC', { facts: [incidentFactOf({ title: 'API is down, says Jane Doe' })] }, { stream: 'incidents' });
const log = [
  recordOf('R1', { events: [eventOf('incident.triggered', '14:33')] }, { sequence: -3 }),
  recordOf('R2', { events: [eventOf('incident.reassigned', '14:33', { attributes: { 'responder.id': jane.id } })] }, { sequence: -2 }),
  recordOf('R3', {
    events: [eventOf('incident.acknowledged', '14:35', { actor: jane })],
    facts: [factOf({ kind: 'person', key: jane.id, names: ['Jane Doe'] })],
  }),
  recordOf(
    'R4',
    { events: [eventOf('note.added', '14:38', { attributes: { text: NOTE } })] },
    { body: { id: 'R4', channel: { summary: NOTE } } },
  ),
  recordOf('R5', { events: [eventOf('incident.resolved', '14:57', { actor: jane })] }),
];
const chunks = [
  recordOf('c1', { series: [seriesOf(ERRORS, 60_000, '14:00', [1, 2, 3])] }, { source: 'aws-prod', stream: 'series' }),
  recordOf('c2', { series: [seriesOf(ERRORS, 60_000, '14:02', [30, 4])] }, { source: 'aws-prod', stream: 'series' }),
  recordOf('c3', { series: [seriesOf(ERRORS, 300_000, '14:00', [6])] }, { source: 'aws-prod', stream: 'series' }),
];
const records: readonly Stamped[] = [incident, ...log, ...chunks];

function caseFrom(own: readonly Stamped[], overrides: Parameters<typeof snapshotOf>[1] = {}) {
  return assemble(snapshotOf(own, overrides), own, services);
}

function typesOf(own: readonly Stamped[], overrides: Parameters<typeof snapshotOf>[1] = {}): readonly string[] {
  return caseFrom(own, overrides).events.map(({ type, time }) => `${time.at.slice(11, 16)} ${type}`);
}

describe('a case', () => {
  it('holds the events in order, whose service it is, and when it ends', () => {
    const theCase = caseFrom(records);
    expect(theCase).toMatchObject({ incidents: [INCIDENT], subject: ['api'], services, now: WINDOWS.incident.to, windows: WINDOWS });
    expect(typesOf(records)).toEqual([
      '14:33 incident.triggered',
      '14:33 incident.reassigned',
      '14:35 incident.acknowledged',
      '14:38 note.added',
      '14:57 incident.resolved',
    ]);
  });

  it('is the same in whatever order the evidence arrives', () => {
    const expected = caseFrom(records, { coverage: [pulledOf('pagerduty', 'log_entries'), pulledOf('aws-prod', 'series')] });
    const snapshot = snapshotOf(records, { coverage: [pulledOf('aws-prod', 'series'), pulledOf('pagerduty', 'log_entries')] });
    fc.assert(
      fc.property(fc.shuffledSubarray([...records], { minLength: records.length }), (shuffled) => {
        expect(assemble(snapshot, shuffled, services)).toEqual(expected);
      }),
    );
  });

  it('knows nothing that its snapshot does not pin', () => {
    const pinned = records.slice(0, 3);
    expect(assemble(snapshotOf(pinned), records, services)).toEqual(assemble(snapshotOf(pinned), pinned, services));
  });

  it('is about the service that a window was asked for, and of no one incident then', () => {
    const asked = { incidents: ['w~20240115T143200Z~20240115T145700Z~checkout'], subject: ['checkout'] } as const;
    expect(caseFrom(log, asked)).toMatchObject({ subject: ['checkout'], incidents: asked.incidents });
  });

  it('says where it came from when that was a bundle', () => {
    expect(caseFrom(records, { origin: 'bundle:sha256:00' })).toMatchObject({ origin: 'bundle:sha256:00' });
    expect(caseFrom(records)).not.toHaveProperty('origin');
  });

  it('counts what its records gave', () => {
    const lines = caseFrom(records, {
      coverage: [pulledOf('pagerduty', 'log_entries'), pulledOf('aws-prod', 'series')],
    }).coverage;
    expect(lines.map(({ stream, records: count }) => [stream, count])).toEqual([
      ['series', 3],
      ['incidents', 1],
      ['log_entries', 5],
    ]);
  });

  it('takes an event that two records tell from one of them, and says so of the other', () => {
    const told = eventOf('note.added', '14:38', { key: 'N1' });
    const twice = [recordOf('N1', { events: [told] }), recordOf('N1-again', { events: [told] })];
    const theCase = caseFrom(twice, { coverage: [pulledOf('pagerduty', 'log_entries')] });
    expect(theCase.events).toHaveLength(1);
    expect(theCase.coverage[0]?.issues.map(({ problem }) => problem)).toEqual([`another record tells ${told.id} too`]);
    expect(theCase.coverage[0]?.gave).toMatchObject({ events: 1, issues: 1 });
  });
});

describe('the windows of a case', () => {
  const at = (type: 'note.added' | 'deployment.succeeded' | 'alert.fired', time: string, key = time) =>
    recordOf(key, {
      events: [eventOf(type, time, { key, correlationKeys: type === 'deployment.succeeded' ? [`deployment:acme/api#${key}`] : [] })],
    });

  it("keep changes of the longer one, and all else of the incident's, to the millisecond", () => {
    const own = [
      at('note.added', '2024-01-15T12:32:59.999Z'),
      at('note.added', '12:33'),
      at('note.added', '16:00'),
      at('deployment.succeeded', '2024-01-14T14:33:00Z'),
      at('deployment.succeeded', '2024-01-15T02:00:00Z'),
      at('alert.fired', '2024-01-15T02:00:00Z', 'early'),
    ];
    expect(typesOf(own)).toEqual(['14:33 deployment.succeeded', '02:00 deployment.succeeded', '12:33 note.added']);
  });

  it('keep the last success before them, however old, with its start: it is what ran', () => {
    const rollout = (key: string, time: string, type: 'deployment.started' | 'deployment.succeeded' | 'deployment.failed') =>
      recordOf(`${key}${type}`, {
        events: [eventOf(type, time, { key: `${key}${type}`, correlationKeys: [`deployment:acme/api#${key}`] })],
      });
    const own = [
      rollout('1', '2024-01-09T11:00:00Z', 'deployment.started'),
      rollout('1', '2024-01-09T11:03:00Z', 'deployment.succeeded'),
      rollout('2', '2024-01-11T16:10:00Z', 'deployment.started'),
      rollout('2', '2024-01-11T16:13:00Z', 'deployment.succeeded'),
      rollout('3', '2024-01-12T10:00:00Z', 'deployment.failed'),
    ];
    expect(typesOf(own)).toEqual(['16:10 deployment.started', '16:13 deployment.succeeded']);
  });

  it('cut nothing that a person asserts of this very case', () => {
    expect(typesOf([recordOf('A', { events: [eventOf('milestone.asserted', '2024-01-10T10:00:00Z')] })])).toHaveLength(1);
  });
});

describe('the series of a case', () => {
  it('are joined, sorted, one point for each start: the later chunk of the snapshot wins', () => {
    const joined = caseFrom(records).series;
    expect(joined.map(({ key, periodMs }) => [key, periodMs])).toEqual([
      [ERRORS, 300_000],
      [ERRORS, 60_000],
    ]);
    const [, minutes] = joined;
    const order = [chunks[0]?.record.id, chunks[1]?.record.id].toSorted();
    const disputed = order[1] === chunks[1]?.record.id ? 30 : 3;
    expect([...(minutes?.startsMs ?? [])].map((start) => instantAt(start).slice(11, 16))).toEqual(['14:00', '14:01', '14:02', '14:03']);
    expect([...(minutes?.values ?? [])]).toEqual([1, 2, disputed, 4]);
    expect(minutes?.evidence).toEqual(order);
  });

  it('hold what the windows touch, and no more', () => {
    const wide = recordOf(
      'w',
      { series: [seriesOf(ERRORS, 3_600_000, '2024-01-01T13:00:00Z', [1, 2, 3])] },
      { source: 'aws-prod', stream: 'series' },
    );
    const [series] = caseFrom([wide]).series;
    expect([...(series?.values ?? [])]).toEqual([2, 3]);
  });
});

describe('what could not be known yet', () => {
  const asOf = instant('14:40');

  it('is not in the case: later events, points not yet whole, the closing', () => {
    const theCase = caseFrom(records, { asOf: instant('14:02') });
    expect(theCase.series.map(({ values }) => [...values])).toEqual([[], [1, 2]]);
    const open = caseFrom(records, { asOf });
    expect(open.events.map(({ type }) => type)).not.toContain('incident.resolved');
    expect(open.facts).toContainEqual(expect.objectContaining({ kind: 'incident', status: 'open' }));
    expect(open.facts.find(({ kind }) => kind === 'incident')).not.toHaveProperty('resolvedAt');
    expect(open).toMatchObject({ now: asOf, asOf, windows: { incident: { from: WINDOWS.incident.from, to: asOf } } });
  });

  it('is by when it could be known, not by when it happened', () => {
    const late = recordOf('L', { events: [eventOf('alert.fired', '14:32', { knowableAt: instant('14:41') })] });
    expect(caseFrom([late], { asOf }).events).toEqual([]);
    expect(caseFrom([late], { asOf: instant('14:41') }).events).toHaveLength(1);
  });

  it('U1.5 takes a figure that a source computed later with it: it would tell how the incident ended', () => {
    const figure = { kind: 'reference', key: 'pagerduty/incident:PABC', metric: 'seconds_to_resolve', seconds: 1440 } as const;
    const row = (computedAt?: Instant) => recordOf('F', { facts: [factOf({ ...figure, ...(computedAt && { computedAt }) })] });
    expect(caseFrom([row(instant('14:39'))], { asOf }).facts).toHaveLength(1);
    expect([row(instant('14:41')), row()].flatMap((record) => caseFrom([record], { asOf }).facts)).toEqual([]);
    expect(caseFrom([row()]).facts).toHaveLength(1);
  });

  it('takes the facts of a record whose happenings all came later with it', () => {
    const pull = factOf({
      kind: 'change',
      key: 'github/pull:acme/api#1235',
      number: 1235,
      title: 'Fix the leak',
      url: 'https://x',
      revisions: [],
    });
    const merged = recordOf('P', { events: [eventOf('change.merged', '15:21')], facts: [pull] });
    expect(caseFrom([merged], { asOf }).facts).toEqual([]);
    expect(caseFrom([merged]).facts).toHaveLength(1);
  });

  it('leaves an alarm standing whose record tells of a later move: it watched before it moved', () => {
    const alarm = factOf({
      kind: 'alarm',
      key: 'alarm:arn:aws:cloudwatch:us-east-1:123456789012:alarm:api-HighErrorRate',
      comparison: 'above',
      threshold: 100,
      periodMs: 60_000,
      breaching: 2,
      outOf: 2,
      missing: 'notBreaching',
      seriesKeys: ['aws-prod/metric:AWS/ApplicationELB/HTTPCode_Target_5XX_Count#Sum'],
    });
    const described = recordOf('A', { events: [eventOf('alert.resolved', '14:52')], facts: [alarm] });
    const then = caseFrom([described], { asOf });
    expect(then.events).toEqual([]);
    expect(then.facts).toContainEqual(expect.objectContaining({ kind: 'alarm', key: alarm.key, threshold: 100 }));
  });

  it('gives the case that an earlier snapshot of less evidence would have given', () => {
    const earlier = [incident, ...log.slice(0, 4), ...chunks];
    const then = { windows: { ...WINDOWS, incident: { ...WINDOWS.incident, to: asOf }, changes: { ...WINDOWS.changes, to: asOf } }, asOf };
    const { coverage: _now, ...now } = caseFrom(records, { asOf });
    const { coverage: _then, ...before } = caseFrom(earlier, then);
    expect(now).toEqual(before);
  });
});

describe('people', () => {
  it('are roles in events and facts, and a name that nobody knows is reported with its place', () => {
    const theCase = caseFrom(records);
    const note = log[3]?.record;
    expect(JSON.stringify({ events: theCase.events, facts: theCase.facts })).not.toMatch(/Jane|Doe/);
    expect(theCase.events.find(({ type }) => type === 'note.added')?.attributes).toEqual({
      text: 'Looked at it with Alex Rivera, then asked primary on-call',
    });
    expect(theCase.facts.find(({ kind }) => kind === 'incident')).toMatchObject({ title: 'API is down, says primary on-call' });
    expect(theCase.unplacedNames).toEqual([{ name: 'Alex Rivera', evidence: note?.id, pointer: '' }]);
    const told = evidenceOf('R4', { id: 'R4', channel: { summary: NOTE } });
    expect(locateNames(theCase.unplacedNames, [told])).toEqual([{ name: 'Alex Rivera', evidence: told.id, pointer: '/channel/summary' }]);
  });

  it('keep their names where the policy says so, and are named where they are called', () => {
    const theCase = caseFrom(records, { policy: { ...DEFAULT_POLICY, actors: 'names' } });
    expect(theCase.events.find(({ type }) => type === 'incident.acknowledged')?.actor).toEqual(jane);
    expect(theCase.events.find(({ type }) => type === 'incident.reassigned')?.attributes).toMatchObject({ 'responder.name': 'Jane Doe' });
    expect(theCase.unplacedNames).toEqual([]);
  });

  it('bear the role that the configuration gives', () => {
    const theCase = caseFrom(records, { people: [{ role: 'API on-call', pagerduty: 'PJANED1', names: [] }] });
    expect(theCase.events.find(({ type }) => type === 'incident.acknowledged')?.actor?.name).toBe('API on-call');
  });
});

describe('a merged incident', () => {
  const target = (key: string, mergedInto?: string) =>
    recordOf(key, {
      facts: [
        incidentFactOf({ key: `pagerduty/incident:${key}`, status: mergedInto ? 'merged' : 'resolved', ...(mergedInto && { mergedInto }) }),
      ],
    });

  it('is followed to its target, and to the target of that', () => {
    const own = [target('PABC', 'pagerduty/incident:P2'), target('P2', 'pagerduty/incident:P3'), target('P3')];
    expect(caseFrom(own).incidents).toEqual(['pagerduty/incident:PABC', 'pagerduty/incident:P2', 'pagerduty/incident:P3']);
  });

  it('that leads in a circle, or to a record that was not read, ends there', () => {
    const circle = [target('PABC', 'pagerduty/incident:P2'), target('P2', 'pagerduty/incident:PABC')];
    expect(caseFrom(circle).incidents).toEqual(['pagerduty/incident:PABC', 'pagerduty/incident:P2']);
    expect(caseFrom([target('PABC', 'pagerduty/incident:P9')]).incidents).toEqual(['pagerduty/incident:PABC']);
  });
});

describe('a first draft with no configuration', () => {
  it('is about a service made of the incident, so that its records are not set apart', () => {
    const theCase = assemble(snapshotOf(records), records, []);
    expect(theCase.subject).toEqual(['PAPI001']);
    expect(theCase.services).toEqual([{ name: 'PAPI001', owns: ['pagerduty/service:PAPI001'], dependsOn: [] }]);
  });
});

it('an id that names no evidence is passed over', () => {
  const missing: readonly EvidenceId[] = snapshotOf([...records, recordOf('purged', {})]).evidence;
  expect(assemble(snapshotOf(records, { evidence: missing }), records, services).events).toHaveLength(5);
});
