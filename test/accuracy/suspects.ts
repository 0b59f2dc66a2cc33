import { type Analysis, analyze } from '../../src/core/analysis/analyze.ts';
import { share } from './intervals.ts';
import type { Figure, Part } from './part.ts';
import { reliabilityOf, type Said } from './reliability.ts';
import type { World } from './worlds/truth.ts';
import { drawWorld } from './worlds/world.ts';

/** Half of the worlds are always the same, half are drawn by the seed of the run. */
const WORLDS = 2000;
/** Where the fixed half begins; the weights were fitted on other seeds, see `fit-suspects.ts`. */
const FIXED = 50_000_000;

/** The worlds of a run: no seed of theirs was ever fitted on. */
export function drawnWorlds(seed: number, count = WORLDS): readonly World[] {
  return Array.from({ length: count / 2 }, (_, at) => [drawWorld(FIXED + at), drawWorld(drawnSeed(seed, at))]).flat();
}

function drawnSeed(seed: number, at: number): number {
  return 100_000_000 + (((seed % 1_000_003) * 2_000 + at) % 1_000_000_000);
}

/** A world, what the analysis says of it, and the place of the guilty change in its ranking: 0 is the first, -1 none. */
export interface Outcome {
  readonly world: World;
  readonly analysis: Analysis;
  readonly place: number;
}

export function judge(world: World): Outcome {
  const analysis = analyze(world.theCase);
  const guilty = new Set(world.truth.guilty);
  const place = analysis.suspects.findIndex(({ change }) => isOf(change, guilty, analysis));
  return { world, analysis, place };
}

function isOf(key: string, guilty: ReadonlySet<string>, { changes }: Analysis): boolean {
  const cites = changes.find((change) => change.key === key)?.cites ?? [];
  return cites.some((cite) => 'event' in cite && guilty.has(cite.event));
}

/** Each change that was weighed: its score, and whether it was the guilty one. */
export function weighed({ world, analysis }: Outcome): readonly Said[] {
  const guilty = new Set(world.truth.guilty);
  return analysis.suspects.map(({ change, score }) => ({ score, isGuilty: isOf(change, guilty, analysis) }));
}

/** The rule of thumb: what went out last before the alarm. */
function isLastDeploy({ truth }: World): boolean {
  const before = truth.changes.filter(({ isRollout, endedMs }) => isRollout && endedMs <= truth.alarmMs);
  return before.toSorted((a, b) => a.endedMs - b.endedMs).at(-1)?.isGuilty === true;
}

/** The better rule of thumb: the change that ended nearest to the true onset, whatever it is. */
function isNearest({ truth }: World): boolean {
  const onsetMs = truth.milestones['impact_started'] ?? 0;
  const distance = ({ beganMs, endedMs }: World['truth']['changes'][number]) =>
    beganMs <= onsetMs && onsetMs <= endedMs ? 0 : Math.abs(endedMs - onsetMs);
  return truth.changes.toSorted((a, b) => distance(a) - distance(b))[0]?.isGuilty === true;
}

function figureOf(
  figure: string,
  hits: number,
  n: number,
  reach?: { readonly words: string; readonly holds: (value: number) => boolean },
): Figure {
  const { value, low, high } = share(hits, n);
  const said = {
    task: 'suspects',
    data: 'generated worlds',
    figure,
    value: value.toFixed(3),
    n,
    interval: `${low.toFixed(3)} to ${high.toFixed(3)}`,
  };
  return reach ? { ...said, reach: reach.words, held: reach.holds(value) } : said;
}

export const suspects: Part = {
  name: 'suspects',
  run: async (seed) => figuresOf(drawnWorlds(seed).map(judge)),
};

function figuresOf(outcomes: readonly Outcome[]): readonly Figure[] {
  const guilty = outcomes.filter(({ world }) => world.truth.cause === 'change');
  const innocent = outcomes.filter(({ world }) => world.truth.cause === 'no_change');
  const hidden = outcomes.filter(({ world }) => world.truth.cause === 'hidden_change');
  const blamed = (those: readonly Outcome[]) => those.filter(({ analysis }) => analysis.suspectVerdict === 'suspect').length;
  const count = (those: readonly Outcome[], is: (one: Outcome) => boolean) => those.filter(is).length;
  return [
    figureOf(
      'top-1',
      count(guilty, ({ place }) => place === 0),
      guilty.length,
      { words: '0.90', holds: (value) => value >= 0.9 },
    ),
    figureOf(
      'top-3',
      count(guilty, ({ place }) => place >= 0 && place < 3),
      guilty.length,
      { words: '0.99', holds: (value) => value >= 0.99 },
    ),
    figureOf('an innocent change blamed where none began it', blamed(innocent), innocent.length, {
      words: 'under 0.10',
      holds: (value) => value < 0.1,
    }),
    figureOf(
      'named as the suspect, of worlds with a guilty change',
      count(guilty, ({ place, analysis }) => place === 0 && analysis.suspectVerdict === 'suspect'),
      guilty.length,
    ),
    figureOf(
      'an innocent change named beside a guilty one',
      count(guilty, ({ place, analysis }) => place !== 0 && analysis.suspectVerdict === 'suspect'),
      guilty.length,
    ),
    figureOf('an innocent change blamed where a gap hides the guilty one', blamed(hidden), hidden.length),
    brierOf(outcomes.flatMap(weighed)),
    ...reliabilityOf([...guilty, ...innocent].flatMap(weighed)),
    figureOf(
      'the rule "last deploy before the alarm"',
      count(guilty, ({ world }) => isLastDeploy(world)),
      guilty.length,
      { words: '0.35 to 0.55, else the worlds are too easy or too odd', holds: (value) => value >= 0.35 && value <= 0.55 },
    ),
    figureOf(
      'the rule "nearest to the onset"',
      count(guilty, ({ world }) => isNearest(world)),
      guilty.length,
      { words: 'at most 0.75, else the worlds are too easy', holds: (value) => value <= 0.75 },
    ),
    figureOf(
      'what ran at the onset, by revision and age',
      count(outcomes, isRunningRight),
      count(outcomes, ({ world, analysis }) => world.truth.running.length > 0 && analysis.milestones.impact_started.known),
      { words: 'every one, as far as the onset is right: 0.95', holds: (value) => value >= 0.95 },
    ),
  ];
}

/** Mean squared error of all scores (Brier 1950, Monthly Weather Review 78). */
function brierOf(scores: ReturnType<typeof weighed>): Figure {
  const sum = scores.reduce((total, { score, isGuilty }) => total + (score - Number(isGuilty)) ** 2, 0);
  const base = scores.filter(({ isGuilty }) => isGuilty).length / scores.length;
  const beside = `Brier score of all scores (${(base * (1 - base)).toFixed(3)} for one that says the base rate)`;
  return { task: 'suspects', data: 'generated worlds', figure: beside, value: (sum / scores.length).toFixed(4), n: scores.length };
}

/** The age as far as the onset's own bounds allow it. */
function isRunningRight({ world: { truth }, analysis }: Outcome): boolean {
  const { impact_started } = analysis.milestones;
  if (!impact_started.known) return false;
  const { at, minusMs, plusMs } = impact_started.time;
  return truth.running.some(({ service, sinceMs }) => {
    const said = analysis.running.find((one) => one.service === service);
    const ageMs = Math.max(0, Date.parse(at) - sinceMs);
    return said !== undefined && Math.abs(said.ageMs - ageMs) <= minusMs + plusMs + 1000;
  });
}
