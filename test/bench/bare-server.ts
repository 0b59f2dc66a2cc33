import { readFileSync } from 'node:fs';
import { fastify } from 'fastify';

/** A Fastify with one route that sends the bytes of a file, and nothing else. */
const bytes = readFileSync(process.argv[2] ?? '');
const server = fastify();
server.get('/', async (_request, reply) => reply.type('application/json; charset=utf-8').send(bytes));
process.stderr.write(`serving on ${await server.listen({ host: '127.0.0.1', port: 0 })} \n`);
process.on('SIGTERM', () => void server.close());
