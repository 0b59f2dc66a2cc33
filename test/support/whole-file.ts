import { type FileSummary, readFile, type ToldFile } from '../../connectors/import/file.ts';
import type { FileRecord } from '../../src/app/ports.ts';

export interface WholeFile extends FileSummary {
  readonly records: readonly FileRecord[];
}

/** A file read to its end. Throws where none of it can be read. */
export function readWhole(file: ToldFile): WholeFile {
  const reading = readFile(file);
  if ('problem' in reading) throw new Error(reading.problem);
  const records: FileRecord[] = [];
  for (;;) {
    const next = reading.next();
    if (next.done) return { records, ...next.value };
    records.push(next.value);
  }
}
