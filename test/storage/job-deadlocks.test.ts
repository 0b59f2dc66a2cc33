import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { createBossQueue } from '../../src/storage/job-queue-pgboss.ts';
import { newPostgresUrl } from './engines.ts';

/** What the queues of these stories warned of. */
function listening() {
  const warned: string[] = [];
  return { warned, log: { warn: (_fields: object, message: string) => void warned.push(message) } };
}

async function connected<T>(url: string, act: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}

async function untilTrue(ask: () => Promise<boolean>): Promise<void> {
  while (!(await ask())) await new Promise((resolve) => setTimeout(resolve, 10));
}

const jobs = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `k${index}`, body: index, priority: 0 }));

describe('jobs of one PostgreSQL', () => {
  it('that many send at once, each in an order of its own, make nobody wait in a circle', async () => {
    const url = await newPostgresUrl();
    const { warned, log } = listening();
    const queues = await Promise.all(Array.from({ length: 4 }, () => createBossQueue(url, log)));
    const all = jobs(400);
    for (let round = 0; round < 5; round += 1) {
      const some = all.map((job) => ({ ...job, key: `${round} ${job.key}` }));
      await Promise.all(queues.map((queue, index) => queue.send(index % 2 === 0 ? some : some.toReversed())));
    }
    expect(warned).toEqual([]);
    const standing = await connected(url, (client) => client.query(`select count(*)::int as n from pgboss.job where name = 'hindcast'`));
    expect(standing.rows).toEqual([{ n: 2_000 }]);
    await Promise.all(queues.map((queue) => queue.close()));
  });

  it('are sent again where PostgreSQL ended the sending to free somebody else: they stand once, and the log says so', async () => {
    const url = await newPostgresUrl();
    const { warned, log } = listening();
    // The sender looks for a circle after this long; the other one, an hour, so that it is the sender who must give way.
    await connected(url, (client) => client.query(`alter database "${new URL(url).pathname.slice(1)}" set deadlock_timeout = '3s'`));
    const queue = await createBossQueue(url, log);
    const [a, b] = jobs(2);
    if (!a || !b) throw new Error('two jobs');
    await queue.send([a, b]);
    await connected(url, async (other) => {
      const { rows } = await other.query<{ id: string }>(`select id from pgboss.job where name = 'hindcast' order by id`);
      const [first, last] = rows.map(({ id }) => id);
      await other.query(`delete from pgboss.job`);
      await other.query(`set deadlock_timeout = '1h'`);
      const put = (id: string | undefined) => other.query(`insert into pgboss.job (id, name) values ($1, 'hindcast')`, [id]);
      await other.query('begin');
      await put(last);
      const sent = queue.send([b, a]);
      await connected(url, (watcher) =>
        untilTrue(async () => (await watcher.query(`select 1 from pg_locks where not granted`)).rows.length > 0),
      );
      // Now the sender holds the first and waits for the last.
      await put(first);
      await other.query('rollback');
      await sent;
    });
    // More than once where it was quicker than the one that it had made way for.
    expect(new Set(warned)).toEqual(new Set(['job statement repeated after a deadlock']));
    const taken = [await queue.take(), await queue.take(), await queue.take()];
    expect(taken.map((job) => job?.key).toSorted()).toEqual(['k0', 'k1', undefined]);
    await queue.close();
  });
});
