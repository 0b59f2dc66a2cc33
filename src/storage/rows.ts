import type { Transaction } from 'kysely';
import { AppError } from '../app/errors.ts';
import type { Ask } from '../app/ports.ts';
import { canonical } from '../core/digest.ts';
import type { EvidenceId } from '../core/evidence.ts';
import type { Tables } from './tables.ts';

/** The row numbers of evidence by id. */
export async function numbersOf(trx: Transaction<Tables>, ids: readonly EvidenceId[]): Promise<ReadonlyMap<string, number>> {
  const rows = await trx.selectFrom('evidence').select(['id', 'no']).where('id', 'in', ids).execute();
  return new Map(rows.map(({ id, no }) => [id, no]));
}

export function numberOf(numbers: ReadonlyMap<string, number>, id: EvidenceId): number {
  const no = numbers.get(id);
  if (no === undefined) throw new Error(`${id} was not kept before it was linked`);
  return no;
}

/** Text that we wrote ourselves is read back as what it was; anything else was written by another hand. */
export function sound<T>(value: T | undefined, row: string): T {
  if (value === undefined)
    throw new AppError('store', `the store is damaged: the record ${row} cannot be read; restore a backup, or pull again`);
  return value;
}

/** The ask as it was put. A cursor hangs on it, since it counts on the order of the keys. */
export function canonicalAsk({ source, stream, window, keys, scope }: Ask): string {
  return canonical({ source, stream, window: { from: window.from, to: window.to }, keys, scope });
}
