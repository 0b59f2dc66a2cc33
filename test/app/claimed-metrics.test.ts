import { describe, expect, it } from 'vitest';
import type { StandIn } from '../../demo/standins/server.ts';
import type { World } from '../../demo/world.ts';
import { draftVariant, withErrors } from '../support/staged-world.ts';

const LATENCY = 'AWS/ApplicationELB TargetResponseTime';
const REQUESTS = 'AWS/ApplicationELB RequestCount';

/** The sample with slow answers of the API from 14:25 on; its alarm on latency stays silent. */
function slowOf(change: (sample: World) => Pick<World, 'cloudwatch'>): (sample: World) => Pick<World, 'cloudwatch'> {
  return (sample) => {
    const { cloudwatch } = change(sample);
    const episodes = [{ from: '2024-01-15T14:25:00Z', minutes: Array<number>(22).fill(1.5) }];
    return {
      cloudwatch: { ...cloudwatch, metrics: cloudwatch.metrics.map((one) => (one.id === 'api-latency' ? { ...one, episodes } : one)) },
    };
  };
}

/** How often an operation of CloudWatch was called. */
function callsTo(standin: StandIn | undefined, target: string): number {
  return standin?.requests.filter((one) => one.target === target).length ?? 0;
}

describe('metrics that a service claims, beside the alarm that fired', () => {
  it('are read and told of, and date nothing: the metric of the alarm does', async () => {
    let cloudwatch: StandIn | undefined;
    const { drafted, section } = await draftVariant({
      world: slowOf(({ cloudwatch }) => ({ cloudwatch })),
      metrics: [LATENCY, REQUESTS],
      standins: (all) => {
        cloudwatch = all.cloudwatch;
      },
    });
    const { milestones, impactSeries } = drafted.draft.analysis;
    expect(milestones.impact_started).toMatchObject({ time: { at: '2024-01-15T14:29:00.000Z' }, rule: 'onset_of_the_series_of_an_alarm' });
    expect(impactSeries.map(({ metric, isBeside = false }) => [metric, isBeside])).toEqual([
      ['HTTPCode_Target_5XX_Count', false],
      ['RequestCount', true],
      ['TargetResponseTime', true],
    ]);
    expect(section('impact')).toMatch(
      /TargetResponseTime, on which no alarm fired, left its normal (?:at 14:25|between 14:24 and 14:26)\./,
    );
    expect(section('impact')).toContain('RequestCount did not leave its normal.');
    expect(section('factors')).not.toContain('Is TargetResponseTime what users felt');
    expect(callsTo(cloudwatch, 'ListMetrics')).toBe(2);
    // What nobody claims costs nothing.
    const bare = await draftVariant({
      standins: (all) => {
        cloudwatch = all.cloudwatch;
      },
    });
    expect(callsTo(cloudwatch, 'ListMetrics')).toBe(0);
    expect(bare.drafted.draft.analysis.impactSeries).toHaveLength(1);
  });

  it('tell the start where the metric of the alarm shows none, and the draft says that it is a scan', async () => {
    const { drafted, section } = await draftVariant({
      world: slowOf((sample) => withErrors(sample, [], [['14:32', '14:49']])),
      metrics: [LATENCY],
    });
    const { milestones } = drafted.draft.analysis;
    expect(milestones.impact_started).toMatchObject({ time: { at: '2024-01-15T14:25:00.000Z' }, rule: 'onset_in_a_scan_of_the_service' });
    expect(section('impact')).toContain(
      "No metric of the alarms shows it, so the impact start is inferred from TargetResponseTime, by a scan of the service's own series.",
    );
  });
});
