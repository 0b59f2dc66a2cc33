import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Token } from '../app/ports.ts';
import { Problem } from './errors.ts';

/** Lets a request through, or throws the Problem that answers it. */
export type Guard = ((request: FastifyRequest) => Token | undefined) & { readonly scope: Token['scope'] };

/** What a route has that a guard stands before, as it is described too. Asked before the body is read. */
export function askedBy(guard: Guard): { readonly onRequest: (request: FastifyRequest) => Promise<void> } {
  return {
    onRequest: async (request) => {
      guard(request);
    },
  };
}

/** OpenAPI 3.1 lets a bearer token name what it must be allowed to do. */
export function securityOf(guard: Guard): readonly { readonly token: readonly Token['scope'][] }[] {
  return [{ token: [guard.scope] }];
}

/**
 * Bearer tokens by scope. Every configured secret is compared, by its hash and in constant time,
 * so that neither the time nor the order tells how near a guess came. With no tokens configured
 * (which `serve` allows on a loopback address only) everything is open.
 */
export function guardFor(tokens: readonly Token[], scope: Token['scope']): Guard {
  const known = tokens.map((token) => ({ token, hash: hashOf(token.secret) }));
  const guard = (request: FastifyRequest) => {
    if (known.length === 0) return checkHost(request);
    const [, given] = /^Bearer ([^\s]{1,500})$/i.exec(request.headers.authorization ?? '') ?? [];
    if (given === undefined) throw new Problem('unauthorized', 'send a bearer token: Authorization: Bearer SECRET');
    const hash = hashOf(given);
    const found = known.filter((candidate) => timingSafeEqual(candidate.hash, hash))[0]?.token;
    if (!found) throw new Problem('unauthorized', 'the bearer token is not known');
    if (scope === 'write' && found.scope !== 'write') throw new Problem('forbidden', `the token ${found.name} may only read`);
    return found;
  };
  return Object.assign(guard, { scope });
}

/** Whether a host, as a name or an address, is this machine seen from itself. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/.test(host);
}

/** A page of the web may give its own name this machine's address (DNS rebinding): its requests come from here, and name its host. */
function checkHost({ headers }: FastifyRequest): undefined {
  if (isLoopback(URL.parse(`http://${headers.host ?? ''}`)?.hostname ?? '')) return undefined;
  throw new Problem(
    'misdirected',
    'without tokens only http://localhost, http://127.0.0.1 and http://[::1] are answered: set HINDCAST_TOKENS',
  );
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret, 'utf8').digest();
}
