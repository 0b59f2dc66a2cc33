import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { APP_ERRORS, AppError } from '../app/errors.ts';
import type { Log } from '../app/ports.ts';
import { addHeaders, HEADERS } from './headers.ts';

/** What only HTTP knows, beside the errors of the use cases. */
const HTTP_PROBLEMS = {
  invalid: { status: 400, title: 'The request is not valid' },
  unauthorized: { status: 401, title: 'A bearer token is needed' },
  unsigned: { status: 401, title: 'The signature does not fit' },
  forbidden: { status: 403, title: 'The token may not do this' },
  not_found: { status: 404, title: 'No such route' },
  method_not_allowed: { status: 405, title: 'The path does not take this method' },
  not_acceptable: { status: 406, title: 'No such representation' },
  timed_out: { status: 408, title: 'The request did not come in time' },
  uri_too_long: { status: 414, title: 'The path is too long' },
  too_large: { status: 413, title: 'The request is too large' },
  misdirected: { status: 421, title: 'The address is not of this server' },
  unsupported_media_type: { status: 415, title: 'The body is not JSON' },
  headers_too_large: { status: 431, title: 'The head of the request is too large' },
  rate_limited: { status: 429, title: 'Too many requests' },
  busy: { status: 503, title: 'Too much is under way' },
  internal: { status: 500, title: 'A fault of ours' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

/** Every problem that an answer may be, by status: what the description of the API lists. */
export const PROBLEMS = Object.entries({ ...HTTP_PROBLEMS, ...APP_ERRORS })
  .map(([code, { status, title }]) => ({ code, status, title }))
  .toSorted((a, b) => a.status - b.status);

/** An answer that is not a result. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: keyof typeof HTTP_PROBLEMS;

  constructor(code: keyof typeof HTTP_PROBLEMS, message: string) {
    super(message);
    this.code = code;
  }
}

interface Described {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** Members of their own, as RFC 9457 allows. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** RFC 9457 for every error: a stable `type`, the request's id, and never a stack or a secret. */
export function answerError(log: Log) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    const described = describe(error);
    if (described.status >= 500) log.error({ requestId: request.id, code: described.code, cause: error.stack }, 'request failed');
    return send(request, reply, described);
  };
}

export function answerUnknownRoute(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return send(request, reply, {
    code: 'not_found',
    ...HTTP_PROBLEMS.not_found,
    detail: `no route ${request.method} ${request.url.split('?')[0]}`,
  });
}

/** RFC 9110, 15.5.6: with the methods that the path does take. */
export function answerWrongMethod(request: FastifyRequest, reply: FastifyReply, allowed: readonly string[]): FastifyReply {
  return send(request, reply.header('allow', allowed.join(', ')), {
    code: 'method_not_allowed',
    ...HTTP_PROBLEMS.method_not_allowed,
    detail: `${request.url.split('?')[0]} takes ${allowed.join(', ')}, not ${request.method}`,
  });
}

function describe(error: FastifyError | Problem | AppError): Described {
  if (error instanceof Problem) return { code: error.code, ...HTTP_PROBLEMS[error.code], detail: error.message };
  if (error instanceof AppError) {
    const { status, title } = APP_ERRORS[error.code];
    return { code: error.code, status, title, detail: error.message, members: error.details };
  }
  const code = codeOf(error);
  const detail = code === 'internal' ? 'the log has the details under this request id' : (invalidField(error) ?? error.message);
  return { code, ...HTTP_PROBLEMS[code], detail };
}

/** What the first thing that does not fit is, by name; of a body that may be left out, not that it could have been. */
function invalidField({ validation, validationContext = 'body' }: FastifyError): string | undefined {
  const first = validation?.[0];
  if (!first) return undefined;
  const place = `${validationContext}${first.instancePath}`;
  const { additionalProperty: unknown } = first.params;
  if (unknown === undefined) return `${place} ${first.message}`;
  const known = 'parentSchema' in first && isBlock(first.parentSchema) ? Object.keys(first.parentSchema['properties'] ?? {}) : [];
  return `${place} has an unknown field ${JSON.stringify(unknown)}; known are ${known.join(', ')}`;
}

function isBlock(value: unknown): value is { readonly [key: string]: object } {
  return typeof value === 'object' && value !== null;
}

function codeOf({ statusCode = 500 }: FastifyError): keyof typeof HTTP_PROBLEMS {
  if (statusCode === 413) return 'too_large';
  if (statusCode === 414) return 'uri_too_long';
  if (statusCode === 415) return 'unsupported_media_type';
  if (statusCode === 429) return 'rate_limited';
  return statusCode >= 400 && statusCode < 500 ? 'invalid' : 'internal';
}

function send(request: FastifyRequest, reply: FastifyReply, described: Described): FastifyReply {
  // What the router refuses by itself passes no hook.
  if (!reply.hasHeader('x-request-id')) addHeaders(request, reply);
  if (described.code === 'unauthorized') reply.header('www-authenticate', 'Bearer');
  const { url, id } = request;
  return reply
    .code(described.status)
    .type('application/problem+json')
    .send(problemOf(described, { instance: url.split('?')[0], requestId: id }));
}

function problemOf(
  { code, status, title, detail, members }: Described,
  about: { readonly instance?: string | undefined; readonly requestId: string },
): string {
  return JSON.stringify({ type: `urn:hindcast:problem:${code}`, title, status, detail, ...about, ...members });
}

const UNPARSED: Readonly<Record<string, readonly [code: keyof typeof HTTP_PROBLEMS, detail: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['timed_out', 'the connection is closed'],
  HPE_HEADER_OVERFLOW: ['headers_too_large', 'path and headers together are too long'],
};

/** What is no request of HTTP reaches no route and no hook: it is answered on the connection itself, which then ends. */
export function answerUnparsed(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [code, detail] = UNPARSED[error.code ?? ''] ?? ['invalid', 'this is no request of HTTP/1.1'];
  const { status, title } = HTTP_PROBLEMS[code];
  const requestId = randomUUID();
  const body = problemOf({ code, status, title, detail }, { requestId });
  const headers = {
    'content-type': 'application/problem+json',
    'content-length': `${Buffer.byteLength(body)}`,
    connection: 'close',
    'x-request-id': requestId,
    ...HEADERS,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  if (socket.writable) socket.write([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'));
  socket.destroy(error);
}
