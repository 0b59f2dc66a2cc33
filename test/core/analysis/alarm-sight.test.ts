import { describe, expect, it } from 'vitest';
import { analyze } from '../../../src/core/analysis/analyze.ts';
import type { Case } from '../../../src/core/case.ts';
import { compose } from '../../../src/core/draft/compose.ts';
import { renderMarkdown } from '../../../src/render/markdown.ts';
import { coverageLineOf, eventOf, instant, moment, WINDOWS } from '../../support/events.ts';
import { ALARM, alarmOf, errorsAt, SAMPLE_COVERAGE, SAMPLE_EVENTS, SAMPLE_FACTS, sampleCase } from '../../support/sample-case.ts';

const at = (text: string) => Date.parse(instant(text));
const ERRORS = errorsAt(60, '2024-01-14T14:33:00Z', '2024-01-15T16:00:00Z');
const valueAt = (text: string) => ERRORS.values[ERRORS.startsMs.indexOf(at(text))] ?? Number.NaN;

/** The sample, whose alarm told what it saw when it fired. */
function sawCase(points: readonly (readonly [string, number])[], over: Partial<Case> = {}): Case {
  const attributes = {
    'alert.threshold': 100,
    'alert.period_ms': 60_000,
    'alert.datapoints': points.map(([time, value]) => [at(time), value] as const),
  };
  const fired = eventOf('alert.fired', '14:32', { correlationKeys: [ALARM], time: moment('14:32', 0, 1), attributes });
  return sampleCase({ events: [...SAMPLE_EVENTS.filter(({ type }) => type !== 'alert.fired'), fired], ...over });
}
const different = (theCase: Case) => analyze(theCase).findings.filter(({ code }) => code === 'alarm_saw_other_values');

describe('U0-8 U2.6-5 what the alarm saw beside what the series says later', () => {
  const saw = (value: number) => [['14:29', valueAt('14:29')] as const, ['14:30', value] as const];

  it('alike, there is nothing to say', () => {
    expect(different(sawCase(saw(valueAt('14:30'))))).toEqual([]);
    expect(different(sawCase(saw(valueAt('14:30') * (1 + 1e-9))))).toEqual([]);
  });

  it('late samples changed a sum: the draft says both, cites both, and contradicts neither', () => {
    const theCase = sawCase(saw(1_400));
    const [found] = different(theCase);
    expect(found?.subject).toBe(`api-HighErrorRate saw 1400 for 2024-01-15 14:30 UTC and the series read later says ${valueAt('14:30')}`);
    expect(found?.cites).toEqual([
      { event: expect.stringContaining('#alert.fired') },
      { event: expect.stringContaining('#metric.breached') },
    ]);
    const text = renderMarkdown(compose(theCase, analyze(theCase), [], 'sha256:test'));
    expect(text).toContain('where values come late; both are kept: api-HighErrorRate saw 1400 for 2024-01-15 14:30 UTC');
    expect(text).not.toMatch(/disprove|false alarm|contradict/i);
    expect(analyze(theCase).milestones.impact_started).toMatchObject({ known: true, time: { at: instant('14:29') } });
  });

  it('counts the values that differ, and says where the later reading holds none', () => {
    expect(
      different(
        sawCase([
          ['14:29', 1],
          ['14:30', 2],
        ]),
      )[0]?.subject,
    ).toMatch(/saw 1 for .*, and 1 more of 2 values differ$/);
    const holed = {
      ...ERRORS,
      startsMs: ERRORS.startsMs.filter((ms) => ms !== at('14:30')),
      values: ERRORS.values.filter((_, index) => ERRORS.startsMs[index] !== at('14:30')),
    };
    expect(different(sawCase(saw(1_900), { series: [holed] }))[0]?.subject).toMatch(/the series read later holds no value$/);
  });

  it('U2.2 a window that slid between two periods of the series is not held against it', () => {
    const fiveMinutes = sampleCase({
      ...sawCase([]),
      series: [errorsAt(300, '2024-01-01T14:30:00Z', '2024-01-15T16:00:00Z')],
    });
    const attributes = { 'alert.threshold': 100, 'alert.period_ms': 300_000, 'alert.datapoints': [[at('14:27'), 9_000] as const] };
    const slid = eventOf('alert.fired', '14:32', { correlationKeys: [ALARM], time: moment('14:32', 0, 1), attributes });
    const events = [...SAMPLE_EVENTS.filter(({ type }) => type !== 'alert.fired'), slid];
    expect(different({ ...fiveMinutes, events })).toEqual([]);
    const onGrid = { ...attributes, 'alert.datapoints': [[at('14:25'), 9_000] as const] };
    const still = eventOf('alert.fired', '14:32', { correlationKeys: [ALARM], time: moment('14:32', 0, 1), attributes: onGrid });
    expect(different({ ...fiveMinutes, events: [...events.slice(0, -1), still] })).toHaveLength(1);
  });

  it('a value outside of what was read, or at another period, says nothing', () => {
    expect(different(sawCase([['2024-01-10T00:00:00Z', 7]]))).toEqual([]);
    expect(different(sawCase(saw(1_400), { series: [errorsAt(300, '2024-01-01T14:30:00Z', '2024-01-15T16:00:00Z')] }))).toEqual([]);
  });
});

