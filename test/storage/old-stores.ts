import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, PostgresDialect, SqliteDialect, sql } from 'kysely';
import { canonical, digestText } from '../../src/core/digest.ts';
import { MIGRATIONS, migrate } from '../../src/storage/migrations.ts';
import { openPostgres } from '../../src/storage/postgres.ts';
import { canonicalAsk } from '../../src/storage/rows.ts';
import { openSqlite } from '../../src/storage/sqlite.ts';
import type { Database, Tables } from '../../src/storage/tables.ts';
import { evidenceOf, pulledOf } from '../support/events.ts';
import { newPostgresUrl } from './engines.ts';
import { ask, NOON, snapshotFrom } from './samples.ts';

export const KEPT = evidenceOf('R1', { note: 'kept by an old version' }, { sequence: -3 });
export const PURGED = evidenceOf('R2', 'a name');
export const PULL = { ask: ask(), pulled: pulledOf('pagerduty', 'log_entries'), evidence: [PURGED.id, KEPT.id] };
export const SNAPSHOT = snapshotFrom('pagerduty/incident:PABC', NOON);
export const EDIT = {
  ...{ kind: 'rewrite' as const, sequence: 1, after: 0, author: 'ana', at: NOON, block: 'summary.what' },
  ...{ generated: 'sha256:0', text: 'kinder' },
};
export const REQUEST = { window: PULL.ask.window, join: 'merged' as const };

type Row = Readonly<Record<string, string | number | null>>;

/** What each version had a place for, by the version that brought it: as that version wrote it, its rows numbered by the store. */
const ROWS: readonly (readonly [table: string, rows: readonly Row[]])[][] = [
  [],
  [
    ['run', [{ started_at: NOON }]],
    [
      'evidence',
      [KEPT, PURGED].map(({ id, source, stream, nativeId, body, observedTime }) => ({
        ...{ id, source, stream, native_id: nativeId, observed_time: observedTime },
        body: id === PURGED.id ? null : canonical(body),
      })),
    ],
    ['run_evidence', [1, 2].map((no) => ({ evidence_no: no, run_id: 1, sequence: no === 1 ? -3 : null }))],
  ],
  [
    [
      'pull',
      [
        {
          ...{ run_id: 1, finished: 1, ask: canonicalAsk(PULL.ask), pulled: JSON.stringify(PULL.pulled) },
          question: digestText(canonicalAsk(PULL.ask)),
        },
      ],
    ],
    ['pull_evidence', [2, 1].map((evidence_no, position) => ({ pull_id: 1, position, evidence_no }))],
    ['checkpoint', [{ run_id: 1, ask: 'an ask', cursor: 'page 1' }]],
  ],
  [
    [
      'snapshot',
      [
        {
          ...{ draft_id: 'sha256:a', incident: SNAPSHOT.incidents[0], body: JSON.stringify(SNAPSHOT) },
          ...{ window_from: SNAPSHOT.windows.incident.from, window_to: SNAPSHOT.windows.incident.to },
        },
      ],
    ],
    ['drafting', [{ incident: SNAPSHOT.incidents[0], snapshot_no: 1 }]],
    ['edit', [{ incident: SNAPSHOT.incidents[0], sequence: 1, body: JSON.stringify(EDIT) }]],
    ['rendered', [{ draft_id: 'sha256:a', body: '{"a":1}' }]],
  ],
  [
    [
      'told',
      [
        {
          ...{ evidence_no: 1, connector: 'import', source: KEPT.source, stream: KEPT.stream, native_id: KEPT.nativeId },
          ...{ incident: 'pagerduty/incident:PABC', from_at: null, to_at: null },
        },
      ],
    ],
  ],
  [['budget', [{ source: 'pagerduty', account: '{"calls":3}' }]]],
  [
    ['reading', [{ run_id: 1, question: 'q', whole: 'w', at: NOON, progressed: '{"isDone":false,"gaps":[],"hints":[]}' }]],
    ['reading_evidence', [{ reading_id: 1, position: 0, evidence_no: 1 }]],
  ],
  [
    [
      'backfill',
      [
        {
          request: JSON.stringify(REQUEST),
          taken_at: NOON,
          state: 'listed',
          reason: null,
          listing: '{"already":[],"gaps":[],"estimate":[]}',
        },
      ],
    ],
    [
      'backfill_item',
      [{ backfill_id: 1, position: 0, keys: '["pagerduty/incident:PABC"]', began: NOON, state: 'waiting', round: 0, outcome: '{}' }],
    ],
    [
      'job',
      [
        {
          ...{ key: 'a', body: '{"backfill":1}', priority: 0, attempts: 1, ready_at: 0, leased_until: 0 },
          ...{ lease: null, dead: 0, reason: null },
        },
      ],
    ],
    ['tick', [{ schedule: '0 6 * * 1 last 7d', at: NOON }]],
  ],
  [
    ['delivery', [{ event: 'pagerduty E1', at: NOON }]],
    ['due_draft', [{ incident: 'pagerduty~PABC', due_at: NOON, taken_until: null, attempts: 0, reason: null }]],
  ],
  [
    ['tombstone', [{ evidence_no: 2, kind: 'note.added', told_at: NOON, purged_at: NOON, why: 'storage.keep_evidence: 90d' }]],
    ['kept_draft', [{ draft_id: 'sha256:a', reading: 'sha256:r', body: '{"kept":1}' }]],
  ],
  [
    [
      'draft_note',
      [
        {
          ...{ draft: 'sha256:a', incident: 'pagerduty~PABC', state: 'written', due_at: NOON },
          ...{ taken_until: null, attempts: 1, reason: null },
        },
      ],
    ],
  ],
];

/** A store as a version left it, not opened by any later one. */
export interface OldStore {
  readonly url: string;
  close(): void;
}

export const OLD_STORES: readonly { readonly name: string; at(version: number): Promise<OldStore> }[] = [
  {
    name: 'SQLite',
    at: async (version) => {
      const folder = mkdtempSync(join(tmpdir(), 'hindcast-old-'));
      const url = `sqlite:${join(folder, 'hindcast.db')}`;
      await asItStands(url, (db) => writeAt(db, version));
      return { url, close: () => rmSync(folder, { recursive: true, force: true }) };
    },
  },
  {
    name: 'PostgreSQL',
    at: async (version) => {
      const url = await newPostgresUrl();
      await asItStands(url, (db) => writeAt(db, version));
      return { url, close: () => undefined };
    },
  },
];

/** Works on a store that no step brings up before. */
export async function asItStands<T>(url: string, act: (db: Database) => Promise<T>): Promise<T> {
  const isFile = url.startsWith('sqlite:');
  const db = new Kysely<Tables>({
    dialect: isFile
      ? new SqliteDialect({ database: await openSqlite(url.slice('sqlite:'.length)) })
      : new PostgresDialect({ pool: await openPostgres(url) }),
  });
  try {
    return await act(db);
  } finally {
    await db.destroy();
  }
}

async function writeAt(db: Database, version: number): Promise<void> {
  await migrate(db, MIGRATIONS.slice(0, version));
  const tables = new Set((await db.introspection.getTables()).map(({ name }) => name));
  for (const [table, rows] of ROWS.slice(0, version + 1).flat()) {
    // What a later step took away again, that version did not have.
    if (tables.has(table)) for (const row of rows) await insert(db, table, row);
  }
}

async function insert(db: Kysely<Tables>, table: string, row: Row): Promise<void> {
  const columns = sql.join(Object.keys(row).map((name) => sql.ref(name)));
  await sql`insert into ${sql.table(table)} (${columns}) values (${sql.join(Object.values(row))})`.execute(db);
}
