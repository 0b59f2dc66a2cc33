import type { FastifyInstance } from 'fastify';
import type { App } from '../app/app.ts';
import { AppError } from '../app/errors.ts';
import type { Log } from '../app/ports.ts';
import { ANSWERS } from './schemas.ts';

/** A flood of requests must not make a container's health check fail: whoever restarts it would help the flood. */
const UNLIMITED = { config: { rateLimit: false } } as const;

/** What is wrong with the store, without where it is: nobody needs a token to ask. */
function stateOf(error: unknown): string {
  const [, problem] = (error instanceof AppError && / cannot be used: (.*)$/s.exec(error.message)) || [];
  return problem === undefined ? 'the store does not answer; the log says why' : `the store cannot be used: ${problem}`;
}

/** How the process is, for who starts and watches it. */
export function healthRoutes(app: App, log: Log) {
  let told: string | undefined;
  const schema = (summary: string, response: object) => ({ summary, tags: ['health'], response });
  return async (server: FastifyInstance) => {
    server.get('/health/live', { ...UNLIMITED, schema: schema('The process runs', ANSWERS.live) }, async () => ({ status: 'live' }));
    server.get('/health/ready', { ...UNLIMITED, schema: schema('The store answers', ANSWERS.ready) }, async (_request, reply) => {
      try {
        await app.ready();
        if (told !== undefined) log.info({}, 'ready again');
        told = undefined;
        return { status: 'ready' };
      } catch (error) {
        const detail = stateOf(error);
        if (told !== detail) log.warn({ cause: error instanceof Error ? error.message : String(error) }, 'not ready');
        told = detail;
        return reply.code(503).send({ status: 'unavailable', detail });
      }
    });
  };
}
