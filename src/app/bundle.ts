import type { Snapshot } from '../core/case.ts';
import { digest } from '../core/digest.ts';
import type { Edit } from '../core/draft/edits.ts';
import { type EvidenceId, type EvidenceRecord, type Json, parseEvidenceId, type Tombstone } from '../core/evidence.ts';
import { parseInstant } from '../core/time.ts';
import { formatLine, type Line, MAX_KEY, parseLines, rootOf } from './bundle-lines.ts';
import { FORMAT, readManifest } from './bundle-manifest.ts';
import { AppError } from './errors.ts';
import { toJson } from './snapshot.ts';

/** What a bundle holds, after all of it was checked. */
export interface Bundle {
  readonly root: string;
  readonly redacted: boolean;
  readonly snapshot: Snapshot;
  readonly records: readonly EvidenceRecord[];
  /** What is known of records that had been purged when it was written. */
  readonly purged: readonly Tombstone[];
  readonly edits: readonly Edit[];
}

/** Writes a snapshot with its evidence and edits as one text. Evidence that the store no longer holds leaves a tombstone. */
export function writeBundle({ snapshot, records, purged, edits, redacted }: Omit<Bundle, 'root'>): string {
  const byId = new Map(records.map((record) => [record.id, record]));
  const goneById = new Map(purged.map((gone) => [gone.id, gone]));
  const lines = [
    ...[...snapshot.evidence].sort().map((id) => formatLine('evidence', evidenceValue(byId.get(id) ?? { id, ...goneById.get(id) }))),
    ...edits.toSorted((a, b) => a.sequence - b.sequence).map((edit) => formatLine('edit', toJson(edit))),
  ];
  const { evidence: _, run: _run, origin: _origin, ...pinned } = snapshot;
  const root = rootOf(lines.map(({ hash }) => hash));
  const manifest = toJson({ ...pinned, format: FORMAT, root, ...(redacted && { redacted }) });
  return [formatLine('manifest', manifest), ...lines].map(({ text }) => text).join('');
}

/** Of a record that is not there its tombstone, or where nothing is known of it its id alone. */
function evidenceValue(record: EvidenceRecord | (Pick<Tombstone, 'id'> & Partial<Tombstone>)): Json {
  if (!('body' in record)) return { ...record, body: null, tombstone: true };
  const { source, stream, nativeId, sequence, body, observedTime } = record;
  return { source, stream, nativeId, body, observedTime, ...(sequence !== undefined && { sequence }) };
}

/**
 * Reads a bundle and checks that it agrees with itself: every line's hash, the order, the root, the ids. That does not say
 * who made it. Throws AppError('usage') for what is no bundle, AppError('not_reproduced') where it was changed; with the line.
 */
export function readBundle(text: string): Bundle {
  const [manifest, ...others] = parseLines(text);
  if (!manifest) throw new AppError('usage', 'the bundle is empty');
  const found = others.filter(({ kind }) => kind === 'evidence').map(readEvidence);
  const edits = others.filter(({ kind }) => kind === 'edit').map(readEdit);
  checkOrder(found.map(({ id, number }) => ({ key: id, number })));
  checkOrder(edits.map(({ edit, number }) => ({ key: `${edit.sequence}`.padStart(16, '0'), number })));
  const root = rootOf(others.map(({ hash }) => hash));
  if (manifest.value['root'] !== root) {
    throw new AppError('not_reproduced', 'line 1 of the bundle was made for other lines: its root is not the hash of theirs');
  }
  return {
    root,
    redacted: manifest.value['redacted'] === true,
    snapshot: readManifest(
      manifest,
      found.map(({ id }) => id),
    ),
    records: found.flatMap(({ record }) => (record ? [record] : [])),
    purged: found.flatMap(({ purged }) => (purged ? [purged] : [])),
    edits: edits.map(({ edit }) => edit),
  };
}

interface Found {
  readonly number: number;
  readonly id: EvidenceId;
  readonly record?: EvidenceRecord;
  readonly purged?: Tombstone;
}

function readEvidence({ number, value }: Line): Found {
  const refuse = (what: string): never => {
    throw new AppError('usage', `line ${number} of the bundle (evidence) ${what}`);
  };
  if (value['tombstone'] === true) {
    const id = parseEvidenceId(`${value['id']}`);
    if (!id) return refuse('is a tombstone without an id');
    const purged = readTombstone(id, value);
    return { number, id, ...(purged && { purged }) };
  }
  const { source, stream, nativeId, body, sequence, observedTime } = value;
  const observed = typeof observedTime === 'string' ? parseInstant(observedTime) : undefined;
  if (typeof source !== 'string' || typeof stream !== 'string' || typeof nativeId !== 'string')
    return refuse('names no source, stream or object');
  if (body === undefined || observed === undefined) return refuse('has no body, or no time at which it was read');
  if (nativeId.length > MAX_KEY || source.length > MAX_KEY || stream.length > MAX_KEY)
    return refuse(`has a name longer than ${MAX_KEY} characters`);
  if (sequence !== undefined && typeof sequence !== 'number') return refuse('has a sequence that is no number');
  const id = parseEvidenceId(digest({ source, stream, nativeId, body }));
  if (!id) return refuse('has no id');
  return {
    number,
    id,
    record: { id, source, stream, nativeId, body, observedTime: observed, ...(sequence !== undefined && { sequence }) },
  };
}

/** Nothing where it holds no more than its id. */
function readTombstone(id: EvidenceId, value: Line['value']): Tombstone | undefined {
  const [source, stream, nativeId, kind, why] = ['source', 'stream', 'nativeId', 'kind', 'why'].map((name) => shortText(value[name]));
  const [at, purgedAt] = ['at', 'purgedAt'].map((name) => parseInstant(shortText(value[name]) ?? ''));
  if (!source || !stream || !nativeId || !kind || !why || !at || !purgedAt) return undefined;
  return { id, source, stream, nativeId, kind, at, purgedAt, why };
}

function shortText(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value.length <= MAX_KEY ? value : undefined;
}

const EDIT_FORMS: Readonly<Record<string, readonly string[]>> = {
  rewrite: ['block', 'generated', 'text'],
  hide: ['block', 'generated'],
  show: ['block', 'generated'],
  insert: ['block', 'below', 'text'],
};

function readEdit({ number, value }: Line): { readonly number: number; readonly edit: Edit } {
  const { kind, sequence, after, block, at, shape } = value;
  const texts = ['author', 'at', ...(EDIT_FORMS[`${kind}`] ?? ['kind'])];
  const isEdit =
    Object.hasOwn(EDIT_FORMS, `${kind}`) &&
    texts.every((name) => typeof value[name] === 'string' && `${value[name]}`.length <= MAX_KEY) &&
    isCount(sequence) &&
    sequence > 0 &&
    isCount(after) &&
    after < sequence &&
    typeof at === 'string' &&
    parseInstant(at) === at &&
    (kind !== 'insert' || block === `i.${sequence}`) &&
    (shape === undefined || shape === 'plain' || shape === 'bullet');
  if (!isEdit) throw new AppError('usage', `line ${number} of the bundle is no edit`);
  const edit: Edit = JSON.parse(JSON.stringify(value));
  return { number, edit };
}

function isCount(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function checkOrder(lines: readonly { readonly key: string; readonly number: number }[]): void {
  for (const [index, { key, number }] of lines.entries()) {
    const before = lines[index - 1];
    if (before && before.key >= key)
      throw new AppError('not_reproduced', `line ${number} of the bundle is not in its place: lines are sorted, each once`);
  }
}
