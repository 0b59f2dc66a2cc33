import { expect, it } from 'vitest';
import { assemble } from '../../src/core/case.ts';
import { unplacedNamesIn } from '../../src/core/name-forms.ts';
import { API_SERVICE, eventOf, incidentFactOf, instant, pulledOf, recordOf, snapshotOf } from '../support/events.ts';

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
