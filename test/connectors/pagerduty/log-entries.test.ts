import { describe, expect, it } from 'vitest';
import { IGNORED } from '../../../connectors/pagerduty/log-entry.ts';
import { logEntries } from '../../../connectors/pagerduty/streams/log-entries.ts';
import type { WorldLogEntry } from '../../../demo/world.ts';
import type { Json } from '../../../src/contract/index.ts';
import { atMost } from '../../../src/contract/index.ts';
import { orderEvents } from '../../../src/core/timeline/order.ts';
import { instant, windowOf } from '../../support/events.ts';
import { pullAll } from '../../support/streams.ts';
import { ALARM, KEY, openSource, requestOf, SERVICE, type SourceOptions, say, sayBody, worldWith } from './support.ts';

const SCOPE = { scope: {} };
const JANE = { id: 'PJANED1', type: 'user_reference', summary: 'Jane Doe' };
const JOHN = { id: 'PJSMITH', type: 'user_reference', summary: 'John Smith' };
const API = { id: 'PAPI001', type: 'service_reference', summary: 'API' };
const PAGE = 'https://acme.pagerduty.com/incidents/Q1';

function entryOf(type: string, more: { readonly [name: string]: Json } = {}): { readonly [name: string]: Json } {
  return {
    id: 'R1',
    type: `${type}_log_entry`,
    summary: `${type} by Jane Doe.`,
    created_at: '2024-01-15T14:35:00Z',
    html_url: null,
    agent: JANE,
    channel: { type: 'website' },
    service: API,
    incident: { id: 'Q1', type: 'incident_reference', html_url: PAGE },
    ...more,
  };
}

function saidOf(body: Json) {
  const { events, facts, issues } = sayBody(logEntries, body);
  expect(issues).toEqual([]);
  return { events, facts };
}

