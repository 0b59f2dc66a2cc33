/** The calls that may still be made for one question, counted by all who read a part of it. */
export interface Calls {
  readonly left: number;
  /** Takes one, or says that there is none left: then nothing is asked. */
  take(): boolean;
}

/** A count of calls that refuses to be taken from once `most` are spent. */
export function atMost(most: number): Calls {
  let left = most;
  return {
    get left() {
      return left;
    },
    take: () => {
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}
