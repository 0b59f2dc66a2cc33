import { randomUUID } from 'node:crypto';
import fastifyRateLimit from '@fastify/rate-limit';
import { type FastifyError, type FastifyInstance, type FastifyRequest, fastify } from 'fastify';
import type { App } from '../app/app.ts';
import type { Backfills } from '../app/backfill.ts';
import type { Log, TemplateTexts, Token } from '../app/ports.ts';
import { openServed, type ServedSpan } from '../app/trace.ts';
import type { WebhookSecrets } from '../app/webhook-ports.ts';
import { assertionRoutes } from './assertions.ts';
import { guardFor } from './auth.ts';
import { backfillRoutes } from './backfills.ts';
import { describeApi, docsRoutes } from './docs.ts';
import { keepTexts } from './drafts.ts';
import { editRoutes } from './edits.ts';
import { answerError, answerUnparsed } from './errors.ts';
import { addHeaders } from './headers.ts';
import { healthRoutes } from './health.ts';
import { incidentRoutes } from './incidents.ts';
import { watchRoutes } from './methods.ts';
import { summaryRoutes } from './summaries.ts';
import { keepTasks, taskRoutes } from './tasks.ts';
import { webhookRoutes } from './webhooks.ts';

export interface ServerOptions {
  readonly app: App;
  readonly tokens: readonly Token[];
  /** Of PagerDuty; without it the route does not exist. */
  readonly webhook?: WebhookSecrets | undefined;
  /** Past incidents; without it the routes do not exist. */
  readonly backfills?: (() => Promise<Backfills>) | undefined;
  readonly log: Log;
  /** By which Markdown is arranged: the configuration's, never a request's. */
  readonly template?: TemplateTexts | undefined;
  /** Of one address; 0 is without limit. */
  readonly requestsPerMinute?: number | undefined;
  /** Proxies whose X-Forwarded-For says who the client is; nobody else's does. */
  readonly trustProxy?: readonly string[] | undefined;
}

/** The longest that an address is written; what a proxy passes on may be anything. */
const MAX_ADDRESS = 45;

/** The API, ready for `listen` or `inject`. Bodies are neither coerced nor stripped: a wrong field is refused. */
export async function buildServer(options: ServerOptions): Promise<FastifyInstance> {
  const { app, tokens, webhook, backfills, log, template, requestsPerMinute = 600, trustProxy = [] } = options;
  const server = fastify({
    bodyLimit: 1_048_576,
    requestTimeout: 30_000,
    routerOptions: { maxParamLength: 200 },
    ...(trustProxy.length > 0 && { trustProxy: [...trustProxy] }),
    // A path that the router itself refuses never reaches the error handler.
    frameworkErrors: answerError(log),
    clientErrorHandler: answerUnparsed,
    genReqId: () => randomUUID(),
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allErrors: false, verbose: true } },
  });
  // Fastify reads plain text by itself, and our bodies are JSON: another kind is refused as such.
  server.removeContentTypeParser('text/plain');
  parseEmptyAsNone(server);
  server.setErrorHandler<FastifyError>(answerError(log));
  // The schemas of answers describe them; what is sent is never cut to fit.
  server.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  watchRoutes(server);
  endConnections(server);
  server.addHook('onRequest', async (request, reply) => {
    addHeaders(request, reply);
  });
  // What a request starts belongs to its span.
  const spans = new WeakMap<FastifyRequest, ServedSpan>();
  server.addHook('onRequest', (request, _reply, done) => {
    const span = openServed(request.method, request.url.split('?')[0] ?? '', request.headers);
    spans.set(request, span);
    span.within(done);
  });
  server.addHook('onResponse', async (request, reply) => {
    spans.get(request)?.end({ route: request.routeOptions.url, status: reply.statusCode, seconds: reply.elapsedTime / 1_000 });
    log.info(
      {
        requestId: request.id,
        client: request.ip.slice(0, MAX_ADDRESS),
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'request answered',
    );
  });
  if (requestsPerMinute > 0) await limitRequests(server, requestsPerMinute);
  await describeApi(server);
  await server.register(docsRoutes);
  const [read, write] = [guardFor(tokens, 'read'), guardFor(tokens, 'write')];
  const parts = { app, texts: keepTexts(app, { template }), tasks: keepTasks(log), read, write };
  await server.register(incidentRoutes(parts));
  await server.register(taskRoutes(parts));
  await server.register(summaryRoutes(parts));
  if (webhook) await server.register(webhookRoutes({ app, webhook }));
  await server.register(assertionRoutes(parts));
  await server.register(editRoutes(parts));
  if (backfills) await server.register(backfillRoutes({ ...parts, backfills }));
  await server.register(healthRoutes(app, log));
  return server;
}

/**
 * A connection that is kept for the next request would hold a server that closes until it times out, more than a minute: whoever is
 * answered from then on is told that it ends.
 */
function endConnections(server: FastifyInstance): void {
  let closes = false;
  server.addHook('preClose', async () => {
    closes = true;
  });
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (closes) reply.header('connection', 'close');
    done(null, payload);
  });
}

/** Clients name the kind of a body that they do not send, on a DELETE for instance: that is no body, and a route that needs one says so. */
function parseEmptyAsNone(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeContentTypeParser('application/json');
  server.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else parse(request, body, done);
  });
}

/**
 * Of one address so many a minute. It is asked before any token is looked at, or who guesses tokens would not be limited; paths that
 * nobody knows count too.
 */
async function limitRequests(server: FastifyInstance, requestsPerMinute: number): Promise<void> {
  await server.register(fastifyRateLimit, { global: false, max: requestsPerMinute, timeWindow: 60_000 });
  const limit = server.rateLimit();
  server.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.rateLimit !== false) await limit.call(server, request, reply);
  });
}
