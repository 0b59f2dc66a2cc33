import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { Json } from '../core/evidence.ts';

/** A key of a mapping or a place in a list, from the top of the file. */
export type ConfigPath = readonly (string | number)[];

/** What is wrong with the file, and where. */
export interface Problem {
  readonly path: ConfigPath;
  readonly message: string;
  /** Where YAML itself is broken and no path can be told. */
  readonly line?: number;
}

export interface ConfigText {
  readonly value: Json;
  /** The line, from 1, of a key; of the nearest one above it that stands in the file where this one does not. */
  lineOf(path: ConfigPath): number;
}

/** No configuration is this long; what is was not written by a person. */
const MAX_CHARACTERS = 1_000_000;
/** How often an alias may be expanded: enough for a shared block, too few for a bomb. */
const MAX_ALIASES = 100;

/** Reads YAML 1.2 with its lines. Gives problems in place of a value where it cannot be read; no message quotes the file. */
export function parseConfigText(text: string): ConfigText | { readonly problems: readonly Problem[] } {
  if (text.length > MAX_CHARACTERS) return { problems: [{ path: [], message: `the file is longer than ${MAX_CHARACTERS} characters` }] };
  const lines = new LineCounter();
  // Pretty errors would quote the line, and the line may hold what should have been a secret.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0) {
    return {
      problems: broken.map(({ message, pos }) => ({
        path: [],
        message: message.replace(/:?\n[\s\S]*$/, ''),
        line: lines.linePos(pos[0]).line,
      })),
    };
  }
  try {
    const value: Json = document.toJS({ maxAliasCount: MAX_ALIASES }) ?? {};
    return { value, lineOf: (path) => lines.linePos(offsetOf(document, path)).line };
  } catch {
    return { problems: [{ path: [], message: `the file expands its aliases more than ${MAX_ALIASES} times` }] };
  }
}

function offsetOf(document: Document, path: ConfigPath): number {
  let offset = document.contents?.range?.[0] ?? 0;
  let node: unknown = document.contents;
  for (const step of path) {
    const here = isAlias(node) ? node.resolve(document) : node;
    const found = isNode(here) ? stepInto(here, step) : undefined;
    if (!found) return offset;
    offset = found.key.range?.[0] ?? offset;
    node = found.value;
  }
  return offset;
}

function stepInto(node: Node, step: string | number): { readonly key: Node; readonly value: unknown } | undefined {
  if (isSeq(node)) {
    const item = typeof step === 'number' ? node.items[step] : undefined;
    return isNode(item) ? { key: item, value: item } : undefined;
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => isScalar(key) && key.value === String(step));
  return pair && isNode(pair.key) ? { key: pair.key, value: pair.value } : undefined;
}
