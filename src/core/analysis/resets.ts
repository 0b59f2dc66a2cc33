/** A running total starts over where it falls to less than this share of what it was. */
const LEFT_SHARE = 0.1;
/** It grows from at least this share of its points to the next, and starts over at most once in so many. */
const GROWS_SHARE = 0.5;
const POINTS_A_RESET = 12;

/**
 * How often a running total started over, as a counter does when its process restarts; 0 for a series that is none. A total never
 * falls but to start over, and what it counts is in how fast it grows: its own level is no normal, and its restart no impact. It
 * could be read as differences, but the period of a restart would be a guess, and whoever exports it can ask for its rate.
 */
export function resetsOf(values: Float64Array): number {
  let grown = 0;
  let resets = 0;
  for (let at = 1; at < values.length; at += 1) {
    const before = values[at - 1] ?? 0;
    const value = values[at] ?? 0;
    if (value > before) grown += 1;
    if (value >= before) continue;
    if (before <= 0 || value < 0 || value >= LEFT_SHARE * before) return 0;
    resets += 1;
  }
  return grown >= GROWS_SHARE * (values.length - 1) && resets * POINTS_A_RESET <= values.length ? resets : 0;
}
