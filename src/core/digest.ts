import { hash } from 'node:crypto';
import type { Json } from './evidence.ts';

/**
 * RFC 8785 (JSON Canonicalization Scheme): keys in UTF-16 order, no white space, numbers as ECMAScript writes them.
 * JSON.stringify already gives the scheme's numbers and strings, so only the order of keys is ours.
 * Throws TypeError for what JSON cannot say (undefined, bigint, NaN, infinities), since two such values would share a digest.
 */
export function canonical(value: Json): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} has no form in JSON`);
  if (value === null || typeof value !== 'object') {
    const text = JSON.stringify(value);
    if (text === undefined) throw new TypeError(`${typeof value} has no form in JSON`);
    return text;
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const object = value as { readonly [key: string]: Json };
  const members = Object.keys(object)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(object[key] as Json)}`);
  return `{${members.join(',')}}`;
}

/** `sha256:` and 64 hex digits over the canonical form. */
export function digest(value: Json): string {
  return digestText(canonical(value));
}

/** `sha256:` and 64 hex digits over the UTF-8 bytes of a text. */
export function digestText(text: string): string {
  return `sha256:${hash('sha256', text, 'hex')}`;
}

/** Crockford's base 32 in lower case: no letter that reads as a digit. */
const ALPHABET = [...'0123456789abcdefghjkmnpqrstvwxyz'];
/** Two characters for each ten bits: a hundred thousand entries have a key. */
const PAIRS = ALPHABET.flatMap((first) => ALPHABET.map((second) => first + second));

/** The first fifty bits of a text's SHA-256 as ten base-32 characters: a name for people to copy, not a proof. */
export function shortHash(text: string): string {
  // One character for each byte.
  const bytes = hash('sha256', text, 'binary');
  const [b, c, e, g] = [bytes.charCodeAt(1), bytes.charCodeAt(2), bytes.charCodeAt(3), bytes.charCodeAt(6)];
  const first = pairOf((bytes.charCodeAt(0) << 2) | (b >> 6)) + pairOf((b << 4) | (c >> 4)) + pairOf((c << 6) | (e >> 2));
  return first + pairOf((e << 8) | bytes.charCodeAt(4)) + pairOf((bytes.charCodeAt(5) << 2) | (g >> 6));
}

/** Of the last ten bits. */
function pairOf(bits: number): string {
  return PAIRS[bits & 1_023] ?? '';
}
