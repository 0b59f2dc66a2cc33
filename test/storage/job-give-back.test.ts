import pg from 'pg';
import { expect, it } from 'vitest';
import { createBossQueue } from '../../src/storage/job-queue-pgboss.ts';
import { newPostgresUrl } from './engines.ts';

/** As a server that went away between the two steps in which pg-boss takes a job back. */
const FAILING = `
  create function refuse() returns trigger language plpgsql as $$ begin raise exception 'gone'; end $$;
  create trigger refuse before update on pgboss.job for each row when (old.state = 'cancelled' and new.state = 'created')
    execute function refuse();`;

it('a job that could not be given back whole is still held, so that it is taken again once its worker is silent', async () => {
  const url = await newPostgresUrl();
  const queue = await createBossQueue(url, { warn: () => undefined });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const states = async () => (await client.query<{ state: string }>(`select state::text from pgboss.job where name = 'hindcast'`)).rows;
  await queue.send([{ key: 'a', body: 1, priority: 0 }]);
  const job = await queue.take();
  if (!job) throw new Error('a job was sent');
  await client.query(FAILING);
  await expect(queue.giveBack(job)).rejects.toThrow('gone');
  expect(await states()).toEqual([{ state: 'active' }]);
  expect(await queue.keep(job)).toBe(true);
  await client.query('drop trigger refuse on pgboss.job');
  await queue.giveBack(job);
  expect(await queue.take()).toMatchObject({ key: 'a', body: 1 });
  await client.end();
  await queue.close();
});
