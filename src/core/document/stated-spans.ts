import type { StatedLength } from './lengths.ts';
import type { Stamp } from './stamps.ts';

/** Two times that a length goes with. */
export interface StatedSpan {
  readonly from: Stamp;
  readonly to: Stamp;
  /**
   * `beside`: within a few words of the length; `next`: in a sentence of its own behind it; `around`: of the same clause, so that what
   * it tells of lies between them, and may be shorter.
   */
  readonly how: 'beside' | 'next' | 'around';
}

const JOINED = /^\W*(?:-|–|—|to|until|till|and|through)\W*$/i;

/** "(14:32 - 14:57)" or "from 14:32 to 14:57" within a few words of the length. */
export function spanBeside(text: string, { from, to }: StatedLength, stamps: readonly Stamp[]): StatedSpan | undefined {
  return pairsIn(text, stamps)
    .filter(([first, second]) => {
      const gap = first.from >= to ? text.slice(to, first.from) : text.slice(second.to, from);
      return /^[\s,(]*(?:\(|from|between|,|for|[a-z]{0,8} ?)?[\s,(]*(?:from|between|for|UTC)?[\s,(]*$/i.test(gap);
    })
    .map(([first, second]): StatedSpan => ({ from: first, to: second, how: 'beside' }))[0];
}

/** "From 00:10 to 00:35 the API was down for 90 minutes": the only two times of the sentence, and in one clause with the length. */
export function spanAround(text: string, { from, to }: StatedLength, stamps: readonly Stamp[]): StatedSpan | undefined {
  const [pair, ...others] = pairsIn(text, stamps);
  if (!pair || others.length > 0 || stamps.length !== 2) return undefined;
  const [first, second] = pair;
  const between = first.from >= to ? text.slice(to, first.from) : text.slice(second.to, from);
  return /[,;:()]|\b(?:and|then|after|before|causing|followed)\b/i.test(between) ? undefined : { from: first, to: second, how: 'around' };
}

/** "It ran from 00:10 to 00:35." behind the sentence with the length: that and no more. */
export function spanNext(text: string, stamps: readonly Stamp[]): StatedSpan | undefined {
  const [pair] = pairsIn(text, stamps);
  const [first, second] = pair ?? [];
  if (!first || !second || stamps.length !== 2) return undefined;
  const isOfIt =
    /^\W*(?:it|this|that|they|the (?:outage|incident|impact|disruption|downtime|problem))\s+(?:(?:ran|lasted|was|were|went on|began|continued)\s+)?(?:from|between)\s+$/i;
  const isAll = /^(?:\s?\(?[A-Z]{2,4}\)?)?\W*$/.test(text.slice(second.to));
  return isOfIt.test(text.slice(0, first.from)) && isAll ? { from: first, to: second, how: 'next' } : undefined;
}

/** Neighboring times that are joined. "From 14:25–14:30 to 14:50–14:55": the first two are the bounds of one moment, and so are the last. */
function pairsIn(text: string, stamps: readonly Stamp[]): readonly (readonly [Stamp, Stamp])[] {
  return stamps.flatMap((first, index): readonly (readonly [Stamp, Stamp])[] => {
    const [before, second] = [stamps[index - 1], stamps[index + 1]];
    const isJoined = second && JOINED.test(text.slice(first.to, second.from));
    const isBounds = before !== undefined && /^[-–—]$/.test(text.slice(before.to, first.from).trim());
    const isEnd =
      before !== undefined &&
      second !== undefined &&
      /^\W*(?:to|until|till)\W*$/i.test(text.slice(before.to, first.from)) &&
      /^[-–—]$/.test(text.slice(first.to, second.from).trim());
    return isJoined && !isBounds && !isEnd ? [[first, second]] : [];
  });
}
