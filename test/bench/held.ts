/** One line of a measurement: what was measured against what, and whether the target held. */
export interface Held {
  readonly text: string;
  readonly held: boolean;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
