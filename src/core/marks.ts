/**
 * A number of 53 bits for a text, by the method of FNV-1a (Fowler, Noll, Vo) twice: of a hundred thousand different texts two share one
 * once in about two million times. A set of the texts themselves costs five times as much.
 */
export function markOf(text: string): number {
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x85ebca6b);
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}

/** Whether two texts may be equal, by their marks. */
export function isAnyTwice(marks: Float64Array): boolean {
  const sorted = marks.toSorted();
  return sorted.some((mark, at) => at > 0 && mark === sorted[at - 1]);
}
