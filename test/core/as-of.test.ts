import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyze } from '../../src/core/analysis/analyze.ts';
import { DEFAULT_POLICY } from '../../src/core/analysis/policy.ts';
import { assemble } from '../../src/core/case.ts';
import { compose } from '../../src/core/draft/compose.ts';
import { unplacedNamesIn } from '../../src/core/name-forms.ts';
import { instantAt } from '../../src/core/time.ts';
import type { Stamped } from '../../src/core/timeline/normalize.ts';
import {
  API_SERVICE,
  eventOf,
  factOf,
  incidentFactOf,
  instant,
  pulledOf,
  recordOf,
  seriesOf,
  snapshotOf,
  WINDOWS,
} from '../support/events.ts';

it('as of a time the coverage counts what could be read then, and no note that was written later', () => {
  const records = [
    recordOf('PABC', { facts: [incidentFactOf()] }, { stream: 'incidents' }),
    recordOf('early', { events: [eventOf('note.added', '14:38')] }),
    recordOf('late', { events: [eventOf('note.added', '15:30')] }),
  ];
  const countAt = (asOf?: string) => {
    const snapshot = snapshotOf(records, {
      coverage: [pulledOf('pagerduty', 'log_entries')],
      ...(asOf !== undefined && { asOf: instant(asOf) }),
    });
    return assemble(snapshot, records, [API_SERVICE]).coverage.find(({ stream }) => stream === 'log_entries')?.records;
  };
  expect(countAt()).toBe(2);
  expect(countAt('14:44')).toBe(1);
});

it('as of a time no incident counts that began later, though its record names people who were there before', () => {
  const jane = factOf({ kind: 'person', key: 'pagerduty:user:PJANED1', names: ['Jane Doe'] });
  const later = incidentFactOf({ key: 'pagerduty/incident:PNEW', number: 4822, triggeredAt: instant('14:50') });
  const records = [
    recordOf('PABC', { facts: [incidentFactOf(), jane] }, { stream: 'incidents' }),
    recordOf('PNEW', { facts: [later, jane] }, { stream: 'incidents' }),
  ];
  const lineAt = (asOf: string, read: readonly Stamped[]) =>
    assemble(snapshotOf(read, { coverage: [pulledOf('pagerduty', 'incidents')], asOf: instant(asOf) }), read, [API_SERVICE]).coverage;
  expect(lineAt('14:44', records)).toEqual(lineAt('14:44', records.slice(0, 1)));
  expect(lineAt('14:51', records)).toMatchObject([{ records: 2 }]);
});

it('as of a time an alarm counts as what stood, whether its record still holds the move of then or has moved on', () => {
  const alarm = {
    kind: 'alarm',
    key: 'alarm:arn:api-Errors',
    comparison: 'above',
    threshold: 500,
    periodMs: 60_000,
    breaching: 2,
    outOf: 2,
    missing: 'missing',
    seriesKeys: [],
  } as const;
  const incident = recordOf('PABC', { facts: [incidentFactOf()] }, { stream: 'incidents' });
  const moved = (at: string) =>
    recordOf(
      'api-Errors',
      { facts: [factOf(alarm)], events: [eventOf('alert.resolved', at, { correlationKeys: [alarm.key] })] },
      { source: 'aws-prod', stream: 'alarms' },
    );
  const gaveWith = (record: Stamped) => {
    const read = [incident, record];
    const coverage = [pulledOf('aws-prod', 'alarms')];
    return assemble(snapshotOf(read, { coverage, asOf: instant('14:44') }), read, [API_SERVICE]).coverage.map(({ gave }) => gave);
  };
  expect(gaveWith(moved('2024-01-02T10:00:00Z'))).toEqual(gaveWith(moved('15:10')));
  expect(gaveWith(moved('15:10'))).toMatchObject([{ facts: 1, events: 0 }]);
});

it('a name is looked for behind a verb at the start of a sentence too', () => {
  expect(unplacedNamesIn('Asked Peter Parker to look')).toEqual(['Peter Parker']);
  expect(unplacedNamesIn('then asked Peter Parker to look')).toEqual(['Peter Parker']);
  expect(unplacedNamesIn('Called Load Balancer support')).toEqual([]);
});

it('an initial with a last name is the person, and leaves no letter behind', () => {
  const jane = { kind: 'person', id: 'pagerduty:user:PJANED1', name: 'Jane Doe' } as const;
  const records = [
    recordOf('PABC', { facts: [incidentFactOf()] }, { stream: 'incidents' }),
    recordOf('ack', { events: [eventOf('incident.acknowledged', '14:35', { actor: jane })] }),
    recordOf('note', { events: [eventOf('note.added', '14:38', { attributes: { text: 'J. Doe took it, Doe, Jane that is' } })] }),
  ];
  const { events } = assemble(snapshotOf(records), records, [API_SERVICE]);
  const text = events.flatMap(({ attributes }) => ('text' in attributes ? [attributes.text] : []))[0];
  expect(text).toMatch(/^(.+) took it, \1 that is$/);
  expect(text).not.toMatch(/J\.|Doe|Jane/);
});

