import { reader } from '../contract/schema.ts';
import type { Snapshot } from '../core/case.ts';
import { disguiseOf } from '../core/disguise.ts';
import { type EvidenceId, type EvidenceRecord, type Json, seal } from '../core/evidence.ts';
import type { Fact } from '../core/facts.ts';
import { peopleOf } from '../core/people.ts';
import { assignRoles } from '../core/roles.ts';
import type { Instant } from '../core/time.ts';
import type { App, Drafted, Reproduced } from './app.ts';
import { type Bundle, readBundle, writeBundle } from './bundle.ts';
import type { AppDeps } from './deps.ts';
import { derive, evidenceIn } from './derive.ts';
import { editsOf, findStored, keepDraft, rebuild } from './draft.ts';
import { AppError } from './errors.ts';
import { interpret } from './interpret.ts';
import { backTo } from './look-back.ts';
import type { Sources } from './ports.ts';
import { describePurged } from './purged.ts';
import { restate } from './reuse.ts';
import { draftIdOf, isPartial, readingOf } from './snapshot.ts';

/** The newest snapshot under a key as a bundle's text. With `roles` it can no longer be verified against the original. */
export async function exportBundle(deps: AppDeps, key: string, { roles }: { readonly roles: boolean }): Promise<string> {
  const { snapshot } = await findStored(deps, key);
  const records = await deps.evidence.read(snapshot.evidence, snapshot.run);
  const edits = await editsOf(deps, snapshot);
  const bundle = { snapshot, records, purged: await deps.retention.tombstones(snapshot.evidence), edits, redacted: false };
  return writeBundle(roles ? withRoles(bundle, deps.sources) : bundle);
}

/** Every name of a known person, in bodies and edits, as their role; authors and `people` lose theirs. */
function withRoles(
  { snapshot, records, purged, edits }: Omit<Bundle, 'root'>,
  sources: Pick<Sources, 'connectorOf'>,
): Omit<Bundle, 'root'> {
  const stamped = records.flatMap((record) => {
    const connector = sources.connectorOf(record.source, snapshot.normalizers[record.source]);
    return connector ? [interpret(record, connector)] : [];
  });
  const events = stamped.flatMap((one) => one.events);
  const facts = [...stamped.flatMap((one) => one.facts), ...records.flatMap(({ id, body }) => authorsIn(body, id))];
  const people = peopleOf(snapshot.people, facts, events);
  const { text } = disguiseOf(people, assignRoles(people, events, snapshot.incidents));
  const redacted = records.map(({ id: _, body, ...record }) => seal({ ...record, body: mapText(body, text) }));
  return {
    redacted: true,
    snapshot: {
      ...snapshot,
      evidence: [...redacted, ...purged].map(({ id }) => id).toSorted(),
      people: snapshot.people.map(({ role, pagerduty, automation }) => ({
        role,
        names: [],
        ...(pagerduty !== undefined && { pagerduty }),
        ...(automation !== undefined && { automation }),
      })),
      draft: { ...snapshot.draft, authors: [] },
    },
    records: redacted,
    purged,
    edits: edits.map((edit) => ({ ...edit, author: 'someone', ...('text' in edit && { text: text(edit.text) }) })),
  };
}

/** Authors of commits stand in bodies with a name and an address, and no account that a normalizer could tell. */
function authorsIn(value: Json, evidence: EvidenceId): readonly Fact[] {
  if (value === null || typeof value !== 'object') return [];
  const inside = Object.values(value).flatMap((member: Json) => authorsIn(member, evidence));
  const { name, email } = { name: undefined, email: undefined, ...value };
  if (typeof name !== 'string' || typeof email !== 'string' || name === '') return inside;
  return [...inside, { kind: 'person', key: `commit:user:${email}`, names: [name, email], evidence }];
}

function mapText(value: Json, text: (from: string, code?: 'code') => string, name = ''): Json {
  if (typeof value === 'string') return text(value, name === 'patch' ? 'code' : undefined);
  if (Array.isArray(value)) return value.map((item: Json) => mapText(item, text, name));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, mapText(member, text, key)]));
}

/** A bundle whose services say only what this version's connectors can read: a scope is a connector's own to check. */
function readSound(text: string, sources: Pick<Sources, 'connectorOf'>): Bundle {
  const bundle = readBundle(text);
  const { services, normalizers } = bundle.snapshot;
  for (const [source, scope] of services.flatMap(({ owns }) => Object.entries(owns))) {
    const connector = sources.connectorOf(source, normalizers[source]);
    if (!connector) continue;
    const { read, problem } = reader(connector.scope);
    if (read(scope) !== undefined) continue;
    const { pointer, problem: why } = problem(scope);
    throw new AppError('usage', `line 1 of the bundle (manifest): \`owns.${source}${pointer}\` of a service ${why}`);
  }
  return bundle;
}

