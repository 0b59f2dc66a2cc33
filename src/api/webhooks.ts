import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { App } from '../app/app.ts';
import type { WebhookSecrets } from '../app/webhook-ports.ts';
import { Problem } from './errors.ts';
import { ANSWERS } from './schemas.ts';

/** PagerDuty sends nothing larger (U1.7). */
const MAX_BYTES = 262_144;

/** Only what is read of it: the incident's own record is asked of the API. */
const Delivered = Type.Object({
  event: Type.Object({
    id: Type.String({ minLength: 1, maxLength: 200 }),
    event_type: Type.String({ maxLength: 200 }),
    data: Type.Object({ id: Type.Optional(Type.String({ maxLength: 200 })) }),
  }),
});

/**
 * PagerDuty's webhooks, v3. No bearer token: the signature over the bytes as they came says who sent them. Without a right one nothing
 * of the body is even parsed.
 */
export function webhookRoutes({ app, webhook }: { readonly app: App; readonly webhook: WebhookSecrets }) {
  const readDelivered = Compile(Delivered);
  return async (server: FastifyInstance) => {
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    server.post<{ Body: Buffer }>(
      '/webhooks/pagerduty',
      {
        bodyLimit: MAX_BYTES,
        // The body is described, and read only once its signature fits.
        validatorCompiler: () => () => true,
        schema: {
          body: Delivered,
          summary: 'An event of PagerDuty',
          description: 'Signed by `x-pagerduty-signature` (v1). A resolved incident is drafted once it has settled; all else does nothing.',
          tags: ['webhooks'],
          security: [{ signature: [] }],
          response: ANSWERS.received,
        },
      },
      async (request, reply) => {
        const { body } = request;
        if (!Buffer.isBuffer(body) || !isSigned(body, request.headers['x-pagerduty-signature'], webhook.secrets)) {
          throw new Problem('unsigned', 'no signature in x-pagerduty-signature fits the body under a secret of this webhook');
        }
        const delivered = parseJson(body);
        if (!readDelivered.Check(delivered)) throw new Problem('invalid', 'the body is no event of a v3 webhook');
        const { id, event_type: type, data }: Static<typeof Delivered>['event'] = delivered.event;
        const received = await app.receive({ source: webhook.source, event: id, type, incident: data.id ?? '' });
        return reply.code(202).send({ received });
      },
    );
  };
}

/** Any signature of a known version under any secret: while a secret is exchanged both are sent. Every pair is compared, in constant time. */
function isSigned(body: Buffer, header: string | readonly string[] | undefined, secrets: readonly string[]): boolean {
  const given = [header ?? []]
    .flat()
    .flatMap((line) => line.split(','))
    .flatMap((part) => /^\s*v1=([0-9a-f]{64})\s*$/i.exec(part)?.[1] ?? [])
    .slice(0, 20)
    .map((hex) => Buffer.from(hex, 'hex'));
  const wanted = secrets.map((secret) => createHmac('sha256', secret).update(body).digest());
  return given.filter((one) => wanted.filter((other) => timingSafeEqual(one, other)).length > 0).length > 0;
}

function parseJson(body: Buffer): unknown {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return value;
  } catch {
    throw new Problem('invalid', 'the body is not valid JSON');
  }
}
