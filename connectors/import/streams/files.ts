import Type from 'typebox';
import { type EvidenceRecord, type Normalized, reader, type Stream } from '../../../src/contract/index.ts';
import { type Files, pullStream } from '../told.ts';

const ImportedFile = Type.Object({
  file: Type.String(),
  read: Type.Number(),
  refused: Type.Array(Type.Object({ line: Type.Number(), problem: Type.String() })),
  refusedMore: Type.Number(),
});
const importedFile = reader(ImportedFile);

/** A file as it was imported last: each line that could not be read is an issue of every draft whose time the file touches. */
export const files: Stream<Files, unknown> = {
  spec: { id: 'files', emits: [], need: 'extra', windowField: 'time', mutability: 'mutable', settleSeconds: 0 },
  estimate: () => ({ requests: 0 }),
  pull: pullStream('files'),
  normalize,
};

function normalize({ body }: EvidenceRecord): Normalized {
  const told = importedFile.read(body);
  if (!told) return { events: [], issues: [importedFile.problem(body)] };
  const { file, refused, refusedMore } = told;
  const lines = refused.map(({ line, problem }, index) => ({
    pointer: `/refused/${index}`,
    problem: `line ${line} of ${file}: ${problem}`,
  }));
  const more = refusedMore > 0 ? [{ pointer: '/refusedMore', problem: `${refusedMore} more lines of ${file} could not be read` }] : [];
  return { events: [], issues: [...lines, ...more] };
}
