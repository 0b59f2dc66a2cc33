import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { openDatabase, ping } from '../../src/storage/database.ts';
import { createEvidenceStore } from '../../src/storage/evidence-store.ts';
import { MIGRATIONS } from '../../src/storage/migrations.ts';
import { evidenceOf } from '../support/events.ts';
import { inFolder } from './engines.ts';
import { NOON } from './samples.ts';

const WRITER = fileURLToPath(new URL('writer.ts', import.meta.url));
const SIZE = 20;

function startWriter(file: string, name: string, batches: number) {
  const child = spawn(process.execPath, [WRITER, `sqlite:${file}`, name, String(batches), String(SIZE)]);
  let said = '';
  let complaint = '';
  child.stdout.on('data', (chunk) => {
    said += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    complaint += String(chunk);
  });
  return { child, lines: () => said.split('\n').filter(Boolean), complaint: () => complaint };
}

async function exited(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

async function count(file: string, table: string): Promise<number> {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return Number(database.prepare(`select count(*) as n from ${table}`).get()?.['n']);
  } finally {
    database.close();
  }
}

describe('several processes', () => {
  it('open one new file at once, write at the same time, lose nothing, and keep what they share once', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'hindcast.db');
      const batches = 15;
      const writers = ['a', 'b', 'c', 'd'].map((name) => startWriter(file, name, batches));
      const codes = await Promise.all(writers.map(({ child }) => exited(child)));
      expect({ codes, complaints: writers.map(({ complaint }) => complaint()) }).toEqual({
        codes: [0, 0, 0, 0],
        complaints: ['', '', '', ''],
      });
      const shared = SIZE / 4;
      expect(await count(file, 'evidence')).toBe(batches * (shared + writers.length * (SIZE - shared)));
      expect(await count(file, 'run_evidence')).toBe(writers.length * batches * SIZE);
      expect(await count(file, 'hindcast_migration')).toBe(MIGRATIONS.length);
    }));

  it('one that is killed leaves whole batches: all that it said was kept is there, and the next one goes on', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'hindcast.db');
      const writer = startWriter(file, 'a', 100_000);
      while (writer.lines().length < 3 && writer.child.exitCode === null) {
        await Promise.race([once(writer.child.stdout, 'data'), once(writer.child, 'exit')]);
      }
      expect(writer.complaint()).toBe('');
      writer.child.kill('SIGKILL');
      await exited(writer.child);
      const said = writer.lines().length;

      const db = await openDatabase(`sqlite:${file}`);
      try {
        const rows = await db.selectFrom('evidence').select(['id', 'body']).orderBy('no').execute();
        expect(rows.length % SIZE).toBe(0);
        expect(rows.length).toBeGreaterThanOrEqual(said * SIZE);
        const check = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(db);
        expect(check.rows).toEqual([{ integrity_check: 'ok' }]);
        const store = createEvidenceStore(db);
        const record = evidenceOf('after', 'the crash');
        await store.keep(await store.startRun(NOON), [record]);
        expect(await store.read([record.id])).toEqual([record]);
      } finally {
        await db.destroy();
      }
    }));

  it('one that holds the file too long makes the other say so, and the store works again afterwards', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'hindcast.db');
      const db = await openDatabase(`sqlite:${file}`);
      const other = new DatabaseSync(file);
      try {
        await sql`pragma busy_timeout = 30`.execute(db);
        other.exec('begin immediate');
        await expect(createEvidenceStore(db).startRun(NOON)).rejects.toMatchObject({
          code: 'store',
          message: `the store ${file} cannot be used: another process has been writing to it for more than 10 seconds; try again, or stop that process`,
        });
        expect(await createEvidenceStore(db).read([])).toEqual([]);
        other.exec('rollback');
        expect(await createEvidenceStore(db).startRun(NOON)).toBe(1);
      } finally {
        other.close();
        await db.destroy();
      }
    }));
});

