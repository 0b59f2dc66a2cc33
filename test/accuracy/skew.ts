import { skewFindings, skewsOf } from '../../src/core/analysis/skew.ts';
import { assemble } from '../../src/core/case.ts';
import type { RecordedEvent } from '../../src/core/events.ts';
import { addMs, instantAt } from '../../src/core/time.ts';
import { API_SERVICE, eventOf, instant, recordOf, snapshotOf } from '../support/events.ts';
import { randomOf } from '../support/random.ts';
import { quantile, share } from './intervals.ts';
import type { Figure, Part } from './part.ts';

const DELAY_MS = 90_000;
const DAY_MS = 86_400_000;
const WORLDS = 2_000;
const UNSHIFTED = 200;
const ALARM = 'alarm:arn:aws:cloudwatch:us-east-1:123456789012:alarm:api-HighErrorRate';

/** What truly happened: alarms that fired, how long each took to reach the pager, and how far the pager's clock is off. */
interface World {
  readonly offsetMs: number;
  readonly delays: readonly number[];
  readonly events: readonly RecordedEvent[];
}

type Random = () => number;
type Delays = (random: Random, twins: number) => readonly number[];

/** Evenly between 0 and 90 s; and what is harder: all of them slow, all alike, most fast and few slow, one of ten lost for minutes. */
const DELAYS: Readonly<Record<string, Delays>> = {
  even: (random, twins) => drawn(twins, () => random() * DELAY_MS),
  slow: (random, twins) => drawn(twins, () => DELAY_MS * (0.7 + 0.3 * random())),
  alike: (random, twins) => {
    const usual = random() * DELAY_MS;
    return drawn(twins, () => usual);
  },
  skewed: (random, twins) => drawn(twins, () => Math.min(DELAY_MS, -8_000 * Math.log(1 - random()))),
  straggling: (random, twins) => drawn(twins, () => (random() < 0.05 ? 600_000 * random() : 20_000 * random())),
};

function drawn(count: number, draw: () => number): readonly number[] {
  return Array.from({ length: count }, () => Math.floor(draw()));
}

/** Firings some minutes to hours apart; half of the pagers hand on the alarm's own time, half stamp only their own, cut to the second. */
function worldOf(random: Random, twins: number, offsetMs: number, delays: Delays): World {
  const start = instant('2024-01-01T00:00:00Z');
  const took = delays(random, twins);
  const isNamed = random() < 0.5;
  let at = addMs(start, Math.floor(random() * DAY_MS));
  const events = took.flatMap((delayMs, number) => {
    at = addMs(at, Math.floor((25 + 120 * random()) * 60_000));
    const stamp = instantAt(Math.floor(Date.parse(addMs(at, delayMs + offsetMs)) / 1_000) * 1_000);
    const alarm = eventOf('alert.fired', at, { key: `h${number}`, time: { at, minusMs: 0, plusMs: 1 }, timeMeaning: 'occurred' });
    const alert = eventOf('alert.fired', isNamed ? at : stamp, {
      key: `a${number}`,
      source: 'pagerduty',
      stream: 'alerts',
      correlationKeys: ['pagerduty/incident:PABC', ALARM],
      ...(isNamed ? { time: { at, minusMs: 0, plusMs: 1 }, timeMeaning: 'occurred' as const } : {}),
      knowableAt: stamp,
    });
    return [alarm, alert];
  });
  return { offsetMs, delays: took, events };
}

/** Up to five minutes either way; half of the worlds within half a minute, where an offset is hardest to tell from a delay. */
function anyOffset(random: Random): number {
  return Math.round((2 * random() - 1) * (random() < 0.5 ? 300_000 : 30_000));
}

function measured({ events }: World) {
  return skewsOf({ events })[0];
}

