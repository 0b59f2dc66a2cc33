import { describe, expect, it } from 'vitest';
import { pagerduty } from '../../../connectors/pagerduty/index.ts';
import { alerts } from '../../../connectors/pagerduty/streams/alerts.ts';
import { incidents } from '../../../connectors/pagerduty/streams/incidents.ts';
import { logEntries } from '../../../connectors/pagerduty/streams/log-entries.ts';
import { notes } from '../../../connectors/pagerduty/streams/notes.ts';
import { type AnyConnector, type Json, reader } from '../../../src/contract/index.ts';
import { analyze } from '../../../src/core/analysis/analyze.ts';
import { instant } from '../../support/events.ts';
import { SAMPLE_EVENTS, sampleCase } from '../../support/sample-case.ts';
import { pullAll } from '../../support/streams.ts';
import { INCIDENT, openSource, requestOf, say, sayBody, worldWith } from './support.ts';

const scope = { service_ids: ['PAPI001'] };
const { config }: AnyConnector = pagerduty;

/** Each with what its vendor's schema requires; the rest may be null at any time. */
const REQUIRED = [
  [incidents, ['id', 'status', 'created_at']],
  [logEntries, ['id', 'type', 'created_at', 'incident']],
  [alerts, ['id', 'created_at']],
  [notes, ['id', 'content', 'created_at']],
] as const;

describe('the account', () => {
  it('U1.1 a key of the other region is refused like a wrong one: the message names the address to look at', async () => {
    expect(reader(config).read({ connector: 'pagerduty', token_env: 'T', base_url: 'https://api.eu.pagerduty.com' })).toBeDefined();
    await using source = await openSource({ token: 'a-key-of-the-other-region' });
    await expect(pullAll(incidents, source.client, requestOf({ scope }))).rejects.toMatchObject({
      reason: 'unauthorized',
      message: expect.stringMatching(/base_url for an EU account/),
    });
  });
});

describe('what comes and what does not', () => {
  it.each(REQUIRED.map(([stream, required]) => [stream.spec.id, stream, required] as const))(
    'U1.1 any member that is not required may be null: %s',
    async (_, stream, required) => {
      await using source = await openSource();
      for (const record of (await pullAll(stream, source.client, requestOf({ scope }))).records) {
        const whole = say(stream, record);
        for (const name of Object.keys(Object(record.body)).filter((key) => !required.some((kept) => kept === key))) {
          const { events, issues } = say(stream, { ...record, body: { ...Object(record.body), [name]: null } });
          expect([name, issues]).toEqual([name, []]);
          // A time or a list of people that is gone takes its own event with it, and no other.
          expect(whole.events.length - events.length).toBeLessThanOrEqual(
            name === 'incidents_responders' || name === 'resolved_at' ? 9 : 0,
          );
        }
      }
    },
  );

  it('U1.2 never asks for the overview, which drops whom was told', async () => {
    await using source = await openSource();
    const { records } = await pullAll(logEntries, source.client, requestOf({ scope }));
    expect(source.standIn.requests.filter(({ query }) => query.includes('is_overview'))).toEqual([]);
    expect(records.flatMap((record) => say(logEntries, record).events.map(({ type }) => type))).toContain('responder.notified');
  });

  it('U1.4 a channel of a type that nobody has told us of is read like the others', () => {
    const body: Json = {
      id: 'R1',
      type: 'acknowledge_log_entry',
      created_at: '2024-01-15T14:35:00Z',
      agent: { id: 'PJANED1', type: 'user_reference', summary: 'Jane Doe' },
      channel: { type: 'smart_watch', anything: [1, null] },
      incident: { id: INCIDENT },
    };
    const { events, issues } = sayBody(logEntries, body);
    expect([issues, events.map(({ type, actor }) => [type, actor?.kind])]).toEqual([[], [['incident.acknowledged', 'person']]]);
  });

  it('U1.9-7 offset counts records, and the next page begins behind those that came', async () => {
    const log = Array.from({ length: 250 }, (_, index) => ({
      at: new Date(Date.UTC(2024, 0, 15, 13, 0, index)).toISOString().replace('.000Z', 'Z'),
      type: 'annotate',
      by: 'jane',
      text: `Note ${index}`,
    }));
    await using source = await openSource({ world: worldWith({ id: 'QLONG', log }) });
    const { records } = await pullAll(logEntries, source.client, requestOf({ scope, keys: ['pagerduty/incident:QLONG'] }));
    expect(source.standIn.requests.map(({ query }) => new URLSearchParams(query).get('offset'))).toEqual(['0', '100', '200']);
    expect(new Set(records.map(({ nativeId }) => nativeId)).size).toBe(250);
  });

  it('U1.9-10 resolved and never acknowledged has no time to acknowledge: it is not taken for one', () => {
    const events = SAMPLE_EVENTS.filter(({ type }) => type !== 'incident.acknowledged' && type !== 'responder.joined');
    const { milestones, durations } = analyze(sampleCase({ events }));
    expect(milestones.acknowledged.known).toBe(false);
    expect(durations.time_to_acknowledge).toMatchObject({ status: 'unknown', missing: ['acknowledged'] });
  });

  it('U1.9-11 an alert may be older than its incident, and both keep their own times', async () => {
    const alert = {
      id: 'QALERTOLD',
      at: '2024-01-15T14:59:58Z',
      integration: 'PINTCW1',
      alarm: 'none-such',
      state_change_at: '2024-01-15T14:59:57.500Z',
    };
    const world = worldWith({ id: 'QLATE', created_at: '2024-01-15T15:00:00Z', log: [], alerts: [alert] });
    await using source = await openSource({ world });
    const request = requestOf({ scope, keys: ['pagerduty/incident:QLATE'] });
    const [told] = (await pullAll(alerts, source.client, request)).records.map((record) => say(alerts, record));
    const [read] = (await pullAll(incidents, source.client, request)).records.map((record) => say(incidents, record));
    expect(told?.events.map(({ time }) => time.at)).toEqual([instant('14:59:57.500')]);
    expect(read?.facts[0]).toMatchObject({ triggeredAt: instant('15:00') });
    expect([told?.issues, read?.issues]).toEqual([[], []]);
  });
});
