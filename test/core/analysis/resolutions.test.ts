import { describe, expect, it } from 'vitest';
import { analyze } from '../../../src/core/analysis/analyze.ts';
import type { Series } from '../../../src/core/series.ts';
import { between, type Moment } from '../../../src/core/time.ts';
import { eventOf, instant, moment } from '../../support/events.ts';
import { ALARM, alarmOf, ERRORS, errorsAt, SAMPLE_EVENTS, SAMPLE_FACTS, sampleCase } from '../../support/sample-case.ts';

const OTHERS = SAMPLE_EVENTS.filter(({ type, correlationKeys }) => type !== 'alert.fired' || !correlationKeys.includes(ALARM));
const FROM = '2024-01-14T14:30:00Z';
const own = errorsAt(300, FROM, '2024-01-15T16:00:00Z');
const finer = errorsAt(60, FROM, '2024-01-15T16:00:00Z');

/** The sample whose alarm looks at five minutes and fired at a time, with what was read of its metric. */
function analyzed(series: readonly Series[], at = '14:36') {
  const fired = eventOf('alert.fired', at, { time: moment(at, 0, 1), timeMeaning: 'occurred' });
  const rule = alarmOf({ periodMs: 300_000, breaching: 1, outOf: 1, threshold: 500 });
  const facts = [...SAMPLE_FACTS.filter(({ kind }) => kind !== 'alarm'), rule];
  const { milestones, findings } = analyze(sampleCase({ events: [...OTHERS, fired], facts, series }));
  if (!milestones.impact_started.known) throw new Error('a start is known');
  return { start: milestones.impact_started.time, slow: findings.filter(({ code }) => code === 'alarm_slow') };
}

/** The finer series where some values are others. */
function changed(valueAt: (ms: number, value: number) => number | undefined): Series {
  const points = Array.from(finer.startsMs, (ms, at) => [ms, valueAt(ms, finer.values[at] ?? 0)] as const);
  const kept = points.flatMap(([ms, value]) => (value === undefined ? [] : [[ms, value] as const]));
  return { ...finer, startsMs: Float64Array.from(kept, ([ms]) => ms), values: Float64Array.from(kept, ([, value]) => value) };
}

const widthOf = ({ minusMs, plusMs }: Moment) => minusMs + plusMs;
const msOf = (clock: string) => Date.parse(instant(clock));

describe('a metric read at shorter periods than its alarm looks at', () => {
  it('dates the onset by the shorter', () => {
    expect(analyzed([own]).start).toMatchObject({ at: instant('14:25'), plusMs: 300_000 });
    expect(analyzed([own, finer]).start).toMatchObject({ at: instant('14:29'), plusMs: 60_000 });
  });

  it('is held against the alarm by the alarm’s own: when it could have fired', () => {
    const { slow } = analyzed([own], '14:48');
    expect(slow).toHaveLength(1);
    const both = analyzed([own, finer], '14:48').slow;
    expect(both).toEqual(slow);
    expect(both[0]?.cites[1]).toEqual({ event: `derived/onset/${ERRORS}#metric.breached` });
  });

  it('begins where it began, though single minutes of the impact were normal: the alarm would not have seen those', () => {
    const calm = changed((ms, value) => (ms === msOf('14:33') || ms === msOf('14:35') ? 4 : value));
    expect(analyzed([own, calm]).start).toMatchObject({ at: instant('14:29') });
  });

  it('that is sent every five minutes is read at five: in a minute of five it holds all, and the rest is no silence', () => {
    const sent = changed((ms) => (ms % 300_000 === 0 ? own.values[own.startsMs.indexOf(ms)] : undefined));
    expect(analyzed([own, sent]).start).toEqual(analyzed([own]).start);
  });

  it('of errors that are few else is sent only when there are some, and is read by the minute', () => {
    const seldom = changed((ms, value) => (ms < msOf('14:29') && (ms / 60_000) % 11 > 0 ? undefined : value));
    const longer = { ...own, values: own.values.map((value, at) => ((own.startsMs[at] ?? 0) < msOf('14:25') ? 2 : value)) };
    const { start } = analyzed([longer, seldom]);
    expect(widthOf(start)).toBeLessThan(300_000);
    expect(between(start, moment('14:29', 0, 60_000)).maxMs).toBeGreaterThanOrEqual(0);
  });

  it('that tells of another departure has not the word: what fired is the alarm', () => {
    const later = changed((ms, value) => (ms < msOf('14:34') ? 4 + ((ms / 60_000) % 3) : value));
    expect(analyzed([own, later]).start).toEqual(analyzed([own]).start);
    const nothing = changed((ms) => 4 + ((ms / 60_000) % 3));
    expect(analyzed([own, nothing]).start).toEqual(analyzed([own]).start);
  });

  it('that is kept only from shortly before is not: it has no normal to leave', () => {
    const kept = changed((ms, value) => (ms < msOf('13:30') ? undefined : value));
    expect(analyzed([own, kept]).start).toEqual(analyzed([own]).start);
  });
});
