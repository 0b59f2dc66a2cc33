import { PRIOR, type ReasonCode, WEIGHTS } from '../../src/core/analysis/suspect-weights.ts';
import { judge, weighed } from './suspects.ts';
import { drawWorld } from './worlds/world.ts';

/**
 * How the weights of `suspect-weights.ts` came about: `node test/accuracy/fit-suspects.ts [worlds]`. A logistic regression of "was the
 * guilty one" on the shares of the reasons, over worlds whose seeds no measurement draws, held to the weights that were set by hand from what is
 * known of incidents (a normal prior around each), so that a reason that the worlds show seldom stays moderate. It prints the table; a
 * person copies it, rounded, and what stands against good sense is not taken.
 */
const FIRST_SEED = 10_000_000;
const WORLDS = Number(process.argv[2] ?? 3000);

/** What was set by hand: where the fit begins and is held to. */
const BY_HAND = {
  finished_before_impact: 0.5,
  under_way_at_impact: 1.5,
  within_look_back: 3,
  same_service: 1.5,
  dependency: 0.5,
  same_environment: 0.3,
  paths_match_alarm: 1.5,
  large_change: 0.3,
  rollout_step_matched: 2.5,
  reversed_then_recovered: 2.5,
  reversed_then_cleared: 2,
  reversed_then_relapsed: 1,
  reversed_in_answer: 1.5,
  fixed_then_recovered: 2,
  stopped_then_recovered: 2.5,
  confirmed_by_person: 8,
  finished_after_impact: -8,
  failed_before_impact: -1.5,
  reversed_before_impact: -2.5,
  no_new_revision: -1.2,
  steps_without_rise: -1.5,
  quiet_after_rollout: -0.7,
  other_service: -2.5,
  other_environment: -2.5,
  paths_beside_alarm: -0.7,
  paths_without_effect: -2.5,
  automatic_scaling: -1.5,
  impact_outlived_reversal: -2.5,
  alarm_outlived_reversal: -1.5,
  recovered_while_out: -1.5,
  rejected_by_person: -8,
  rivaled: -8,
} as const satisfies Record<ReasonCode, number>;
const PRIOR_BY_HAND = -4;
/** How firmly a weight is held to the one set by hand: the precision of its normal prior, as if so many changes had shown it. */
const FIRMNESS = 8;
/** What a person says is not for a fit to weigh. */
const KEPT: ReadonlySet<string> = new Set(['confirmed_by_person', 'rejected_by_person', 'finished_after_impact']);
/** Follows from the others' odds, as the model has it, and is no weight of its own. */
const DERIVED = 'rivaled';
const ROUNDS = 4000;
const RATE = 1.2;

interface Row {
  readonly shares: readonly (readonly [number, number])[];
  readonly isGuilty: boolean;
}

const CODES = Object.keys(BY_HAND).filter((code): code is ReasonCode => code in WEIGHTS && code !== DERIVED);

function rowsOf(seed: number): readonly Row[] {
  const world = drawWorld(seed);
  if (world.truth.cause === 'hidden_change') return [];
  const outcome = judge(world);
  const labels = weighed(outcome);
  return outcome.analysis.suspects.map(({ reasons }, at) => ({
    shares: reasons.flatMap(({ code, weight }) => (code === DERIVED ? [] : [[CODES.indexOf(code), weight / WEIGHTS[code]] as const])),
    isGuilty: labels[at]?.isGuilty === true,
  }));
}

const hand = [...CODES.map((code) => BY_HAND[code]), PRIOR_BY_HAND];
const worlds = Array.from({ length: WORLDS }, (_, at) => rowsOf(FIRST_SEED + at));
const rows = worlds.flat();

/** Gradient ascent with the curvature's diagonal as the step, which a few features need no more than. */
function fitWeights(): readonly number[] {
  const weights = [...hand];
  for (let round = 0; round < ROUNDS; round += 1) {
    const slope = weights.map((weight, at) => FIRMNESS * ((hand[at] ?? 0) - weight));
    const bend = weights.map(() => FIRMNESS);
    for (const world of worlds) {
      const odds = world.map(({ shares }) =>
        Math.exp(shares.reduce((total, [at, share]) => total + (weights[at] ?? 0) * share, weights.at(-1) ?? 0)),
      );
      const all = 1 + odds.reduce((total, one) => total + one, 0);
      for (const [place, { shares, isGuilty }] of world.entries()) {
        addRow([...shares, [CODES.length, 1]], Number(isGuilty), (odds[place] ?? 0) / all, slope, bend);
      }
    }
    for (const [at, code] of [...CODES, 'prior'].entries()) {
      if (!KEPT.has(code)) weights[at] = (weights[at] ?? 0) + (RATE * (slope[at] ?? 0)) / (bend[at] ?? 1);
    }
  }
  return weights;
}

function addRow(shares: Row['shares'], isGuilty: number, said: number, slope: number[], bend: number[]): void {
  for (const [at, share] of shares) {
    slope[at] = (slope[at] ?? 0) + (isGuilty - said) * share;
    bend[at] = (bend[at] ?? 0) + said * (1 - said) * share * share * shares.length;
  }
}

const fitted = fitWeights();
process.stdout.write(`${WORLDS} worlds from seed ${FIRST_SEED}, ${rows.length} changes\n`);
for (const [at, code] of CODES.entries()) {
  const seen = rows.filter(({ shares }) => shares.some(([one]) => one === at));
  const guilty = seen.filter(({ isGuilty }) => isGuilty).length;
  const now = WEIGHTS[code].toFixed(1);
  process.stdout.write(
    `${code.padEnd(28)} by hand ${BY_HAND[code].toFixed(1).padStart(5)}  fitted ${(fitted[at] ?? 0).toFixed(2).padStart(6)}  in use ${now.padStart(5)}  seen ${seen.length}, guilty ${guilty}\n`,
  );
}
process.stdout.write(`prior ${(fitted.at(-1) ?? 0).toFixed(2)}, in use ${PRIOR}\n`);