describe('what is pulled', () => {
  it('U1.4 the sample incident, in the order in which it was written', async () => {
    await using source = await openSource();
    const { records, gaps, checkpoints } = await pullAll(logEntries, source.client, requestOf(SCOPE));
    const said = records.map((record) => say(logEntries, record));
    expect(said.flatMap(({ issues }) => issues)).toEqual([]);
    expect(gaps).toEqual([]);
    expect(checkpoints).toEqual([KEY]);
    const rows = orderEvents(said.flatMap(({ events }) => events)).map(({ time, type }) => `${time.at.slice(11, 19)} ${type}`);
    expect(rows).toEqual([
      '14:33:00 incident.triggered',
      '14:33:00 incident.reassigned',
      '14:33:01 responder.notified',
      '14:33:04 responder.notified',
      '14:35:00 incident.acknowledged',
      '14:36:00 responder.requested',
      '14:36:02 responder.notified',
      '14:37:00 status.published',
      '14:38:00 note.added',
      '14:40:00 note.added',
      '14:42:00 status.published',
      '14:43:00 note.added',
      '14:47:00 status.published',
      '14:52:00 status.published',
      '14:57:00 incident.resolved',
      '14:57:30 status.published',
      '15:30:00 note.added',
    ]);
  });

  it('U1.2 asks for UTC and for channels, and a second more on both ends', async () => {
    await using source = await openSource();
    await pullAll(logEntries, source.client, requestOf({ ...SCOPE, window: windowOf('14:33:00', '14:57:00') }));
    const query = new URLSearchParams(source.standIn.requests[0]?.query);
    expect(Object.fromEntries(query)).toEqual({
      since: '2024-01-15T14:32:59Z',
      until: '2024-01-15T14:57:01Z',
      time_zone: 'UTC',
      'include[]': 'channels',
      limit: '100',
      offset: '0',
    });
  });

  it('a window without an end ends tomorrow', async () => {
    await using source = await openSource();
    const window = windowOf('1970-01-01T00:00:00Z', '9999-12-31T23:59:59Z');
    const { records } = await pullAll(logEntries, source.client, requestOf({ ...SCOPE, window }));
    expect(records).toHaveLength(17);
    expect(source.standIn.requests[0]?.query).toContain('until=2024-01-16T16%3A00%3A01Z');
  });

  it('U0.3 reads every page of a nested list', async () => {
    await using source = await openSource({ world: worldWith({ id: 'QBUSY', log: busyLog(250) }) });
    const request = requestOf({ ...SCOPE, keys: ['pagerduty/incident:QBUSY'], window: windowOf('09:00', '16:00') });
    const { records, gaps } = await pullAll(logEntries, source.client, request);
    expect([records.length, new Set(records.map(({ nativeId }) => nativeId)).size, gaps.length]).toEqual([250, 250, 0]);
    expect(source.standIn.requests).toHaveLength(3);
    const events = orderEvents(records.flatMap((record) => say(logEntries, record).events));
    const texts = events.flatMap((event) => (event.type === 'note.added' ? [event.attributes.text] : []));
    expect(texts).toEqual(busyLog(250).map(({ text }) => text));
  });

  it('U1.6 stops at the cap of 10,000 with a gap, so that the runner asks for halves', async () => {
    await using source = await openSource({ world: worldWith({ id: 'QBUSY', log: busyLog(10_050) }) });
    const request = requestOf({ ...SCOPE, keys: ['pagerduty/incident:QBUSY', KEY], window: windowOf('09:00', '16:00') });
    const { records, gaps } = await pullAll(logEntries, source.client, request);
    expect(source.standIn.requests.every(({ status }) => status === 200)).toBe(true);
    expect(records).toHaveLength(10_017);
    expect(gaps).toEqual([
      { window: request.window, reason: 'result_limit', detail: 'pagerduty/incident:QBUSY: PagerDuty gives the first 10000 and no more' },
    ]);
    expect(logEntries.spec).toMatchObject({ maxResults: 10_000, windowField: 'created_at' });
    const half = await pullAll(logEntries, source.client, { ...request, window: windowOf('09:00', '10:01') });
    expect(half.gaps).toEqual([]);
  });

  it('stays inside its budget, and says where it stopped', async () => {
    await using source = await openSource({ world: worldWith({ id: 'QBUSY', log: busyLog(250) }) });
    const keys = ['pagerduty/incident:QBUSY', KEY];
    const request = requestOf({ ...SCOPE, keys, window: windowOf('09:00', '16:00'), calls: atMost(2) });
    const cut = await pullAll(logEntries, source.client, request);
    expect(source.standIn.requests).toHaveLength(2);
    expect([cut.records.length, cut.checkpoints]).toEqual([200, []]);
    expect(cut.gaps).toMatchObject([{ reason: 'budget', detail: 'pagerduty/incident:QBUSY: not read from number 201 on' }]);
    const whole = await pullAll(logEntries, source.client, { ...request, calls: atMost(3) });
    expect(whole.checkpoints).toEqual([keys[0]]);
    expect(whole.gaps).toMatchObject([{ reason: 'budget', detail: `not read from ${KEY} on` }]);
    const rest = await pullAll(logEntries, source.client, { ...request, calls: atMost(3), resumeAfter: 'pagerduty/incident:QBUSY' });
    expect([rest.records.length, rest.checkpoints]).toEqual([17, [KEY]]);
  });

  it('an incident that PagerDuty does not know is a gap, and the others are read', async () => {
    await using source = await openSource();
    const keys = ['pagerduty/incident:PNONE', 'pagerduty/window:1', KEY];
    const { records, gaps, checkpoints } = await pullAll(logEntries, source.client, requestOf({ ...SCOPE, keys }));
    expect(records).toHaveLength(17);
    expect(gaps.map(({ reason, detail }) => `${reason}: ${detail}`)).toEqual([
      'unreadable: PagerDuty knows no incident PNONE: Incident Not Found [5001]',
      "unreadable: pagerduty/window:1 names no incident of PagerDuty's",
    ]);
    expect(checkpoints).toEqual(keys);
  });

  it('what PagerDuty fails at half-way fails the pull: a part is not the whole', async () => {
    await using source = await openSource({ world: worldWith({ id: 'QBUSY', log: busyLog(250) }) });
    source.standIn.fail({ path: /offset=100/, mode: 500 });
    const request = requestOf({ ...SCOPE, keys: ['pagerduty/incident:QBUSY'], window: windowOf('09:00', '16:00') });
    await expect(pullAll(logEntries, source.client, request)).rejects.toMatchObject({ name: 'SourceError', reason: 'unavailable' });
  });
});

