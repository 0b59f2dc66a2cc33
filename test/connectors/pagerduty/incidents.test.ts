import { describe, expect, it } from 'vitest';
import { incidents } from '../../../connectors/pagerduty/streams/incidents.ts';
import type { WorldIncident } from '../../../demo/world.ts';
import type { Json } from '../../../src/contract/index.ts';
import { atMost } from '../../../src/contract/index.ts';
import { instant, windowOf } from '../../support/events.ts';
import { pullAll } from '../../support/streams.ts';
import { INCIDENT, KEY, openSource, requestOf, SERVICE, sampleWorld, say, sayBody } from './support.ts';

const scope = { service_ids: ['PAPI001'] };
const REFERENCE = { type: 'user_reference', id: 'PJANED1', summary: 'Jane Doe' };

function recordOf(more: { readonly [name: string]: Json } = {}): { readonly [name: string]: Json } {
  return { id: 'Q1', title: 'Down', status: 'resolved', created_at: '2024-01-15T14:33:00Z', resolved_at: '2024-01-15T14:57:00Z', ...more };
}

function factOf(more: { readonly [name: string]: Json } = {}) {
  return sayBody(incidents, recordOf(more)).facts.find(({ kind }) => kind === 'incident');
}

describe('one incident by its key', () => {
  it.each([KEY, 'pagerduty/incident:4821'])('U1.2 %s is read by id or by number, and kept under its id', async (key) => {
    await using source = await openSource();
    const { records, gaps } = await pullAll(incidents, source.client, requestOf({ scope, keys: [key] }));
    expect([records.length, records[0]?.nativeId, gaps]).toEqual([1, INCIDENT, []]);
    expect(source.standIn.requests[0]?.query).toContain('include%5B%5D=priorities');
  });

  it('says what the case needs to know', async () => {
    await using source = await openSource();
    const { records } = await pullAll(incidents, source.client, requestOf({ scope }));
    const said = records.map((record) => say(incidents, record));
    expect(said[0]?.issues).toEqual([]);
    expect(said[0]?.facts).toMatchObject([
      {
        kind: 'incident',
        key: KEY,
        number: 4821,
        title: 'ALARM: "api-HighErrorRate" in US East (N. Virginia)',
        url: `https://acme.pagerduty.com/incidents/${INCIDENT}`,
        severity: 'P1',
        status: 'resolved',
        triggeredAt: instant('14:33'),
        resolvedAt: instant('14:57'),
        serviceName: 'API',
        belongsTo: [SERVICE],
      },
      { kind: 'person', key: 'pagerduty:user:PJANED1', names: ['Jane Doe'] },
      { kind: 'person', key: 'pagerduty:user:PJSMITH', names: ['John Smith'] },
    ]);
    expect(said[0]?.events).toMatchObject([
      {
        type: 'responder.joined',
        time: { at: instant('14:37:10') },
        actor: { kind: 'person', id: 'pagerduty:user:PJSMITH' },
        attributes: { 'responder.id': 'pagerduty:user:PJSMITH' },
        provenance: { pointer: '/incidents_responders/0/updated_at' },
      },
    ]);
  });

  it('an open one has no end', async () => {
    await using source = await openSource({ world: sampleWorld('2024-01-15T14:40:00Z') });
    const { records } = await pullAll(incidents, source.client, requestOf({ scope }));
    const fact = records.flatMap((record) => say(incidents, record).facts).find(({ kind }) => kind === 'incident');
    expect(fact).toMatchObject({ status: 'open' });
    expect(fact).not.toHaveProperty('resolvedAt');
  });

  it('an unknown one is an empty answer that says why', async () => {
    await using source = await openSource();
    const keys = ['pagerduty/incident:PNONE', KEY];
    const { records, gaps, hints } = await pullAll(incidents, source.client, requestOf({ scope, keys }));
    expect([records.map(({ nativeId }) => nativeId), gaps]).toEqual([[INCIDENT], []]);
    expect(hints).toEqual(['PagerDuty knows no incident PNONE: Incident Not Found [5001].']);
  });
});

