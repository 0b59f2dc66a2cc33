import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Token } from '../app/ports.ts';
import { Problem } from './errors.ts';

/** Lets a request through, or throws the Problem that answers it. */
export type Guard = (request: FastifyRequest) => Token | undefined;

/**
 * Bearer tokens by scope. Every configured secret is compared, by its hash and in constant time,
 * so that neither the time nor the order tells how near a guess came. With no tokens configured
 * (which `serve` allows on a loopback address only) everything is open.
 */
export function guardFor(tokens: readonly Token[], scope: Token['scope']): Guard {
  const known = tokens.map((token) => ({ token, hash: hashOf(token.secret) }));
  return (request) => {
    if (known.length === 0) return undefined;
    const [, given] = /^Bearer ([^\s]{1,500})$/i.exec(request.headers.authorization ?? '') ?? [];
    if (given === undefined) throw new Problem('unauthorized', 'send a bearer token: Authorization: Bearer SECRET');
    const hash = hashOf(given);
    const found = known.filter((candidate) => timingSafeEqual(candidate.hash, hash))[0]?.token;
    if (!found) throw new Problem('unauthorized', 'the bearer token is not known');
    if (scope === 'write' && found.scope !== 'write') throw new Problem('forbidden', `the token ${found.name} may only read`);
    return found;
  };
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret, 'utf8').digest();
}
