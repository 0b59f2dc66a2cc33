import Type from 'typebox';
import { type EvidenceRecord, type Normalized, reader, type Stream } from '../../../src/contract/index.ts';
import { At, normalizeStatement, pullStream, Said, type Statements, specOf, statedMoment } from '../statement.ts';

const Event = Type.Object({ ...Said, ...At, text: Type.String({ minLength: 1 }) });
const statement = reader(Event);

/** A happening that no system recorded. */
export const events: Stream<Statements, unknown> = {
  spec: specOf('events', 'event.asserted'),
  estimate: () => ({ requests: 0 }),
  pull: pullStream('events'),
  normalize,
};

function normalize(record: EvidenceRecord): Normalized {
  return normalizeStatement<typeof Event>(record, statement, (said, common) => {
    const time = statedMoment(said);
    if (!time) return undefined;
    const attributes = { text: said.text, reason: said.reason, author: said.author };
    return { ...common, type: 'event.asserted', pointer: '/at', originalTime: said.at, time, attributes };
  });
}
