import type { NotTaken } from './base-draft.ts';
import { markKeys } from './mark.ts';
import type { Part } from './reader.ts';

/**
 * Blocks of ours that stand inside a block of code, by their marks: a fence that was opened and not closed holds them, and nobody took
 * them out. `file` is the page without such code, which is listed: whose words are in it shows when the fence is closed.
 */
export function readSwallowed(page: readonly Part[]): {
  readonly file: readonly Part[];
  readonly keys: ReadonlySet<string>;
  readonly notTaken: readonly NotTaken[];
} {
  const keysOf = ({ kind, text }: Part) => (kind === 'code' ? markKeys(text) : []);
  const fences = page.filter((part) => keysOf(part).length > 0);
  const held = new Set(fences);
  return {
    file: page.filter((part) => !held.has(part)),
    keys: new Set(fences.flatMap(keysOf)),
    notTaken: fences.map(({ line, text }) => ({
      line,
      text,
      why: 'Blocks of the draft stand inside this code: close it, and import again.',
    })),
  };
}
