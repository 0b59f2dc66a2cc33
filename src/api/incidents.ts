import type { FastifyInstance, FastifyReply } from 'fastify';
import Type, { type Static } from 'typebox';
import type { App } from '../app/app.ts';
import { AppError } from '../app/errors.ts';
import { pathIdOf } from '../app/select.ts';
import { type Instant, parseInstant } from '../core/time.ts';
import { drawFigure } from '../render/figure.ts';
import { isZone, renderTimeline } from '../render/timeline.ts';
import { acceptedKind, sendTagged, sendWritten } from './answers.ts';
import { askedBy, type Guard, securityOf } from './auth.ts';
import type { DraftTexts } from './drafts.ts';
import { Problem } from './errors.ts';
import { ANSWERS } from './schemas.ts';
import { prefersAsync, type Tasks } from './tasks.ts';

const closed = { additionalProperties: false } as const;
const Time = Type.String({ maxLength: 40, description: 'RFC 3339 with an offset' });
const IncidentPath = Type.Object(
  { id: Type.String({ minLength: 1, maxLength: 200, description: "PagerDuty's id, or SOURCE~ID" }) },
  closed,
);
const EvidencePath = Type.Object({ id: Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }) }, closed);
const DraftBody = Type.Union([
  Type.Object(
    {
      refresh: Type.Optional(Type.Boolean({ description: 'Ask the sources again even where a complete draft is stored' })),
      window: Type.Optional(Type.Object({ from: Time, to: Time }, closed)),
      asOf: Type.Optional(Time),
      with: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 20 })),
    },
    closed,
  ),
  Type.Null(),
]);
const TimelineQuery = Type.Object({ tz: Type.Optional(Type.String({ maxLength: 60 })), asOf: Type.Optional(Time) }, closed);
const PageQuery = Type.Object(
  {
    from: Type.Optional(Time),
    to: Type.Optional(Time),
    service: Type.Optional(Type.String({ maxLength: 200 })),
    cursor: Type.Optional(Type.String({ maxLength: 300 })),
    limit: Type.Optional(Type.String({ pattern: '^(?:[1-9]\\d?|100)$', description: '1 to 100, else 25' })),
  },
  closed,
);

const ChartPath = Type.Object(
  { id: IncidentPath.properties.id, key: Type.String({ pattern: '^graphs\\.\\d{1,3}\\.svg$', description: "A figure's key and .svg" }) },
  closed,
);

type WithId = { Params: Static<typeof IncidentPath> };

export interface RouteParts {
  readonly app: App;
  readonly texts: DraftTexts;
  readonly tasks: Tasks;
  readonly read: Guard;
  readonly write: Guard;
}

