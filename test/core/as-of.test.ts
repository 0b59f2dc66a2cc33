import { expect, it } from 'vitest';
import { assemble } from '../../src/core/case.ts';
import { unplacedNamesIn } from '../../src/core/name-forms.ts';
import { API_SERVICE, eventOf, factOf, incidentFactOf, instant, pulledOf, recordOf, snapshotOf } from '../support/events.ts';

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
