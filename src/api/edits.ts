import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type, { type Static } from 'typebox';
import type { App } from '../app/app.ts';
import type { BlockChange } from '../app/edit-blocks.ts';
import { askedBy, type Guard, securityOf } from './auth.ts';
import { ANSWERS } from './schemas.ts';

const closed = { additionalProperties: false } as const;
const Id = Type.String({ minLength: 1, maxLength: 200 });
const Key = Type.String({ minLength: 1, maxLength: 200, description: "A block's key: durations.time_to_detect, t.4k2m9x7qpd, i.17" });
const After = Type.Integer({ minimum: 0, maximum: 1_000_000_000, description: 'The number of the last edit that its author had seen' });
const Generated = Type.String({
  pattern: '^(?:sha256:[0-9a-f]{64}|[0-9a-f]{10})$',
  description: 'The digest of the generated text on the screen: whole, or the ten digits of the mark',
});
const Words = Type.String({ maxLength: 65_536, description: 'Inline Markdown: strong, emphasis, code, http(s) links; all else is text' });

const IncidentPath = Type.Object({ id: Id }, closed);
const BlockPath = Type.Object({ id: Id, key: Key }, closed);
const RewriteBody = Type.Object({ after: After, generated: Generated, text: Words }, closed);
const ShowBody = Type.Object({ after: After, generated: Generated }, closed);
const HideQuery = Type.Object(
  { after: Type.String({ pattern: '^\\d{1,9}$', description: 'The number of the last edit that was seen' }), generated: Generated },
  closed,
);
const InsertBody = Type.Object({ below: Key, text: Words }, closed);
const DraftRef = Type.String({ pattern: '^sha256:[0-9a-f]{64}$', description: "A draft's id" });
const DiffQuery = Type.Object({ from: Type.Optional(DraftRef), to: Type.Optional(DraftRef) }, closed);

type OfBlock<Body = unknown, Query = unknown> = { Params: Static<typeof BlockPath>; Body: Body; Querystring: Query };
type OfIncident<Body = unknown, Query = unknown> = { Params: Static<typeof IncidentPath>; Body: Body; Querystring: Query };

/** Human words, block by block, and what moved between drafts. The author is the token's name. */
export function editRoutes({ app, read, write }: { readonly app: App; readonly read: Guard; readonly write: Guard }) {
  const options = (guard: Guard, summary: string, schema: object) => ({
    ...askedBy(guard),
    schema: { summary, tags: ['human words'], security: securityOf(guard), ...schema },
  });
  // Without tokens the API serves this machine alone, and nobody says who is asking.
  const edit = (request: FastifyRequest, id: string, change: BlockChange) =>
    app.editBlock(id, { change, author: write(request)?.name ?? 'not named' });
  return async (server: FastifyInstance) => {
    server.get<OfBlock>(
      '/incidents/:id/draft/blocks/:key',
      options(read, 'A block as it stands, with what its next change must send', { params: BlockPath, response: ANSWERS.block }),
      async ({ params }) => app.block(params.id, params.key),
    );
    server.put<OfBlock<Static<typeof RewriteBody>>>(
      '/incidents/:id/draft/blocks/:key',
      options(write, 'Rewrite a block', { params: BlockPath, body: RewriteBody, response: ANSWERS.block }),
      async (request) => edit(request, request.params.id, { kind: 'rewrite', block: request.params.key, ...request.body }),
    );
    server.delete<OfBlock<unknown, Static<typeof HideQuery>>>(
      '/incidents/:id/draft/blocks/:key',
      options(write, 'Hide a block', { params: BlockPath, querystring: HideQuery, response: ANSWERS.block }),
      async (request) => {
        const { after, generated } = request.query;
        return edit(request, request.params.id, { kind: 'hide', block: request.params.key, after: Number(after), generated });
      },
    );
    server.post<OfBlock<Static<typeof ShowBody>>>(
      '/incidents/:id/draft/blocks/:key/show',
      options(write, 'Show a hidden block again', { params: BlockPath, body: ShowBody, response: ANSWERS.block }),
      async (request) => edit(request, request.params.id, { kind: 'show', block: request.params.key, ...request.body }),
    );
    server.post<OfIncident<Static<typeof InsertBody>>>(
      '/incidents/:id/draft/blocks',
      options(write, 'Put a block in, right below another or first in a section', {
        params: IncidentPath,
        body: InsertBody,
        response: ANSWERS.inserted,
      }),
      async (request, reply) => reply.code(201).send(await edit(request, request.params.id, { kind: 'insert', ...request.body })),
    );
    server.get<OfIncident<unknown, Static<typeof DiffQuery>>>(
      '/incidents/:id/diff',
      options(read, 'What moved between two drafts', { params: IncidentPath, querystring: DiffQuery, response: ANSWERS.moved }),
      async ({ params, query }) => app.compare(params.id, query),
    );
  };
}