describe('the incidents of a window', () => {
  it("are those of the scope's services that began in it", async () => {
    await using source = await openSource();
    const found = async (from: string, to: string, service_ids: string[]) =>
      (await pullAll(incidents, source.client, requestOf({ scope: { service_ids }, keys: [], window: windowOf(from, to) }))).records.map(
        ({ nativeId }) => nativeId,
      );
    expect(await found('14:33', '16:00', ['PAPI001'])).toEqual([INCIDENT]);
    expect(await found('14:00', '16:00', ['PAPI001', 'PCHK001'])).toEqual(['Q1CHKLATENCY01', INCIDENT]);
    expect(await found('14:34', '16:00', ['PAPI001'])).toEqual([]);
  });

  it('U1.2 are asked for with both ends, in pieces that PagerDuty takes', async () => {
    await using source = await openSource();
    const window = windowOf('2023-01-01T00:00:00Z', '2024-01-15T16:00:00Z');
    const { records, gaps, checkpoints } = await pullAll(incidents, source.client, requestOf({ scope, keys: [], window }));
    expect([records.map(({ nativeId }) => nativeId), gaps]).toEqual([['Q0CACHELEAK023', 'Q0CPUSPIKE2023', INCIDENT], []]);
    expect(source.standIn.requests.map(({ status }) => status)).toEqual([200, 200, 200]);
    for (const { query } of source.standIn.requests) {
      const asked = new URLSearchParams(query);
      expect([asked.has('since'), asked.has('until'), asked.getAll('statuses[]').length]).toEqual([true, true, 3]);
    }
    const rest = await pullAll(incidents, source.client, requestOf({ scope, keys: [], window, resumeAfter: checkpoints[1] ?? '' }));
    expect(rest.records.map(({ nativeId }) => nativeId)).toEqual(['Q0CPUSPIKE2023', INCIDENT]);
  });

  it('are paged through, and cut where the budget ends', async () => {
    const world = sampleWorld();
    const many = Array.from({ length: 230 }, (_, index): WorldIncident => {
      const at = new Date(Date.parse('2024-01-10T00:00:00Z') + index * 60_000).toISOString();
      return {
        id: `QM${index}`,
        number: 9000 + index,
        title: 'Many',
        service: 'PAPI001',
        urgency: 'low',
        created_at: at,
        status: 'triggered',
        log: [],
      };
    });
    await using source = await openSource({ world: { ...world, pagerduty: { ...world.pagerduty, incidents: many } } });
    const window = windowOf('2024-01-09T00:00:00Z', '2024-01-12T00:00:00Z');
    const all = await pullAll(incidents, source.client, requestOf({ scope, keys: [], window }));
    expect(new Set(all.records.map(({ nativeId }) => nativeId)).size).toBe(230);
    const cut = await pullAll(incidents, source.client, requestOf({ scope, keys: [], window, calls: atMost(1) }));
    expect([cut.records.length, cut.checkpoints]).toEqual([100, []]);
    expect(cut.gaps).toMatchObject([{ reason: 'budget', detail: 'incidents since 2024-01-09T00:00:00.000Z: not read from number 101 on' }]);
  });

  it("are not the whole account's where no service is named", async () => {
    await using source = await openSource();
    const { records, gaps } = await pullAll(incidents, source.client, requestOf({ scope: { service_ids: [] }, keys: [] }));
    expect([records.length, source.standIn.requests.length]).toEqual([0, 0]);
    expect(gaps).toMatchObject([{ reason: 'not_mapped' }]);
  });
});

describe('what a record says', () => {
  it('U1.9-9 one that was merged is followed, and was not resolved', () => {
    const resolve_reason = { type: 'merge_resolve_reason', incident: { id: 'Q2', type: 'incident_reference' } };
    expect(factOf({ resolve_reason })).toMatchObject({ status: 'merged', mergedInto: 'pagerduty/incident:Q2' });
    expect(factOf({ resolve_reason: null })).toMatchObject({ status: 'resolved' });
  });

  it('U1.3 the end is the last change of status where resolved_at is missing', () => {
    expect(factOf({ resolved_at: null, last_status_change_at: '2024-01-15T14:58:00Z' })).toMatchObject({ resolvedAt: instant('14:58') });
    expect(factOf({ status: 'triggered', resolved_at: null, last_status_change_at: '2024-01-15T14:58:00Z' })).not.toHaveProperty(
      'resolvedAt',
    );
  });

  it('U1.3 who holds it now is no happening: acknowledgements and assignments are told by log entries alone', () => {
    const at = '2024-01-15T14:35:00Z';
    const now = { acknowledgements: [{ at, acknowledger: REFERENCE }], assignments: [{ at, assignee: REFERENCE }] };
    for (const status of ['acknowledged', 'triggered', 'resolved']) {
      const held = sayBody(incidents, recordOf({ status, resolved_at: null, ...now }));
      const none = sayBody(incidents, recordOf({ status, resolved_at: null, acknowledgements: [], assignments: [] }));
      expect([held.issues, held.events]).toEqual([[], []]);
      const bare = (said: typeof held) => ({ ...said.facts.find(({ kind }) => kind === 'incident'), evidence: undefined });
      expect(bare(held)).toEqual(bare(none));
    }
  });

  it('severity is the priority, by its summary or its name', () => {
    expect(factOf({ priority: { id: 'PP', type: 'priority', summary: 'P2', name: 'P2 - minor' } })).toMatchObject({ severity: 'P2' });
    expect(factOf({ priority: { id: 'PP', type: 'priority', name: 'SEV-1' } })).toMatchObject({ severity: 'SEV-1' });
    expect(factOf({ priority: null })).not.toHaveProperty('severity');
  });

  it('U1.2 who joined and who declined are told apart, once for each request, and no answer is none', () => {
    const answer = (state: string, at: string) => ({ state, user: REFERENCE, requested_at: at, updated_at: at });
    const { events, issues } = sayBody(
      incidents,
      recordOf({
        incidents_responders: [
          answer('pending', '2024-01-15T14:36:00Z'),
          answer('declined', '2024-01-15T14:37:00Z'),
          answer('joined', '2024-01-15T14:38:00Z'),
          answer('joined', '2024-01-15T14:39:00-05:00'),
          answer('user_cancelled', '2024-01-15T14:40:00Z'),
        ],
      }),
    );
    expect(issues).toEqual([]);
    expect(events.map(({ type, time }) => [type, time.at])).toEqual([
      ['responder.declined', instant('14:37')],
      ['responder.joined', instant('14:38')],
      ['responder.joined', instant('19:39')],
    ]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(3);
  });

  it('what cannot be read is an issue', () => {
    expect(sayBody(incidents, { id: 'Q1' }).issues).toHaveLength(1);
    expect(sayBody(incidents, recordOf({ created_at: 'yesterday' })).issues).toEqual([
      { pointer: '/created_at', problem: 'not a time with an offset' },
    ]);
  });
});
