import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../../../src/core/events.ts';
import type { Json } from '../../../src/core/evidence.ts';
import { deriveAckLapses, finalStateOf } from '../../../src/core/timeline/acknowledgements.ts';
import { type Normalized, stamp } from '../../../src/core/timeline/normalize.ts';
import { eventOf, evidenceOf } from '../../support/events.ts';
import { sharedFile } from '../../support/shared.ts';

const jane = { kind: 'person', id: 'pagerduty:user:PJANED1' } as const;
const robot = { kind: 'automation', name: 'API' } as const;

describe('an acknowledgement', () => {
  it('U0.5 ends when the incident is escalated, although the source writes no entry of it', () => {
    const acknowledged = eventOf('incident.acknowledged', '14:35');
    const escalated = eventOf('incident.escalated', '14:45', { actor: jane });
    const events = [eventOf('incident.triggered', '14:33'), acknowledged, escalated];
    expect(deriveAckLapses(events)).toEqual([
      {
        id: `derived/ack_lapsed/pagerduty/incident:PABC/${escalated.provenance.nativeId}#incident.ack_lapsed`,
        type: 'incident.ack_lapsed',
        time: escalated.time,
        timeMeaning: 'recorded',
        knowableAt: escalated.knowableAt,
        actor: jane,
        belongsTo: escalated.belongsTo,
        correlationKeys: escalated.correlationKeys,
        attributes: { 'incident.id': 'PABC' },
        provenance: { rule: 'ack_lapsed', from: [acknowledged.provenance.evidence, escalated.provenance.evidence] },
      },
    ]);
    expect(finalStateOf(events)).toBe('triggered');
  });

  it('ends once, however many were called by one escalation', () => {
    const called = ['PKIAN', 'PKEON'].map((user, index) =>
      eventOf('incident.escalated', '14:45', { key: user, sequence: index, attributes: { 'responder.id': `pagerduty:user:${user}` } }),
    );
    expect(deriveAckLapses([eventOf('incident.triggered', '14:33'), eventOf('incident.acknowledged', '14:35'), ...called])).toHaveLength(1);
  });

  it('ends when a person hands the incident on, but not by the assignment that is written beside it', () => {
    const opened = [eventOf('incident.triggered', '14:33'), eventOf('incident.acknowledged', '14:35', { actor: jane })];
    const beside = eventOf('incident.reassigned', '14:35', { key: 'beside', actor: jane });
    const automatic = eventOf('incident.reassigned', '14:36', { key: 'automatic', actor: robot });
    const handed = eventOf('incident.reassigned', '14:37', { key: 'handed', actor: jane });
    expect(finalStateOf([...opened, beside, automatic])).toBe('acknowledged');
    expect(deriveAckLapses([...opened, beside, automatic])).toEqual([]);
    expect(finalStateOf([...opened, beside, automatic, handed])).toBe('triggered');
    expect(deriveAckLapses([...opened, beside, automatic, handed]).map(({ time }) => time)).toEqual([handed.time]);
  });

  it('ends with an entry of its own where the source writes one: nothing is derived then', () => {
    const events = [
      eventOf('incident.triggered', '14:33'),
      eventOf('incident.acknowledged', '14:35'),
      eventOf('incident.unacknowledged', '15:05'),
      eventOf('incident.escalated', '15:05', { key: 'later', sequence: 1 }),
    ];
    expect(deriveAckLapses(events)).toEqual([]);
    expect(finalStateOf(events)).toBe('triggered');
  });

  it('outlives later alerts of the incident, notes and notifications', () => {
    const events = [
      eventOf('incident.triggered', '14:33'),
      eventOf('incident.acknowledged', '14:35'),
      eventOf('incident.triggered', '14:36'),
      eventOf('responder.notified', '14:37'),
      eventOf('note.added', '14:38'),
    ];
    expect(finalStateOf(events)).toBe('acknowledged');
    expect(deriveAckLapses(events)).toEqual([]);
  });
});

