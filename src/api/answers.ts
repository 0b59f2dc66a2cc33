import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Drafted } from '../app/app.ts';
import type { Draft } from '../core/draft/model.ts';
import { renderHtml } from '../render/html.ts';
import { renderJson } from '../render/json.ts';
import { renderMarkdown } from '../render/markdown.ts';
import { Problem } from './errors.ts';

/** What an answer may be. */
export type Kind = 'application/json' | 'text/markdown' | 'text/html' | 'image/svg+xml';

const WRITERS = {
  'application/json': renderJson,
  'text/markdown': renderMarkdown,
  'text/html': renderHtml,
} as const satisfies Partial<Record<Kind, (draft: Draft) => string>>;

/** The formats that a draft is given in. */
type DraftKind = keyof typeof WRITERS;

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

/** The draft in the kind that was asked for. */
export function sendDraft(request: FastifyRequest, reply: FastifyReply, kind: DraftKind, { draft }: Drafted): FastifyReply {
  return sendTagged(request, reply, kind, WRITERS[kind](draft));
}

/** The text with its tag, or 304 where the caller has it. */
export function sendTagged(request: FastifyRequest, reply: FastifyReply, kind: Kind, text: string): FastifyReply {
  const tag = `"${createHash('sha256').update(text).digest('base64url')}"`;
  reply.header('etag', tag).header('vary', 'accept');
  // A proxy that compresses marks our tag as weak; it still names the same text (RFC 9110, 13.1.2).
  const known = (request.headers['if-none-match'] ?? '').split(',').map((each) => each.trim().replace(/^W\//, ''));
  if (request.method !== 'POST' && (known.includes(tag) || known.includes('*'))) return reply.code(304).send();
  return reply.type(`${kind}; charset=utf-8`).send(text);
}
