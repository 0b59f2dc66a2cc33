import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { type PostgresServer, startPostgres } from './postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Answers a POST with the address of a new, empty database of the run's own PostgreSQL server. */
    readonly postgres: string;
  }
}

/** One PostgreSQL server for a run of the tests, started by the first that asks for a database: most runs ask for none. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let starting: Promise<PostgresServer> | undefined;
  let databases = 0;
  const server = createServer((_request: IncomingMessage, response: ServerResponse) => {
    starting ??= startPostgres();
    databases += 1;
    const name = `test_${databases}`;
    starting
      .then(async (postgres) => {
        await postgres.createDatabase(name);
        response.end(postgres.url(name));
      })
      .catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  project.provide('postgres', `http://127.0.0.1:${port}/`);
  return async () => {
    server.close();
    await (await starting?.catch(() => undefined))?.close();
  };
}
