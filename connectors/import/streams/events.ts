import type { EvidenceRecord, Normalized, Stream } from '../../../src/contract/index.ts';
import { EMITS, tellEvents } from '../events.ts';
import { isObject, mappingReader } from '../mapping.ts';
import { readRow } from '../row.ts';
import { type Files, pullStream } from '../told.ts';

/** One record of a file, with the mapping that it is read by: `{ row, mapping }`. */
export const events: Stream<Files, unknown> = {
  spec: { id: 'events', emits: EMITS, need: 'extra', windowField: 'time', mutability: 'mutable', settleSeconds: 0 },
  estimate: () => ({ requests: 0 }),
  pull: pullStream('events'),
  normalize,
};

function normalize({ source, nativeId, body }: EvidenceRecord): Normalized {
  const row = isObject(body) ? body['row'] : undefined;
  const mapping = isObject(body) ? mappingReader.read(body['mapping']) : undefined;
  if (row === undefined || !mapping) return { events: [], issues: [{ pointer: '', problem: 'no record of a file with its mapping' }] };
  const reading = readRow(row, mapping);
  if ('problem' in reading) return { events: [], issues: [{ pointer: `/row${reading.pointer}`, problem: reading.problem }] };
  const told = tellEvents(reading.row, source, nativeId);
  if ('problem' in told) return { events: [], issues: [{ pointer: '/row', problem: told.problem }] };
  return { events: told.map((event) => ({ ...event, pointer: `/row${event.pointer}` })), issues: [] };
}
