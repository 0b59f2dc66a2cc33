import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Analysis, analyze } from '../../../src/core/analysis/analyze.ts';
import { takenBackBy } from '../../../src/core/analysis/reversals.ts';
import { PRIOR } from '../../../src/core/analysis/suspect-weights.ts';
import type { Case } from '../../../src/core/case.ts';
import { addMs } from '../../../src/core/time.ts';
import { drawWorld } from '../../accuracy/worlds/world.ts';
import { coverageLineOf, eventOf } from '../../support/events.ts';

const RUNS = { numRuns: 30 };
/** Scores are rounded to three decimals, and each of their reasons too. */
const ROUNDING = 0.004;
/** Of what an analysis says without a metric, nothing may rest on one. */
const OF_A_METRIC = [
  'rollout_step_matched',
  'steps_without_rise',
  'reversed_then_recovered',
  'impact_outlived_reversal',
  'fixed_then_recovered',
];
const CHANGES = new Set(['deployments', 'deployment_statuses']);

const worlds = fc.integer({ min: 80_000_000, max: 89_999_999 }).map((seed) => drawWorld(seed).theCase);

function scoresOf({ suspects }: Analysis): ReadonlyMap<string, number> {
  return new Map(suspects.map(({ change, score }) => [change, score]));
}

/** The same with a hole of an hour or so in a needed stream of changes, so many minutes before the page. */
function withGap(theCase: Case, stream: string, minutesBefore: number, minutes: number): Case {
  const to = addMs(addMs(theCase.windows.changes.from, 86_400_000), -minutesBefore * 60_000);
  const gap = { window: { from: addMs(to, -minutes * 60_000), to }, reason: 'unavailable', detail: 'no answer' } as const;
  const lines = theCase.coverage.filter((line) => line.stream !== stream);
  const window = theCase.windows.changes;
  return { ...theCase, coverage: [...lines, coverageLineOf('github', stream, { window, status: 'partial', gaps: [gap] })] };
}

function judged(theCase: Case, change: string, verdict: 'confirmed' | 'rejected'): Case {
  const event = eventOf('suspect.judged', theCase.now, { key: 'law', correlationKeys: [], attributes: { change, verdict } });
  return { ...theCase, events: [...theCase.events.filter(({ type }) => type !== 'suspect.judged'), event] };
}

function unjudged(theCase: Case): Case {
  return { ...theCase, events: theCase.events.filter(({ type }) => type !== 'suspect.judged') };
}

describe('a gap of a needed stream before the impact', () => {
  it('never ends in none, and takes nothing from what was read', () => {
    const hole = fc.tuple(fc.constantFrom(...CHANGES), fc.integer({ min: 300, max: 1300 }), fc.integer({ min: 1, max: 90 }));
    fc.assert(
      fc.property(worlds, hole, (theCase, [stream, before, minutes]) => {
        const whole = analyze(theCase);
        const cut = analyze(withGap(theCase, stream, before, minutes));
        expect(cut.suspectVerdict).toBe(whole.suspectVerdict === 'suspect' ? 'suspect' : 'unknown');
        expect(cut.suspects).toEqual(whole.suspects);
      }),
      RUNS,
    );
  });

  it('nor does a stream that failed, was not asked, or sent a change that cannot be read', () => {
    const bad = fc.constantFrom(
      { status: 'failed' as const },
      { status: 'not_asked' as const },
      { gave: { events: 1, series: 0, facts: 0, issues: 1, nothing: 0 } },
    );
    fc.assert(
      fc.property(worlds, bad, (theCase, broken) => {
        const coverage = theCase.coverage.map((line) => (line.stream === 'deployments' ? { ...line, ...broken } : line));
        expect(analyze({ ...theCase, coverage }).suspectVerdict).not.toBe('none');
      }),
      RUNS,
    );
  });
});

describe('a score', () => {
  it('is what its reasons add up to, and all reasons cite', () => {
    fc.assert(
      fc.property(worlds, (theCase) => {
        for (const { score, reasons } of analyze(theCase).suspects) {
          const sum = reasons.reduce((total, { weight }) => total + weight, PRIOR);
          expect(score).toBeCloseTo(1 / (1 + Math.exp(-sum)), 3);
          expect(reasons.every(({ cites }) => cites.length > 0)).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it('leaves no more than one change likelier than not, but for what people confirm', () => {
    fc.assert(
      fc.property(worlds, (theCase) => {
        const { suspects, changes } = analyze(unjudged(theCase));
        // What takes another back is no rival of it.
        const isAnswered = (key: string) => changes.some((one) => takenBackBy(one, changes).includes(key));
        const likely = suspects.filter(({ change, score }) => score > 0.5 + ROUNDING && !isAnswered(change));
        expect(likely.length).toBeLessThanOrEqual(1);
      }),
      RUNS,
    );
  });

  it('falls for a change that a person rejects, and for no other; it rises for one that a person confirms, and for no other', () => {
    fc.assert(
      fc.property(worlds, fc.nat(), fc.constantFrom('confirmed' as const, 'rejected' as const), (drawn, pick, verdict) => {
        const theCase = unjudged(drawn);
        const before = scoresOf(analyze(theCase));
        const keys = [...before.keys()];
        const key = keys[pick % Math.max(1, keys.length)];
        if (key === undefined) return;
        const after = scoresOf(analyze(judged(theCase, key, verdict)));
        const side = verdict === 'confirmed' ? 1 : -1;
        for (const [change, score] of before) {
          const moved = ((after.get(change) ?? 0) - score) * side;
          if (change === key) expect(moved).toBeGreaterThanOrEqual(-ROUNDING);
          else expect(moved).toBeLessThanOrEqual(ROUNDING);
        }
      }),
      RUNS,
    );
  });

  it('rests on no metric where none was read', () => {
    fc.assert(
      fc.property(worlds, (theCase) => {
        const codes = analyze({ ...theCase, series: [] }).suspects.flatMap(({ reasons }) => reasons.map(({ code }) => code));
        expect(codes.filter((code) => OF_A_METRIC.includes(code))).toEqual([]);
      }),
      RUNS,
    );
  });

  it('rises for none where a further change of another service came to light', () => {
    fc.assert(
      fc.property(worlds, fc.integer({ min: 1, max: 600 }), (drawn, minutes) => {
        const theCase = unjudged(drawn);
        const before = analyze(theCase);
        const started = before.milestones.impact_started;
        if (!started.known) return;
        const other = eventOf('config.changed', addMs(started.time.at, -minutes * 60_000), {
          key: 'law',
          belongsTo: ['pagerduty/service:PELSEWHERE'],
          correlationKeys: [],
          attributes: { key: 'zz', value: 'zz' },
        });
        const services = [...theCase.services, { name: 'elsewhere', owns: ['pagerduty/service:PELSEWHERE'], dependsOn: [] }];
        const after = scoresOf(analyze({ ...theCase, services, events: [...theCase.events, other] }));
        for (const [change, score] of scoresOf(before)) expect(after.get(change) ?? 0).toBeLessThanOrEqual(score + ROUNDING);
      }),
      RUNS,
    );
  });
});
