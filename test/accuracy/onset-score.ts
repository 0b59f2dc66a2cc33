import { bootstrap, quantile, share } from './intervals.ts';
import type { Figure } from './part.ts';

/** One fault as it was scored: how far the nearest onset was, whether its interval holds the truth, and how wide it is. */
export interface Scored {
  /** Faults of one group are drawn together: they are the same fault behind other rows. */
  readonly group: string;
  /** From the truth to the nearest onset, signed; absent where none came near enough. */
  readonly errorMs?: number;
  readonly isHeld?: boolean;
  readonly widthMs?: number;
}

const MINUTE_MS = 60_000;

/** `0.83`, with the 95 % Wilson interval beside it. */
export function shareFigure(
  base: Omit<Figure, 'value' | 'n' | 'interval' | 'held'>,
  hits: number,
  n: number,
  holds?: (value: number) => boolean,
): Figure {
  const { value, low, high } = share(hits, n);
  return {
    ...base,
    value: n === 0 ? 'none' : value.toFixed(3),
    n,
    interval: `${low.toFixed(3)} to ${high.toFixed(3)}`,
    ...(holds && n > 0 && { held: holds(value) }),
  };
}

/** A quantile of a quantity in minutes, with its interval by drawing whole groups again. */
export function minutesFigure(
  base: Omit<Figure, 'value' | 'n' | 'interval' | 'held'>,
  scored: readonly Scored[],
  ofMs: (one: Scored) => number | undefined,
  at: number,
  seed: number,
  most?: number,
): Figure {
  const known = scored.flatMap((one) => {
    const ms = ofMs(one);
    return ms === undefined ? [] : [{ group: one.group, minutes: ms / MINUTE_MS }];
  });
  if (known.length === 0) return { ...base, value: 'none', n: 0 };
  const groups = [...Map.groupBy(known, ({ group }) => group).values()];
  const statistic = (items: readonly { readonly minutes: number }[]) =>
    quantile(
      items.map(({ minutes }) => minutes),
      at,
    );
  const value = statistic(known);
  const { low, high } = bootstrap(groups, statistic, seed);
  return {
    ...base,
    value: `${value.toFixed(2)} min`,
    n: known.length,
    interval: `${low.toFixed(2)} to ${high.toFixed(2)}`,
    ...(most !== undefined && { held: value <= most }),
  };
}
