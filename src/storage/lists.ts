import { type Kysely, type RawBuilder, sql } from 'kysely';
import { isPostgres } from './dialect.ts';
import { AS_LISTS } from './sqlite.ts';
import type { Tables } from './tables.ts';

/** The rows of a question as lists of their columns: of a hundred thousand rows an object each costs more than to read them. */
export async function listRows<Row extends readonly unknown[]>(db: Kysely<Tables>, question: RawBuilder<Row>): Promise<readonly Row[]> {
  const { rows } = await sql<Row>`${sql.raw(AS_LISTS)} ${question}`.execute(db);
  return rows;
}

/** The columns of a question that has numbers alone, each as one list: of a hundred thousand rows not even a list each is made. */
export async function listColumns(
  db: Kysely<Tables>,
  names: readonly string[],
  question: RawBuilder<unknown>,
): Promise<readonly (readonly (number | null)[])[]> {
  const lists = sql.join(
    names.map((name) => (isPostgres(db) ? sql`coalesce(json_agg(${sql.ref(name)}), '[]')` : sql`json_group_array(${sql.ref(name)})`)),
  );
  const [row = []] = await listRows(
    db,
    sql<readonly (string | readonly (number | null)[])[]>`select ${lists} from (${question}) as listed`,
  );
  // PostgreSQL's driver has read them already.
  return row.map((list): readonly (number | null)[] => (typeof list === 'string' ? JSON.parse(list) : list));
}

/** The numbers as a subquery of one parameter, however many they are. */
export function numbersIn(db: Kysely<Tables>, numbers: readonly number[]): RawBuilder<number> {
  const list = JSON.stringify(numbers);
  return isPostgres(db)
    ? sql<number>`(select json_array_elements_text(${list}::json)::integer)`
    : sql<number>`(select value from json_each(${list}))`;
}

/** The texts as a table `given` of their places from 0 and themselves. */
export function givenTexts(db: Kysely<Tables>, texts: readonly string[]): RawBuilder<unknown> {
  const list = JSON.stringify(texts);
  return isPostgres(db)
    ? sql`(select ordinality::integer - 1 as place, text from json_array_elements_text(${list}::json) with ordinality as listed (text, ordinality)) as given`
    : sql`(select key as place, value as text from json_each(${list})) as given`;
}
