import { expect, it } from 'vitest';
import { buildServer } from '../../src/api/server.ts';
import type { Token } from '../../src/app/ports.ts';
import { openTestApp, quietLog, sourcesOf } from '../app/fakes.ts';
import { smallPager, smallWorld } from '../app/small-world.ts';

const ANN: Token = { name: 'ann', scope: 'write', secret: 'w'.repeat(30) };

async function statusFor(host: string, tokens: readonly Token[] = []) {
  const { app } = await openTestApp(sourcesOf({ pager: smallPager(smallWorld()) }));
  const server = await buildServer({ app, tokens, log: quietLog() });
  const headers = { host, ...(tokens.length > 0 && { authorization: `Bearer ${ANN.secret}` }) };
  const answers = await Promise.all([
    server.inject({ method: 'GET', url: '/incidents', headers }),
    server.inject({ method: 'POST', url: '/incidents/PABC/draft', headers }),
  ]);
  await server.close();
  await app.close();
  return answers.map((answer) => [answer.statusCode, answer.json().type]);
}

it.each(['localhost:8080', '127.0.0.1:8080', '127.0.0.2', '[::1]:8080'])('without tokens %s is answered', async (host) => {
  expect((await statusFor(host)).map(([status]) => status)).toEqual([200, 200]);
});

it.each(['evil.example.com', 'evil.example.com:8080', '127.0.0.1.evil.example.com', 'localhost.evil.example.com', '10.0.0.7', 'a b'])(
  'without tokens a page that calls this machine %j reads nothing and changes nothing',
  async (host) => {
    expect(await statusFor(host)).toEqual([0, 1].map(() => [421, 'urn:hindcast:problem:misdirected']));
  },
);

it('with tokens any name is answered: a proxy passes its own on', async () => {
  expect((await statusFor('hindcast.acme.com', [ANN])).map(([status]) => status)).toEqual([200, 200]);
});
