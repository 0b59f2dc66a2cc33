/** Which fields and arguments of a query a schema does not know; no more of GraphQL than one plain query needs. */
export function fieldsOf(sdl: string, query: string): { readonly known: number; readonly unknown: readonly string[] } {
  const types = typesOf(sdl);
  const tokens = [...query.matchAll(/"[^"]*"|[\w$]+|[{}():!,[\]]/g)].map(([token]) => token);
  const unknown: string[] = [];
  let known = 0;
  let at = tokens.indexOf('{');

  const argumentsAt = (): readonly string[] => {
    if (tokens[at] !== '(') return [];
    const names: string[] = [];
    for (let depth = 0; ; at += 1) {
      const token = tokens[at];
      if (token === '(' || token === '{') depth += 1;
      if (token === ')' || token === '}') depth -= 1;
      if (depth === 1 && tokens[at + 1] === ':' && token !== undefined) names.push(token);
      if (depth === 0) break;
    }
    at += 1;
    return names;
  };
  const selection = (type: string): void => {
    for (at += 1; tokens[at] !== '}' && at < tokens.length; ) {
      const name = tokens[at] ?? '';
      at += 1;
      const field = name === '__typename' ? { type: 'String', arguments: new Set<string>() } : types.get(type)?.get(name);
      if (field) known += 1;
      else unknown.push(`${type}.${name}`);
      for (const argument of argumentsAt()) if (field && !field.arguments.has(argument)) unknown.push(`${type}.${name}(${argument})`);
      if (tokens[at] === '{') selection(field?.type ?? '');
    }
    at += 1;
  };
  selection('Query');
  return { known, unknown };
}

interface Field {
  readonly type: string;
  readonly arguments: ReadonlySet<string>;
}

/** By type, its fields with the type that each gives and the arguments that it takes. */
function typesOf(sdl: string): ReadonlyMap<string, ReadonlyMap<string, Field>> {
  const bare = sdl.replaceAll(/"""[\s\S]*?"""/g, '').replaceAll(/#.*$/gm, '');
  const blocks = bare.matchAll(/^(?:type|interface) (\w+)[^{]*\{([\s\S]*?)^\}/gm);
  return new Map([...blocks].map(([, name = '', body = '']) => [name, membersOf(body)]));
}

function membersOf(body: string): ReadonlyMap<string, Field> {
  const members = body.matchAll(/^ {2}(\w+)(\([\s\S]*?\))?: \[?(\w+)/gm);
  return new Map(
    [...members].map(([, name = '', given = '', type = '']) => [
      name,
      { type, arguments: new Set([...given.matchAll(/(?:^|[(\s])(\w+):/g)].map(([, argument = '']) => argument)) },
    ]),
  );
}
