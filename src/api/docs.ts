import fastifySwagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { sendTagged } from './answers.ts';
import { PROBLEMS } from './errors.ts';
import { type Description, renderPage } from './page.ts';

/** From here on every route that is added is described. */
export async function describeApi(server: FastifyInstance): Promise<void> {
  await server.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Hindcast',
        version: '1',
        description: 'Incident timelines and post-mortem drafts, with the evidence behind each sentence.',
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer' },
          signature: { type: 'apiKey', in: 'header', name: 'x-pagerduty-signature' },
        },
      },
    },
  });
}

/** The description, for programs and for people. It holds nothing of an incident, so that it needs no token. */
export async function docsRoutes(server: FastifyInstance): Promise<void> {
  let page: string | undefined;
  const describe = () => ({ ...server.swagger(), 'x-problems': PROBLEMS });
  server.get('/openapi.json', { schema: { hide: true } }, async () => describe());
  server.get('/docs', { schema: { hide: true } }, async (request, reply) => {
    const description: Description = JSON.parse(JSON.stringify(describe()));
    page ??= renderPage(description);
    return sendTagged(request, reply, 'text/html', page);
  });
}
