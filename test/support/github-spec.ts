import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { sharedFile } from './shared.ts';

const FILE = 'specs/github-rest-subset-openapi.json';

/** GitHub's own description of its REST API, or nothing where the reference folder is not there. */
export const githubSpecFile = sharedFile(FILE);

/**
 * A check of a 200 answer by GitHub's own model of a path, such as `/repos/{owner}/{repo}/deployments`. The file is OpenAPI 3.0:
 * `nullable` without a type beside it, which JSON Schema does not know, is spelt out as a choice.
 */
export function githubAnswerChecker(): (path: string) => ValidateFunction {
  if (!githubSpecFile) throw new Error('the reference folder is missing: skip the test by name');
  const document = spellOutNullable(JSON.parse(readFileSync(githubSpecFile, 'utf8')));
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema({ ...document, $id: 'github' }, 'github');
  return (path) => {
    const pointer = `/paths/${escapeToken(path)}/get/responses/200/content/application~1json/schema`;
    return ajv.compile({ $ref: `github#${pointer}` });
  };
}

function escapeToken(token: string): string {
  return encodeURIComponent(token.replaceAll('~', '~0').replaceAll('/', '~1'));
}

type Node = Readonly<Record<string, unknown>>;

function spellOutNullable(node: Node): Node {
  const mapped = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, mapValue(value)]));
  const { nullable, ...rest } = mapped;
  if (nullable !== true) return nullable === false ? rest : mapped;
  return { anyOf: [rest, { type: 'null' }] };
}

function mapValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(mapValue);
  return isNode(value) ? spellOutNullable(value) : value;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}
