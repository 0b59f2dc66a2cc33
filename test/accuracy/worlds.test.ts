import { describe, expect, it } from 'vitest';
import { judge } from './suspects.ts';
import { drawWorld } from './worlds/world.ts';

const SEEDS = Array.from({ length: 120 }, (_, at) => 60_000_000 + at);

describe('a generated world', () => {
  it('is the same for the same seed, and another for the next', () => {
    expect(drawWorld(1).theCase.events).toEqual(drawWorld(1).theCase.events);
    expect(drawWorld(1).theCase.events).not.toEqual(drawWorld(2).theCase.events);
  });

  it('tells each happening once, in stamps no earlier than the truth of the alarm, and the guilty change where it is not hidden', () => {
    for (const { theCase, truth, seed } of SEEDS.map(drawWorld)) {
      const ids = theCase.events.map(({ id }) => id);
      expect(new Set(ids).size, `${seed}`).toBe(ids.length);
      expect(truth.guilty.every((id) => ids.some((one) => one === id))).toBe(true);
      expect(truth.guilty.length > 0, `${seed}`).toBe(truth.cause === 'change');
      expect(truth.milestones['detected']).toBeGreaterThan(truth.milestones['impact_started'] ?? 0);
      expect(truth.milestones['recovered']).toBeLessThanOrEqual(truth.milestones['resolved'] ?? 0);
    }
  });

  it('is answered rightly more often than by the last deployment before the alarm', () => {
    const guilty = SEEDS.map(drawWorld).filter(({ truth }) => truth.cause === 'change');
    const found = guilty.filter((world) => judge(world).place === 0).length;
    const last = guilty.filter(({ truth }) => {
      const rolled = truth.changes.filter(({ isRollout, endedMs }) => isRollout && endedMs <= truth.alarmMs);
      return rolled.toSorted((a, b) => b.endedMs - a.endedMs)[0]?.isGuilty;
    }).length;
    expect(found / guilty.length).toBeGreaterThan(0.85);
    expect(found).toBeGreaterThan(1.5 * last);
  });
});