describe('a window with no incident', () => {
  const WINDOW = { scope: {}, keys: [] as const };

  it('U1.2 takes the log entries of the whole account, those of incidents that began before it and of other services too', async () => {
    await using source = await openSource();
    const request = requestOf({ ...WINDOW, window: windowOf('14:12', '14:34') });
    const { records, gaps, checkpoints } = await pullAll(logEntries, source.client, request);
    expect([gaps, checkpoints]).toEqual([[], [instant('14:34')]]);
    expect(source.standIn.requests.map(({ path }) => path)).toEqual(['/log_entries']);
    const events = orderEvents(records.flatMap((record) => say(logEntries, record).events));
    expect(events.map(({ type, belongsTo }) => [type, ...belongsTo])).toEqual([
      ['incident.acknowledged', 'pagerduty/service:PCHK001'],
      ['incident.resolved', 'pagerduty/service:PCHK001'],
      ['incident.triggered', SERVICE],
      ['incident.reassigned', SERVICE],
      ['responder.notified', SERVICE],
      ['responder.notified', SERVICE],
    ]);
  });

  it('says the same of an entry as the incident that it belongs to', async () => {
    await using source = await openSource();
    const asked = requestOf(SCOPE);
    const named = await pullAll(logEntries, source.client, asked);
    const all = await pullAll(logEntries, source.client, { ...asked, keys: [] });
    const bodies = new Map(all.records.map(({ nativeId, body }) => [nativeId, body]));
    expect(named.records.length).toBeGreaterThan(10);
    for (const { nativeId, body } of named.records) expect(bodies.get(nativeId)).toEqual(body);
  });

  it.each([
    ['a day', windowOf('09:00', '16:00'), 1],
    ['one second', { from: instant('14:33'), to: instant('14:33:01') }, 100],
  ])('U1.6 that holds more than 10,000 in %s is not read in vain where it can be halved', async (_, window, requests) => {
    const answer: SourceOptions['answer'] = ({ url }) => {
      const offset = Number(url.searchParams.get('offset'));
      const log_entries = Array.from({ length: 100 }, (_, index) => entryOf('annotate', { id: `R${offset + index}` }));
      return { status: 200, body: { log_entries, more: true, limit: 100, offset, total: url.searchParams.get('total') ? 17_495 : null } };
    };
    await using source = await openSource({ answer });
    const { records, gaps } = await pullAll(logEntries, source.client, requestOf({ ...WINDOW, window }));
    expect(gaps).toMatchObject([{ reason: 'result_limit', window }]);
    expect(source.standIn.requests).toHaveLength(requests);
    expect(records).toHaveLength(requests === 1 ? 0 : 10_000);
  });
});

/** Notes, several a second. */
function busyLog(count: number): readonly WorldLogEntry[] {
  const start = Date.parse('2024-01-15T10:00:00Z');
  return Array.from({ length: count }, (_, index) => ({
    at: new Date(start + Math.floor(index / 3) * 1000).toISOString(),
    type: 'annotate',
    by: 'jane',
    text: `note ${index}`,
  }));
}

