import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import type { App } from '../app/app.ts';
import { SUMMARY_BY } from '../core/summary.ts';
import { renderSummary } from '../render/summary.ts';
import { sendTagged } from './answers.ts';
import { askedBy, type Guard, securityOf } from './auth.ts';
import { readTime } from './incidents.ts';
import { ANSWERS } from './schemas.ts';

const Time = Type.String({ maxLength: 40, description: 'RFC 3339 with an offset' });
const SummaryQuery = Type.Object({ from: Time, to: Time, by: Type.Optional(Type.Enum([...SUMMARY_BY])) }, { additionalProperties: false });

/** Durations over the drafted incidents that began in a window: JSON, or the list of them as CSV where Accept asks for that. */
export function summaryRoutes({ app, read }: { readonly app: App; readonly read: Guard }) {
  return async (server: FastifyInstance) => {
    server.get<{ Querystring: Static<typeof SummaryQuery> }>(
      '/summaries',
      {
        ...askedBy(read),
        schema: {
          summary: 'Durations over incidents: count, median, middle half and list',
          tags: ['summaries'],
          security: securityOf(read),
          querystring: SummaryQuery,
          response: ANSWERS.summary,
        },
      },
      async (request, reply) => {
        const { from, to, by } = request.query;
        const summary = await app.summary({ window: { from: readTime(from, 'from'), to: readTime(to, 'to') }, ...(by && { by }) });
        const isCsv = /^\s*text\/csv\b/i.test(request.headers.accept ?? '');
        return sendTagged(request, reply, isCsv ? 'text/csv' : 'application/json', renderSummary(summary, isCsv ? 'csv' : 'json'));
      },
    );
  };
}
