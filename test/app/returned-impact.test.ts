import { describe, expect, it } from 'vitest';
import type { World } from '../../demo/world.ts';
import { draftVariant, withErrors, withIncident } from '../support/staged-world.ts';

const at = (clock: string) => `2024-01-15T${clock}:00Z`;
const errors = (count: number) => Array<number>(count).fill(7_000);
const calm = (count: number) => Array<number>(count).fill(0);

/** Errors from 14:29 to 14:48 and again from 15:14 to 15:26; the alarm fires for both. */
function twice(sample: World) {
  return withErrors(
    sample,
    [...errors(19), ...calm(26), ...errors(12)],
    [
      ['14:32', '14:51'],
      ['15:16', '15:29'],
    ],
  );
}

/** The sample's log up to 14:45, then these. */
function withLog(sample: World, more: World['pagerduty']['incidents'][number]['log'], status: 'resolved' | 'acknowledged' = 'resolved') {
  return withIncident(sample, ({ log }) => ({ status, log: [...log.filter((entry) => entry.at < at('14:45')), ...more] }));
}

describe('an impact that comes back', () => {
  it('while the incident is open is told as a second stretch, and neither its first end nor the short length as the whole', async () => {
    const { section, drafted } = await draftVariant({
      world: (sample) => ({ ...twice(sample), ...withLog(sample, [{ at: at('15:50'), type: 'resolve', by: 'jane' }]) }),
    });
    const { milestones, impactReturns, findings } = drafted.draft.analysis;
    // What it is called is defined: the first quarter of an hour that was normal.
    expect(milestones.recovered).toMatchObject({ known: true, time: { at: '2024-01-15T14:48:00.000Z' } });
    expect(impactReturns).toMatchObject([{ time: { at: '2024-01-15T15:14:00.000Z' }, until: { at: '2024-01-15T15:26:00.000Z' } }]);
    expect(section('summary')).toMatch(/degraded from 14:\S+ to 14:48 UTC, for .* It was degraded again from 15:\S+ to 15:26\./);
    expect(section('impact')).toContain('left its normal range again 26 min');
    expect(section('timeline')).toMatch(
      /HTTPCode_Target_5XX_Count left its normal range again, at [\d,]+; .*was back to normal.*Alarm api-HighErrorRate was OK/s,
    );
    expect(section('went_well')).not.toContain('Recovery came');
    expect(findings.map(({ code }) => code)).not.toContain('record_outlasted_impact');
  });

  it('after the incident had been closed, and reopens it, has no end while it goes on', async () => {
    const reopened = [
      { at: at('14:55'), type: 'resolve', by: 'jane' },
      { at: at('15:17'), type: 'reopen', by: 'jane' },
      { at: at('15:18'), type: 'acknowledge', by: 'jane' },
    ];
    const { section } = await draftVariant({
      world: (sample) => ({ ...twice(sample), ...withLog(sample, reopened, 'acknowledged'), now: at('15:24') }),
    });
    expect(section('summary')).toMatch(/It has been degraded again since 15:1\S+\./);
  });

  it('once the incident is closed for good is another story', async () => {
    const { drafted } = await draftVariant({
      world: (sample) => ({ ...twice(sample), ...withLog(sample, [{ at: at('14:57'), type: 'resolve', by: 'jane' }]) }),
    });
    expect(drafted.draft.analysis.impactReturns).toBeUndefined();
  });
});

describe('an impact that comes back with no alarm', () => {
  const silent = (second: readonly number[]) => (sample: World) =>
    withErrors(sample, [...errors(19), ...calm(26), ...second], [['14:32', '14:51']]);

  it('while the incident is open is looked for in the metric itself', async () => {
    const { section, drafted } = await draftVariant({
      world: (sample) => ({ ...silent(errors(12))(sample), ...withLog(sample, [{ at: at('15:50'), type: 'resolve', by: 'jane' }]) }),
    });
    expect(drafted.draft.analysis.impactReturns).toMatchObject([
      { time: { at: '2024-01-15T15:14:00.000Z' }, until: { at: '2024-01-15T15:26:00.000Z' } },
    ]);
    expect(section('summary')).toMatch(/It was degraded again from 15:\S+ to 15:26\./);
    expect(section('timeline')).toContain('HTTPCode_Target_5XX_Count left its normal range again');
  });

  it('after the incident was closed is told as that, and not held against the closing', async () => {
    const { section, drafted } = await draftVariant({
      world: (sample) => ({ ...silent(errors(12))(sample), ...withLog(sample, [{ at: at('14:57'), type: 'resolve', by: 'jane' }]) }),
    });
    expect(section('summary')).toMatch(/It was degraded again from 15:\S+ to 15:26, after the incident was closed\./);
    expect(drafted.draft.analysis.findings.map(({ code }) => code)).not.toContain('impact_outlasted_record');
  });

  it('is none where the errors that come again are few beside the first: callers that try again', async () => {
    const few = Array<number>(12).fill(900);
    const { drafted } = await draftVariant({
      world: (sample) => ({ ...silent(few)(sample), ...withLog(sample, [{ at: at('15:50'), type: 'resolve', by: 'jane' }]) }),
    });
    expect(drafted.draft.analysis.milestones.recovered).toMatchObject({ known: true });
    expect(drafted.draft.analysis.impactReturns).toBeUndefined();
  });
});

describe('an impact that nobody ended', () => {
  it('was on when the record was closed, and that is said', async () => {
    const { section } = await draftVariant({
      world: (sample) => ({ ...withErrors(sample, errors(300), [['14:32', '19:40']]), now: at('18:00') }),
    });
    expect(section('summary')).toContain('no recovery was seen');
    expect(section('went_wrong')).toMatch(
      /The incident was closed while HTTPCode_Target_5XX_Count was out of its normal; it was last seen so 3 h 3 min \(.*\) later\./,
    );
  });
});
