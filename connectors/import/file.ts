import { canonical, digest, type Json, type Window } from '../../src/contract/index.ts';
import { type CsvRow, readCsv } from './csv.ts';
import { tellEvents } from './events.ts';
import { findAt, isList, isObject, type Mapping } from './mapping.ts';
import { chunkOf, isPoint, partsOf, pointOf } from './points.ts';
import { type Row, readRow } from './row.ts';
import { endOf } from './time.ts';

/** A file to read, by the ending of its name: .csv, .jsonl (or .ndjson), or .json for one document that holds a list. */
export interface ToldFile {
  readonly name: string;
  readonly text: string;
  readonly mapping: Mapping;
  /** What all its records have in common. */
  readonly common: { readonly service?: string; readonly keys: readonly string[] };
}

interface ToldSeed {
  readonly stream: 'events' | 'series' | 'files';
  readonly nativeId: string;
  readonly body: Json;
  readonly window: Window;
  readonly replacesOnly?: boolean;
}

/** What was read of a file, once all of it was. */
export interface FileSummary {
  readonly read: number;
  readonly refused: readonly { readonly line: number; readonly problem: string }[];
  /** From the first to the last time that it tells; absent where it tells none. */
  readonly window?: Window;
}

/** A chunk of a series grows with every file, and a file takes the place of the one it corrects; all else stands for itself. */
export const GROWING: readonly ToldSeed['stream'][] = ['series', 'files'];

const MAX_CHARACTERS = 100_000_000;
const MAX_LINE = 1_000_000;
const MAX_DEPTH = 64;
/** Refused lines that are told one by one. */
const MAX_TOLD = 1_000;

type Line = { readonly line: number } & ({ readonly body: Json } | { readonly problem: string });

/**
 * Every record that a file tells, one at a time, so that a large file is never held twice; at the end every line that it could
 * not read: nothing is left out in silence. What gathers rows (a chunk of a series, the file itself) comes last.
 */
export function readFile({ name, text, mapping, common }: ToldFile): Generator<ToldSeed, FileSummary> | { readonly problem: string } {
  if (text.length > MAX_CHARACTERS) return { problem: `${name} is larger than ${MAX_CHARACTERS / 1_000_000} MB: split it` };
  const shared = withCommon(mapping, common);
  const lines = linesOf(name, text.replace(/^\uFEFF/, ''), shared);
  return 'problem' in lines ? lines : tellLines(name, lines, shared, mapping);
}

function* tellLines(name: string, lines: Iterable<Line>, mapping: Mapping, given: Mapping): Generator<ToldSeed, FileSummary> {
  const kept: Kept = { chunks: new Map(), seen: new Map(), window: undefined, mappings: new Map() };
  const refused: { line: number; problem: string }[] = [];
  let read = 0;
  for (const line of lines) {
    const told = 'problem' in line ? line : tellRow(line.body, mapping, given, kept);
    if (told && 'problem' in told) refused.push({ line: line.line, problem: told.problem });
    else read += 1;
    if (told && 'stream' in told) yield told;
  }
  for (const [nativeId, { window, rows }] of kept.chunks) {
    yield { stream: 'series', nativeId, window, body: { parts: [{ mapping: toJson(mapping), rows }] } };
  }
  const { window } = kept;
  if (window) yield fileRecord(name, read, refused, window);
  return { read, refused, ...(window && { window }) };
}

/** Of a chunk all parts that any file told, each once; of anything else what is told now. */
export function mergeBody(stream: string, before: Json, now: Json): Json {
  const [old, fresh] = [partsOf(before), partsOf(now)];
  if (stream !== 'series' || !old || !fresh) return now;
  const parts = new Map([...old, ...fresh].map((part): [string, Json] => [canonical(toJson(part)), toJson(part)]));
  return { parts: [...parts.values()] };
}

function withCommon(mapping: Mapping, { service, keys }: ToldFile['common']): Mapping {
  const more = keys.map((value) => ({ value }));
  const fields = { ...mapping.fields, ...(service !== undefined && { service: { value: service } }) };
  return { ...mapping, fields: { ...fields, ...(more.length > 0 && { keys: [...(mapping.fields.keys ?? []), ...more] }) } };
}

