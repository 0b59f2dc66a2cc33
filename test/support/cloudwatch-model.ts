import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';

/** The part of a botocore service model that says how an answer looks. */
interface Model {
  readonly operations: Readonly<
    Record<string, { readonly input: { readonly shape: string }; readonly output: { readonly shape: string } }>
  >;
  readonly shapes: Readonly<Record<string, Shape>>;
}
interface Shape {
  readonly type: string;
  readonly members?: Readonly<Record<string, { readonly shape: string }>>;
  readonly required?: readonly string[];
  readonly member?: { readonly shape: string };
  readonly value?: { readonly shape: string };
  readonly enum?: readonly string[];
  readonly min?: number;
  readonly max?: number;
}

/** How AWS JSON 1.0 writes each simple shape: a timestamp is a number of seconds since 1970. */
const SIMPLE: Readonly<Record<string, object>> = {
  boolean: { type: 'boolean' },
  integer: { type: 'integer' },
  long: { type: 'integer' },
  double: { type: 'number' },
  timestamp: { type: 'number', exclusiveMinimum: 1_000_000_000, exclusiveMaximum: 10_000_000_000 },
};

/** Validators of an operation's input or output, made from the vendor's own model; no member is allowed that it does not name. */
export function readModel(file: string): (operation: string, side: 'input' | 'output') => ValidateFunction {
  const { operations, shapes } = JSON.parse(readFileSync(file, 'utf8')) as Model;
  const definitions = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, toSchema(shape)]));
  const ajv = new Ajv({ strict: false, allErrors: true });
  return (operation, side) => {
    const shape = operations[operation]?.[side].shape;
    if (!shape) throw new Error(`the model has no ${side} of ${operation}`);
    return ajv.compile({ $ref: `#/definitions/${shape}`, definitions });
  };
}

function toSchema({ type, members = {}, required, member, value, enum: values, min, max }: Shape): object {
  const to = ({ shape }: { readonly shape: string }) => ({ $ref: `#/definitions/${shape}` });
  if (type === 'structure') {
    const properties = Object.fromEntries(Object.entries(members).map(([name, target]) => [name, to(target)]));
    return { type: 'object', properties, additionalProperties: false, ...(required && { required }) };
  }
  if (type === 'list' && member) return { type: 'array', items: to(member), ...(max !== undefined && { maxItems: max }) };
  if (type === 'map' && value) return { type: 'object', additionalProperties: to(value) };
  if (type === 'string')
    return {
      type: 'string',
      ...(values && { enum: values }),
      ...(min !== undefined && { minLength: min }),
      ...(max !== undefined && { maxLength: max }),
    };
  return {
    ...SIMPLE[type],
    ...(type !== 'timestamp' && min !== undefined && { minimum: min }),
    ...(type !== 'timestamp' && max !== undefined && { maximum: max }),
  };
}
