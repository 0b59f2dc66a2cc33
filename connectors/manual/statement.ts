import Type, { type Static, type TSchema } from 'typebox';
import {
  type EventSeed,
  type EvidenceRecord,
  type FactSeed,
  type Kit,
  type Moment,
  momentOf,
  type Normalized,
  type PullItem,
  type PullRequest,
  parseInstant,
  type Reader,
  type Stream,
} from '../../src/contract/index.ts';

/** Where the statements are read from: nobody is asked. */
export interface Statements {
  readonly told: Kit['told'];
}

/** What every statement says besides its fact: of which incident (its key), why, by whom and when. */
export const Said = {
  incident: Type.String({ minLength: 1, maxLength: 300 }),
  reason: Type.String({ minLength: 1 }),
  author: Type.String({ minLength: 1 }),
  saidAt: Type.String(),
} as const;

/** When it happened, as the person wrote it, and how far it may be off where they said so. */
export const At = { at: Type.String(), plusMinusSeconds: Type.Optional(Type.Number({ minimum: 0, maximum: 31_536_000 })) } as const;

const Statement = Type.Object(Said);
type Statement = Static<typeof Statement>;

type Spec = Stream<Statements, unknown>['spec'];

/** A stream of statements: found by the incident that they are of, kept for ever, and never changed once said. */
export function specOf(id: string, type: Spec['emits'][number]): Spec {
  return { id, emits: [type], need: 'extra', windowField: 'keys', mutability: 'append-only', settleSeconds: 0 };
}

/** Reads what was told from the store: the same in every stream. */
export function pullStream(stream: string) {
  return async function* pull({ told }: Statements, { keys, window }: PullRequest<unknown>): AsyncGenerator<PullItem> {
    const records = keys.length === 0 ? [] : await told?.({ stream, keys, window });
    for (const record of records ?? []) yield { kind: 'record', record };
  };
}

/** The time of a statement with the person's own bounds: those they gave, else those of how they wrote it. */
export function statedMoment({ at, plusMinusSeconds }: { readonly at: string; readonly plusMinusSeconds?: number }): Moment | undefined {
  const written = momentOf(at);
  if (!written || plusMinusSeconds === undefined) return written;
  return { at: written.at, minusMs: plusMinusSeconds * 1_000, plusMs: Math.max(1, plusMinusSeconds * 1_000) };
}

type Common = Omit<Extract<EventSeed, { readonly type: 'event.asserted' }>, 'type' | 'attributes' | 'time' | 'pointer' | 'originalTime'>;

/** Normalizes a statement by what is its own; whom it is by becomes a person, so that a draft can print a role. */
export function normalizeStatement<Schema extends TSchema>(
  record: EvidenceRecord,
  statement: Reader<Static<Schema> & Statement>,
  seedOf: (said: Static<Schema> & Statement, common: Common) => EventSeed | undefined,
): Normalized {
  const said = statement.read(record.body);
  if (!said) return { events: [], issues: [statement.problem(record.body)] };
  const knowableAt = parseInstant(said.saidAt);
  if (!knowableAt) return { events: [], issues: [{ pointer: '/saidAt', problem: 'not a time with an offset' }] };
  const seed = seedOf(said, {
    key: record.nativeId,
    timeMeaning: 'asserted',
    knowableAt,
    actor: { kind: 'person', name: said.author },
    belongsTo: [],
    correlationKeys: [said.incident],
  });
  if (!seed) return { events: [], issues: [{ pointer: '/at', problem: 'not a time with an offset' }] };
  return { events: [seed], facts: peopleIn(said.author), issues: [] };
}

/** One word (`ann`, `dashboard`) is a token's name as often as a person's: to replace it in every text would spoil them. */
function peopleIn(author: string): readonly FactSeed[] {
  return /\S\s+\S/.test(author) ? [{ kind: 'person', key: `manual:person:${author}`, names: [author] }] : [];
}
