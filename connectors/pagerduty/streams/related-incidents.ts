import Type, { type Static } from 'typebox';
import { type EvidenceRecord, type Json, type Normalized, reader } from '../../../src/contract/index.ts';
import { type LikeList, likeStream, toRelated } from '../likeness.ts';
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

const LIST: LikeList = {
  name: 'related_incidents',
  query: { 'additional_details[]': ['incident'] },
  most: MOST,
  called: 'related incidents',
  tooMany: (key) => `only ${MOST} incidents that PagerDuty relates to ${key}`,
  otherOf,
};

export const relatedIncidents = likeStream(LIST, normalize);

function normalize(evidence: EvidenceRecord): Normalized {
  const record = related.read(evidence.body);
  if (!record) return { events: [], issues: [related.problem(evidence.body)] };
  const { incident, relationships } = record;
  const reasons = [...new Set((relationships ?? []).map(reasonOf))].join(', and ');
  return toRelated(
    evidence,
    incident,
    reasons === '' ? 'PagerDuty relates it to this one' : `PagerDuty relates it to this one by ${reasons}`,
  );
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
