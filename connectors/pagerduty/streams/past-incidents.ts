import Type from 'typebox';
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

/** A post-mortem names a handful; PagerDuty gives the likest first. */
const LIKEST = 20;

export const Past = Type.Object({
  incident: Type.Object({ id: Type.String(), title: maybe(Type.String()), created_at: maybe(Type.String()) }),
  score: maybe(Type.Number()),
});
const past = reader(Past);

export const pastIncidents: Stream<PagerDuty, unknown> = {
  spec: { id: 'past_incidents', emits: [], need: 'extra', windowField: 'none', mutability: 'mutable', settleSeconds: 120 },
  estimate: ({ keys }) => ({ requests: keys.length }),
  pull,
  parts: eachKey,
  normalize,
};

/** An item does not say whom it is like, so the record's native id does: `INCIDENT/OTHER`. */
function pull(client: PagerDuty, request: PullRequest<unknown>): AsyncIterable<PullItem> {
  return eachIncident(request, async function* (incident, { window, budget, signal }, key): AsyncGenerator<PullItem> {
    spend(budget);
    const path = `/incidents/${incident}/past_incidents`;
    try {
      const { items } = await client.page(path, 'past_incidents', { limit: `${LIKEST}` }, signal);
      for (const body of items) yield { kind: 'record', record: { nativeId: `${incident}/${otherOf(body)}`, body, request: path } };
      if (items.length >= LIKEST) yield gapOf(window, 'result_limit', `only the ${LIKEST} incidents that are most like ${key}`);
    } catch (error) {
      if (!(error instanceof SourceError) || error.reason !== 'forbidden') throw error;
      yield gapOf(window, 'not_offered', `past incidents come with a paid plan of PagerDuty's: ${error.message}`);
    }
  });
}

function normalize({ source, nativeId, body }: EvidenceRecord): Normalized {
  const record = past.read(body);
  if (!record) return { events: [], issues: [past.problem(body)] };
  const { incident, score } = record;
  const startedAt = parseInstant(incident.created_at ?? '');
  const likeness = score === undefined || score === null ? '' : ` (score ${score.toFixed(1)})`;
  return {
    events: [],
    facts: [
      {
        kind: 'related',
        key: `${source}/incident:${incident.id}`,
        of: `${source}/incident:${nativeId.split('/')[0]}`,
        why: `PagerDuty finds it similar${likeness}`,
        ...(incident.title && { title: incident.title }),
        ...(startedAt && { startedAt }),
      },
    ],
    issues: [],
  };
}

function otherOf(body: Json): string {
  return past.read(body)?.incident.id ?? nativeIdOf(body);
}
