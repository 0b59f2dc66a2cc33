import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { APP_ERRORS, AppError } from '../app/errors.ts';
import type { Log } from '../app/ports.ts';
import { addHeaders } from './headers.ts';

/** What only HTTP knows, beside the errors of the use cases. */
const HTTP_PROBLEMS = {
  invalid: { status: 400, title: 'The request is not valid' },
  unauthorized: { status: 401, title: 'A bearer token is needed' },
  unsigned: { status: 401, title: 'The signature does not fit' },
  forbidden: { status: 403, title: 'The token may not do this' },
  not_found: { status: 404, title: 'No such route' },
  method_not_allowed: { status: 405, title: 'The path does not take this method' },
  not_acceptable: { status: 406, title: 'No such representation' },
  uri_too_long: { status: 414, title: 'The path is too long' },
  too_large: { status: 413, title: 'The request is too large' },
  unsupported_media_type: { status: 415, title: 'The body is not JSON' },
  rate_limited: { status: 429, title: 'Too many requests' },
  busy: { status: 503, title: 'Too much is under way' },
  internal: { status: 500, title: 'A fault of ours' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

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

function send(request: FastifyRequest, reply: FastifyReply, { code, status, title, detail, members }: Described): FastifyReply {
  // What the router refuses by itself passes no hook.
  if (!reply.hasHeader('x-request-id')) addHeaders(request, reply);
  if (code === 'unauthorized') reply.header('www-authenticate', 'Bearer');
  return reply
    .code(status)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: `urn:hindcast:problem:${code}`,
        title,
        status,
        detail,
        instance: request.url.split('?')[0],
        requestId: request.id,
        ...members,
      }),
    );
}