describe('the state of an incident', () => {
  it('is nothing before its trigger', () => {
    expect(finalStateOf([eventOf('note.added', '14:38')])).toBeUndefined();
  });

  it('is open again after it was reopened, and closed by a merge', () => {
    const closed = [eventOf('incident.triggered', '14:33'), eventOf('incident.resolved', '14:57')];
    expect(finalStateOf(closed)).toBe('resolved');
    expect(finalStateOf([...closed, eventOf('incident.reopened', '15:10')])).toBe('triggered');
    expect(finalStateOf([eventOf('incident.triggered', '14:33'), eventOf('incident.merged', '14:40')])).toBe('resolved');
  });

  it('does not mix two incidents, or two accounts that use one id', () => {
    const acknowledged = eventOf('incident.acknowledged', '14:35');
    const elsewhere = eventOf('incident.escalated', '14:45', { source: 'pagerduty-eu' });
    const other = eventOf('incident.escalated', '14:46', { attributes: { 'incident.id': 'POTHER' } });
    expect(deriveAckLapses([eventOf('incident.triggered', '14:33'), acknowledged, elsewhere, other])).toEqual([]);
  });

  it('is the same with the lapses among the events, and whatever the order of arrival', () => {
    const steps = fc.array(
      fc.constantFrom('incident.acknowledged', 'incident.escalated', 'incident.delegated', 'incident.resolved', 'incident.reopened'),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(steps, (types) => {
        const later = types.map((type, index) => eventOf(type, `14:${String(34 + index).padStart(2, '0')}`));
        const events = [eventOf('incident.triggered', '14:33'), ...later];
        const lapses = deriveAckLapses(events);
        expect(deriveAckLapses([...lapses, ...events].toReversed())).toEqual(lapses);
        expect(finalStateOf([...lapses, ...events].toReversed())).toBe(finalStateOf(events));
        const acknowledgements = types.filter((type) => type === 'incident.acknowledged').length;
        expect(lapses.length).toBeLessThanOrEqual(acknowledgements);
      }),
    );
  });
});

interface Recorded {
  readonly id: string;
  readonly incident_number: number;
  readonly status: string;
  readonly log_entries: readonly { readonly id: string }[];
}

const recorded = sharedFile('data/pagerduty/devlake/incidents.json');
const connector = fileURLToPath(new URL('../../../connectors/pagerduty/streams/log-entries.ts', import.meta.url));

describe.skipIf(!recorded || !existsSync(connector))('the recorded incidents (needs the shared reference folder)', () => {
  async function eventsByNumber(): Promise<ReadonlyMap<number, { readonly status: string; readonly events: readonly RecordedEvent[] }>> {
    const { logEntries } = (await import(connector)) as { logEntries: { normalize(record: unknown): Normalized } };
    const incidents = JSON.parse(readFileSync(recorded ?? '', 'utf8')) as readonly Recorded[];
    return new Map(
      incidents.map(({ incident_number, status, log_entries }) => {
        const stamped = log_entries.map((entry, index) => {
          const record = evidenceOf(entry.id, JSON.parse(JSON.stringify(entry)) as Json, { sequence: 0 - index });
          return stamp(record, logEntries.normalize(record), 'pagerduty/1');
        });
        expect(stamped.flatMap(({ issues }) => issues)).toEqual([]);
        return [incident_number, { status, events: stamped.flatMap(({ events }) => events) }];
      }),
    );
  }

  it('U0.5 end in the state that PagerDuty recorded', async () => {
    const incidents = await eventsByNumber();
    expect([...incidents.keys()].toSorted()).toEqual([4, 5, 6]);
    for (const { status, events } of incidents.values()) expect(finalStateOf(events)).toBe(status);
  });

  it('U0.5 lost three acknowledgements to two delegations and one escalation', async () => {
    const incidents = await eventsByNumber();
    const lapses = [...incidents].flatMap(([number, { events }]) => deriveAckLapses(events).map(({ time }) => [number, time.at]));
    expect(lapses).toEqual([
      [4, '2022-11-03T06:32:13.000Z'],
      [4, '2022-11-03T06:34:35.000Z'],
      [4, '2022-11-03T06:34:57.000Z'],
    ]);
  });
});
