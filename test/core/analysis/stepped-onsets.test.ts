import { describe, expect, it } from 'vitest';
import { changesOf } from '../../../src/core/analysis/changes.ts';
import { readImpact } from '../../../src/core/analysis/impact-series.ts';
import { firingsOf } from '../../../src/core/analysis/joined.ts';
import { reachToSteps } from '../../../src/core/analysis/stepped-onsets.ts';
import type { Case } from '../../../src/core/case.ts';
import { epochMs, likelyTime } from '../../../src/core/time.ts';
import { CHECKOUT_SERVICE, caseOf, coverageLineOf, eventOf, factOf, instant, moment, seriesOf, windowOf } from '../../support/events.ts';
import { randomFrom } from '../../support/generated-series.ts';

const ALARM = 'alarm:arn:aws:cloudwatch:eu-west-1:1:alarm:checkout-errors';
const KEY = 'aws-prod/metric:AWS/X/Errors#Average';
const PLAIN = '2024-01-15T14:30:00Z';
const MINUTE = 60_000;

/** Errors that stray by 1 about 100: 10 above from 14:30 on, and this much above in the minutes before, the first of them so many back. */
function errors(faint: number, minutes: number) {
  const random = randomFrom(11);
  const values = Array.from({ length: 700 }, (_, at) => {
    const noise = Array.from({ length: 12 }, random).reduce((sum, one) => sum + one, -6);
    return 100 + noise + (at >= 600 ? 10 : at >= 600 - minutes ? faint : 0);
  });
  return seriesOf(KEY, MINUTE, new Date(Date.parse(PLAIN) - 600 * MINUTE).toISOString(), values, { source: 'aws-prod' });
}

/** What the alarm's series says, with a canary that took its first step so many minutes before 14:30 and its second at 14:30. */
function readWith(
  series: ReturnType<typeof errors>,
  firstStep: number | undefined,
  belongsTo = 'github/repo:acme/checkout@production',
  coverage: Case['coverage'] = [],
) {
  const step = (minutes: number, key: string) =>
    eventOf('deployment.started', new Date(Date.parse(PLAIN) - minutes * MINUTE).toISOString(), {
      source: 'github',
      stream: 'deployment_statuses',
      key,
      timeMeaning: 'started',
      belongsTo: [belongsTo],
      correlationKeys: ['deployment:acme/checkout#1'],
      attributes: { 'deployment.id': '1', 'deployment.environment.name': 'production' },
    });
  const fired = eventOf('alert.fired', '2024-01-15T14:34:00Z', {
    source: 'aws-prod',
    stream: 'alarm_history',
    time: moment('2024-01-15T14:34:00Z'),
    belongsTo: ['aws-prod/alarm:checkout-errors'],
    correlationKeys: [ALARM],
    attributes: { 'alert.rule': 'checkout-errors' },
  });
  const rule = factOf({
    kind: 'alarm' as const,
    key: ALARM,
    comparison: 'above' as const,
    threshold: 105,
    periodMs: MINUTE,
    breaching: 2,
    outOf: 2,
    missing: 'missing' as const,
    seriesKeys: [KEY],
  });
  const theCase = caseOf({
    subject: ['checkout'],
    services: [
      { ...CHECKOUT_SERVICE, name: 'checkout', owns: ['aws-prod/alarm:checkout-*', 'github/repo:acme/checkout@production'], dependsOn: [] },
      { name: 'search', owns: ['github/repo:acme/search@production'], dependsOn: [] },
    ],
    events: [...(firstStep === undefined ? [] : [step(firstStep, 's0'), step(0, 's1')]), fired],
    coverage,
    facts: [rule],
    series: [series],
    now: instant('2024-01-15T16:00:00Z'),
  });
  const readings = readImpact(theCase, firingsOf(theCase));
  const [reading] = reachToSteps(readings, changesOf(theCase), theCase);
  if (!reading?.onset.found) throw new Error(`no onset: ${JSON.stringify(reading?.onset)}`);
  const { at, minusMs } = reading.onset.time;
  return { earliest: new Date(epochMs(at) - minusMs).toISOString().slice(11, 16), reading };
}

it('reaches back to the step of a canary that raised the metric by less than its noise', () => {
  const { earliest, reading } = readWith(errors(0.9, 8), 8);
  expect(earliest).toBe('14:22');
  expect(reading.mayBeginWith).toMatchObject({ at: { at: '2024-01-15T14:22:00.000Z' } });
});

it('reaches back to a step where the points are too few to speak against it', () => {
  expect(readWith(errors(0, 0), 6).earliest).toBe('14:24');
});

it('does not reach back to a step that an hour of quiet points speaks against', () => {
  const { earliest, reading } = readWith(errors(0, 0), 60);
  expect(earliest >= '14:28').toBe(true);
  expect(reading.mayBeginWith).toBeUndefined();
});

it("leaves another service's rollout alone", () => {
  expect(readWith(errors(0, 0), 6, 'github/repo:acme/search@production').reading.mayBeginWith).toBeUndefined();
});

it('begins with the first of two steps where the metric stayed at the first until it was the new normal, and the alarm fired at the second', () => {
  const { values, ...series } = errors(0, 0);
  const staircase = { ...series, values: values.map((value, at) => (at >= 538 && at < 600 ? value + 12 : at >= 600 ? value + 14 : value)) };
  const { reading } = readWith(staircase, 500);
  expect(reading.onset).toMatchObject({ time: { at: '2024-01-15T13:28:00.000Z' } });
});

describe('a gap in the record of changes', () => {
  const gap = (from: string, to: string, need: 'needed' | 'extra' = 'needed') =>
    coverageLineOf('github', 'deployments', {
      need,
      status: 'partial',
      gaps: [{ window: windowOf(from, to), reason: 'unavailable', detail: 'no answer' }],
    });

  it('may hide the first step of a canary: the bounds that lengths are counted from reach back to its begin, those of order do not', () => {
    const { earliest, reading } = readWith(errors(0, 0), undefined, '', [gap('14:24', '14:29')]);
    const plain = readWith(errors(0, 0), undefined).reading.onset;
    expect(earliest).toBe('14:24');
    expect(reading.mayBeginIn).toEqual({ window: windowOf('14:24', '14:29'), cites: [{ coverage: 'github/deployments' }] });
    expect(reading.onset).toMatchObject({ likely: plain.found && likelyTime(plain) });
  });

  it('hides none for longer than the points allow, nor after the start, nor where nothing needed is missing', () => {
    const { earliest } = readWith(errors(0, 0), undefined, '', [gap('12:00', '14:29')]);
    expect(earliest > '13:50' && earliest < '14:25').toBe(true);
    for (const line of [gap('12:00', '13:30'), gap('14:31', '14:40'), gap('14:20', '14:30', 'extra')]) {
      expect(readWith(errors(0, 0), undefined, '', [line]).reading.mayBeginIn).toBeUndefined();
    }
  });
});
