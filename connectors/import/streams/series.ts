import type { EvidenceRecord, Normalized, Stream } from '../../../src/contract/index.ts';
import { partsOf, seriesOf } from '../points.ts';
import { type Files, pullStream } from '../told.ts';

/** The numbers of one metric, statistic and period in one chunk of time, as the files told them: `{ parts: [{ rows, mapping }] }`. */
export const series: Stream<Files, unknown> = {
  spec: { id: 'series', emits: [], need: 'extra', windowField: 'time', mutability: 'mutable', settleSeconds: 0 },
  estimate: () => ({ requests: 0 }),
  pull: pullStream('series'),
  normalize,
};

function normalize({ source, body }: EvidenceRecord): Normalized {
  const parts = partsOf(body);
  if (!parts) return { events: [], issues: [{ pointer: '', problem: 'no rows of a file with their mapping' }] };
  const told = seriesOf(source, parts);
  const problems = told.series || told.problems.length > 0 ? told.problems : ['no rows'];
  const issues = problems.map((problem) => ({ pointer: '/parts', problem }));
  return { events: [], ...(told.series && { series: [told.series] }), issues };
}
