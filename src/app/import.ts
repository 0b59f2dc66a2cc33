import { seal } from '../core/evidence.ts';
import type { Window } from '../core/time.ts';
import type { AppDeps } from './deps.ts';
import { AppError } from './errors.ts';
import type { FileReading, ToldRecord } from './ports.ts';

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

export interface Imported {
  readonly source: string;
  /** Lines that could be read. */
  readonly read: number;
  /** Records that were not stored like this before. */
  readonly added: number;
  readonly refused: FileReading['refused'];
  /** The time that they cover. */
  readonly window: Window;
}

/** The stream that says of each file which lines could not be read. */
const FILES = 'files';

/** The same rule as for a configured source: it stands in ids, URLs and file names. */
const SOURCE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;
const RESERVED: ReadonlySet<string> = new Set(['derived', 'manual', 'w', 'bundle']);

/**
 * Keeps what a file tells as evidence; every later draft whose windows it touches finds it. A file that was imported before
 * adds nothing. `keys` are correlation keys that all its records share, such as an incident's. Throws AppError('usage') for a
 * name that is taken, for a service that is not configured, and for a file of which no line can be read, with its first lines.
 */
export async function importFile(deps: AppDeps, { source, service, ...file }: ImportRequest, keys: readonly string[]): Promise<Imported> {
  const { clock, evidence, files, settings } = deps;
  checkSource(source, files.connector, settings.sources);
  const services = settings.services.map(({ name }) => name);
  if (service !== undefined && !services.includes(service)) {
    throw new AppError('usage', `no service ${JSON.stringify(service)} is configured: ${services.join(', ') || 'there are none'}`);
  }
  const { records, read, refused, window } = await files.read({ ...file, common: { keys, ...(service !== undefined && { service }) } });
  if (read === 0 || !window) throw new AppError('usage', `nothing in ${file.name} could be read${tellRefused(refused)}`);
  const now = clock.now();
  const before = await toldBefore(deps, source, records);
  // A file without a refused line has nothing to say, but where it takes the place of one that had.
  const speaking = records.filter(({ stream, nativeId }) => stream !== FILES || refused.length > 0 || before.has(`${stream}/${nativeId}`));
  const told = speaking.map(({ stream, nativeId, body, key, window: own }): ToldRecord => {
    const sealed = seal({ source, stream, nativeId, body, observedTime: now });
    const earlier = before.get(`${stream}/${sealed.nativeId}`);
    const record =
      earlier === undefined
        ? sealed
        : seal({ source, stream, nativeId, body: files.merge(stream, earlier.body, sealed.body), observedTime: now });
    return { record, ...(key !== undefined && { key }), ...(own && { window: own }) };
  });
  const added = await evidence.tell(await evidence.startRun(now), files.connector, told);
  return { source, read, added, refused, window };
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

/** What was told of the same time before: a chunk of a series grows, and loses nothing. */
async function toldBefore({ evidence }: AppDeps, source: string, records: FileReading['records']) {
  const found = await Promise.all(
    [...Map.groupBy(records, ({ stream }) => stream)].map(async ([stream, own]) => {
      const window = spanOf(own);
      return window ? await evidence.told({ source, stream, window, keys: [] }) : [];
    }),
  );
  return new Map(found.flat().map((record) => [`${record.stream}/${record.nativeId}`, record]));
}

function spanOf(records: FileReading['records']): Window | undefined {
  const windows = records.flatMap(({ window }) => (window ? [window] : []));
  const from = windows.map((window) => window.from).toSorted()[0];
  const to = windows
    .map((window) => window.to)
    .toSorted()
    .at(-1);
  return from && to ? { from, to } : undefined;
}

/** The first lines that could not be read, as words for a person. */
export function tellRefused(refused: FileReading['refused'], most = 5): string {
  const lines = refused.slice(0, most).map(({ line, problem }) => `\n  line ${line}: ${problem}`);
  const more = refused.length > most ? [`\n  and ${refused.length - most} more`] : [];
  return [...lines, ...more].join('');
}
