import { randomOf } from '../support/random.ts';

const Z = 1.959964;

/** The share as text and its 95 % Wilson score interval (Wilson 1927, J. Am. Stat. Assoc. 22(158)). */
export function share(hits: number, n: number): { readonly value: number; readonly low: number; readonly high: number } {
  if (n === 0) return { value: Number.NaN, low: 0, high: 1 };
  const value = hits / n;
  const middle = (value + Z ** 2 / (2 * n)) / (1 + Z ** 2 / n);
  const half = (Z / (1 + Z ** 2 / n)) * Math.sqrt((value * (1 - value)) / n + Z ** 2 / (4 * n ** 2));
  return { value, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

export function quantile(values: readonly number[], at: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * at;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** The 95 % interval of a statistic by drawing whole groups again (percentile bootstrap): what shares a fault is not independent. */
export function bootstrap<Item>(
  groups: readonly (readonly Item[])[],
  statistic: (items: readonly Item[]) => number,
  seed: number,
  rounds = 1000,
): { readonly low: number; readonly high: number } {
  const random = randomOf(seed);
  const drawn = Array.from({ length: rounds }, () => statistic(groups.flatMap(() => groups[Math.floor(random() * groups.length)] ?? [])));
  return { low: quantile(drawn, 0.025), high: quantile(drawn, 0.975) };
}
