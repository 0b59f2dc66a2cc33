import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type, { type Static } from 'typebox';
import type { App } from '../app/app.ts';
import type { Assertion } from '../app/assert.ts';
import { askedBy, type Guard, securityOf } from './auth.ts';
import { ANSWERS } from './schemas.ts';

const closed = { additionalProperties: false } as const;
const Id = Type.String({ minLength: 1, maxLength: 200 });
const Words = Type.String({ minLength: 1, maxLength: 10_000 });
const Reason = Type.String({ minLength: 1, maxLength: 10_000, description: 'How it is known' });
const At = Type.String({ maxLength: 40, description: 'RFC 3339 with an offset; to the minute where no more is known: 2024-01-15T14:20Z' });
const OffBy = Type.Optional(Type.Number({ minimum: 0, maximum: 31_536_000, description: 'How far the time may be off, to either side' }));

const IncidentPath = Type.Object({ id: Id }, closed);
const ChangePath = Type.Object({ id: Id, change: Id }, closed);
const MilestoneBody = Type.Object(
  { milestone: Type.String({ minLength: 1, maxLength: 60 }), at: At, reason: Reason, plusMinusSeconds: OffBy },
  closed,
);
const EventBody = Type.Object({ at: At, text: Words, reason: Reason, plusMinusSeconds: OffBy }, closed);
const SuspectBody = Type.Object({ verdict: Type.Enum(['confirmed', 'rejected']), reason: Reason }, closed);

type Of<Path extends typeof IncidentPath | typeof ChangePath, Body extends typeof MilestoneBody | typeof EventBody | typeof SuspectBody> = {
  Params: Static<Path>;
  Body: Static<Body>;
};

/** Human facts: 201 with the id of the evidence. The author is the token's name. */
export function assertionRoutes({ app, write }: { readonly app: App; readonly write: Guard }) {
  const options = (summary: string, params: object, body: object) => ({
    ...askedBy(write),
    schema: { summary, tags: ['human facts'], security: securityOf(write), params, body, response: ANSWERS.asserted },
  });
  // Without tokens the API serves this machine alone, and nobody says who is asking.
  const state = (request: FastifyRequest, id: string, said: Assertion, reason: string) =>
    app.assert({ id, said, reason, author: write(request)?.name ?? 'not named' });
  return async (server: FastifyInstance) => {
    server.post<Of<typeof IncidentPath, typeof MilestoneBody>>(
      '/incidents/:id/milestones',
      options('State when a milestone was reached', IncidentPath, MilestoneBody),
      async (request, reply) => {
        const { reason, ...fact } = request.body;
        return reply.code(201).send(await state(request, request.params.id, { kind: 'milestone', ...fact }, reason));
      },
    );
    server.post<Of<typeof IncidentPath, typeof EventBody>>(
      '/incidents/:id/events',
      options('State a happening that no system recorded', IncidentPath, EventBody),
      async (request, reply) => {
        const { reason, ...fact } = request.body;
        return reply.code(201).send(await state(request, request.params.id, { kind: 'event', ...fact }, reason));
      },
    );
    server.post<Of<typeof ChangePath, typeof SuspectBody>>(
      '/incidents/:id/suspects/:change',
      options('Confirm or reject a suspect', ChangePath, SuspectBody),
      async (request, reply) => {
        const { id, change } = request.params;
        const { reason, verdict } = request.body;
        return reply.code(201).send(await state(request, id, { kind: 'suspect', change, verdict }, reason));
      },
    );
  };
}
