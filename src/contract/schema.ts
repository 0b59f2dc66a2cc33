import type { Static, TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/schema';

/** Reads a body by its schema: as what it is, or nothing where it is not that, with the first place and problem. */
export interface Reader<T> {
  read(body: unknown): T | undefined;
  problem(body: unknown): { readonly pointer: string; readonly problem: string };
}

/** Compiled on first use, since compiling costs more than most commands need. */
export function reader<Schema extends TSchema>(schema: Schema): Reader<Static<Schema>> {
  let compiled: Validator<Schema> | undefined;
  const validator = () => (compiled ??= Compile(schema));
  return {
    read: (body) => (validator().Check(body) ? (body as Static<Schema>) : undefined),
    problem: (body) => {
      const [, [first]] = validator().Errors(body);
      return { pointer: first?.instancePath ?? '', problem: first?.message ?? 'unreadable' };
    },
  };
}