describe('what an entry says', () => {
  it('cites its own time, place and people', () => {
    const { events, facts } = saidOf(entryOf('acknowledge'));
    expect(events).toEqual([
      {
        id: 'pagerduty/log_entries/R1#incident.acknowledged',
        type: 'incident.acknowledged',
        time: { at: '2024-01-15T14:35:00.000Z', minusMs: 0, plusMs: 1000 },
        timeMeaning: 'recorded',
        knowableAt: '2024-01-15T14:35:00.000Z',
        actor: { kind: 'person', id: 'pagerduty:user:PJANED1', name: 'Jane Doe' },
        url: PAGE,
        belongsTo: [SERVICE],
        correlationKeys: ['pagerduty/incident:Q1'],
        attributes: { 'incident.id': 'Q1', 'source.summary': 'acknowledge by Jane Doe.' },
        provenance: expect.objectContaining({ pointer: '/created_at', originalTime: '2024-01-15T14:35:00Z', normalizer: 'pagerduty/6' }),
      },
    ]);
    expect(facts).toMatchObject([{ kind: 'person', key: 'pagerduty:user:PJANED1', names: ['Jane Doe'] }]);
  });

  it.each([
    ['trigger', 'incident.triggered'],
    ['acknowledge', 'incident.acknowledged'],
    ['unacknowledge', 'incident.unacknowledged'],
    ['assign', 'incident.reassigned'],
    ['reassign', 'incident.reassigned'],
    ['escalate', 'incident.escalated'],
    ['delegate', 'incident.delegated'],
    ['snooze', 'incident.snoozed'],
    ['priority_change', 'incident.priority_updated'],
    ['urgency_change', 'incident.priority_updated'],
    ['repeat_escalation_path', 'incident.unanswered'],
    ['exhaust_escalation_path', 'incident.unanswered'],
    ['resolve', 'incident.resolved'],
    ['reopen', 'incident.reopened'],
    ['responder_request', 'responder.requested'],
    ['notify', 'responder.notified'],
    ['annotate', 'note.added'],
    ['status_update', 'status.published'],
    ['incident_status_update', 'status.published'],
  ])('U1.4 %s is %s', (type, event) => {
    expect(saidOf(entryOf(type)).events.map((one) => one.type)).toEqual([event]);
  });

  it('U0.4 a type that nobody has told us of is kept, with an issue, and its people are known', () => {
    const { events, facts, issues } = sayBody(logEntries, entryOf('workflow_started'));
    expect(events).toEqual([]);
    expect(issues).toEqual([{ pointer: '/type', problem: 'a type not seen before: workflow_started_log_entry' }]);
    expect(facts).toHaveLength(1);
  });

  it.each([...IGNORED])('%s is ignored, as the README says', (type) => {
    expect(saidOf({ ...entryOf(''), type }).events).toEqual([]);
  });

  it('U1.4 assigning two people is two events, one each', () => {
    const { events, facts } = saidOf(entryOf('assign', { agent: API, channel: { type: 'auto' }, assignees: [JANE, JOHN] }));
    expect(events.map(({ id }) => id)).toEqual([
      'pagerduty/log_entries/R1/PJANED1#incident.reassigned',
      'pagerduty/log_entries/R1/PJSMITH#incident.reassigned',
    ]);
    expect(events.map(({ attributes }) => attributes)).toMatchObject([
      { 'responder.id': 'pagerduty:user:PJANED1' },
      { 'responder.id': 'pagerduty:user:PJSMITH' },
    ]);
    expect(events[0]?.actor).toEqual({ kind: 'automation', name: 'API' });
    expect(facts.map(({ key }) => key)).toEqual(['pagerduty:user:PJANED1', 'pagerduty:user:PJSMITH']);
  });

  it('a person who escalates to themself is whom it goes to', () => {
    const { events } = saidOf(entryOf('escalate', { assignees: [JANE] }));
    expect(events).toMatchObject([
      { id: 'pagerduty/log_entries/R1#incident.escalated', attributes: { 'responder.id': 'pagerduty:user:PJANED1' } },
    ]);
  });

  it('U1.9-6 the notified person stands in user alone', () => {
    const channel = { type: 'auto', notification: { type: 'email_notification', address: 'jane.doe@acme.example', status: 'success' } };
    const { agent: _, ...entry } = entryOf('notify', { user: JANE, channel });
    const { events, facts } = saidOf(entry);
    expect(events).toMatchObject([{ actor: { kind: 'automation' }, attributes: { 'responder.id': 'pagerduty:user:PJANED1' } }]);
    expect(facts.flatMap((fact) => (fact.kind === 'person' ? fact.names : []))).toEqual(['Jane Doe']);
  });

  it.each([
    ['beside each other', [JOHN]],
    ['in objects of their own', [{ user: JOHN, state: 'pending' }]],
  ])('U1.4 requested responders stand %s', (_, responders) => {
    expect(saidOf(entryOf('responder_request', { responders })).events).toMatchObject([
      { attributes: { 'responder.id': 'pagerduty:user:PJSMITH' } },
    ]);
  });

  it('U1.4 who acknowledges is a person or a machine', () => {
    const kind = (agent: Json) => saidOf(entryOf('acknowledge', { agent })).events[0]?.actor?.kind;
    expect([JANE, API, { id: 'PBOT', type: 'bot_user_reference' }, null].map(kind)).toEqual([
      'person',
      'automation',
      'automation',
      'unknown',
    ]);
  });

  it("U1.4 a note's text is in its channel, whole or as a summary", () => {
    const text = (channel: Json) => saidOf(entryOf('annotate', { channel })).events.map(({ attributes }) => attributes);
    expect(text({ type: 'note', summary: 'pool is full' })).toEqual([{ text: 'pool is full' }]);
    expect(text({ type: 'note', summary: 'pool is…', content: 'pool is full' })).toEqual([{ text: 'pool is full' }]);
    expect(text({ type: 'note' })).toEqual([{ text: '' }]);
  });

  it('a note that came with another step is a note too', () => {
    const { events } = saidOf(entryOf('resolve', { note: 'Fixed' }));
    expect(events.map(({ id }) => id)).toEqual(['pagerduty/log_entries/R1#incident.resolved', 'pagerduty/log_entries/R1#note.added']);
    expect(events[1]?.attributes).toEqual({ text: 'Fixed' });
  });

  it.each([
    ['Investigating: errors', 'investigating'],
    ['IDENTIFIED - the pool', 'identified'],
    ['**Monitoring** the rollback', 'monitoring'],
    ['Resolved.', 'resolved'],
    ['We are resolved to find out', 'investigating'],
    ['', 'investigating'],
  ])('the state of the update %j is %s', (message, state) => {
    expect(saidOf(entryOf('status_update', { message })).events).toMatchObject([{ attributes: { text: message, state } }]);
  });

  it('U1.9-9 resolving by a merge is a merge', () => {
    const reasons: readonly { readonly [name: string]: Json }[] = [
      { resolve_reason: { type: 'merge_resolve_reason' } },
      { channel: { type: 'website', resolve_reason: { type: 'merge_resolve_reason' } } },
    ];
    for (const reason of reasons) expect(saidOf(entryOf('resolve', reason)).events.map(({ type }) => type)).toEqual(['incident.merged']);
    expect(saidOf(entryOf('resolve', { resolve_reason: null })).events.map(({ type }) => type)).toEqual(['incident.resolved']);
  });

  it('U1.4 a change of fields says of priority, urgency and reopening, and of others nothing', () => {
    const changed = (...fields: readonly (readonly [name: string, old_value: Json, value: Json])[]) => {
      const application_fields = fields.map(([name, old_value, value]) => ({ name, old_value, value }));
      return saidOf(entryOf('field_value_change', { channel: { type: 'website', changeset: { application_fields } } })).events;
    };
    expect(changed(['priority', null, 'P1'])).toMatchObject([
      { type: 'incident.priority_updated', attributes: { 'change.field': 'priority', 'change.to': 'P1' } },
    ]);
    expect(changed(['urgency', 'low', 'high'])).toMatchObject([
      { attributes: { 'change.field': 'urgency', 'change.from': 'low', 'change.to': 'high' } },
    ]);
    expect(changed(['status', 'resolved', 'triggered']).map(({ type }) => type)).toEqual(['incident.reopened']);
    expect(changed(['status', 'triggered', 'resolved'], ['service', 'PA', 'PB'])).toEqual([]);
    expect(changed(['priority', 'P2', 'P1'], ['urgency', 'low', 'high']).map(({ id }) => id)).toEqual([
      'pagerduty/log_entries/R1/priority#incident.priority_updated',
      'pagerduty/log_entries/R1/urgency#incident.priority_updated',
    ]);
    expect(saidOf(entryOf('custom_field_value_change')).events).toEqual([]);
  });

  const ownOf = (type: string, more: { readonly [name: string]: Json }) => {
    const [event] = saidOf(entryOf(type, { summary: null, ...more })).events;
    const { 'incident.id': _, ...own } = { ...event?.attributes, 'incident.id': '' };
    return own;
  };

  it.each([
    ['the clock', { agent: API, channel: { type: 'timeout' } }, 'timeout'],
    ['a person', { agent: JANE, channel: { type: 'mobile' } }, 'person'],
    ['an integration', { agent: API, channel: { type: 'api' } }, 'automation'],
  ])('U1.4 escalated by %s is told apart', (_, more, cause) => {
    expect(ownOf('escalate', more)).toEqual({ 'escalation.cause': cause });
  });

  it.each([
    ['the auto-resolve timeout', { agent: API, channel: { type: 'timeout' } }, { 'closing.cause': 'timeout' }, { kind: 'automation' }],
    [
      'the timeout, though under a name',
      { agent: JANE, channel: { type: 'timeout' } },
      { 'closing.cause': 'timeout' },
      { kind: 'automation' },
    ],
    ['PagerDuty itself', { agent: API, channel: { type: 'auto' } }, { 'closing.cause': 'auto' }, { kind: 'automation' }],
    [
      'a monitor through the service',
      { agent: API, channel: { type: 'nagios' } },
      { 'closing.cause': 'integration' },
      { kind: 'automation' },
    ],
    ['a person', { agent: JANE, channel: { type: 'website' } }, {}, { kind: 'person' }],
  ])('U1.4 closed by %s is told apart, and a clock is nobody', (_, more, cause, actor) => {
    expect(ownOf('resolve', more)).toEqual(cause);
    const [event] = saidOf(entryOf('resolve', more)).events;
    expect(event?.actor).toMatchObject(actor);
    if ('closing.cause' in cause && cause['closing.cause'] !== 'integration') expect(event?.actor?.name).toBeUndefined();
  });

  it('U1.4 nobody answered: the policy began again, or ended', () => {
    expect(ownOf('repeat_escalation_path', { agent: API, channel: { type: 'auto' } })).toEqual({ 'escalation.outcome': 'repeated' });
    expect(ownOf('exhaust_escalation_path', { agent: API, channel: { type: 'auto' } })).toEqual({ 'escalation.outcome': 'exhausted' });
  });

  it.each([
    [14_400, { 'snooze.seconds': 14_400 }],
    ['3600', { 'snooze.seconds': 3_600 }],
    [0, {}],
    [null, {}],
    ['a while', {}],
  ])('U1.4 a snooze of %j lasts as long', (duration, own) => {
    expect(ownOf('snooze', { channel: { type: 'website', duration } })).toEqual(own);
  });

  it('U1.4 a priority has an old name and a new one, whichever form it has', () => {
    const channel = { type: 'website', old_priority: { id: 'P3', name: 'P3' }, new_priority: { id: 'P1', summary: 'P1' } };
    expect(ownOf('priority_change', { channel })).toEqual({ 'change.field': 'priority', 'change.from': 'P3', 'change.to': 'P1' });
    expect(ownOf('priority_change', { channel: { type: 'website', old_priority: null, new_priority: 'P1' } })).toEqual({
      'change.field': 'priority',
      'change.to': 'P1',
    });
    expect(ownOf('urgency_change', {})).toEqual({ 'change.field': 'urgency' });
  });

  it.each([
    ['success', { 'notification.status': 'success' }],
    ['failed', { 'notification.status': 'failed' }],
    [null, {}],
  ])('U1.4 a notification that was a %s says so: a page that reached nobody can be told', (status, own) => {
    const notify = { user: JANE, channel: { type: 'auto', notification: { type: 'sms_notification', address: '+1 555 0100', status } } };
    expect(ownOf('notify', notify)).toEqual({ 'responder.id': 'pagerduty:user:PJANED1', 'notification.channel': 'sms', ...own });
  });

  it('U1.9-9 a merge says into which incident, where its entry does', () => {
    const resolve_reason = { type: 'merge_resolve_reason', incident: { id: 'Q2', type: 'incident_reference' } };
    expect(ownOf('resolve', { resolve_reason })).toEqual({ 'merged.into': 'pagerduty/incident:Q2' });
    expect(ownOf('resolve', { channel: { type: 'website', resolve_reason } })).toEqual({ 'merged.into': 'pagerduty/incident:Q2' });
  });

  it('a trigger links to its own page and names the alarm behind it', () => {
    const details = { AlarmName: 'api-HighErrorRate', AlarmArn: ALARM.slice('alarm:'.length), NewStateValue: 'ALARM' };
    const { events } = saidOf(entryOf('trigger', { agent: API, html_url: `${PAGE}/log_entries/R1`, channel: { type: 'api', details } }));
    expect(events).toMatchObject([{ url: `${PAGE}/log_entries/R1`, correlationKeys: ['pagerduty/incident:Q1', ALARM] }]);
  });

  it('an offset is read, a time without one refused', () => {
    expect(saidOf(entryOf('resolve', { created_at: '2024-01-15T09:35:00-05:00' })).events[0]?.time.at).toBe(instant('14:35'));
    expect(sayBody(logEntries, entryOf('resolve', { created_at: '2024-01-15T14:35:00' }))).toMatchObject({
      events: [],
      issues: [{ pointer: '/created_at' }],
    });
  });

  it('U1.9-8 an entry without an incident, and one that cannot be read, are issues', () => {
    expect(sayBody(logEntries, entryOf('resolve', { incident: null }))).toMatchObject({ events: [], issues: [{ pointer: '/incident' }] });
    expect(sayBody(logEntries, { id: 'R1' }).issues).toHaveLength(1);
    expect(sayBody(logEntries, null).issues).toHaveLength(1);
  });

  it('fields that PagerDuty may leave null are no fault', () => {
    const nothing = { summary: null, html_url: null, agent: null, channel: null, service: null, user: null, assignees: null, note: null };
    const { events } = saidOf({ ...entryOf('resolve', nothing), incident: { id: 'Q1', html_url: null } });
    expect(events).toMatchObject([{ actor: { kind: 'unknown' }, belongsTo: [], attributes: { 'incident.id': 'Q1' } }]);
    expect(events[0]).not.toHaveProperty('url');
  });
});
