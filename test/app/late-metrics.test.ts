import { describe, expect, it } from 'vitest';
import type { World } from '../../demo/world.ts';
import { draftVariant, withErrors, withIncident } from '../support/staged-world.ts';

const at = (clock: string) => `2024-01-15T${clock}:00.000Z`;
const flat = (count: number, value: number) => Array<number>(count).fill(value);

/** The sample with these errors from 14:29 on and these seconds of latency from then on, an alarm over each; closed at 15:20. */
function worldOf(
  errors: readonly number[],
  fired: readonly [string, string],
  slow: readonly number[],
  late: readonly [string, string],
  since = '2024-01-15T14:29:00Z',
): (sample: World) => Partial<World> {
  return (sample) => {
    const { cloudwatch } = withErrors(sample, errors, [fired]);
    const { pagerduty } = withIncident(sample, ({ log }) => ({
      log: log
        .filter(({ at: time }) => time < at('15:20'))
        .map((entry) => (entry.type === 'resolve' ? { ...entry, at: '2024-01-15T15:20:00Z' } : entry)),
    }));
    const history = [
      { at: at(late[0]), from: 'OK', to: 'ALARM', start: at(late[0]), actions: true },
      { at: at(late[1]), from: 'ALARM', to: 'OK', start: at(late[1]) },
    ];
    return {
      pagerduty,
      cloudwatch: {
        ...cloudwatch,
        metrics: cloudwatch.metrics.map((one) => (one.id === 'api-latency' ? { ...one, episodes: [{ from: since, minutes: slow }] } : one)),
        alarms: cloudwatch.alarms.map((one) => (one.name === 'api-HighLatency' ? { ...one, history } : one)),
      },
    };
  };
}

describe('a rollback after which one metric ended at once and another took half an hour more', () => {
  // The sample's rollback finished at 14:47: the errors end with it, and what had queued up is worked off by 15:17.
  const drained = worldOf(flat(18, 7_000), ['14:32', '14:50'], flat(48, 4), ['14:34', '15:19']);

  it('speaks for the suspect by what ended, and says of each metric what it did', async () => {
    const { drafted, section } = await draftVariant({ world: drained });
    const { suspects, suspectVerdict, milestones } = drafted.draft.analysis;
    expect(suspectVerdict).toBe('suspect');
    const weights = new Map(suspects[0]?.reasons.map(({ code, weight }) => [code, weight]));
    expect(weights.get('reversed_then_recovered')).toBe(1.4);
    expect(weights.get('impact_outlived_reversal')).toBe(-0.8);
    expect(section('root_cause')).toContain('HTTPCode_Target_5XX_Count fell soon after it was rolled back.');
    expect(section('root_cause')).toMatch(
      /Against it: TargetResponseTime went on after it was rolled back, and was normal only (?:at|by) 15:1\d\./,
    );
    expect(section('summary')).toMatch(
      /It was rolled back at 14:47: HTTPCode_Target_5XX_Count fell, and the service was normal (?:at|by) 15:1\d\./,
    );
    expect(section('went_well')).toContain('HTTPCode_Target_5XX_Count fell soon after the reversal of the first suspect.');
    // The impact was not over for its users before both were.
    expect(milestones.mitigated.known).toBe(false);
  });

  it('says nothing for it by what had departed before the suspect went out', async () => {
    // Errors from before the deployment of 14:12 end with its rollback; the latency of after it goes on.
    const before = worldOf(flat(48, 7_000), ['14:32', '15:19'], flat(67, 4), ['14:06', '14:50'], '2024-01-15T13:40:00Z');
    const { drafted } = await draftVariant({ world: before });
    const of = drafted.draft.analysis.suspects.flatMap(({ reasons }) => reasons.map(({ code }) => code));
    expect(of).toContain('impact_outlived_reversal');
    expect(of).not.toContain('reversed_then_recovered');
  });

  it('speaks against it where neither ended', async () => {
    const { drafted, section } = await draftVariant({
      world: worldOf(flat(48, 7_000), ['14:32', '15:19'], flat(48, 4), ['14:34', '15:19']),
    });
    const [first] = drafted.draft.analysis.suspects;
    expect(first?.reasons.find(({ code }) => code === 'impact_outlived_reversal')?.weight).toBe(-1.6);
    expect(section('root_cause')).toContain('the impact went on after it was rolled back');
  });
});

it('a metric that was normal again before the rollback is not said to have grown with it: what it did then is its noise', async () => {
  const errors = [...flat(5, 7_000), ...flat(6, 2), ...flat(5, 1), ...flat(20, 4)];
  const { drafted } = await draftVariant({ world: worldOf(errors, ['14:32', '14:36'], flat(48, 4), ['14:34', '15:19']) });
  const { findings, milestones } = drafted.draft.analysis;
  expect(milestones.reversed.known).toBe(true);
  expect(findings.map(({ code }) => code)).not.toContain('grew_after_reversal');
});
