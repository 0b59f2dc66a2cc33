import { describe, expect, it } from 'vitest';
import { logEntries } from '../../../connectors/pagerduty/streams/log-entries.ts';
import { notes } from '../../../connectors/pagerduty/streams/notes.ts';
import type { Answer, Asked } from '../../../demo/standins/server.ts';
import { wordNote } from '../../../src/core/own-note.ts';
import { mergeTimeline } from '../../../src/core/timeline/merge.ts';
import type { Stamped } from '../../../src/core/timeline/normalize.ts';
import { API_SERVICE, instant } from '../../support/events.ts';
import { pullAll } from '../../support/streams.ts';
import { INCIDENT, KEY, openSource, requestOf, say, sayBody } from './support.ts';

const SCOPE = { scope: {} };
const NOTE = {
  id: 'PN1',
  content: 'The pool is full.',
  created_at: '2024-01-15T09:38:00-05:00',
  user: { id: 'PJANED1', type: 'user_reference', summary: 'Jane Doe' },
};

/** Notes and log entries of the sample incident, as one source tells them. */
async function readBoth(answer?: (asked: Asked) => Answer | undefined): Promise<readonly Stamped[]> {
  await using source = await openSource(answer ? { answer } : {});
  const written = await pullAll(notes, source.client, requestOf(SCOPE));
  const logged = await pullAll(logEntries, source.client, requestOf(SCOPE));
  return [...written.records.map((record) => say(notes, record)), ...logged.records.map((record) => say(logEntries, record))];
}

function noteRows(said: readonly Stamped[]) {
  const rows = mergeTimeline(
    said.flatMap(({ events }) => events),
    { services: [API_SERVICE], subject: ['api'] },
  );
  return rows.filter(({ event }) => event.type === 'note.added');
}

describe('the notes of the sample incident', () => {
  it('U1.2 are all in one answer, in the zone of the account', async () => {
    await using source = await openSource();
    const { records, gaps, checkpoints } = await pullAll(notes, source.client, requestOf(SCOPE));
    expect([records.length, gaps, checkpoints]).toEqual([4, [], [KEY]]);
    expect(records.every(({ nativeId }) => nativeId.startsWith(`${INCIDENT}/`))).toBe(true);
    const said = records.map((record) => say(notes, record));
    expect(said.flatMap(({ issues }) => issues)).toEqual([]);
    expect(said.flatMap(({ events }) => events).at(-1)).toMatchObject({
      type: 'note.added',
      time: { at: instant('14:38') },
      actor: { kind: 'person', id: 'pagerduty:user:PJANED1' },
      correlationKeys: [KEY, expect.stringMatching(/^note:/)],
      provenance: { originalTime: '2024-01-15T09:38:00-05:00' },
    });
  });

  it('are one row each beside their log entries, owned through them', async () => {
    const rows = noteRows(await readBoth());
    expect(rows.map(({ event, corroboratedBy, belongs }) => [event.time.at.slice(11, 16), corroboratedBy.length, belongs])).toEqual(
      ['14:38', '14:40', '14:43', '15:30'].map((at) => [at, 1, { service: 'api' }]),
    );
  });

  it('U1.2 one edited afterwards says something else, and both are shown', async () => {
    const edited = { ...NOTE, content: 'The pool is NOT full.', updated_at: '2024-01-15T15:00:00-05:00' };
    const rows = noteRows(
      await readBoth(({ url }) => (url.pathname.endsWith('/notes') ? { status: 200, body: { notes: [edited] } } : undefined)),
    );
    expect(rows).toHaveLength(5);
  });
});

describe('what a note says', () => {
  it('shares a key with the log entry of the same words, whatever the spaces', () => {
    const logged = sayBody(logEntries, {
      id: 'R1',
      type: 'annotate_log_entry',
      created_at: '2024-01-15T14:38:01Z',
      channel: { type: 'note', summary: '  The pool\r\nis full. ' },
      incident: { id: 'Q1' },
    });
    const keys = sayBody(notes, NOTE, 'Q1/PN1').events[0]?.correlationKeys ?? [];
    expect(keys).toHaveLength(2);
    expect(logged.events[0]?.correlationKeys).toEqual(keys);
    expect(sayBody(notes, { ...NOTE, content: 'It is not.' }, 'Q1/PN1').events[0]?.correlationKeys[1]).not.toBe(keys[1]);
  });

  it('U1.2 a rule of events is no person', () => {
    const user = { id: 'PBOT', type: 'bot_user_reference', summary: 'A Global Event Rule' };
    const { events, facts } = sayBody(notes, { ...NOTE, user }, 'Q1/PN1');
    expect([events[0]?.actor, facts]).toEqual([{ kind: 'automation', name: 'A Global Event Rule' }, []]);
  });

  it('what cannot be read is an issue', () => {
    expect(sayBody(notes, { ...NOTE, created_at: '2024-01-15' }, 'Q1/PN1').issues).toMatchObject([{ pointer: '/created_at' }]);
    expect(sayBody(notes, { id: 'PN1' }, 'Q1/PN1').issues).toHaveLength(1);
  });

  it('an answer that is no list is kept, and is an issue', async () => {
    await using source = await openSource({ answer: () => ({ status: 200, body: { notes: { id: 'PN1' } } }) });
    const { records } = await pullAll(notes, source.client, requestOf(SCOPE));
    expect(records.flatMap((record) => say(notes, record).issues)).toHaveLength(1);
  });
});

describe('a note of ours', () => {
  it('is kept as it came in both lists and says nothing, while one that quotes it is a note', async () => {
    const own = wordNote('https://hindcast.acme.com/incidents/pagerduty~PABC/draft', `sha256:${'a'.repeat(64)}`);
    const entry = {
      id: 'RN1',
      type: 'annotate_log_entry',
      created_at: '2024-01-15T16:00:00Z',
      agent: NOTE.user,
      channel: { type: 'note', summary: own },
      incident: { id: INCIDENT },
    };
    expect(sayBody(notes, { ...NOTE, content: own }, `${INCIDENT}/PN1`)).toMatchObject({ events: [], facts: [], issues: [] });
    expect(sayBody(logEntries, entry)).toMatchObject({ events: [], facts: [], issues: [] });
    const quoted = `> ${own}\nThank you.`;
    expect(sayBody(notes, { ...NOTE, content: quoted }, `${INCIDENT}/PN1`).events).toHaveLength(1);
    expect(sayBody(logEntries, { ...entry, channel: { type: 'note', summary: quoted } }).events).toHaveLength(1);
  });
});
