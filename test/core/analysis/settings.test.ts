import { describe, expect, it } from 'vitest';
import { changesOf } from '../../../src/core/analysis/changes.ts';
import { shareIn } from '../../../src/core/analysis/settings.ts';
import type { RecordedEvent } from '../../../src/core/events.ts';
import { caseOf, eventOf, instant } from '../../support/events.ts';

function flag(at: string, value: string, key = 'new-cache', service = 'api'): RecordedEvent {
  return eventOf('flag.changed', at, {
    key: `${key}-${at}`,
    source: 'flags',
    belongsTo: [`flags/service:${service}`],
    attributes: { key, value },
  });
}

function config(at: string, value: string): RecordedEvent {
  return eventOf('config.changed', at, { source: 'pagerduty', stream: 'change_events', attributes: { key: 'Terraform', value } });
}

const changes = (...events: readonly RecordedEvent[]) => changesOf(caseOf({ events }));

describe('a flag', () => {
  it('that is turned up by percent is one change, with a step for each', () => {
    const [one, ...rest] = changes(flag('10:00', '5%'), flag('10:20', '50 %'), flag('10:40', 'on'));
    expect(rest).toEqual([]);
    expect(one).toMatchObject({
      key: 'flags/flag:new-cache@new-cache-10:00',
      kind: 'flag',
      began: { at: instant('10:00') },
      ended: { at: instant('10:40') },
      steps: [{ share: 0.05 }, { share: 0.5 }, { share: 1 }],
    });
    expect(one?.cites).toHaveLength(3);
  });

  it.each([
    ['another flag', flag('10:20', '50%', 'old-cache')],
    ['the same name at another service', flag('10:20', '50%', 'new-cache', 'checkout')],
    ['the next day', flag('2024-01-16T10:20:00Z', '50%')],
    ['the same share again', flag('10:20', '5%')],
  ])('is not joined to %s', (_, other) => {
    expect(changes(flag('10:00', '5%'), other)).toHaveLength(2);
  });

  it('that is turned off or down takes back that it was turned on, and turned up again takes back nothing', () => {
    const [on, off, again] = changes(flag('10:00', 'on'), flag('10:20', 'off'), flag('11:00', 'on'));
    expect(on?.reverses).toBeUndefined();
    expect(off?.reverses).toBe(on?.key);
    expect(again?.reverses).toBeUndefined();
    expect(changes(flag('10:00', '50%'), flag('10:20', '10%'))[1]?.reverses).toBe('flags/flag:new-cache@new-cache-10:00');
  });

  it('that is set back to an earlier value takes back what lies between', () => {
    const [, wide, back] = changes(flag('10:00', 'pool=50'), flag('10:20', 'pool=500'), flag('10:40', 'pool=50'));
    expect(back?.reverses).toBe(wide?.key);
  });
});

