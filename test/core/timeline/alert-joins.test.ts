import { describe, expect, it } from 'vitest';
import type { RecordedEvent, TimelineEvent } from '../../../src/core/events.ts';
import { addMs, type Instant } from '../../../src/core/time.ts';
import { joinSightings } from '../../../src/core/timeline/join.ts';
import { orderEvents } from '../../../src/core/timeline/order.ts';
import { eventOf, instant } from '../../support/events.ts';
import { randomOf } from '../../support/random.ts';

const SECOND = 1_000;
const START = instant('14:00');
const arn = (name: string) => `alarm:arn:aws:cloudwatch:us-east-1:123456789012:alarm:${name}`;
const since = (seconds: number) => addMs(START, Math.floor(seconds * SECOND));
/** A stamp as one writes it who keeps whole seconds. */
const cut = (at: Instant) => instant(`${at.slice(0, 19)}Z`);

const alarm = (seconds: number, name = 'api') => {
  const at = since(seconds);
  const time = { at, minusMs: 0, plusMs: 1 };
  return eventOf('alert.fired', at, { key: `${name}-${seconds}`, time, timeMeaning: 'occurred', correlationKeys: [arn(name)] });
};

/** What another source has of it: a pager with the alarm's own time or only its own, or another monitor. */
const seen = (seconds: number, by: 'handed' | 'pager' | 'monitor' | 'clock', name = 'api') => {
  const at = by === 'handed' ? since(seconds) : cut(since(seconds));
  const isPager = by === 'handed' || by === 'pager';
  return eventOf('alert.fired', at, {
    key: `${name}-${seconds}`,
    source: isPager ? 'pagerduty' : 'prometheus',
    stream: isPager ? 'alerts' : 'events',
    time: { at, minusMs: 0, plusMs: by === 'handed' ? 1 : SECOND },
    timeMeaning: by === 'handed' || by === 'clock' ? 'occurred' : 'recorded',
    correlationKeys: [...(isPager ? ['pagerduty/incident:PABC'] : []), arn(name)],
  });
};

function groupsOf(events: readonly RecordedEvent[]): readonly (readonly TimelineEvent[])[] {
  return [...joinSightings(orderEvents(events)).sightings.values()].map(({ event, corroboratedBy }) => [event, ...corroboratedBy]);
}

describe('an alarm that fires every minute, told late', () => {
  const fired = [0, 60, 120, 180].map((seconds) => alarm(seconds));

  it('has each alert with the firing that raised it, not with the one before which it came', () => {
    const alerts = [80, 140, 200, 260].map((seconds) => seen(seconds, 'pager'));
    expect(groupsOf([...alerts, ...fired])).toEqual(fired.map((event, place) => [event, alerts[place]]));
  });

  it('has an alert with the firing just before it where the others raised none', () => {
    const alert = seen(125, 'pager');
    expect(groupsOf([alert, ...fired])).toEqual([[fired[2], alert]]);
  });

  it('has no alert that came before it fired', () => {
    expect(groupsOf([seen(30, 'pager'), alarm(60)])).toEqual([]);
    expect(groupsOf([seen(57, 'pager'), alarm(60)])).toHaveLength(1);
  });

  it('has by its own time no other firing', () => {
    expect(groupsOf([...fired, seen(60, 'handed')])).toEqual([[fired[1], seen(60, 'handed')]]);
    expect(groupsOf([...fired, seen(65, 'handed')])).toEqual([]);
  });
});

it('another monitor of the same alarm, by its own clock or by when it heard of it, tells the same firing', () => {
  for (const by of ['monitor', 'clock'] as const) {
    const [fired, alert, other] = [alarm(0), seen(40, 'pager'), seen(85, by)];
    expect(groupsOf([other, alert, fired])).toEqual([[fired, alert, other]]);
    expect(groupsOf([other, alert])).toHaveLength(1);
    expect(groupsOf([seen(150, by), fired])).toEqual([]);
  }
});

it('a record that names two alarms is joined with the one that fired when it was written', () => {
  const both = { ...seen(605, 'monitor'), correlationKeys: [arn('api'), arn('queue')] };
  const [api, queue] = [alarm(0), alarm(600, 'queue')];
  expect(groupsOf([both, api, queue])).toEqual([[queue, both]]);
  expect(groupsOf([api, seen(5, 'pager', 'queue'), both])).toEqual([]);
});

describe('generated alarms that several sources saw', () => {
  /** Firings of three alarms, each told by those that did not lose it, up to 90 seconds late. */
  function drawWorld(seed: number, [least, most]: readonly [number, number], lost: number) {
    const random = randomOf(seed);
    const world = new Map<TimelineEvent, string>();
    const truth = (name: string) => {
      let seconds = random() * 600;
      for (let firing = 0; firing < 5; firing += 1) {
        const happening = `${name} ${firing}`;
        const late = () => seconds + random() * 90;
        if (random() >= lost) world.set(alarm(seconds, name), happening);
        if (random() >= lost) world.set(random() < 0.5 ? seen(seconds, 'handed', name) : seen(late(), 'pager', name), happening);
        if (random() >= lost) world.set(seen(late(), random() < 0.5 ? 'monitor' : 'clock', name), happening);
        seconds += least + random() * (most - least);
      }
    };
    for (const name of ['api', 'queue', 'disk']) truth(name);
    return world;
  }

  /** Of the pairs that were joined, and of those that are one happening, the shares that are both. */
  function measure(gap: readonly [number, number], lost: number) {
    const counts = { joined: 0, true: 0, both: 0 };
    for (let seed = 1; seed <= 60; seed += 1) {
      const world = drawWorld(seed, gap, lost);
      const pairs = (sets: Iterable<readonly TimelineEvent[]>) =>
        [...sets].flatMap((set) => set.flatMap((a, place) => set.slice(place + 1).map((b) => [a, b] as const)));
      const joined = pairs(groupsOf([...world.keys()].filter((event): event is RecordedEvent => !('rule' in event.provenance))));
      counts.joined += joined.length;
      counts.both += joined.filter(([a, b]) => world.get(a) === world.get(b)).length;
      counts.true += pairs(Map.groupBy(world.keys(), (event) => world.get(event)).values()).length;
    }
    return { precision: counts.both / counts.joined, recall: counts.both / counts.true };
  }

  it('are told apart and put together without a fault where they fire some minutes apart, even where a third of the records is lost', () => {
    for (const lost of [0, 0.3]) expect(measure([240, 1_800], lost)).toEqual({ precision: 1, recall: 1 });
  });

  it('are nearly all put together rightly where they fire faster than they are told', () => {
    const whole = measure([40, 180], 0);
    expect(whole.precision).toBeGreaterThan(0.94);
    expect(whole.recall).toBeGreaterThan(0.94);
    const lossy = measure([40, 180], 0.3);
    expect(lossy.precision).toBeGreaterThan(0.85);
    expect(lossy.recall).toBeGreaterThan(0.85);
  });
});
