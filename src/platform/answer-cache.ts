import type { Kit } from '../contract/connector.ts';
import type { Json } from '../core/evidence.ts';

export interface AnswerCacheLimits {
  readonly entries: number;
  /** Characters of all keys and answers as JSON text. */
  readonly characters: number;
}

const DEFAULT_LIMITS: AnswerCacheLimits = { entries: 2_000, characters: 32_000_000 };

/**
 * Answers kept by ETag in this process's memory, the least recently used dropped first. Each source sees only its own:
 * two tokens may be shown different things under one address. An answer comes back equal, never as the same object.
 */
export function createAnswerCache(limits: AnswerCacheLimits = DEFAULT_LIMITS): { forSource(source: string): Kit['cache'] } {
  const kept = new Map<string, string>();
  let characters = 0;

  const drop = (key: string): void => {
    const text = kept.get(key);
    if (text === undefined) return;
    kept.delete(key);
    characters -= key.length + text.length;
  };
  const put = (key: string, text: string): void => {
    drop(key);
    if (key.length + text.length > limits.characters) return;
    kept.set(key, text);
    characters += key.length + text.length;
    for (const oldest of kept.keys()) {
      if (kept.size <= limits.entries && characters <= limits.characters) return;
      drop(oldest);
    }
  };

  return {
    forSource: (source) => ({
      get: async (key) => {
        const text = kept.get(`${source}\n${key}`);
        if (text === undefined) return undefined;
        put(`${source}\n${key}`, text);
        const answer: Json = JSON.parse(text);
        return answer;
      },
      set: async (key, value) => put(`${source}\n${key}`, JSON.stringify(value)),
    }),
  };
}
