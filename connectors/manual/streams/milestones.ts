import Type from 'typebox';
import { type EvidenceRecord, type Normalized, reader, type Stream } from '../../../src/contract/index.ts';
import { At, normalizeStatement, pullStream, Said, type Statements, specOf, statedMoment } from '../statement.ts';

const Milestone = Type.Object({ ...Said, ...At, milestone: Type.String({ minLength: 1 }) });
const statement = reader(Milestone);

/** When a milestone was reached, as a person knows it: "impact began 14:20, a customer rang". */
export const milestones: Stream<Statements, unknown> = {
  spec: specOf('milestones', 'milestone.asserted'),
  estimate: () => ({ requests: 0 }),
  pull: pullStream('milestones'),
  normalize,
};

function normalize(record: EvidenceRecord): Normalized {
  return normalizeStatement<typeof Milestone>(record, statement, (said, common) => {
    const time = statedMoment(said);
    if (!time) return undefined;
    const attributes = { milestone: said.milestone, reason: said.reason, author: said.author };
    return { ...common, type: 'milestone.asserted', pointer: '/at', originalTime: said.at, time, attributes };
  });
}
