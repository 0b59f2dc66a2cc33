import { basename } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { tellRefused } from '../app/import.ts';
import type { Context } from './io.ts';

export interface ImportFlags {
  readonly source: string;
  readonly mapping?: string;
  readonly service?: string;
  readonly incident?: string;
  readonly config?: string;
}

/** Refused lines that are told one by one. */
const TOLD = 20;

const FEWER = 'fewer are new than were read: what was stored before is not new, and points of one series are stored together\n';

/** `hindcast import FILE`: events and series of any other system. Lines that cannot be read are told; exit 2 where none can. */
export async function runImport({ io, open }: Context, path: string, flags: ImportFlags): Promise<number> {
  const { source, mapping: named, service, incident, config } = flags;
  // What reading a line leaves behind is garbage at once; by its own measure the engine would keep hundreds of megabytes of it.
  setFlagsFromString('--optimize-for-size');
  const text = io.readFile(path);
  const mapping = named === undefined ? undefined : { name: named, ...(/[./\\]/.test(named) && { text: io.readFile(named) }) };
  const { app, close } = await open({
    offline: true,
    ...(config !== undefined && { config }),
    ...(incident !== undefined && { select: incident }),
  });
  try {
    const { read, added, refused, window } = await app.importFile({
      name: basename(path),
      text,
      source,
      ...(mapping && { mapping }),
      ...(service !== undefined && { service }),
      ...(incident !== undefined && { incident }),
    });
    const why = added < read ? FEWER : '';
    io.out(`${source}: ${read} read, ${added} new, ${refused.length} refused; ${window.from} to ${window.to}\n${why}`);
    if (refused.length > 0) {
      io.err(`these lines could not be read, and each draft that the file touches says so:${tellRefused(refused, TOLD)}\n`);
    }
    return 0;
  } finally {
    await close();
  }
}