describe('what a tool of flags tells the pager in words', () => {
  it.each([
    ['new-cache turned on for 100 %', 'new-cache turned off'],
    ['Jane Doe turned on the flag new-cache in Production', 'Sam Lee turned off the flag new-cache in Production'],
    ['Feature flag "Dark mode" enabled for everyone', 'Feature flag "Dark mode" disabled'],
    ['Dark mode switched on for all users', 'Dark mode switched off'],
    ['Turned the new_cache flag on', 'new_cache set to 0 %'],
    ['new-cache enabled for 50 percent', 'new-cache enabled for 5 percent'],
    ['search.v2 rolled out to everyone', 'search.v2 disabled'],
    ['Flag new-cart on for 25 %', 'Flag new-cart off'],
    ['Set flag new-cart to 25%', 'Set flag new-cart to 0%'],
    ['new-cart: rollout 25%', 'new-cart: rollout 5%'],
    ['Updated new-cart rollout from 5% to 25%', 'Updated new-cart rollout from 25% to 0%'],
    ['Dark mode rollout: 5 % → 25 %', 'Dark mode rollout: 25 % → 0 %'],
  ])('%s, and %s takes it back', (on, off) => {
    const [first, second] = changes(config('10:00', on), config('10:20', off));
    expect(first?.reverses).toBeUndefined();
    expect(second?.reverses).toBe(first?.key);
  });

  it.each([
    ['another flag', 'new-cache turned on for 100 %', 'old-cache turned off'],
    ['another, alike in all other words', 'Dark mode turned on for everyone', 'Light mode turned off for everyone'],
    ['another place', 'new-cache enabled in eu-west-1', 'new-cache disabled in us-east-1'],
    ['what was only planned', 'new-cache turned on', 'new-cache will be turned off'],
    ['what did not work', 'new-cache turned on', 'new-cache could not be disabled'],
    ['a share that says nothing of the rest', 'new-cache turned on', 'new-cache turned off for 10 %'],
    ['more of it', 'new-cache enabled for 5 %', 'new-cache enabled for everyone'],
    ['what names nothing', 'turned on', 'turned off'],
  ])('%s takes nothing back', (_, on, off) => {
    expect(changes(config('10:00', on), config('10:20', off)).every(({ reverses }) => reverses === undefined)).toBe(true);
  });

  it('finds the one of its name among others, and takes it back once', () => {
    const [cache, mode, off, again] = changes(
      config('10:00', 'new-cache turned on'),
      config('10:10', 'dark-mode turned on'),
      config('10:20', 'new-cache turned off'),
      config('10:30', 'new-cache turned off'),
    );
    expect([cache, mode, again].map((one) => one?.reverses)).toEqual([undefined, undefined, undefined]);
    expect(off?.reverses).toBe(cache?.key);
  });

  it('that is turned on for more and more is one change, which is taken back as one', () => {
    const [on, off, ...rest] = changes(
      config('10:00', 'new-cache turned on for 5 %'),
      config('10:20', 'new-cache turned on for everyone'),
      config('10:40', 'new-cache turned off'),
    );
    expect(rest).toEqual([]);
    expect(on?.steps).toMatchObject([{ share: 0.05 }, { share: 1 }]);
    expect(off?.reverses).toBe(on?.key);
  });

  it.each([
    ['of a flag', 'Flag new-cart on for 5 %', 'Flag new-cart on for 25 %', 'Flag new-cart off'],
    ['by what it was and is', 'new-cart rollout from 1% to 5%', 'new-cart rollout from 5% to 25%', 'new-cart rollout from 25% to 0%'],
  ])('in shares %s is one change, which is taken back as one', (_, few, more, none) => {
    const [on, off, ...rest] = changes(config('10:00', few), config('10:20', more), config('10:40', none));
    expect(rest).toEqual([]);
    expect(on?.steps).toMatchObject([{ share: 0.05 }, { share: 0.25 }]);
    expect(off?.reverses).toBe(on?.key);
  });

  it('is a flag by its own source just as well', () => {
    const [on, off] = changes(flag('10:00', 'turned on for everyone'), flag('10:20', 'turned off by Sam'));
    expect(off?.reverses).toBe(on?.key);
  });
});

it('a configuration that says it reverts takes back the one whose words it shares, though another came after', () => {
  const [timeouts, , back] = changes(
    config('10:00', 'Apply timeouts of checkout'),
    config('10:10', 'Apply alarms of search'),
    config('10:30', 'Revert timeouts of checkout'),
  );
  expect(back?.reverses).toBe(timeouts?.key);
});

it.each([
  ['canary at 10 %', 0.1],
  ['25%', 0.25],
  ['0.5%', 0.005],
  ['enabled', 1],
  ['off', 0],
  ['turned on for everyone', 1],
  ['turned off for everyone', 0],
  ['set to 0 %', 0],
  ['Flag new-cart on', 1],
  ['CPU target from 50% to 70%', 0.7],
  ['scaled to 140%', undefined],
  ['version 2', undefined],
])('%s names the share %s', (text, share) => {
  expect(shareIn(text)).toBe(share);
});
