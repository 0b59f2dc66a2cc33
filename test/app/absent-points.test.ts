import { describe, expect, it } from 'vitest';
import type { World } from '../../demo/world.ts';
import { draftVariant, withErrors, withIncident } from '../support/staged-world.ts';

const at = (clock: string) => `2024-01-15T${clock}:00Z`;
type Span = readonly [from: string, to: string];

/** The alarm of the API watches its requests, in place of its errors: too few of them, or none at all, are bad. */
function tooFew(sample: World, absent: readonly Span[], missing = 'breaching', minutes: readonly number[] = []): Partial<World> {
  const { cloudwatch } = withErrors(sample, [], [['14:32', '14:51']]);
  const requests = { episodes: [{ from: at('14:29'), minutes }], absent: spans(absent) };
  const rule = { metric: 'api-requests', threshold: 1_000, comparison: 'LessThanThreshold', missing };
  return {
    cloudwatch: {
      ...cloudwatch,
      metrics: cloudwatch.metrics.map((one) => (one.id === 'api-requests' ? { ...one, ...requests } : one)),
      alarms: cloudwatch.alarms.map((one) => (one.name === 'api-HighErrorRate' ? { ...one, ...rule } : one)),
    },
  };
}

/** Errors from 14:24 to 14:48, of which the first were never reported. */
function unseenAtFirst(sample: World, absent: Span): Partial<World> {
  const { cloudwatch } = withErrors(sample, [...Array<number>(19).fill(7_000)], [['14:32', '14:51']]);
  const errors = { absent: spans([absent]) };
  return {
    cloudwatch: { ...cloudwatch, metrics: cloudwatch.metrics.map((one) => (one.id === 'api-5xx' ? { ...one, ...errors } : one)) },
  };
}

function spans(all: readonly Span[]) {
  return all.map(([from, to]) => ({ from: at(from), to: at(to) }));
}

describe('an outage that stops the metric itself, where the alarm takes a missing value for a bad one', () => {
  it('begins where the values stop and ends where they are back; of what was not counted no size is told', async () => {
    const { section, drafted } = await draftVariant({ world: (sample) => tooFew(sample, [['14:29', '14:48']]) });
    const { milestones, impactSize } = drafted.draft.analysis;
    expect(milestones.impact_started).toMatchObject({ time: { at: '2024-01-15T14:29:00.000Z', minusMs: 60_000 } });
    // What is back is back: nothing of a silence can be left in a value.
    expect(milestones.recovered).toMatchObject({ time: { at: '2024-01-15T14:48:00.000Z', minusMs: 60_000, plusMs: 1 } });
    expect(impactSize).toBeUndefined();
    expect(section('impact')).toContain('the first moment at which it stopped reporting');
    expect(section('timeline')).toContain('RequestCount stopped reporting.');
  });

  it('has no size either where single values come through that are as normal as ever', async () => {
    const { drafted } = await draftVariant({
      world: (sample) =>
        tooFew(sample, [
          ['14:29', '14:33'],
          ['14:34', '14:37'],
          ['14:38', '14:48'],
        ]),
    });
    expect(drafted.draft.analysis.milestones.recovered).toMatchObject({ time: { at: '2024-01-15T14:48:00.000Z' } });
    expect(drafted.draft.analysis.impactSize).toBeUndefined();
  });

  it('began before they stop where the last of them were bad, and was not over while they were gone', async () => {
    const { drafted } = await draftVariant({
      world: (sample) => tooFew(sample, [['14:32', '14:48']], 'breaching', [-7_000, -7_000, -7_000]),
    });
    const { milestones } = drafted.draft.analysis;
    expect(milestones.impact_started).toMatchObject({ time: { at: '2024-01-15T14:29:00.000Z' } });
    expect(milestones.recovered).toMatchObject({ time: { at: '2024-01-15T14:48:00.000Z', minusMs: 60_000 } });
  });

  it('is on while they are gone: no calm is read into the last value before', async () => {
    const { section } = await draftVariant({
      world: (sample) => ({
        ...tooFew(sample, [['14:29', '14:58']]),
        ...withIncident(sample, ({ log }) => ({ status: 'acknowledged', log: log.filter((entry) => entry.at < at('14:38')) })),
        now: at('14:41'),
      }),
    });
    expect(section('summary')).toMatch(/has been degraded since 14:28–14:30 UTC on 15 January 2024: \d+ min so far\./);
  });
});

describe('values that are missing', () => {
  it('and that no alarm takes for bad ones do not say that the metric was normal', async () => {
    const { section } = await draftVariant({ world: (sample) => tooFew(sample, [['14:29', '14:48']], 'missing') });
    expect(section('impact')).toContain('RequestCount does not show when: it has no values from 14:29 to 14:48 UTC.');
    expect(section('impact')).not.toContain('did not leave its normal');
  });

  it('leave an alarm without data, and its way back to OK is not told as the end of a firing', async () => {
    const { section } = await draftVariant({
      world: (sample) => {
        const { cloudwatch } = tooFew(sample, [['14:29', '14:48']], 'missing');
        const history = [
          { at: at('14:32'), from: 'OK', to: 'INSUFFICIENT_DATA', start: at('14:29') },
          { at: at('14:51'), from: 'INSUFFICIENT_DATA', to: 'OK', start: at('14:48') },
        ];
        const alarms = cloudwatch?.alarms.map((one) => (one.name === 'api-HighErrorRate' ? { ...one, history } : one)) ?? [];
        return {
          ...(cloudwatch && { cloudwatch: { ...cloudwatch, alarms } }),
          ...withIncident(sample, ({ log }) => ({ alerts: [], log: log.map(({ alert: _, ...entry }) => entry) })),
        };
      },
    });
    expect(section('timeline')).toContain('| 14:51 | Alarm api-HighErrorRate went to OK; the record shows no firing of it before. |');
    expect(section('timeline')).not.toContain('was OK again');
  });

  it('just before the first bad one may have been bad: the start and the size reach over all of them', async () => {
    const { section, drafted } = await draftVariant({ world: (sample) => unseenAtFirst(sample, ['14:24', '14:29']) });
    const { milestones, impactSize } = drafted.draft.analysis;
    expect(milestones.impact_started).toMatchObject({ time: { at: '2024-01-15T14:29:00.000Z', minusMs: 300_000 } });
    expect(impactSize?.max).toBeGreaterThan((impactSize?.value ?? 0) + 5 * 6_900);
    expect(section('impact')).toContain(
      'Each value covers 1 min, the 5 before are missing and a small or slow start does not show at once',
    );
  });

  it('before the end leave it open since when all was well, and every place says so in the same bounds', async () => {
    const { section } = await draftVariant({ world: (sample) => unseenAtFirst(sample, ['14:34', '14:48']) });
    expect(section('summary')).toMatch(/degraded from 14:29 to 14:33–14:48 UTC/);
    expect(section('summary')).toContain('the service was normal by 14:48');
    expect(section('timeline')).toMatch(/\| 14:33–14:48 \| HTTPCode_Target_5XX_Count was back to normal/);
    expect(section('timeline')).toMatch(/\| 14:29 \| HTTPCode_Target_5XX_Count left its normal range/);
  });
});