function linesOf(name: string, text: string, mapping: Mapping): Iterable<Line> | { readonly problem: string } {
  const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  if (ending === 'csv') return csvLines(name, text);
  if (ending === 'jsonl' || ending === 'ndjson') return eachOf(jsonLines(text), mapping);
  if (ending !== 'json') return { problem: `${name} is of no known kind: its name must end in .jsonl, .csv or .json` };
  const body = parseJson(text);
  if ('problem' in body) return { problem: `${name} cannot be read: ${body.problem}` };
  const list = mapping.records === undefined || isList(body.body) ? body.body : findAt(body.body, mapping.records)?.value;
  const items = isList(list) ? list : isObject(list) && mapping.each !== undefined ? [list] : undefined;
  if (!items) return { problem: `${name} holds no list of records${mapping.records === undefined ? '' : ` at \`${mapping.records}\``}` };
  return eachOf(
    items.map((item, index) => ({ line: index + 1, body: item })),
    mapping,
  );
}

function csvLines(name: string, text: string): Iterable<Line> | { readonly problem: string } {
  const rows = readCsv(text);
  const first = rows.next();
  const head = first.done ? undefined : first.value;
  if (!head || 'problem' in head) return { problem: `the first line of ${name} names no columns${head ? `: ${head.problem}` : ''}` };
  const names = head.cells.map((cell) => cell.trim());
  if (names.length === 1 && /[;\t]/.test(names[0] ?? ''))
    return { problem: `the columns of ${name} are not parted by commas: save it as comma separated` };
  if (names.includes('')) return { problem: `the first line of ${name} leaves column ${names.indexOf('') + 1} without a name` };
  const twice = names.find((column, index) => names.indexOf(column) < index);
  if (twice !== undefined) return { problem: `the first line of ${name} names the column ${JSON.stringify(twice)} twice` };
  return recordsOf(rows, names);
}

/** One at a time, so that a large file is never held as rows beside its text. */
function* recordsOf(rows: Iterable<CsvRow>, names: readonly string[]): Generator<Line> {
  for (const row of rows) {
    if ('problem' in row) yield row;
    else if (row.cells.length === 1 && row.cells[0] === '') continue;
    else if (row.cells.length !== names.length)
      yield { line: row.line, problem: `${row.cells.length} fields where the first line names ${names.length}` };
    else if (row.cells.reduce((sum, cell) => sum + cell.length, 0) > MAX_LINE) yield { line: row.line, problem: tooLong() };
    else yield { line: row.line, body: Object.fromEntries(names.map((name, index) => [name, row.cells[index] ?? ''])) };
  }
}

/** Said when it is needed: the first number that is put into words loads the locales, which is a twentieth of a command's start. */
function tooLong(): string {
  return `longer than ${MAX_LINE.toLocaleString('en-US')} characters`;
}

function* jsonLines(text: string): Generator<Line> {
  let line = 0;
  for (let from = 0; from < text.length; ) {
    const next = text.indexOf('\n', from);
    const end = next < 0 ? text.length : next;
    const here = text.slice(from, end).trim();
    line += 1;
    from = end + 1;
    if (here.length > MAX_LINE) yield { line, problem: tooLong() };
    else if (here !== '') yield { line, ...parseJson(here) };
  }
}

function parseJson(text: string): { readonly body: Json } | { readonly problem: string } {
  if (depthOf(text) > MAX_DEPTH) return { problem: `nested deeper than ${MAX_DEPTH} levels` };
  try {
    const body: Json = JSON.parse(text);
    return { body };
  } catch {
    return { problem: 'it is not JSON' };
  }
}

/** How deep the text nests at most, counted without parsing it: a hostile one would exhaust the stack. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[{]|[\]}]/gs)) {
    if (token === '[' || token === '{') depth += 1;
    else if (token === ']' || token === '}') depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** The items of the list inside each record, with those members of the record that the mapping names. */
function* eachOf(lines: Iterable<Line>, mapping: Mapping): Generator<Line> {
  const { each } = mapping;
  for (const line of lines) {
    if ('problem' in line) yield line;
    else if (!isObject(line.body)) yield { line: line.line, problem: 'a record is an object with named members' };
    else if (each === undefined) yield line;
    else yield* itemsOf(line.line, line.body, each, mapping);
  }
}

function* itemsOf(line: number, body: { readonly [key: string]: Json }, each: string, mapping: Mapping): Generator<Line> {
  const list = findAt(body, each)?.value;
  if (!isList(list)) return yield { line, problem: `no list stands at \`${each}\`` };
  const wanted = new Set([...JSON.stringify(mapping.fields).matchAll(/"parent\.([^".]+)/g)].map(([, name]) => name));
  const parent = Object.fromEntries(Object.entries(body).filter(([name]) => wanted.has(name)));
  for (const item of list) yield { line, body: { parent, item } };
}

