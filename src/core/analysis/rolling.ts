/** The last so many values, kept sorted beside their order, so that their median costs nothing to ask for. */
export interface Rolling {
  readonly size: number;
  readonly queue: number[];
  readonly sorted: Float64Array;
}

/** An empty one, of so many values at most. */
export function newRolling(size: number): Rolling {
  return { size, queue: [], sorted: new Float64Array(size) };
}

/** Takes a value in, and lets the oldest go where there are more than `size`. */
export function push({ size, queue, sorted }: Rolling, value: number): void {
  if (queue.length === size) {
    const gone = placeOf(sorted, size, queue.shift() ?? 0);
    sorted.copyWithin(gone, gone + 1, size);
  }
  const place = placeOf(sorted, queue.length, value);
  sorted.copyWithin(place + 1, place, queue.length);
  sorted[place] = value;
  queue.push(value);
}

/** The middle of the values held; 0 of none. */
export function middleOf({ queue, sorted }: Rolling): number {
  const last = queue.length - 1;
  return last < 0 ? 0 : ((sorted[last >> 1] ?? 0) + (sorted[(last + 1) >> 1] ?? 0)) / 2;
}

/** The first place in `sorted[0, length)` whose value is not less: where a value is, or would go. */
function placeOf(sorted: Float64Array, length: number, value: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
