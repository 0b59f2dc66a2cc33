import type { FastifyInstance } from 'fastify';

/** A schema of OpenAPI, as far as requests are made from it. */
export interface Shape {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly anyOf?: readonly Shape[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
}

/** One route as the API describes it. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `/incidents/{id}/draft`. */
  readonly path: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: 'path' | 'query' | 'header';
    readonly required?: boolean;
    readonly schema: Shape;
  }[];
  readonly body?: Shape;
  /** What its bearer token must be allowed to do; absent where it asks for none. */
  readonly scope?: 'read' | 'write';
}

interface Described {
  readonly parameters?: Operation['parameters'];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Shape }>> };
  readonly security?: readonly { readonly token?: readonly ('read' | 'write')[] }[];
}

/** Every route that `/openapi.json` tells of. */
export async function describedOperations(server: FastifyInstance): Promise<readonly Operation[]> {
  const { paths }: { readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>> } = (
    await server.inject({ method: 'GET', url: '/openapi.json' })
  ).json();
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody, security }]): Operation => {
      const scope = security?.flatMap(({ token = [] }) => token)[0];
      const body = requestBody?.content['application/json']?.schema;
      return {
        method: method.toUpperCase() as Operation['method'],
        path,
        parameters,
        ...(body && { body }),
        ...(scope && { scope }),
      };
    }),
  );
}

/** The path with each parameter filled in by its name. */
export function fill(path: string, textOf: (name: string) => string): string {
  return path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(textOf(name)));
}
