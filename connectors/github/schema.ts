import Type, { type TSchema } from 'typebox';

/** Only what we read of a record is stated; a field that GitHub may leave out or null is one of these. */
export const maybe = <Schema extends TSchema>(schema: Schema) => Type.Optional(Type.Union([schema, Type.Null()]));

/** A whole number, or the decimal text of one above 2^53. */
export const Id = Type.Union([Type.Integer(), Type.String({ pattern: '^\\d+$' })]);

/** A member of what no schema describes, such as an error. */
export function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
