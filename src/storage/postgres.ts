import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { AppError } from '../app/errors.ts';
import { AS_LISTS } from './sqlite.ts';
import { keptText } from './texts.ts';

/** How long a connection may take, or a free one be waited for. */
const CONNECT_MS = 5_000;
/** The server ends a statement by then; a server that says nothing at all is given up a little later. */
const STATEMENT_MS = 30_000;
const SILENCE_MS = 35_000;
/** How a statement begins that reads a whole table. A comment, so that the server takes it. */
export const TAKES_LONG = '/* takes long */';
/** What such a one has in place of both: a table of hundreds of millions of rows is cleaned in less. */
const LONG_MS = 3 * 3_600_000;
const LONG_SILENCE_MS = LONG_MS + SILENCE_MS - STATEMENT_MS;
/** A process that stopped inside a transaction must not keep the others from their rows. */
const IDLE_IN_TRANSACTION_MS = 60_000;
const CONNECTIONS = 10;

/**
 * A pool of connections as Kysely's dialect wants it. Connections that broke are thrown away, so that a server which was stopped and
 * started again is found without a restart of ours. Throws AppError: `config` for what a person must change, else `store`.
 */
export async function openPostgres(url: string): Promise<PostgresPool> {
  return await openPool(url, url, { statement_timeout: STATEMENT_MS, query_timeout: SILENCE_MS });
}

/** The same for what takes long with every statement. A deadline that the address says is one of the others. */
export async function openPatientPostgres(url: string): Promise<PostgresPool> {
  const [base, query] = url.split('?', 2);
  const rest = new URLSearchParams(query);
  for (const name of ['statement_timeout', 'query_timeout']) rest.delete(name);
  return await openPool(url, rest.size > 0 ? `${base}?${rest}` : (base ?? url), {
    statement_timeout: LONG_MS,
    query_timeout: LONG_SILENCE_MS,
  });
}

async function openPool(
  url: string,
  connectionString: string,
  deadlines: { readonly statement_timeout: number; readonly query_timeout: number },
): Promise<PostgresPool> {
  const shown = refusePassword(url);
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString,
    ...deadlines,
    application_name: 'hindcast',
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
  });
  // An idle connection that the server ended: the pool drops it, and the next question opens another.
  pool.on('error', () => undefined);
  return { options: {}, connect: () => connect(pool, shown), end: () => pool.end() };
}

/** The address without what a log must not say. Throws AppError('config') where it carries a password: a configuration holds no secret. */
export function refusePassword(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed)
    throw new AppError('config', '`storage.url` is not an address of a PostgreSQL database: write postgres://user@host/database');
  if (parsed.password !== '' || parsed.searchParams.has('password')) {
    throw new AppError('config', '`storage.url` carries a password: take it out, and set the variable PGPASSWORD or write ~/.pgpass');
  }
  return `postgres://${parsed.host}${parsed.pathname}`;
}

async function connect(pool: Pool, shown: string): Promise<PostgresPoolClient> {
  const client = await pool.connect().catch((error: unknown) => explain(error, shown));
  const state = { isBroken: false };
  const onError = () => {
    state.isBroken = true;
  };
  client.on('error', onError);
  return {
    query: async (text: string, parameters?: readonly unknown[]) => {
      try {
        const values = parameters?.map((value) => (typeof value === 'string' ? keptText(value) : value));
        if (text.startsWith(TAKES_LONG)) return await queryLong(client, text);
        if (text.startsWith(AS_LISTS)) return await client.query({ text, values: values ?? [], rowMode: 'array' as const });
        return await client.query(text, values);
      } catch (error) {
        if (codeOf(error).length !== 5) state.isBroken = true;
        return explain(error, shown);
      }
    },
    release: (destroy?: boolean) => {
      client.off('error', onError);
      client.release(destroy === true || state.isBroken);
    },
  } as PostgresPoolClient & Pick<PoolClient, 'query'>;
}

/** The next statement of the connection has the usual deadline again. */
async function queryLong(client: PoolClient, text: string) {
  await client.query(`set statement_timeout = ${LONG_MS}`);
  try {
    // The types of the driver lack the key, which its client reads.
    const config = { text, query_timeout: LONG_SILENCE_MS };
    return await client.query(config);
  } finally {
    await client.query('reset statement_timeout');
  }
}

/** By SQLSTATE or its class (https://www.postgresql.org/docs/current/errcodes-appendix.html), or by what the network said. */
const PROBLEMS: readonly (readonly [form: RegExp, code: 'config' | 'store', problem: string])[] = [
  [/^28/, 'config', 'it refuses the user or the password: check the user in `storage.url`, and PGPASSWORD or ~/.pgpass'],
  [/^3D000$/, 'config', 'there is no such database: create it, or name another in `storage.url`'],
  [/^42501$/, 'config', 'the user may not do this: grant it the rights on the database'],
  [/^ENOTFOUND$/, 'config', 'its host has no address: check `storage.url`'],
  [/^53100$/, 'store', 'its disk is full; make room and run the same command again, nothing half-written is kept'],
  [/^53300$/, 'store', 'it has no connection left; raise its max_connections, or run fewer workers'],
  [/^25006$/, 'store', 'it is read-only: `storage.url` must name the primary server'],
  [/^(?:55P03|57014|25P03)$/, 'store', 'it did not answer in time; try again'],
  [
    /^(?:57P0|08|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOENT|EAI_AGAIN|$)/,
    'store',
    'it does not answer; start it, or check `storage.url`',
  ],
];

function explain(error: unknown, shown: string): never {
  const code = codeOf(error);
  const found = PROBLEMS.find(([form]) => form.test(code));
  if (!found) throw error;
  const [, kind, problem] = found;
  throw new AppError(kind, `the store ${shown} cannot be used: ${problem}`, { cause: error });
}

/** Empty where there is none: the driver's own words for a connection that ended or a deadline that passed. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
