import { canonical } from '../digest.ts';
import { type EventSeed, type RecordedEvent, recordedId } from '../events.ts';
import type { EvidenceRecord, Json } from '../evidence.ts';
import type { Fact, FactSeed } from '../facts.ts';
import type { Series, SeriesSeed } from '../series.ts';
import { type Shared, sharedFact } from '../shared.ts';
import type { Instant } from '../time.ts';

/** What could not be read, and where: a JSON pointer (RFC 6901) into the record's body. */
export interface Issue {
  readonly pointer: string;
  readonly problem: string;
}

/** What one record says: happenings, numbers, and things that are neither. All four empty: it says nothing we use. */
export interface Normalized {
  readonly events: readonly EventSeed[];
  readonly series?: readonly SeriesSeed[];
  readonly facts?: readonly FactSeed[];
  readonly issues: readonly Issue[];
  /** Since when the source has the record, where no event says it: a draft as of an earlier time has not read it. */
  readonly knowableAt?: Instant;
}

/**
 * What a record says, stamped by us: identity, order and provenance cannot be forged by a connector. The body is not in it: it is
 * ten times what it says, and is dropped as soon as it was read.
 */
export interface Stamped {
  readonly record: Pick<EvidenceRecord, 'id' | 'source' | 'stream'>;
  readonly events: readonly RecordedEvent[];
  /** Of each event's id what `markOf` makes of it, where that was done before. */
  readonly marks?: readonly number[];
  readonly series: readonly Series[];
  readonly facts: readonly Fact[];
  readonly issues: readonly Issue[];
  readonly knowableAt?: Instant;
}

/**
 * Gives what a normalizer said its identity, order and provenance. A seed whose pointer does not resolve, whose original
 * text does not stand there, or whose key was used before in the same record becomes an issue: it could not be cited.
 * `normalizer` is the id of the code that read it, such as `pagerduty/1`. Of many records `shared` holds what they have in common.
 */
export function stamp(record: EvidenceRecord, normalized: Normalized, normalizer: string, shared?: Shared): Stamped {
  const { events: seeds, series, facts } = normalized;
  const faults = faultsOf(record.body, seeds);
  const isSound = faults.every((fault) => fault === undefined);
  const sound = isSound ? seeds : seeds.filter((_, at) => faults[at] === undefined);
  const issues = isSound ? normalized.issues : [...normalized.issues, ...faults.filter((fault) => fault !== undefined)];
  return {
    record: { id: record.id, source: record.source, stream: record.stream },
    // Mapped, since a list that grows keeps room for seventeen.
    events: sound.map((seed) => toEvent(record, seed, normalizer, shared)),
    series: series?.map((one) => ({ ...one, source: record.source, evidence: [record.id] })) ?? NONE,
    facts: facts?.map((fact) => ({ ...(shared ? sharedFact(fact, shared) : fact), evidence: record.id })) ?? NONE,
    issues: issues.length === 0 ? NONE : issues,
    ...(normalized.knowableAt !== undefined && { knowableAt: normalized.knowableAt }),
  };
}

/** One for all records that say nothing of a kind, which are most. */
const NONE: readonly never[] = [];

/** For each seed what keeps it from being an event. */
function faultsOf(body: Json, seeds: readonly EventSeed[]): readonly (Issue | undefined)[] {
  const used = seeds.length > 1 ? new Set<string>() : undefined;
  return seeds.map((seed) => {
    const name = `${seed.key}#${seed.type}`;
    const problem = used?.has(name) ? `two events of one record share the key ${seed.key}` : problemOf(body, seed);
    used?.add(name);
    return problem === undefined ? undefined : { pointer: seed.pointer, problem };
  });
}

function problemOf(body: Json, { pointer, originalTime }: EventSeed): string | undefined {
  const found = valueAt(body, pointer);
  if (found === undefined) return 'the pointer of an event does not resolve';
  const text = typeof found === 'string' ? found : canonical(found);
  return originalTime !== '' && text.includes(originalTime) ? undefined : `the time ${JSON.stringify(originalTime)} does not stand here`;
}

/** Its members stand in one order, whatever that of the seed's: a hundred thousand of one shape are read faster than of twelve. */
function toEvent(record: EvidenceRecord, seed: EventSeed, normalizer: string, shared: Shared | undefined): RecordedEvent {
  const { source, stream, nativeId, id: evidence, sequence } = record;
  const { key, pointer, originalTime, actor, url } = seed;
  const said = {
    type: seed.type,
    time: seed.time,
    timeMeaning: seed.timeMeaning,
    knowableAt: seed.knowableAt,
    belongsTo: shared?.list(seed.belongsTo) ?? seed.belongsTo,
    correlationKeys: shared?.list(seed.correlationKeys) ?? seed.correlationKeys,
    attributes: seed.attributes,
    id: recordedId(source, stream, key, seed.type),
    provenance: { source, stream, nativeId, evidence, pointer, originalTime, normalizer },
    ...(actor && { actor: shared?.actor(actor) ?? actor }),
    ...(url !== undefined && { url: shared?.text(url) ?? url }),
    ...(sequence !== undefined && { sequence }),
  };
  return said as RecordedEvent;
}

/** The value that a JSON pointer (RFC 6901) names, or nothing. */
export function valueAt(body: Json, pointer: string): Json | undefined {
  if (pointer === '') return body;
  if (!pointer.startsWith('/')) return undefined;
  let here: Json | undefined = body;
  for (const token of pointer.slice(1).split('/')) {
    if (here === null || here === undefined || typeof here !== 'object') return undefined;
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    here = memberOf(here, name);
  }
  return here;
}

function memberOf(value: readonly Json[] | { readonly [key: string]: Json }, name: string): Json | undefined {
  if (isList(value)) return /^(?:0|[1-9]\d*)$/.test(name) ? value[Number(name)] : undefined;
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

function isList(value: readonly Json[] | { readonly [key: string]: Json }): value is readonly Json[] {
  return Array.isArray(value);
}
