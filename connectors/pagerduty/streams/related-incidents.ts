import Type, { type Static } from 'typebox';
import {
  type EvidenceRecord,
  eachKey,
  type Json,
  type Normalized,
  type PullItem,
  type PullRequest,
  parseInstant,
  reader,
  SourceError,
  type Stream,
} from '../../../src/contract/index.ts';
import type { PagerDuty } from '../client.ts';
import { eachIncident, gapOf, spend } from '../listing.ts';
import { maybe, nativeIdOf } from '../shapes.ts';

/** PagerDuty names no more, and does not say whether there are. */
const MOST = 20;

const Relationship = Type.Object({
  type: maybe(Type.String()),
  metadata: maybe(Type.Object({ grouping_classification: maybe(Type.Unknown()) })),
});
export const Related = Type.Object({
  incident: Type.Object({ id: Type.String(), title: maybe(Type.String()), created_at: maybe(Type.String()) }),
  relationships: maybe(Type.Array(Relationship)),
});
const related = reader(Related);

export const relatedIncidents: Stream<PagerDuty, unknown> = {
  spec: { id: 'related_incidents', emits: [], need: 'extra', windowField: 'none', mutability: 'mutable', settleSeconds: 120 },
  estimate: ({ keys }) => ({ requests: keys.length }),
  pull,
  parts: eachKey,
  normalize,
};

/** An item does not say whom it is related to, so the record's native id does: `INCIDENT/OTHER`. The list has no pages. */
function pull(client: PagerDuty, request: PullRequest<unknown>): AsyncIterable<PullItem> {
  return eachIncident(request, async function* (incident, { window, budget, signal }, key): AsyncGenerator<PullItem> {
    spend(budget);
    const path = `/incidents/${incident}/related_incidents`;
    try {
      const { items } = await client.page(path, 'related_incidents', { 'additional_details[]': ['incident'] }, signal);
      for (const body of items) yield { kind: 'record', record: { nativeId: `${incident}/${otherOf(body)}`, body, request: path } };
      if (items.length >= MOST) yield gapOf(window, 'result_limit', `only ${MOST} incidents that PagerDuty relates to ${key}`);
    } catch (error) {
      if (!(error instanceof SourceError) || error.reason !== 'forbidden') throw error;
      yield gapOf(window, 'not_offered', `related incidents come with a paid plan of PagerDuty's: ${error.message}`);
    }
  });
}

function normalize({ source, nativeId, body }: EvidenceRecord): Normalized {
  const record = related.read(body);
  if (!record) return { events: [], issues: [related.problem(body)] };
  const { incident, relationships } = record;
  const startedAt = parseInstant(incident.created_at ?? '');
  const reasons = [...new Set((relationships ?? []).map(reasonOf))].join(', and ');
  return {
    events: [],
    facts: [
      {
        kind: 'related',
        key: `${source}/incident:${incident.id}`,
        of: `${source}/incident:${nativeId.split('/')[0]}`,
        why: reasons === '' ? 'PagerDuty relates it to this one' : `PagerDuty relates it to this one by ${reasons}`,
        ...(incident.title && { title: incident.title }),
        ...(startedAt && { startedAt }),
      },
    ],
    issues: [],
  };
}

/** Its two reasons in words; any other stands as PagerDuty calls it. */
function reasonOf({ type, metadata }: Static<typeof Relationship>): string {
  const group = metadata?.grouping_classification;
  if (type === 'service_dependency') return 'a dependency between the services';
  if (type === 'machine_learning_inferred') return typeof group === 'string' ? group.replaceAll('_', ' ') : 'likeness';
  return type?.replaceAll('_', ' ') ?? 'a reason it does not name';
}

function otherOf(body: Json): string {
  return related.read(body)?.incident.id ?? nativeIdOf(body);
}
