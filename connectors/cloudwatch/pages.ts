import { SourceError } from '../../src/contract/index.ts';
import type { Page } from './client.ts';

/**
 * The token of the next page, noted in `seen`; nothing after the last. A token that was given before would go round for ever: that
 * is refused, and what came until then stands.
 */
export function nextToken({ next }: Page, seen: Set<string>, operation: string): string | undefined {
  if (next === undefined) return undefined;
  if (seen.has(next)) {
    throw new SourceError('unexpected_response', `${operation} gave one NextToken twice: its pages go round in a circle`);
  }
  seen.add(next);
  return next;
}
