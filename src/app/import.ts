import { seal } from '../core/evidence.ts';
import type { Instant, Window } from '../core/time.ts';
import type { AppDeps } from './deps.ts';
import { AppError } from './errors.ts';
import type { FileReading, FileRecord, FileSummary, ToldRecord } from './ports.ts';

/** A file of another system, to be kept as evidence. */
export interface ImportRequest {
  readonly name: string;
  readonly text: string;
  /** What its records are filed under: the name of a source, beside those that are configured. */
  readonly source: string;
  /** The text of a mapping, or the name of a shipped one; without it each field is found under its own name. */
  readonly mapping?: { readonly name: string; readonly text?: string };
  /** The service that all its records are about. */
  readonly service?: string;
}

/** What came of a file. */
export interface Imported {
  readonly source: string;
  /** Lines that could be read. */
  readonly read: number;
  /** Records that were not stored like this before. */
  readonly added: number;
  readonly refused: FileSummary['refused'];
  /** The time that they cover. */
  readonly window: Window;
}

/** The stream in which a file is told of itself. */
const FILE_STREAM = 'files';
/** Records that are sealed and stored together. */
const TOLD_AT_ONCE = 500;

/** The same rule as for a configured source: it stands in ids, URLs and file names. */
const SOURCE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;
const RESERVED: ReadonlySet<string> = new Set(['derived', 'manual', 'w', 'bundle']);

/**
 * Keeps what a file tells as evidence; every later draft whose windows it touches finds it. A file that was imported before
 * adds nothing. `keys` are correlation keys that all its records share, such as an incident's. Throws AppError('usage') for a
 * name that is taken, for a service that is not configured, and for a file of which no line can be read, with its first lines.
 */
export async function importFile(deps: AppDeps, { source, service, ...file }: ImportRequest, keys: readonly string[]): Promise<Imported> {
  const { files, settings } = deps;
  checkSource(source, files.connector, settings.sources);
  const services = settings.services.map(({ name }) => name);
  if (service !== undefined && !services.includes(service)) {
    throw new AppError('usage', `no service ${JSON.stringify(service)} is configured: ${services.join(', ') || 'there are none'}`);
  }
  const reading = await files.read({ ...file, common: { keys, ...(service !== undefined && { service }) } });
  const { added, read, refused, window } = await tellAll(deps, source, reading);
  if (read === 0 && refused.length === 0) throw new AppError('usage', `${file.name} holds no record`);
  if (read === 0 || !window) throw new AppError('usage', `nothing in ${file.name} could be read${tellRefused(refused)}`);
  return { source, read, added, refused, window };
}

/** Stores the records a few at a time, as they are read: of a large file no more is held. One that tells nothing leaves nothing. */
async function tellAll(deps: AppDeps, source: string, reading: FileReading): Promise<FileSummary & { readonly added: number }> {
  const { clock, evidence, files } = deps;
  const now = clock.now();
  let run: number | undefined;
  let added = 0;
  for (;;) {
    const { some, summary } = take(reading);
    const told = await sealAll(deps, source, some, now);
    if (told.length > 0) {
      run ??= await evidence.startRun(now);
      // What is kept of the file itself (its refused lines) is none of the records that its lines tell.
      const ownRecords = told.filter(({ record }) => record.stream === FILE_STREAM);
      added += await evidence.tell(
        run,
        files.connector,
        told.filter(({ record }) => record.stream !== FILE_STREAM),
      );
      if (ownRecords.length > 0) await evidence.tell(run, files.connector, ownRecords);
    }
    if (summary) return { ...summary, added };
  }
}

/** The next records, and the summary where they were the last. */
function take(reading: FileReading): { readonly some: readonly FileRecord[]; readonly summary?: FileSummary } {
  const some: FileRecord[] = [];
  while (some.length < TOLD_AT_ONCE) {
    const next = reading.next();
    if (next.done) return { some, summary: next.value };
    some.push(next.value);
  }
  return { some };
}

async function sealAll(deps: AppDeps, source: string, records: readonly FileRecord[], now: Instant): Promise<readonly ToldRecord[]> {
  const before = await toldBefore(deps, source, records);
  return records.flatMap(({ stream, nativeId, body, key, window, replacesOnly }): readonly ToldRecord[] => {
    const sealed = seal({ source, stream, nativeId, body, observedTime: now });
    const earlier = before.get(`${stream}/${sealed.nativeId}`);
    if (replacesOnly && !earlier) return [];
    const record = earlier ? seal({ ...sealed, body: deps.files.merge(stream, earlier.body, sealed.body) }) : sealed;
    return [{ record, ...(key !== undefined && { key }), ...(window && { window }) }];
  });
}

function checkSource(source: string, connector: string, configured: AppDeps['settings']['sources']): void {
  if (!SOURCE_NAME.test(source) || RESERVED.has(source)) {
    throw new AppError(
      'usage',
      `${JSON.stringify(source)} cannot name a source: write letters, digits, \`.\`, \`_\` and \`-\`, such as slack`,
    );
  }
  const other = configured[source]?.connector;
  if (other !== undefined && other !== connector) {
    throw new AppError('usage', `the source ${source} is configured as ${other}: give what is imported a name of its own`);
  }
}

/** What was told of the same objects before, where they grow: a chunk of a series loses nothing. */
async function toldBefore({ evidence, files }: AppDeps, source: string, records: readonly FileRecord[]) {
  const found = await Promise.all(
    files.growing.map(async (stream) => {
      const window = spanOf(records.filter((record) => record.stream === stream));
      return window ? await evidence.told({ source, stream, window, keys: [] }) : [];
    }),
  );
  return new Map(found.flat().map((record) => [`${record.stream}/${record.nativeId}`, record]));
}

function spanOf(records: readonly FileRecord[]): Window | undefined {
  const windows = records.flatMap(({ window }) => (window ? [window] : []));
  const from = windows.map((window) => window.from).toSorted()[0];
  const to = windows
    .map((window) => window.to)
    .toSorted()
    .at(-1);
  return from && to ? { from, to } : undefined;
}

/** The first lines that could not be read, as words for a person. */
export function tellRefused(refused: FileSummary['refused'], most = 5): string {
  const lines = refused.slice(0, most).map(({ line, problem }) => `\n  line ${line}: ${problem}`);
  const more = refused.length > most ? [`\n  and ${refused.length - most} more`] : [];
  return [...lines, ...more].join('');
}
