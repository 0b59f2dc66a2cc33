import type { Kysely, Transaction } from 'kysely';
import { forgetInterpretations } from './interpretations.ts';
import type { Tables } from './tables.ts';

/**
 * Tables that hold nothing but what can be made again from the truth: dropping their rows costs time, and changes no digest and no
 * byte. A new cache stands here, so that `test/rebuild.test.ts` drops it.
 */
export const CACHES = ['rendered', 'interpretation', 'reading_evidence', 'reading', 'budget'] as const satisfies readonly (keyof Tables)[];

/** Empties every cache. */
export async function dropCaches(db: Kysely<Tables>): Promise<void> {
  for (const table of CACHES) await db.deleteFrom(table).execute();
}

/** Caches that tell the bodies of single records: what each forgets where these rows of evidence are purged. */
export const CACHES_OF_BODIES: readonly ((trx: Transaction<Tables>, evidence: readonly number[]) => Promise<void>)[] = [
  forgetInterpretations,
];
