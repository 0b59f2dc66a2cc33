import { randomOf } from '../../support/random.ts';

/** Everything that a world draws, from one seed. */
export interface Dice {
  next(): number;
  chance(share: number): boolean;
  between(low: number, high: number): number;
  /** As likely from 1 to 10 as from 10 to 100: times of incidents spread over orders of magnitude. */
  logBetween(low: number, high: number): number;
  whole(low: number, high: number): number;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
  /** A few of them, in a random order. */
  some<Item>(items: readonly Item[], count: number): readonly Item[];
  /** One of the names, as often as its number says. */
  weighted<Name extends string>(shares: Readonly<Record<Name, number>>): Name;
  normal(): number;
  hex(length: number): string;
}

export function diceOf(seed: number): Dice {
  const next = randomOf(seed);
  const between = (low: number, high: number) => low + (high - low) * next();
  const whole = (low: number, high: number) => Math.floor(between(low, high + 1));
  return {
    next,
    chance: (share) => next() < share,
    between,
    logBetween: (low, high) => Math.exp(between(Math.log(low), Math.log(high))),
    whole,
    pick: (items) => items[whole(0, items.length - 1)] ?? items[0],
    some: (items, count) => {
      const keyed = items.map((item) => ({ item, at: next() })).sort((a, b) => a.at - b.at);
      return keyed.slice(0, count).map(({ item }) => item);
    },
    weighted: (shares) => {
      const names = Object.keys(shares).filter((name): name is keyof typeof shares => name in shares);
      let left = next() * names.reduce((sum, name) => sum + shares[name], 0);
      const found = names.find((name) => {
        left -= shares[name];
        return left < 0;
      });
      const last = found ?? names.at(-1);
      if (last === undefined) throw new Error('nothing to draw from');
      return last;
    },
    normal: () => Array.from({ length: 12 }, next).reduce((sum, one) => sum + one, -6),
    hex: (length) => Array.from({ length }, () => whole(0, 15).toString(16)).join(''),
  };
}
