import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { answerUnknownRoute, answerWrongMethod } from './errors.ts';
import { PROBLEM } from './schemas.ts';

/**
 * Watches every route that is added from here on: a known path that is asked with another method is a 405 that names the right
 * ones, any other path a 404. Each route's description gets the form that its errors have.
 */
export function watchRoutes(server: FastifyInstance): void {
  const paths = new Map<string, readonly string[]>();
  server.addHook('onRoute', (route) => {
    describeErrors(route);
    paths.set(route.url, [...(paths.get(route.url) ?? []), ...[route.method].flat()]);
  });
  server.setNotFoundHandler((request: FastifyRequest, reply: FastifyReply) => {
    const path = request.url.split('?')[0] ?? '';
    const allowed = [...paths].filter(([url]) => isOf(path, url)).flatMap(([, methods]) => methods);
    return allowed.length > 0 ? answerWrongMethod(request, reply, [...new Set(allowed)].toSorted()) : answerUnknownRoute(request, reply);
  });
}

function describeErrors(route: RouteOptions): void {
  // What needs no token, the health of the process, answers in its own form.
  if (!route.schema?.security) return;
  const told = route.schema.response;
  route.schema = { ...route.schema, response: { ...(typeof told === 'object' ? told : {}), default: PROBLEM } };
}

/** Whether a path is of the form `/incidents/:id/draft`. */
function isOf(path: string, url: string): boolean {
  const [own, form] = [path.split('/'), url.split('/')];
  return own.length === form.length && form.every((part, index) => (part.startsWith(':') ? own[index] !== '' : part === own[index]));
}