interface Kept {
  readonly chunks: Map<string, { readonly window: Window; readonly rows: Json[] }>;
  /** How often each name came. */
  readonly seen: Map<string, number>;
  /** Each form of the mapping that records speak by, once: most records of a file are alike. */
  readonly mappings: Map<string, Json>;
  window: Window | undefined;
}

/** What a record tells: an event; nothing yet where it is a point, which its chunk holds; or why it cannot be read. */
function tellRow(body: Json, mapping: Mapping, given: Mapping, kept: Kept): ToldSeed | { readonly problem: string } | undefined {
  const reading = readRow(body, mapping);
  if ('problem' in reading) return reading;
  const { row } = reading;
  const told = isPoint(row) ? pointOf(row) : tellEvents(row, '', '');
  if ('problem' in told) return told;
  const window = windowOf(row);
  kept.window = spanOf(kept.window, window);
  if ('startMs' in told) return keepPoint(body, chunkOf(told), kept);
  const name = nameOf(body, given, row);
  const times = (kept.seen.get(name) ?? 0) + 1;
  kept.seen.set(name, times);
  const nativeId = times === 1 ? name : `${name}~${times}`;
  return { stream: 'events', nativeId, window, body: { row: body, mapping: speakingOf(body, mapping, kept.mappings) } };
}

function keepPoint(body: Json, { nativeId, window }: ReturnType<typeof chunkOf>, { chunks }: Kept): undefined {
  const chunk = chunks.get(nativeId) ?? { window, rows: [] };
  chunk.rows.push(body);
  chunks.set(nativeId, chunk);
}

/** The mapping as far as it finds something in the record: all that reading it again needs, at a tenth of the length. */
function speakingOf(body: Json, { fields, ...rest }: Mapping, known: Kept['mappings']): Json {
  const found = Object.entries(fields).filter(([, field]) => {
    const path = typeof field === 'string' ? field : 'path' in field ? field.path : undefined;
    return path === undefined || findAt(body, path) !== undefined;
  });
  const names = found.map(([name]) => name).join(' ');
  const speaking = known.get(names) ?? toJson({ ...rest, fields: { ...Object.fromEntries(found), time: fields.time } });
  known.set(names, speaking);
  return speaking;
}

/** What a record without an id is known by. Not by what the import adds to it: it stays the same under another incident. */
const NAMING = ['message', 'meaning', 'type', 'actor', 'url', 'service', 'belongs_to', 'state', 'sha', 'version', 'environment'] as const;

function nameOf(body: Json, given: Mapping, row: Row): string {
  const id = row.text('id');
  if (id !== undefined) return id;
  const own = readRow(body, given);
  if ('problem' in own) return digest(body).slice(7, 23);
  return digest([row.time.text, ...NAMING.map((name) => own.row.text(name) ?? null)]).slice(7, 23);
}

function windowOf({ time, ends }: Row): Window {
  const end = ends && ends.moment.at > time.moment.at ? ends : time;
  return { from: time.moment.at, to: endOf(end.moment) };
}

function spanOf(span: Window | undefined, { from, to }: Window): Window {
  if (!span) return { from, to };
  if (from >= span.from && to <= span.to) return span;
  return { from: from < span.from ? from : span.from, to: to > span.to ? to : span.to };
}

/** The file itself, so that a draft says which of its lines could not be read; a corrected file takes its place. */
function fileRecord(file: string, read: number, refused: FileSummary['refused'], window: Window): ToldSeed {
  const body = { file, read, refused: refused.slice(0, MAX_TOLD), refusedMore: Math.max(0, refused.length - MAX_TOLD) };
  return { stream: 'files', nativeId: file, window, body: toJson(body), ...(refused.length === 0 && { replacesOnly: true }) };
}

function toJson(value: object): Json {
  const json: Json = JSON.parse(JSON.stringify(value));
  return json;
}