export function incidentRoutes({ app, texts, tasks, read, write }: RouteParts) {
  return async (server: FastifyInstance) => {
    server.post<WithId & { Body: Static<typeof DraftBody> }>(
      '/incidents/:id/draft',
      {
        ...askedBy(write),
        schema: {
          summary: 'Draft the post-mortem',
          description: '202 with a Location at once under `Prefer: respond-async`.',
          response: { ...ANSWERS.draft, ...ANSWERS.running },
          tags: ['incidents'],
          security: securityOf(write),
          params: IncidentPath,
          body: DraftBody,
        },
      },
      async (request, reply) => {
        const kind = acceptedKind(request);
        const { id } = request.params;
        const asked = readBody(id, request.body);
        if (prefersAsync(request)) return tasks.begin(reply, id, () => app.draft(asked));
        const signal = abortedWith(reply);
        const drafted = await app.draft({ ...asked, signal });
        return sendWritten(request, reply, kind, texts.write(drafted, kind));
      },
    );
    server.get<WithId>(
      '/incidents/:id/draft',
      {
        ...askedBy(read),
        schema: {
          summary: 'The draft as made last',
          response: ANSWERS.draft,
          tags: ['incidents'],
          security: securityOf(read),
          params: IncidentPath,
        },
      },
      async (request, reply) => {
        const kind = acceptedKind(request);
        return sendWritten(request, reply, kind, await texts.newest(request.params.id, kind));
      },
    );
    server.get<{ Params: Static<typeof ChartPath> }>(
      '/incidents/:id/draft/charts/:key',
      {
        ...askedBy(read),
        schema: {
          summary: 'A graph of the draft as made last',
          response: ANSWERS.figure,
          tags: ['incidents'],
          security: securityOf(read),
          params: ChartPath,
        },
      },
      async (request, reply) => {
        const { id, key } = request.params;
        const { draft } = await app.stored(id);
        const svg = drawFigure(draft, key.replace(/\.svg$/, ''));
        if (svg === undefined) throw new AppError('not_stored', `the draft of ${id} has no figure ${key}`);
        return sendTagged(request, reply, 'image/svg+xml', svg);
      },
    );
    server.get<WithId>(
      '/incidents/:id',
      {
        ...askedBy(read),
        schema: {
          summary: 'The incident as drafted last',
          response: ANSWERS.incident,
          tags: ['incidents'],
          security: securityOf(read),
          params: IncidentPath,
        },
      },
      async (request, reply) => {
        const { draftId, partial, draft } = await app.stored(request.params.id);
        const note = await app.noteOf(request.params.id);
        const { milestones, durations, suspectVerdict } = draft.analysis;
        const told = { draft: draftId, partial, case: draft.case, milestones, durations, suspectVerdict, ...(note && { note }) };
        return sendTagged(request, reply, 'application/json', JSON.stringify(told));
      },
    );
    server.get<WithId & { Querystring: Static<typeof TimelineQuery> }>(
      '/incidents/:id/timeline',
      {
        ...askedBy(read),
        schema: {
          summary: 'The merged timeline',
          response: ANSWERS.timeline,
          tags: ['incidents'],
          security: securityOf(read),
          params: IncidentPath,
          querystring: TimelineQuery,
        },
      },
      async (request, reply) => {
        const { tz = 'UTC', asOf } = request.query;
        const { id } = request.params;
        if (!isZone(tz))
          throw new Problem('invalid', `tz ${JSON.stringify(tz)} is not a time zone: write UTC or a name such as Europe/Berlin`);
        const { draft } =
          asOf === undefined
            ? await app.stored(id)
            : await app.draft({ select: { kind: 'incident', id }, offline: true, asOf: readTime(asOf, 'asOf') });
        return sendTagged(request, reply, 'application/json', renderTimeline(draft, 'json', tz));
      },
    );
    server.get<{ Querystring: Static<typeof PageQuery> }>(
      '/incidents',
      {
        ...askedBy(read),
        schema: {
          summary: 'Drafted incidents, newest first',
          response: ANSWERS.incidents,
          tags: ['incidents'],
          security: securityOf(read),
          querystring: PageQuery,
        },
      },
      async (request) => listIncidents(app, request.query),
    );
    server.get<{ Params: Static<typeof EvidencePath> }>(
      '/evidence/:id',
      {
        ...askedBy(read),
        schema: {
          summary: 'A stored record, as its source sent it',
          response: ANSWERS.evidence,
          tags: ['evidence'],
          security: securityOf(read),
          params: EvidencePath,
        },
      },
      async (request, reply) => {
        const record = await app.evidence(request.params.id);
        if (!record) throw new AppError('not_stored', `no evidence ${request.params.id} is stored`);
        return sendTagged(request, reply, 'application/json', JSON.stringify(record));
      },
    );
  };
}

function readBody(id: string, body: Static<typeof DraftBody>) {
  const { refresh, window, asOf, with: others } = body ?? {};
  return {
    select: { kind: 'incident', id },
    ...(refresh !== undefined && { refresh }),
    ...(window && { window: readWindow(window) }),
    ...(asOf !== undefined && { asOf: readTime(asOf, 'asOf') }),
    ...(others && { with: others }),
  } as const;
}

function readWindow({ from, to }: { readonly from: string; readonly to: string }) {
  const window = { from: readTime(from, 'window.from'), to: readTime(to, 'window.to') };
  if (window.from >= window.to) throw new Problem('invalid', 'window.to must be later than window.from');
  return window;
}

export function readTime(text: string, name: string): Instant {
  const instant = parseInstant(text);
  if (instant) return instant;
  // An address has a space where a plus was written as it is.
  const plus = /:\d{2}(?:\.\d+)? \d{2}:?\d{2}$/.test(text) ? '; a plus in an address is written %2B' : '';
  throw new Problem('invalid', `${name} ${JSON.stringify(text)} is not a time: write RFC 3339 with Z or an offset${plus}`);
}

async function listIncidents(app: App, { from, to, service, cursor, limit = '25' }: Static<typeof PageQuery>) {
  const page = await app.incidents({
    limit: Number(limit) + 1,
    ...(from !== undefined && { from: readTime(from, 'from') }),
    ...(to !== undefined && { to: readTime(to, 'to') }),
    ...(service !== undefined && { service }),
    ...(cursor !== undefined && { before: cursor }),
  });
  const shown = page.slice(0, Number(limit));
  const incidents = shown.map(({ draftId, snapshot }) => ({
    id: pathIdOf(snapshot.origin ?? snapshot.incidents[0]),
    draft: draftId,
    windows: snapshot.windows,
    takenAt: snapshot.takenAt,
  }));
  return { incidents, next: page.length > shown.length ? (shown.at(-1)?.draftId ?? null) : null };
}

/** Stops a pull whose caller has gone. */
function abortedWith(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(new AppError('interrupted', 'the caller went away'));
  });
  return controller.signal;
}
