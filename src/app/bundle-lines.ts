import { canonical, digest, digestText } from '../core/digest.ts';
import type { Json } from '../core/evidence.ts';
import { AppError } from './errors.ts';

/** Limits of a file that somebody else made: characters in all, characters of a key or an id, levels of nesting. */
const MAX_CHARACTERS = 200_000_000;

/** Characters of a key or an id. */
export const MAX_KEY = 65_536;
const MAX_DEPTH = 64;

/** What a line of a bundle holds. */
export type LineKind = 'manifest' | 'evidence' | 'edit';

/** A line of a bundle as it was read, with the hash that it states. */
export interface Line {
  /** From 1, as an editor counts. */
  readonly number: number;
  readonly kind: LineKind;
  readonly hash: string;
  readonly value: { readonly [key: string]: Json };
}

const ORDER: readonly LineKind[] = ['manifest', 'evidence', 'edit'];
const isKind = (kind: unknown): kind is LineKind => ORDER.some((known) => known === kind);

/** One line: `{ "kind": …, "hash": …, "value": … }` with the value in RFC 8785 form. */
export function formatLine(kind: LineKind, value: Json): { readonly hash: string; readonly text: string } {
  const text = canonical(value);
  const hash = digestText(text);
  return { hash, text: `{"kind":"${kind}","hash":"${hash}","value":${text}}\n` };
}

/** The root: a hash of the hashes of all lines but the manifest's, in their order. */
export function rootOf(hashes: readonly string[]): string {
  return digest(hashes);
}

/**
 * Reads and checks each line by itself: its form, its kind, its hash, its place. Throws AppError('usage') for what is no
 * bundle or passes a limit, AppError('not_reproduced') for a line that disagrees with itself or stands in the wrong place;
 * either names the line.
 */
export function parseLines(text: string): readonly Line[] {
  if (text.length > MAX_CHARACTERS) throw new AppError('usage', `the bundle is larger than ${MAX_CHARACTERS / 1_000_000} MB`);
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new AppError('usage', 'the bundle ends in the middle of a line: it was cut');
  const parsed = lines.map((line, index) => parseLine(line, index + 1));
  for (const [index, { kind, number }] of parsed.entries()) checkPlace(kind, parsed[index - 1]?.kind, number);
  if (parsed.length === 0) throw new AppError('usage', 'the bundle is empty');
  return parsed;
}

function parseLine(text: string, number: number): Line {
  if (depthOf(text) > MAX_DEPTH + 1) throw new AppError('usage', `line ${number} of the bundle is nested deeper than ${MAX_DEPTH} levels`);
  const { kind, hash, value } = parseObject(text, number);
  if (!isKind(kind)) throw new AppError('usage', `line ${number} of the bundle is of an unknown kind: ${JSON.stringify(kind)}`);
  if (typeof hash !== 'string' || !isObject(value)) throw new AppError('usage', `line ${number} of the bundle has no hash or no value`);
  if (longestKey(value) > MAX_KEY) throw new AppError('usage', `line ${number} of the bundle has a key longer than ${MAX_KEY} characters`);
  const right = formatLine(kind, value);
  if (hash !== right.hash)
    throw new AppError('not_reproduced', `line ${number} of the bundle was changed: its hash is not that of its value`);
  if (`${text}\n` !== right.text) throw new AppError('not_reproduced', `line ${number} of the bundle is not in canonical form (RFC 8785)`);
  return { number, kind, hash, value };
}

function parseObject(text: string, number: number): { readonly [key: string]: Json } {
  try {
    const value: Json = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Said below: the parser's own message would quote the file.
  }
  throw new AppError('usage', `line ${number} of the bundle is not a JSON object`);
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkPlace(kind: LineKind, before: LineKind | undefined, number: number): void {
  if (before === undefined) {
    if (kind !== 'manifest') throw new AppError('not_reproduced', 'line 1 of the bundle is not its manifest');
  } else if (kind === 'manifest' || ORDER.indexOf(kind) < ORDER.indexOf(before)) {
    throw new AppError('not_reproduced', `line ${number} of the bundle (${kind}) stands after ${before}: the order is ${ORDER.join(', ')}`);
  }
}

/** Levels of nesting, counted before anything is parsed: a parser may run out of stack. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '\\' && inString) index += 1;
    else if (character === '"') inString = !inString;
    else if (!inString && (character === '{' || character === '[')) deepest = Math.max(deepest, ++depth);
    else if (!inString && (character === '}' || character === ']')) depth -= 1;
  }
  return deepest;
}

function longestKey(value: Json): number {
  if (value === null || typeof value !== 'object') return 0;
  let longest = 0;
  for (const [key, member] of Object.entries(value)) {
    longest = Math.max(longest, Array.isArray(value) ? 0 : key.length, longestKey(member));
  }
  return longest;
}