it('as of a time an incident has the priority that it had then, as the first later change tells', () => {
  const p1 = recordOf('PABC', { facts: [incidentFactOf({ severity: 'P1' })] }, { stream: 'incidents' });
  const raised = (id: string, clock: string, from: string | undefined) =>
    recordOf(id, {
      events: [
        eventOf('incident.priority_updated', clock, {
          correlationKeys: ['pagerduty/incident:PABC'],
          attributes: { 'incident.id': 'PABC', 'change.field': 'priority', ...(from && { 'change.from': from }), 'change.to': 'P1' },
        }),
      ],
    });
  const records = [p1, raised('second', '14:50', 'P2'), raised('first', '14:40', 'P3')];
  const severityAt = (asOf: string) =>
    assemble(snapshotOf(records, { asOf: instant(asOf) }), records, [API_SERVICE]).facts.map((fact) => 'severity' in fact && fact.severity);
  expect(severityAt('14:39')).toContain('P3');
  expect(severityAt('14:45')).toContain('P2');
  expect(severityAt('14:51')).toContain('P1');
  const unset = [p1, raised('only', '14:40', undefined)];
  const then = assemble(snapshotOf(unset, { asOf: instant('14:39') }), unset, [API_SERVICE]);
  expect(then.facts.find(({ kind }) => kind === 'incident')).not.toHaveProperty('severity');
});

it('as of a time an incident that was merged away later is open, and its target is not in the case', () => {
  const source = incidentFactOf({ status: 'merged', mergedInto: 'pagerduty/incident:PXYZ', resolvedAt: instant('14:45') });
  const target = incidentFactOf({ key: 'pagerduty/incident:PXYZ', triggeredAt: instant('14:30') });
  const records = [
    recordOf('PABC', { facts: [source] }, { stream: 'incidents' }),
    recordOf('PXYZ', { facts: [target] }, { stream: 'incidents' }),
  ];
  const incidentsAt = (asOf: string) => assemble(snapshotOf(records, { asOf: instant(asOf) }), records, [API_SERVICE]).incidents;
  expect(incidentsAt('14:44')).toEqual(['pagerduty/incident:PABC']);
  expect(incidentsAt('14:46')).toEqual(['pagerduty/incident:PABC', 'pagerduty/incident:PXYZ']);
});

it('as of a time nothing is related that began later, and no change is known that was merged later', () => {
  const related = {
    kind: 'related',
    key: 'pagerduty/incident:PNEW',
    of: 'pagerduty/incident:PABC',
    why: 'similar',
    startedAt: instant('15:00'),
  } as const;
  const change = {
    kind: 'change',
    key: 'github/pull:acme/api#9',
    number: 9,
    title: 'Fix',
    url: 'https://x',
    revisions: [],
    mergedAt: instant('15:00'),
  } as const;
  const records = [
    recordOf('PABC', { facts: [incidentFactOf()] }, { stream: 'incidents' }),
    recordOf('more', { facts: [factOf(related), factOf(change)] }),
  ];
  const kindsAt = (asOf: string) =>
    assemble(snapshotOf(records, { asOf: instant(asOf) }), records, [API_SERVICE]).facts.map(({ kind }) => kind);
  expect(kindsAt('14:59')).toEqual(['incident']);
  expect(kindsAt('15:01')).toEqual(['change', 'incident', 'related']);
});

it('says which alarm has another rule since, where nothing tells the earlier one', () => {
  const alarm = {
    kind: 'alarm',
    key: 'alarm:arn:aws:cloudwatch:us-east-1:1:alarm:api-Errors',
    comparison: 'above',
    threshold: 500,
    periodMs: 60_000,
    breaching: 2,
    outOf: 2,
    missing: 'missing',
    seriesKeys: [],
  } as const;
  const edited = recordOf('A', { facts: [factOf({ ...alarm, heldFrom: instant('15:10') })] }, { source: 'aws-prod', stream: 'alarms' });
  const before = recordOf(
    'B',
    { facts: [factOf({ ...alarm, threshold: 100, heldFrom: instant('09:00') })] },
    { source: 'aws-prod', stream: 'alarm_history' },
  );
  const saidOf = (records: readonly Stamped[]) => {
    const theCase = assemble(snapshotOf(records, { asOf: instant('14:44'), coverage: [pulledOf('aws-prod', 'alarms')] }), records, [
      API_SERVICE,
    ]);
    return JSON.stringify(compose(theCase, analyze(theCase), [], 'sha256:draft').sections.find(({ key }) => key === 'coverage'));
  };
  const incident = recordOf('PABC', { facts: [incidentFactOf()] }, { stream: 'incidents' });
  expect(saidOf([incident, edited])).toContain('The rule of the alarm api-Errors at this time is not known');
  expect(saidOf([incident, edited, before])).not.toContain('The rule of the alarm');
  expect(saidOf([incident])).toContain('the sources keep no earlier state');
});

