/** A JSON schema of the description, as far as a reader is shown it. */
export interface Shape {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly anyOf?: readonly Shape[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly patternProperties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
}

/** One line of a table of fields. */
export interface Field {
  /** `analysis.timeline[].event.id`; `[]` is each of a list, `*` each of a map. */
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly description: string;
}

/** Every field of a schema with those below it, in the order in which it names them. */
export function fieldsOf(shape: Shape, name = ''): readonly Field[] {
  const below = (inner: Shape, path: string, isRequired: boolean): readonly Field[] => [
    { name: path, type: typeOf(inner), isRequired, description: inner.description ?? '' },
    ...fieldsOf(inner, path),
  ];
  const members = Object.entries(shape.properties ?? {}).flatMap(([key, inner]) =>
    below(inner, name === '' ? key : `${name}.${key}`, shape.required?.includes(key) === true),
  );
  const [each] = Object.values(shape.patternProperties ?? {});
  return [
    ...members,
    ...(shape.anyOf ?? []).flatMap((inner) => fieldsOf(inner, name)),
    ...(shape.items ? fieldsOf(shape.items, `${name}[]`) : []),
    ...(each ? fieldsOf(each, name === '' ? '*' : `${name}.*`) : []),
  ];
}

/** What may stand there, in a few words. */
export function typeOf(shape: Shape): string {
  const { anyOf, enum: values, items, patternProperties, pattern } = shape;
  if (values) return values.map((value) => JSON.stringify(value)).join(', ');
  if (shape.const !== undefined) return JSON.stringify(shape.const);
  if (anyOf) return anyOf.map(typeOf).join(' or ');
  if (items) return `list of ${shape.maxItems === undefined ? '' : `at most ${shape.maxItems}: `}${typeOf(items)}`;
  if (patternProperties) return 'object by name';
  return [shape.type ?? 'anything', ...boundsOf(shape), ...(pattern === undefined ? [] : [`like ${pattern}`])].join(', ');
}

function boundsOf({ minLength, maxLength, minimum, maximum }: Shape): readonly string[] {
  return [
    ...(minLength !== undefined && minLength > 1 ? [`at least ${minLength} characters`] : []),
    ...(maxLength === undefined ? [] : [`at most ${maxLength} characters`]),
    ...(minimum === undefined ? [] : [`from ${minimum}`]),
    ...(maximum === undefined ? [] : [`up to ${maximum}`]),
  ];
}
