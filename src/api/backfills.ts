import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import { type Backfills, isFinished } from '../app/backfill.ts';
import type { Backfill, BackfillCase, BackfillOutcome } from '../app/backfill-ports.ts';
import { AppError } from '../app/errors.ts';
import { askedBy, type Guard, securityOf } from './auth.ts';
import { readTime } from './incidents.ts';

const closed = { additionalProperties: false } as const;
const Time = Type.String({ maxLength: 40, description: 'RFC 3339 with an offset' });
const Body = Type.Object({ from: Time, to: Time, service: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })) }, closed);
const Path = Type.Object({ id: Type.String({ pattern: '^[0-9]{1,9}$', description: 'Its number' }) }, closed);

const Incident = Type.Object({
  incident: Type.String(),
  with: Type.Optional(Type.Array(Type.String(), { description: 'Further incidents that it makes one draft with' })),
  began: Type.String(),
  state: Type.Enum(['waiting', 'drafted', 'had_draft', 'failed', 'cancelled']),
  draftId: Type.Optional(Type.String()),
  partial: Type.Optional(Type.Boolean()),
  taken: Type.Optional(Type.Array(Type.String(), { description: 'Streams of which retention had taken a part' })),
  reason: Type.Optional(Type.String({ description: 'Why there is no draft' })),
});

const Report = Type.Object({
  id: Type.Integer(),
  state: Type.Enum(['listing', 'running', 'finished', 'cancelled', 'failed']),
  from: Type.String(),
  to: Type.String(),
  service: Type.Optional(Type.String()),
  asOf: Type.String({ description: 'When it was submitted: all its drafts are made as at this time' }),
  reason: Type.Optional(Type.String({ description: 'Why the incidents could not be listed' })),
  counts: Type.Record(Type.String(), Type.Integer()),
  estimate: Type.Array(Type.Object({ source: Type.String(), calls: Type.Number(), minutes: Type.Number() })),
  gaps: Type.Array(Type.String({ description: 'Parts of the window whose incidents could not be listed' })),
  incidents: Type.Array(Incident),
});

const answer = (status: 200 | 202, description: string) => ({
  [status]: { description, content: { 'application/json': { schema: Report } } },
});

/** Past incidents: start, progress, stop. Whoever works on jobs, this process or a worker, makes the drafts. */
export function backfillRoutes(parts: { readonly backfills: () => Promise<Backfills>; readonly read: Guard; readonly write: Guard }) {
  const { backfills, read, write } = parts;
  const guarded = (guard: Guard, summary: string, schema: object) => ({
    ...askedBy(guard),
    schema: { summary, tags: ['backfills'], security: securityOf(guard), ...schema },
  });
  return async (server: FastifyInstance) => {
    server.post<{ Body: Static<typeof Body> }>(
      '/backfills',
      guarded(write, 'Draft the incidents of a window', { body: Body, response: answer(202, 'Its Location tells how far it is') }),
      async (request, reply) => {
        const { from, to, service } = request.body;
        const window = { from: readTime(from, 'from'), to: readTime(to, 'to') };
        if (window.from >= window.to) throw new AppError('usage', `the window ends at ${window.to}, before it begins at ${window.from}`);
        const begun = await (await backfills()).submit({ window, ...(service !== undefined && { service }) });
        return reply.code(202).header('location', `/backfills/${begun.id}`).send(reportOf(begun));
      },
    );
    server.get<{ Params: Static<typeof Path> }>(
      '/backfills/:id',
      guarded(read, 'How far it is', { params: Path, response: answer(200, 'Progress') }),
      async ({ params }) => reportOf(await (await backfills()).find(Number(params.id))),
    );
    server.delete<{ Params: Static<typeof Path> }>(
      '/backfills/:id',
      guarded(write, 'Leave what nobody has begun', { params: Path, response: answer(200, 'What it came to') }),
      async ({ params }) => reportOf(await (await backfills()).cancel(Number(params.id))),
    );
  };
}

/** A backfill as the API tells it. */
export function reportOf(backfill: Backfill): Static<typeof Report> {
  const { id, request, takenAt, reason, listing, items } = backfill;
  const had = (listing?.already ?? []).map((one) => incidentOf(one, 'had_draft'));
  const incidents = [...items.map((item) => incidentOf(item, item.state)), ...had];
  const counts = Object.fromEntries([...Map.groupBy(incidents, ({ state }) => state)].map(([state, of]) => [state, of.length]));
  return {
    id,
    state: stateOf(backfill),
    ...request.window,
    ...(request.service !== undefined && { service: request.service }),
    asOf: takenAt,
    ...(reason !== undefined && { reason }),
    counts,
    estimate: [...(listing?.estimate ?? [])],
    gaps: (listing?.gaps ?? []).map(({ detail }) => detail),
    incidents,
  };
}

function stateOf(backfill: Backfill): Static<typeof Report>['state'] {
  const { state } = backfill;
  if (state !== 'listed') return state;
  return isFinished(backfill) ? 'finished' : 'running';
}

function incidentOf(one: BackfillCase & BackfillOutcome, state: Static<typeof Incident>['state']): Static<typeof Incident> {
  const { keys, began, draftId, partial, taken, reason } = one;
  const [incident, ...others] = keys.map((key) => key.replace('/incident:', '/'));
  return {
    incident: incident ?? '',
    ...(others.length > 0 && { with: others }),
    began,
    state,
    ...(draftId !== undefined && { draftId }),
    ...(partial !== undefined && { partial }),
    ...(taken && { taken: [...taken] }),
    ...(reason !== undefined && { reason }),
  };
}