/** Keeps a bundle apart from live incidents: under `bundle:<root>`, with the order that its records state. */
export async function importBundle(deps: AppDeps, text: string): ReturnType<App['importBundle']> {
  const { root, snapshot, records, purged, edits } = readSound(text, deps.sources);
  const origin = `bundle:${root}`;
  // What cannot be drafted must not be stored: lists draft what the store holds.
  await derive(
    { draftId: draftIdOf({ ...snapshot, origin }), snapshot: { ...snapshot, origin }, evidence: evidenceIn(records), edits },
    deps.sources,
  );
  const run = await deps.evidence.startRun(deps.clock.now());
  await deps.evidence.keep(run, records);
  await deps.retention.bury(purged);
  await deps.drafts.keepEdits(origin, edits);
  // Where it was imported and edited before, those edits stay.
  const lastEdit = (await deps.drafts.edits(origin)).at(-1)?.sequence ?? 0;
  const { draftId } = await keepDraft(deps, { ...snapshot, origin, run, lastEdit });
  return { root, draftId, incident: origin };
}

/** The draft of a bundle's text: the same bytes as the original's, with no store and no source; `asOf` looks back in it. */
export async function draftBundle(
  { sources }: { readonly sources: Pick<Sources, 'connectorOf'> },
  text: string,
  asOf?: Instant,
): Promise<Drafted> {
  const { snapshot: pinned, records, purged, edits } = readSound(text, sources);
  const snapshot = asOf === undefined ? pinned : restate(backTo(asOf, { snapshot: pinned, records, sources }), { asOf }, pinned.lastEdit);
  const draftId = draftIdOf(snapshot);
  const derived = await derive({ draftId, snapshot, evidence: evidenceIn(records), edits }, sources);
  const draft = purged.length > 0 ? { ...derived, purged } : derived;
  return { draftId, snapshot, draft, partial: isPartial(snapshot) };
}

/** Rebuilds the newest draft under a key from stored evidence and compares bytes with what was rendered then. */
export async function reproduce(deps: AppDeps, key: string): Promise<Reproduced> {
  const { draftId, snapshot } = await findStored(deps, key);
  const records = await deps.evidence.read(snapshot.evidence, snapshot.run);
  const gone = await deps.retention.tombstones(snapshot.evidence);
  if (gone.length > 0) {
    const why = describePurged(gone, snapshot.evidence.length);
    const isKept = (await deps.retention.kept(readingOf(snapshot))) !== undefined;
    return { draftId, same: false, detail: `${why}: it cannot be rebuilt${isKept ? ', and stands as it was kept' : ''}` };
  }
  const missing = snapshot.evidence.length - records.length;
  if (missing > 0)
    return { draftId, same: false, detail: `${missing} of ${snapshot.evidence.length} evidence records are no longer stored` };
  if (draftIdOf(snapshot) !== draftId)
    return { draftId, same: false, detail: 'the stored snapshot does not have the id that it is filed under' };
  const rendered = await deps.drafts.findRendered(draftId);
  const { draft } = await rebuild(deps, draftId, snapshot);
  const text = JSON.stringify(draft);
  if (rendered === undefined) {
    await deps.drafts.saveRendered(draftId, text);
    return {
      draftId,
      same: true,
      detail: `rebuilt from ${records.length} evidence records; no earlier rendering was kept to compare with`,
    };
  }
  return { draftId, same: text === rendered, detail: describe(snapshot, deps.engine, text === rendered, records) };
}

/** A bundle holds no rendering, so two rebuilds are compared: with its evidence as it stands, and turned round. */
export async function reproduceBundle(
  deps: { readonly sources: Pick<Sources, 'connectorOf'>; readonly engine: string },
  text: string,
): Promise<Reproduced> {
  const { snapshot, records, purged, edits } = readSound(text, deps.sources);
  const draftId = draftIdOf(snapshot);
  if (purged.length > 0) {
    const why = describePurged(purged, snapshot.evidence.length);
    return { draftId, same: false, detail: `${why} before the bundle was written: it cannot be rebuilt` };
  }
  const once = await derive({ draftId, snapshot, evidence: evidenceIn(records), edits }, deps.sources);
  const again = await derive({ draftId, snapshot, evidence: evidenceIn(records.toReversed()), edits }, deps.sources);
  const same = JSON.stringify(once) === JSON.stringify(again);
  return { draftId, same, detail: describe(snapshot, deps.engine, same, records) };
}

function describe({ engine }: Snapshot, ours: string, same: boolean, records: readonly EvidenceRecord[]): string {
  const made = engine === ours ? `by ${engine}` : `by ${engine}, rebuilt by ${ours}`;
  return `${same ? 'the same bytes' : 'other bytes'} from ${records.length} evidence records, made ${made}`;
}
