import type { FastifyReply, FastifyRequest } from 'fastify';

/** What stands above every answer, refusals that the router itself gives too: nothing of it is to be guessed at, framed or passed on. */
export const HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
} as const satisfies Readonly<Record<string, string>>;

export function addHeaders(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.headers({ 'x-request-id': request.id, ...HEADERS });
}