describe('any small world, looked back at', () => {
  const TYPES = ['incident.acknowledged', 'incident.unacknowledged', 'note.added', 'responder.notified', 'incident.escalated'] as const;
  const CHANGES = ['deployment.started', 'deployment.succeeded'] as const;
  const START = Date.parse('2024-01-15T14:33:00Z');
  const at = (second: number) => instantAt(START + second * 1000);
  const happening = fc.record({ second: fc.integer({ min: 1, max: 3_000 }), type: fc.constantFrom(...TYPES) });
  const change = fc.record({
    second: fc.integer({ min: -3_000, max: 3_000 }),
    type: fc.constantFrom(...CHANGES),
    id: fc.integer({ min: 1, max: 3 }),
  });
  const worlds = fc.record({
    log: fc.array(happening, { maxLength: 12 }),
    changes: fc.array(change, { maxLength: 6 }),
    resolved: fc.integer({ min: 60, max: 3_000 }),
    values: fc.array(fc.integer({ min: 0, max: 9_000 }), { minLength: 60, maxLength: 110 }),
    asOf: fc.integer({ min: 1, max: 3_400 }),
  });

  type World = typeof worlds extends fc.Arbitrary<infer Value> ? Value : never;

  /** The records that the sources have at a time; a pager's log is counted from its newest entry. */
  function recordsAt({ log, changes, resolved, values }: World, now: number): readonly Stamped[] {
    const all = [
      { second: 0, type: 'incident.triggered' as const },
      ...log.filter(({ second }) => second < resolved),
      { second: resolved, type: 'incident.resolved' as const },
    ];
    const known = all.map((entry, index) => ({ ...entry, index })).toSorted((a, b) => a.second - b.second || a.index - b.index);
    const entries = known.filter(({ second }) => second < now);
    const closed = resolved < now ? { status: 'resolved' as const, resolvedAt: at(resolved) } : { status: 'open' as const };
    const { resolvedAt: _, ...open } = incidentFactOf({ triggeredAt: at(0) });
    return [
      recordOf('PABC', { facts: [{ ...open, ...closed }] }, { stream: 'incidents' }),
      ...entries.map(({ second, type, index }, place) =>
        recordOf(`R${index}`, { events: [eventOf(type, at(second), { key: `R${index}`, sequence: place - entries.length + 1 })] }),
      ),
      ...changes.flatMap(({ second, type, id }, index) =>
        second < now
          ? [
              recordOf(
                `D${index}`,
                { events: [eventOf(type, at(second), { key: `D${index}`, correlationKeys: [`deployment:acme/api#${id}`] })] },
                { stream: 'deployments' },
              ),
            ]
          : [],
      ),
      recordOf(
        'errors',
        {
          series: [
            seriesOf(
              'aws-prod/metric:X/Errors#Sum',
              60_000,
              '14:00',
              values.filter((_value, minute) => minute * 60 + 60 - 1_980 <= now),
              { metric: 'Errors' },
            ),
          ],
        },
        { source: 'aws-prod', stream: 'series' },
      ),
    ];
  }

  it('is the case, the analysis and the draft of whoever drafted at that moment', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const asOf = at(world.asOf);
        const policy = { ...DEFAULT_POLICY, impact_metrics: [{ metric: 'X Errors' }] };
        const draftOf = (records: readonly Stamped[], windows: typeof WINDOWS) => {
          const snapshot = snapshotOf(records, {
            asOf,
            policy,
            windows,
            coverage: [pulledOf('pagerduty', 'log_entries'), pulledOf('aws-prod', 'series')],
          });
          const theCase = assemble(snapshot, records, [API_SERVICE]);
          return JSON.stringify(compose(theCase, analyze(theCase), [], 'sha256:draft'));
        };
        const cut = { ...WINDOWS, incident: { ...WINDOWS.incident, to: asOf }, changes: { ...WINDOWS.changes, to: asOf } };
        const then = draftOf(recordsAt(world, world.asOf), asOf < WINDOWS.incident.to ? cut : WINDOWS);
        expect(draftOf(recordsAt(world, Number.POSITIVE_INFINITY), WINDOWS)).toBe(then);
      }),
      { numRuns: 300 },
    );
  });
});
