import Type from 'typebox';
import {
  type EvidenceRecord,
  isOwnNote,
  type Json,
  type Normalized,
  type PullItem,
  type PullRequest,
  parseInstant,
  reader,
} from '../../../src/contract/index.ts';
import type { PagerDuty } from '../client.ts';
import { eachIncident, spend } from '../listing.ts';
import { perIncident } from '../per-incident.ts';
import { actorOf, maybe, nativeIdOf, noteKey, personFacts, Reference, toTheSecond } from '../shapes.ts';

export const Note = Type.Object({ id: Type.String(), content: Type.String(), created_at: Type.String(), user: maybe(Reference) });
const note = reader(Note);

export const notes = perIncident({ id: 'notes', emits: ['note.added'], settleSeconds: 120, pull, normalize });

/** A note does not say whose it is, so the record's native id does: `INCIDENT/NOTE`. The list has no pages. */
function pull(client: PagerDuty, request: PullRequest<unknown>): AsyncIterable<PullItem> {
  return eachIncident(request, async function* (incident, { budget, signal }): AsyncGenerator<PullItem> {
    spend(budget);
    const path = `/incidents/${incident}/notes`;
    const found = await client.read(path, 'notes', {}, signal);
    for (const [index, body] of listOf(found).entries()) {
      yield { kind: 'record', record: { nativeId: `${incident}/${nativeIdOf(body)}`, body, request: path, sequence: 0 - index } };
    }
  });
}

function normalize({ source, nativeId, body }: EvidenceRecord): Normalized {
  const record = note.read(body);
  if (!record) return { events: [], issues: [note.problem(body)] };
  if (isOwnNote(record.content)) return { events: [], issues: [] };
  const facts = personFacts([record.user]);
  const at = parseInstant(record.created_at);
  if (!at) return { events: [], facts, issues: [{ pointer: '/created_at', problem: 'not a time with an offset' }] };
  const [incident = ''] = nativeId.split('/');
  return {
    events: [
      {
        type: 'note.added',
        key: record.id,
        pointer: '/created_at',
        originalTime: record.created_at,
        time: toTheSecond(at),
        timeMeaning: 'recorded',
        knowableAt: at,
        actor: actorOf(record.user),
        belongsTo: [],
        correlationKeys: [`${source}/incident:${incident}`, noteKey(incident, record.content)],
        attributes: { text: record.content },
      },
    ],
    facts,
    issues: [],
  };
}

function listOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [value];
}