describe('a transaction', () => {
  it('that begins by reading has the right to write: no other process can come between', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'hindcast.db');
      const db = await openDatabase(`sqlite:${file}`);
      const other = new DatabaseSync(file);
      await db.transaction().execute(async (trx) => {
        await trx.selectFrom('run').selectAll().execute();
        expect(() => other.exec(`insert into run (started_at) values ('${NOON}')`)).toThrow('database is locked');
        await trx.insertInto('run').values({ started_at: NOON }).execute();
      });
      other.exec(`insert into run (started_at) values ('${NOON}')`);
      other.close();
      await db.destroy();
      expect(await count(file, 'run')).toBe(2);
    }));

  it('that SQLite ended by itself tells why it failed, not that it had ended', async () => {
    const db = await openDatabase('sqlite::memory:');
    const failed = db.transaction().execute(async (trx) => {
      await sql`rollback`.execute(trx);
      throw new Error('the disk is full');
    });
    await expect(failed).rejects.toThrow('the disk is full');
    await db.destroy();
  });
});

describe('opening', () => {
  it('a new file from many sides at one moment succeeds on every side', () =>
    inFolder(async (folder) => {
      const threads = Array.from({ length: 6 }, () => new Worker(new URL('opener.ts', import.meta.url)));
      const said: string[] = [];
      for (let round = 0; round < 150; round += 1) {
        const answers = threads.map((thread) => once(thread, 'message'));
        for (const thread of threads) thread.postMessage(join(folder, `${round}.db`));
        said.push(...(await Promise.all(answers)).flat().map(String).filter(Boolean));
      }
      await Promise.all(threads.map((thread) => thread.terminate()));
      expect(said).toEqual([]);
    }));

  async function refusal(url: string): Promise<unknown> {
    return openDatabase(url).then(
      async (db) => {
        await db.destroy();
        throw new Error('it was opened');
      },
      (error: unknown) => error,
    );
  }

  it('makes a file, and the files beside it, that only their owner can read', () =>
    inFolder(async (folder) => {
      const db = await openDatabase(`sqlite:${join(folder, 'hindcast.db')}`);
      await createEvidenceStore(db).startRun(NOON);
      const modes = readdirSync(folder).map((name) => [name, (statSync(join(folder, name)).mode & 0o777).toString(8)]);
      await db.destroy();
      expect(modes.toSorted()).toEqual([
        ['hindcast.db', '600'],
        ['hindcast.db-shm', '600'],
        ['hindcast.db-wal', '600'],
      ]);
    }));

  it('leaves the permissions of a file that was there as its owner set them, and keeps what is in it', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'hindcast.db');
      const first = await openDatabase(`sqlite:${file}`);
      await createEvidenceStore(first).startRun(NOON);
      await first.destroy();
      chmodSync(file, 0o640);
      const second = await openDatabase(`sqlite://${file}`);
      await ping(second);
      expect(await second.selectFrom('run').selectAll().execute()).toEqual([{ id: 1, started_at: NOON, begun_at: NOON }]);
      await second.destroy();
      expect(statSync(file).mode & 0o777).toBe(0o640);
    }));

  it.each(['postgres://hindcast:hunter2@db.example/hindcast', 'postgresql://db.example/hindcast?password=hunter2'])(
    'refuses %s: a configuration holds no password, and none is printed',
    async (url) => {
      expect(await refusal(url)).toMatchObject({
        code: 'config',
        message: '`storage.url` carries a password: take it out, and set the variable PGPASSWORD or write ~/.pgpass',
      });
    },
  );

  it.each(['', 'hindcast.db', 'sqlite:', 'sqlite://hindcast.db', 'sqlite:./folder/', 'mysql://u:hunter2@h/d'])(
    'refuses %j as no address of a store',
    async (url) => {
      expect(await refusal(url)).toMatchObject({
        code: 'config',
        message:
          '`storage.url` is not an address of a store: write sqlite:./hindcast.db, with the path of a file after `sqlite:`, or postgres://user@host/database',
      });
    },
  );

  it('says what is wrong with a place where no file can be', () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, 'file'), '');
      mkdirSync(join(folder, 'folder'));
      const said = async (path: string) => {
        const error = await refusal(`sqlite:${join(folder, path)}`);
        expect(error).toMatchObject({ code: 'config' });
        return String(error).replaceAll(folder, '');
      };
      expect(await said('none/hindcast.db')).toBe(
        'AppError: the store /none/hindcast.db cannot be created: its folder does not exist; make it, or set `storage.url`',
      );
      expect(await said('file/hindcast.db')).toBe(
        'AppError: the store /file/hindcast.db cannot be created: its folder is a file; set `storage.url`',
      );
      expect(await said('folder')).toBe(
        'AppError: the store /folder cannot be used: it cannot be opened; check the permissions of the file and of its folder',
      );
    }));

  it('refuses a file that is no database, and one that belongs to another program, and changes neither', () =>
    inFolder(async (folder) => {
      const text = join(folder, 'notes.txt');
      writeFileSync(text, 'not a database, though long enough to look like one. '.repeat(40));
      const foreign = join(folder, 'foreign.db');
      const database = new DatabaseSync(foreign);
      database.exec('create table invoice (id integer)');
      database.close();
      expect(await refusal(`sqlite:${text}`)).toMatchObject({
        code: 'config',
        message: `the store ${text} cannot be used: it is not an SQLite database; set \`storage.url\` to another file`,
      });
      expect(await refusal(`sqlite:${foreign}`)).toMatchObject({
        code: 'config',
        message: `the store ${foreign} is another program's database: set \`storage.url\` to a file of its own`,
      });
      expect(await count(foreign, 'sqlite_schema')).toBe(1);
    }));
});

