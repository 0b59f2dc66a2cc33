import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildServer, type ServerOptions } from '../../src/api/server.ts';
import type { App } from '../../src/app/app.ts';
import { openTestApp, quietLog, sourcesOf } from '../app/fakes.ts';

const PROXY = '10.1.2.3';
const STRANGER = '203.0.113.9';

describe('the address that a request is counted and logged by', () => {
  let app: App;
  const log = quietLog();
  beforeAll(async () => {
    ({ app } = await openTestApp(sourcesOf({})));
  });
  afterAll(() => app.close());

  /** The statuses of requests that came from an address and said in X-Forwarded-For who they were, two a minute being allowed. */
  async function ask(options: Pick<ServerOptions, 'trustProxy'>, requests: readonly (readonly [peer: string, forwarded?: string])[]) {
    const server = await buildServer({ app, tokens: [], log, requestsPerMinute: 2, ...options });
    const statuses: number[] = [];
    for (const [remoteAddress, forwarded] of requests) {
      const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
      statuses.push((await server.inject({ method: 'GET', url: '/incidents', remoteAddress, headers })).statusCode);
    }
    await server.close();
    return statuses;
  }
  const loggedClients = () => log.lines.splice(0).flatMap((line) => /"client":"([^"]*)"/.exec(line)?.[1] ?? []);

  it('is the peer where no proxy is trusted: whoever writes another name each time is limited all the same', async () => {
    expect(
      await ask(
        {},
        [1, 2, 3].map((last) => [STRANGER, `198.51.100.${last}`]),
      ),
    ).toEqual([200, 200, 429]);
    expect(loggedClients()).toEqual([STRANGER, STRANGER, STRANGER]);
  });

  it('is what a trusted proxy says, so that its clients are limited apart', async () => {
    const options = { trustProxy: ['10.0.0.0/8'] };
    const clients = ['198.51.100.1', '198.51.100.1', '198.51.100.1', '198.51.100.2'];
    expect(
      await ask(
        options,
        clients.map((client) => [PROXY, client]),
      ),
    ).toEqual([200, 200, 429, 200]);
    expect(loggedClients()).toEqual(clients);
  });

  it('is no name that a client put in front of what the proxy says, and none from who is no proxy', async () => {
    const options = { trustProxy: ['10.0.0.0/8'] };
    const forged = [1, 2, 3].map((last): readonly [string, string] => [PROXY, `192.0.2.${last}, ${STRANGER}`]);
    expect(await ask(options, forged)).toEqual([200, 200, 429]);
    expect(
      await ask(
        options,
        [1, 2, 3].map((last) => [STRANGER, `192.0.2.${last}`]),
      ),
    ).toEqual([200, 200, 429]);
    expect(new Set(loggedClients())).toEqual(new Set([STRANGER]));
  });

  it('may be anything that is no address: it is cut, and answers stay as they are', async () => {
    expect(
      await ask({ trustProxy: [PROXY] }, [
        [PROXY, `unknown${'x'.repeat(2_000)}`],
        [PROXY, ''],
        [PROXY, ', ,'],
      ]),
    ).toEqual([200, 200, 200]);
    for (const client of loggedClients()) expect(client.length).toBeLessThan(46);
  });
});