describe('U2.6-2 where no series shows the start', () => {
  const lost = { series: [], events: undefined };
  const startOf = (points: readonly (readonly [string, number])[], over: Partial<Case> = {}) => {
    const { events: _, ...rest } = { ...lost, ...over };
    return analyze(sawCase(points, rest)).milestones.impact_started;
  };
  const BREACH = [
    ['14:29', 480],
    ['14:30', 1_900],
  ] as const;

  it("the alarm's own values bound it: the first beyond the threshold, and one window of the alarm before", () => {
    expect(startOf(BREACH)).toMatchObject({
      known: true,
      basis: 'inferred',
      rule: 'first_breach_that_the_alarm_saw',
      time: { at: instant('14:29'), minusMs: 120_000, plusMs: 60_000 },
    });
    const theCase = sawCase(BREACH, { series: [] });
    expect(renderMarkdown(compose(theCase, analyze(theCase), [], 'sha256:test'))).toContain(
      'inferred from the values that the alarm itself saw when it fired',
    );
  });

  it('a graph that shows no breach does not take it back: the alarm saw one, and the draft says both', () => {
    const flat = { ...ERRORS, values: ERRORS.values.map((_, index) => 2 + (index % 3)) };
    const theCase = sawCase(BREACH, { series: [flat] });
    expect(analyze(theCase).milestones.impact_started).toMatchObject({
      rule: 'first_breach_that_the_alarm_saw',
      time: { at: instant('14:29') },
    });
    const [found] = different(theCase);
    expect(found?.subject).toMatch(/^api-HighErrorRate saw 480 for 2024-01-15 14:29 UTC and the series read later says \d, and 1 more/);
    expect(found?.cites).toContainEqual({ evidence: flat.evidence[0] });
  });

  it('a calm value before it, or a hole, says how far back it may reach', () => {
    expect(startOf([['14:27', 3], ['14:28', 4], ...BREACH])).toMatchObject({ time: { at: instant('14:29'), minusMs: 0 } });
    expect(startOf([['14:26', 4], ...BREACH])).toMatchObject({ time: { at: instant('14:29'), minusMs: 120_000 } });
  });

  it('a value at the threshold counts only where none lies beyond it', () => {
    expect(
      startOf([
        ['14:28', 100],
        ['14:29', 480],
      ]),
    ).toMatchObject({ time: { at: instant('14:29'), minusMs: 0 } });
    expect(
      startOf([
        ['14:28', 3],
        ['14:29', 100],
      ]),
    ).toMatchObject({ time: { at: instant('14:29') } });
  });

  it('an alarm below its threshold is read the other way round', () => {
    const facts = [...SAMPLE_FACTS.filter(({ kind }) => kind !== 'alarm'), alarmOf({ comparison: 'below' })];
    expect(
      startOf(
        [
          ['14:28', 150],
          ['14:29', 20],
        ],
        { facts },
      ),
    ).toMatchObject({ time: { at: instant('14:29') } });
  });

  it.each(['rule', 'outside'] as const)(
    'a rule that compares with no number (%s) gives no start: what a person wrote is next',
    (comparison) => {
      const { threshold: _, ...bare } = alarmOf({ comparison });
      const facts = [...SAMPLE_FACTS.filter(({ kind }) => kind !== 'alarm'), bare];
      expect(startOf(BREACH, { facts })).toMatchObject({ rule: 'start_stated_in_a_status_update' });
    },
  );

  it('the series itself, however coarse, comes first', () => {
    const coarse = { series: [errorsAt(300, '2024-01-01T14:30:00Z', '2024-01-15T16:00:00Z')] };
    expect(startOf(BREACH, coarse)).toMatchObject({ rule: 'onset_of_the_series_of_an_alarm' });
  });

  it('nothing is made of a gap: the impact section still says that its metric could not be read', () => {
    const gap = { window: WINDOWS.incident, reason: 'retention' as const, detail: 'no values are left' };
    const coverage = [
      ...SAMPLE_COVERAGE.filter(({ stream }) => stream !== 'series'),
      coverageLineOf('aws-prod', 'series', { status: 'partial', gaps: [gap], records: 0 }),
    ];
    const theCase = sawCase(BREACH, { series: [], coverage });
    expect(renderMarkdown(compose(theCase, analyze(theCase), [], 'sha256:test'))).toContain(
      'Start, end and size may move: aws-prod/series',
    );
  });
});