describe('a disk that is full', () => {
  it('is said so, keeps every batch before it, and nothing of the one that did not fit', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'hindcast.db');
      const db = await openDatabase(`sqlite:${file}`);
      const store = createEvidenceStore(db);
      const run = await store.startRun(NOON);
      const first = evidenceOf('R1', 'fits');
      await store.keep(run, [first]);
      const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db);
      await sql`pragma max_page_count = ${sql.lit((rows[0]?.page_count ?? 0) + 5)}`.execute(db);
      const large = Array.from({ length: 50 }, (_, index) => evidenceOf(`R${index + 2}`, 'x'.repeat(5_000)));
      await expect(store.keep(run, large)).rejects.toMatchObject({
        code: 'store',
        message: `the store ${file} cannot be used: the disk is full; make room and run the same command again, nothing half-written is kept`,
      });
      expect(await store.read([first.id, ...large.map(({ id }) => id)])).toEqual([first]);
      await sql`pragma max_page_count = 1000000`.execute(db);
      await store.keep(run, large);
      expect(await store.read(large.map(({ id }) => id))).toEqual(large);
      await db.destroy();
    }));
});

describe('a file that is damaged', () => {
  it('is said so when the damaged part is read', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'hindcast.db');
      const db = await openDatabase(`sqlite:${file}`);
      const store = createEvidenceStore(db);
      const records = Array.from({ length: 200 }, (_, index) => evidenceOf(`R${index}`, 'x'.repeat(2_000)));
      await store.keep(await store.startRun(NOON), records);
      await db.destroy();
      const size = statSync(file).size;
      const handle = openSync(file, 'r+');
      for (let at = 4_096 * 40; at < size; at += 4_096) writeSync(handle, Buffer.alloc(64, 0xff), 0, 64, at);
      closeSync(handle);

      const damaged = await openDatabase(`sqlite:${file}`);
      const reading = createEvidenceStore(damaged).read(records.map(({ id }) => id));
      await expect(reading).rejects.toMatchObject({
        code: 'store',
        message: `the store ${file} cannot be used: it is damaged; restore a backup, or move it away and pull again`,
      });
      await damaged.destroy();
    }));

  it('is said so when a row was changed by hand', () =>
    inFolder(async (folder) => {
      const db = await openDatabase(`sqlite:${join(folder, 'hindcast.db')}`);
      const store = createEvidenceStore(db);
      const record = evidenceOf('R1', 1);
      await store.keep(await store.startRun(NOON), [record]);
      await db.updateTable('evidence').set({ observed_time: 'yesterday' }).execute();
      await expect(store.read([record.id])).rejects.toMatchObject({ code: 'store' });
      await db.destroy();
    }));
});
