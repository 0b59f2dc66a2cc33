import type { FastifyReply, FastifyRequest } from 'fastify';
import { type DraftKind, tagOf, type Written } from './drafts.ts';
import { Problem } from './errors.ts';

/** What an answer may be. */
export type Kind = 'application/json' | 'text/markdown' | 'text/html' | 'text/csv' | 'image/svg+xml';

/** Accept, by its weights and then its order; JSON where nothing is asked for. Throws 406 where only other kinds are. */
export function acceptedKind(request: FastifyRequest): DraftKind {
  const wanted = (request.headers.accept ?? '*/*')
    .toLowerCase()
    .split(',')
    .map((part) => ({ kind: part.split(';')[0]?.trim(), weight: Number(/;\s*q=([\d.]+)/.exec(part)?.[1] ?? 1) }))
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight);
  for (const { kind } of wanted) {
    if (kind === '*/*' || kind === 'application/*' || kind === 'application/json') return 'application/json';
    if (kind === 'text/html' || kind === 'application/xhtml+xml') return 'text/html';
    if (kind === 'text/markdown' || kind === 'text/*') return 'text/markdown';
  }
  throw new Problem('not_acceptable', 'a draft is given as application/json, text/markdown or text/html');
}

/** What a page of ours may load: the draft has its style inside, its graphs as SVG, and neither script nor form. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The text with its tag, or 304 where the caller has it. */
export function sendWritten(request: FastifyRequest, reply: FastifyReply, kind: Kind, { bytes, tag }: Written): FastifyReply {
  reply.header('etag', tag).header('vary', 'accept');
  if (kind === 'text/html') reply.header('content-security-policy', PAGE_POLICY);
  // A proxy that compresses marks our tag as weak; it still names the same text (RFC 9110, 13.1.2).
  const known = (request.headers['if-none-match'] ?? '').split(',').map((each) => each.trim().replace(/^W\//, ''));
  if (request.method !== 'POST' && (known.includes(tag) || known.includes('*'))) return reply.code(304).send();
  return reply.type(`${kind}; charset=utf-8`).send(bytes);
}

/** The same for a text that is made for this answer. */
export function sendTagged(request: FastifyRequest, reply: FastifyReply, kind: Kind, text: string): FastifyReply {
  return sendWritten(request, reply, kind, { bytes: Buffer.from(text), tag: tagOf(text) });
}
