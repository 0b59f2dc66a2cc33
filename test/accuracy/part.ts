/** One figure of the table: what was measured on which data, how often, how surely, and what it should reach. */
export interface Figure {
  readonly task: string;
  readonly data: string;
  /** What the value is: `within 10 min`, `median error`. */
  readonly figure: string;
  /** As it is printed: `0.83`, `4.2 min`. */
  readonly value: string;
  readonly n: number;
  /** The 95 % interval, as it is printed; absent where the figure is a count of everything there is. */
  readonly interval?: string;
  /** What it should reach, in words; absent for what is only reported beside, such as a simple rule. */
  readonly reach?: string;
  readonly held?: boolean;
}

/** A task that is measured. */
export interface Part {
  readonly name: string;
  /** Folder under the reference data that it reads; where that is missing the part says so and measures nothing. */
  readonly needs?: string;
  /** `seed` is new for each run of the command and printed: half of what is generated is drawn from it. */
  run(seed: number): Promise<readonly Figure[]>;
}
