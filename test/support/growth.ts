/** Milliseconds of processor time, the best of several runs: what else the machine does is not counted. */
export function costOf(run: () => unknown): number {
  const once = () => {
    const started = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(started);
    return (user + system) / 1000;
  };
  once();
  return Math.min(...Array.from({ length: 5 }, once));
}

/**
 * How much longer a function of a text takes for eight times the text: about 8 where it is linear, 64 where quadratic.
 * A millisecond is added for the clock's own unrest.
 */
export function growthOf(run: (text: string) => unknown, piece: string): number {
  const ofLength = (length: number) => {
    const text = piece.repeat(Math.ceil(length / piece.length));
    return costOf(() => run(text));
  };
  return ofLength(200_000) / (ofLength(25_000) + 1);
}
