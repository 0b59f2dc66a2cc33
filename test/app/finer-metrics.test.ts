import { describe, expect, it } from 'vitest';
import type { StandIn } from '../../demo/standins/server.ts';
import type { World } from '../../demo/world.ts';
import { draftVariant, shifted, withErrors } from '../support/staged-world.ts';

const at = (clock: string) => `2024-01-15T${clock}:00.000Z`;
const FIVE = { period: 300, evaluation_periods: 2, datapoints_to_alarm: 1, threshold: 500 } as const;

/** The sample whose paging alarm looks at five minutes, and fires then. */
function ofFive(): (sample: World) => Pick<World, 'cloudwatch'> {
  return (sample) => {
    const errors = [480, 1_900, 4_100, ...Array<number>(15).fill(7_300)];
    const { cloudwatch } = withErrors(sample, errors, [['14:34', '14:55']]);
    const alarms = cloudwatch.alarms.map((one) => (one.name === 'api-HighErrorRate' ? { ...one, ...FIVE } : one));
    return { cloudwatch: { ...cloudwatch, alarms } };
  };
}

/** The periods and starts that were asked of CloudWatch, of each call. */
function askedOf(standin: StandIn | undefined): readonly (readonly number[])[] {
  const calls = standin?.requests.filter(({ target }) => target === 'GetMetricData') ?? [];
  return calls.map(({ body }) => [...new Set<number>(JSON.parse(body ?? '{}').MetricDataQueries.map(periodOf))]);
}
const periodOf = ({ MetricStat }: { readonly MetricStat: { readonly Period: number } }) => MetricStat.Period;

describe('U2.1 an alarm of five minutes over a metric that is stored by the minute', () => {
  it('dates the impact to the minute: the metric is read at both, in one call more', async () => {
    let cloudwatch: StandIn | undefined;
    const { drafted, section } = await draftVariant({
      world: ofFive(),
      standins: (all) => {
        cloudwatch = all.cloudwatch;
      },
    });
    const { impact_started, recovered } = drafted.draft.analysis.milestones;
    expect(impact_started).toMatchObject({ known: true, time: { at: at('14:29'), minusMs: 0, plusMs: 60_000 } });
    expect(recovered).toMatchObject({ known: true, time: { at: at('14:47') } });
    expect(section('impact')).toContain('Each value covers 1 min, and the start is no more exact than that.');
    expect(askedOf(cloudwatch).filter((periods) => periods.includes(60))).toHaveLength(1);
    expect(drafted.partial).toBe(false);
  });

  it('is read at five minutes where minutes are no longer kept, and that is no gap', async () => {
    const { drafted } = await draftVariant({
      world: (sample) => ({ ...ofFive()(sample), now: shifted(sample, 20 * 86_400_000).now }),
    });
    const { impact_started } = drafted.draft.analysis.milestones;
    expect(impact_started).toMatchObject({ known: true, time: { at: at('14:25') } });
    const gaps = drafted.draft.analysis.coverage.flatMap(({ gaps }) => gaps.map(({ detail }) => detail));
    expect(gaps.filter((detail) => detail.includes('kept at'))).toEqual([]);
  });
});
