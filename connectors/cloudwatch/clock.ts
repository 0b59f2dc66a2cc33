import { epochMs, type Kit } from '../../src/contract/index.ts';

/** How far AWS's clock is from ours, as the last answer's Date header showed it. The SDK itself notes it from five minutes on only. */
export interface TheirClock {
  /** Makes a call and reads the clock off its answer, a refusal too. */
  around<Result extends { readonly response: unknown }>(call: () => Promise<Result>): Promise<Result>;
  /** Theirs minus ours; nothing before an answer, or where the kit has no clock. */
  offsetMs(): number | undefined;
}

export function watchClock({ now }: Pick<Kit, 'now'>): TheirClock {
  let offsetMs: number | undefined;
  return {
    around: async (call) => {
      const asked = now?.();
      const result = await call();
      const theirs = Date.parse(dateOf(result.response));
      // The header is cut to the second: its middle is held against the middle of the call.
      if (asked && now && !Number.isNaN(theirs)) offsetMs = Math.round(theirs + 500 - (epochMs(asked) + epochMs(now())) / 2);
      return result;
    },
    offsetMs: () => offsetMs,
  };
}

function dateOf(response: unknown): string {
  const headers: unknown = typeof response === 'object' && response !== null ? Reflect.get(response, 'headers') : undefined;
  const date: unknown = typeof headers === 'object' && headers !== null ? Reflect.get(headers, 'date') : undefined;
  return typeof date === 'string' ? date : '';
}
