import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measureSkew, skewFindings, skewsOf } from '../../../src/core/analysis/skew.ts';
import type { RecordedEvent } from '../../../src/core/events.ts';
import { addMs, instantAt } from '../../../src/core/time.ts';
import { eventOf, instant } from '../../support/events.ts';

const ALARM = 'alarm:arn:aws:cloudwatch:us-east-1:123456789012:alarm:api-HighErrorRate';
const START = instant('14:00');
const MINUTE = 60_000;

interface Relayed {
  readonly number: number;
  readonly offsetMs: number;
  readonly tookMs: number;
  /** Whether the pager's alert names the alarm's own time, or only its own. */
  readonly named?: boolean;
  readonly gapMs?: number;
}

/** One firing of the alarm, and the alert that a pager recorded for it by a clock that is so far off. */
function relayed({ number, offsetMs, tookMs, named = true, gapMs = 30 * MINUTE }: Relayed): readonly RecordedEvent[] {
  const at = addMs(START, number * gapMs);
  const stamp = instantAt(Math.floor(Date.parse(addMs(at, tookMs + offsetMs)) / 1_000) * 1_000);
  const key = `${number}`;
  return [
    eventOf('alert.fired', at, { key, time: { at, minusMs: 0, plusMs: 1 }, timeMeaning: 'occurred' }),
    eventOf('alert.fired', named ? at : stamp, {
      key,
      source: 'pagerduty',
      stream: 'alerts',
      correlationKeys: ['pagerduty/incident:PABC', ALARM],
      ...(named ? { time: { at, minusMs: 0, plusMs: 1 }, timeMeaning: 'occurred' as const } : {}),
      knowableAt: stamp,
    }),
  ];
}

function world(took: readonly number[], offsetMs: number, more: Partial<Relayed> = {}): readonly RecordedEvent[] {
  return took.flatMap((tookMs, number) => relayed({ number, offsetMs, tookMs, ...more }));
}

function reported(number: number, lateMs: number): readonly RecordedEvent[] {
  const at = addMs(START, number * 30 * MINUTE);
  const correlationKeys = [`deployment:acme/api#${number}`];
  const told = addMs(at, lateMs);
  return [
    eventOf('deployment.succeeded', at, { key: `s${number}`, timeMeaning: 'ended', correlationKeys }),
    eventOf('deployment.succeeded', told, { key: `c${number}`, source: 'pagerduty', stream: 'change_events', correlationKeys }),
  ];
}

const took = fc.array(fc.integer({ min: 0, max: 90_000 }), { minLength: 3, maxLength: 40 });
const offset = fc.integer({ min: -300_000, max: 300_000 });

describe('the offset of a pager’s clock', () => {
  it('lies in the interval, whatever the relays took up to 90 s', () => {
    fc.assert(
      fc.property(took, offset, fc.boolean(), (tookMs, offsetMs, named) => {
        const [skew] = skewsOf({ events: world(tookMs, offsetMs, { named }) });
        if (!skew?.measurable) throw new Error('measurable');
        expect(skew.minMs).toBeLessThanOrEqual(offsetMs);
        expect(skew.maxMs).toBeGreaterThanOrEqual(offsetMs);
        // All of them a little slower, or a little faster, would have left the same stamps.
        const slack = 90_000 - (Math.max(...tookMs) - Math.min(...tookMs));
        expect(skew.maxMs - skew.minMs).toBeGreaterThanOrEqual(slack);
      }),
    );
  });

  it('lies in the interval where one relay in ten, and one at least, took ten minutes', () => {
    fc.assert(
      fc.property(took, offset, (tookMs, offsetMs) => {
        const late = Math.max(1, Math.floor(tookMs.length / 10));
        const [skew] = skewsOf({
          events: world(
            tookMs.map((one, at) => (at < late ? 600_000 : one)),
            offsetMs,
          ),
        });
        if (!skew?.measurable) throw new Error('measurable');
        expect(skew.minMs).toBeLessThanOrEqual(offsetMs);
        expect(skew.maxMs).toBeGreaterThanOrEqual(offsetMs);
      }),
    );
  });

  it('is not measurable from two twins, and is from three', () => {
    expect(skewsOf({ events: world([10_000, 20_000], 45_000) })).toMatchObject([{ measurable: false, why: 'too_few', twins: 2 }]);
    expect(skewsOf({ events: world([10_000, 20_000, 30_000], 45_000) })).toMatchObject([{ measurable: true, twins: 3 }]);
    expect(measureSkew([])).toBeUndefined();
  });

  it('is not measurable where the clock was set in between', () => {
    const events = [
      ...world([1_000, 2_000, 3_000], 0),
      ...[4, 5, 6].flatMap((number) => relayed({ number, offsetMs: 300_000, tookMs: 1_000 })),
    ];
    expect(skewsOf({ events })).toMatchObject([{ measurable: false, why: 'contradictory', twins: 6 }]);
  });

  it('takes no alert for a twin where another firing of its alarm could be the one', () => {
    const near = world([1_000, 2_000, 3_000, 4_000], 100_000, { named: false, gapMs: 3 * MINUTE });
    expect(skewsOf({ events: near })).toEqual([]);
    expect(skewsOf({ events: world([1_000, 2_000, 3_000, 4_000], 100_000, { gapMs: 3 * MINUTE }) })).toMatchObject([{ twins: 4 }]);
  });

  it('is the same in whatever order the events come', () => {
    const events = [...world([5_000, 70_000, 20_000, 9_000], -45_000), ...[1, 2, 3].flatMap((number) => reported(number, 3_000))];
    const expected = skewsOf({ events });
    fc.assert(
      fc.property(fc.shuffledSubarray([...events], { minLength: events.length }), (shuffled) => {
        expect(skewsOf({ events: shuffled })).toEqual(expected);
      }),
    );
  });
});

describe('a finding of clocks that differ', () => {
  it('states the interval, rounded outward, and cites the records that bound it', () => {
    const events = world([5_000, 70_000, 20_000, 9_000], -45_000);
    const [finding, ...others] = skewFindings(skewsOf({ events }));
    expect(others).toEqual([]);
    // The fastest came 40 s before the alarm by its own clock, cut to the second; the slowest but one 25 s, and took 90 s at most.
    expect(finding).toMatchObject({
      code: 'clock_offset',
      subject: 'pagerduty is 39 s to 116 s behind aws-prod, by 4 happenings that both stamped',
    });
    expect(finding?.cites).toHaveLength(4);
  });

  it('is made of no world whose clocks agree', () => {
    fc.assert(
      fc.property(took, (tookMs) => {
        expect(skewFindings(skewsOf({ events: world(tookMs, 0) }))).toEqual([]);
      }),
    );
  });

  it('is not made of a pipeline that reports a deployment a minute before or after its end', () => {
    const events = [-60_000, -50_000, 20_000, 61_000].flatMap((lateMs, number) => reported(number, lateMs));
    expect(skewFindings(skewsOf({ events }))).toEqual([]);
  });

  it('is made of a pipeline that stamps in another zone, and names its clock', () => {
    const events = [-60_000, -50_000, 20_000, 61_000].flatMap((lateMs, number) => reported(number, 3_600_000 + lateMs));
    expect(skewFindings(skewsOf({ events })).map(({ subject }) => subject)).toEqual([
      'pagerduty/change_events is 55 min 19 s to 64 min 11 s ahead of github, by 4 happenings that both stamped',
    ]);
  });
});
