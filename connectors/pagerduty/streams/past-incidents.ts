import Type from 'typebox';
import { type EvidenceRecord, type Json, type Normalized, reader } from '../../../src/contract/index.ts';
import { type LikeList, likeStream, toRelated } from '../likeness.ts';
import { maybe, nativeIdOf } from '../shapes.ts';

/** A post-mortem names a handful; PagerDuty gives the likest first. */
const LIKEST = 20;

export const Past = Type.Object({
  incident: Type.Object({ id: Type.String(), title: maybe(Type.String()), created_at: maybe(Type.String()) }),
  score: maybe(Type.Number()),
});
const past = reader(Past);

const LIST: LikeList = {
  name: 'past_incidents',
  query: { limit: `${LIKEST}` },
  most: LIKEST,
  called: 'past incidents',
  tooMany: (key) => `only the ${LIKEST} incidents that are most like ${key}`,
  otherOf,
};

export const pastIncidents = likeStream(LIST, normalize);

function normalize(evidence: EvidenceRecord): Normalized {
  const record = past.read(evidence.body);
  if (!record) return { events: [], issues: [past.problem(evidence.body)] };
  const { incident, score } = record;
  const likeness = score === undefined || score === null ? '' : ` (score ${score.toFixed(1)})`;
  return toRelated(evidence, incident, `PagerDuty finds it similar${likeness}`);
}

function otherOf(body: Json): string {
  return past.read(body)?.incident.id ?? nativeIdOf(body);
}