function holdsOf(name: string, seed: number): readonly Figure[] {
  const randoms = [randomOf(4_000), randomOf(seed)] as const;
  const delays = DELAYS[name] ?? DELAYS['even'];
  if (!delays) throw new RangeError('no delays');
  const worlds = Array.from({ length: WORLDS }, (_, number) => {
    const random = number % 2 === 0 ? randoms[0] : randoms[1];
    return worldOf(random, 3 + Math.floor(random() * 38), anyOffset(random), delays);
  });
  const read = worlds.flatMap((world) => {
    const skew = measured(world);
    return skew?.measurable ? [{ ...world, ...skew }] : [];
  });
  const held = read.filter(({ offsetMs, minMs, maxMs }) => minMs <= offsetMs && offsetMs <= maxMs).length;
  const narrow = read.filter((one) => {
    // The relays could all have taken that much less or more: no stamps tell, so no interval may be narrower.
    return one.maxMs - one.minMs < DELAY_MS - (Math.max(...one.delays) - Math.min(...one.delays));
  }).length;
  const { value, low, high } = share(held, read.length);
  const widths = read.map(({ minMs, maxMs }) => (maxMs - minMs) / 1_000);
  const common = { task: 'skew', data: `3 to 40 twins, ${name} delays` };
  const isWithin = name !== 'straggling';
  return [
    {
      ...common,
      figure: 'the interval holds the planted offset',
      value: value.toFixed(3),
      n: read.length,
      interval: `${low.toFixed(3)}, ${high.toFixed(3)}`,
      reach: '0.95',
      held: value >= 0.95,
    },
    ...(isWithin
      ? [{ ...common, figure: 'narrower than the delays allow', value: `${narrow}`, n: read.length, reach: '0', held: narrow === 0 }]
      : []),
    { ...common, figure: 'median width', value: `${quantile(widths, 0.5).toFixed(0)} s`, n: read.length },
    { ...common, figure: 'not measurable', value: `${WORLDS - read.length}`, n: WORLDS },
  ];
}

function fewTwins(seed: number): Figure {
  const random = randomOf(seed);
  const even = DELAYS['even'] ?? (() => []);
  const worlds = Array.from({ length: UNSHIFTED }, () => worldOf(random, 1 + Math.floor(random() * 2), anyOffset(random), even));
  const told = worlds.filter((world) => measured(world)?.measurable === false).length;
  const task = { task: 'skew', data: '1 or 2 twins', figure: 'called not measurable' };
  return { ...task, value: `${told}`, n: worlds.length, reach: 'all', held: told === worlds.length };
}

/** Twins from 1 to 40 and every kind of delay up to 90 s, with clocks that agree: nothing may be found, and no time may move. */
function unshifted(seed: number): Figure {
  const random = randomOf(seed);
  const kinds = Object.entries(DELAYS).flatMap(([name, delays]) => (name === 'straggling' ? [] : [delays]));
  const worlds = Array.from({ length: UNSHIFTED }, (_, number) => {
    return worldOf(random, 1 + Math.floor(random() * 40), 0, kinds[number % kinds.length] ?? (() => []));
  });
  const quiet = worlds.filter((world) => skewFindings(skewsOf(world)).length === 0 && isAsFound(world)).length;
  const task = { task: 'skew', data: 'clocks that agree', figure: 'no offset found, none corrected' };
  return { ...task, value: `${quiet}`, n: worlds.length, reach: 'all', held: quiet === worlds.length };
}

/** The case that a draft is made of has every time as its record gave it. */
function isAsFound({ events }: World): boolean {
  const records = events.map((event) => recordOf(event.id, { events: [event] }, event.provenance));
  const [from, to] = [instant('2023-12-31T00:00:00Z'), instant('2024-02-01T00:00:00Z')];
  const windows = { incident: { from, to }, changes: { from, to }, baseline: { from, to } };
  const theCase = assemble(snapshotOf(records, { windows }), records, [API_SERVICE]);
  const found = new Map(events.map((event) => [event.id, JSON.stringify([event.time, event.knowableAt])]));
  return (
    theCase.events.length === events.length &&
    theCase.events.every(({ id, time, knowableAt }) => found.get(id) === JSON.stringify([time, knowableAt]))
  );
}

function foundOf(seed: number): Figure {
  const random = randomOf(seed);
  const even = DELAYS['even'] ?? (() => []);
  const worlds = Array.from({ length: 500 }, () => {
    const sign = random() < 0.5 ? -1 : 1;
    return worldOf(random, 3 + Math.floor(random() * 38), sign * Math.round(30_000 + 270_000 * random()), even);
  });
  const found = worlds.filter(({ events }) => skewFindings(skewsOf({ events })).length > 0).length;
  const { value, low, high } = share(found, worlds.length);
  const task = { task: 'skew', data: 'offsets of 30 s to 5 min', figure: 'said to differ' };
  return { ...task, value: value.toFixed(3), n: worlds.length, interval: `${low.toFixed(3)}, ${high.toFixed(3)}` };
}

/** Half of the worlds from a fixed seed, half from that of the run. */
export const skew: Part = {
  name: 'skew',
  run: async (seed) => [
    ...Object.keys(DELAYS).flatMap((name, at) => holdsOf(name, seed + at)),
    fewTwins(seed),
    unshifted(seed),
    foundOf(seed),
  ],
};
