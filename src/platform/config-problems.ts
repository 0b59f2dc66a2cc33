import type { TSchema } from 'typebox';
import { Errors } from 'typebox/value';
import { DURATION_PATTERN, KEEP_PATTERN } from './config-schema.ts';
import type { ConfigPath, Problem } from './config-text.ts';
import { nearestName } from './nearest-name.ts';

/** What we read of a JSON Schema to explain it. */
interface Explained {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Explained>>;
  readonly patternProperties?: Readonly<Record<string, Explained>>;
  readonly items?: Explained;
  readonly anyOf?: readonly Explained[];
}

type SchemaError = ReturnType<typeof Errors>[number];

/** What a person must change for the value to fit the schema, in words of the file. No message holds a value of it. */
export function schemaProblems(schema: TSchema, value: unknown, at: ConfigPath): readonly Problem[] {
  const errors = Errors(schema, value).filter(({ keyword, schemaPath }) => keyword !== 'boolean' && !schemaPath.includes('/anyOf/'));
  return errors.flatMap((error) => {
    const steps = stepsOf(error.instancePath);
    const node = steps.reduce<Explained | undefined>(below, schema) ?? {};
    const path = [...at, ...steps.map(numbered)];
    return error.keyword === 'anyOf' ? choiceProblems(node, valueAt(value, steps), path) : explain(error, node, path);
  });
}

/** `sources.github.token_env`, as a person would say where. */
export function nameOf(path: ConfigPath): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
}

/** An unknown key with the known one that was meant, or with all that are known. */
export function unknownKey(key: string, known: readonly string[], at: ConfigPath): Problem {
  const place = at.length === 0 ? '' : ` in \`${nameOf(at)}\``;
  const path = [...at, key];
  if (isSecretName(key)) {
    const name = [`${key}_env`, ...known].find((other) => other.endsWith('_env') && known.includes(other));
    const advice = name ? `name the variable with \`${name}\`` : 'leave it out here';
    return { path, message: `\`${nameOf(path)}\` would put a secret into the file: export it as an environment variable and ${advice}` };
  }
  const nearest = nearestName(key, known);
  const hint = nearest
    ? `: did you mean \`${nearest}\`?`
    : known.length > 0
      ? `; known are ${known.map((name) => `\`${name}\``).join(', ')}`
      : '';
  return { path, message: `unknown key \`${key}\`${place}${hint}` };
}

function isSecretName(key: string): boolean {
  return /^(?:\w*_)?(?:tokens?|secrets?|password|passwd|api_?key|(?:secret_|private_)?access_key(?:_id)?|private_key|external_id|credentials?|authorization)$/i.test(
    key,
  );
}

const PATTERNS: Readonly<Record<string, string>> = {
  [DURATION_PATTERN]: 'a duration of at most 400 days, such as 30s, 15m, 24h or 7d',
  [KEEP_PATTERN]: 'a duration of at least a day, such as 24h, 90d or 400d',
};

/** A table over the keywords of JSON Schema that our schemas use; another one keeps the validator's own words. */
const EXPLANATIONS: Readonly<Record<string, (error: SchemaError, node: Explained, path: ConfigPath) => readonly Problem[]>> = {
  additionalProperties: ({ params }, node, path) => {
    const unknown = 'additionalProperties' in params && Array.isArray(params.additionalProperties) ? params.additionalProperties : [];
    return unknown.map((key) => unknownKey(String(key), Object.keys(node.properties ?? {}), path));
  },
  required: ({ params }, _node, path) => {
    const missing = 'requiredProperties' in params && Array.isArray(params.requiredProperties) ? params.requiredProperties : [];
    const place = path.length === 0 ? '' : ` in \`${nameOf(path)}\``;
    return missing.map((key) => ({ path, message: `missing key \`${key}\`${place}` }));
  },
  type: (_error, node, path) => [mustBe(path, PATTERNS[node.pattern ?? ''] ?? wanted(node))],
  const: (_error, node, path) => [mustBe(path, wanted(node))],
  enum: (_error, node, path) => [mustBe(path, wanted(node))],
  pattern: (_error, node, path) => [mustBe(path, PATTERNS[node.pattern ?? ''] ?? `of the form ${node.pattern}`)],
  minLength: (_error, _node, path) => [{ path, message: `\`${nameOf(path)}\` must not be empty` }],
  minimum: ({ params }, _node, path) => [mustBe(path, `at least ${'limit' in params ? params.limit : ''}`)],
  maximum: ({ params }, _node, path) => [mustBe(path, `at most ${'limit' in params ? params.limit : ''}`)],
  minItems: (_error, _node, path) => [{ path, message: `\`${nameOf(path)}\` must not be empty` }],
};

function explain(error: SchemaError, node: Explained, path: ConfigPath): readonly Problem[] {
  const own = EXPLANATIONS[error.keyword];
  if (own) return own(error, node, path);
  return [{ path, message: path.length === 0 ? error.message : `\`${nameOf(path)}\` ${error.message}` }];
}

function mustBe(path: ConfigPath, what: string): Problem {
  return { path, message: `${path.length === 0 ? 'the file' : `\`${nameOf(path)}\``} must be ${what}` };
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: '`null`',
  array: 'a list',
  object: 'a block of keys',
};

function wanted(node: Explained): string {
  if (node.anyOf) return [...new Set(node.anyOf.map(wanted))].join(' or ');
  if (node.const !== undefined) return `\`${node.const}\``;
  if (node.enum) return `one of ${node.enum.map((value) => `\`${value}\``).join(', ')}`;
  return TYPES[node.type ?? ''] ?? 'something else';
}

/** Of several forms that a block may have, the one that it is nearest to is the one that was meant. */
function choiceProblems(node: Explained, value: unknown, path: ConfigPath): readonly Problem[] {
  const blocks = (node.anyOf ?? []).filter(({ type, anyOf }) => type === 'object' || anyOf);
  if (blocks.length === 0 || typeof value !== 'object' || value === null) return [mustBe(path, wanted(node))];
  const [best] = blocks.map((block) => schemaProblems(block, value, path)).toSorted((a, b) => a.length - b.length);
  return best ?? [];
}

function below(node: Explained | undefined, step: string): Explained | undefined {
  return node?.properties?.[step] ?? node?.items ?? Object.values(node?.patternProperties ?? {})[0];
}

function stepsOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function numbered(step: string): string | number {
  return /^\d+$/.test(step) ? Number(step) : step;
}

function valueAt(value: unknown, steps: readonly string[]): unknown {
  return steps.reduce<unknown>((here, step) => (typeof here === 'object' && here !== null ? Reflect.get(here, step) : undefined), value);
}
