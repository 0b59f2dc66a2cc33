import Type from 'typebox';
import { type EvidenceRecord, type Normalized, reader, type Stream } from '../../../src/contract/index.ts';
import { normalizeStatement, pullStream, Said, type Statements, specOf, statedMoment } from '../statement.ts';

const Judgment = Type.Object({
  ...Said,
  change: Type.String({ minLength: 1 }),
  verdict: Type.Union([Type.Literal('confirmed'), Type.Literal('rejected')]),
});
const statement = reader(Judgment);

/** Whether a change was it, as a person knows: `change` is the key that a draft gives it. Its time is when it was said. */
export const judgments: Stream<Statements, unknown> = {
  spec: specOf('judgments', 'suspect.judged'),
  estimate: () => ({ requests: 0 }),
  pull: pullStream('judgments'),
  normalize,
};

function normalize(record: EvidenceRecord): Normalized {
  return normalizeStatement<typeof Judgment>(record, statement, (said, common) => {
    const time = statedMoment({ at: said.saidAt });
    if (!time) return undefined;
    const attributes = { change: said.change, verdict: said.verdict, reason: said.reason, author: said.author };
    return { ...common, type: 'suspect.judged', pointer: '/saidAt', originalTime: said.saidAt, time, attributes };
  });
}
