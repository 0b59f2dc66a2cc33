import { describe, expect, it } from 'vitest';
import { analyze } from '../../../src/core/analysis/analyze.ts';
import type { Case } from '../../../src/core/case.ts';
import type { RecordedEvent } from '../../../src/core/events.ts';
import type { Fact } from '../../../src/core/facts.ts';
import type { Series } from '../../../src/core/series.ts';
import { eventOf, factOf, moment, seriesOf } from '../../support/events.ts';
import { ALARM, alarmOf, deploymentEvents, ERRORS, OLD, SAMPLE_EVENTS, SAMPLE_FACTS, sampleCase } from '../../support/sample-case.ts';

const QUIET = SAMPLE_EVENTS.filter((event) => !event.type.startsWith('deployment.') && event.type !== 'release.published');

/** What is said of the changes given, in place of the sample's. */
function weigh(events: readonly RecordedEvent[], overrides: Partial<Case> = {}) {
  const { suspects, changes } = analyze(sampleCase({ events: [...QUIET, ...events], ...overrides }));
  const of = (id: number) => suspects.find(({ change }) => change === `github/deployment:DE_${id}`);
  return {
    changes,
    suspects,
    codes: (id: number) => of(id)?.reasons.map(({ code }) => code) ?? [],
    score: (id: number) => of(id)?.score ?? 0,
  };
}

const deployed = (id: number, started: string, done: string, more = {}) =>
  deploymentEvents({ id, sha: `sha-${id}`, ref: `v${id}`, created: started, started, done, ...more });
const before = deploymentEvents({
  id: 1,
  sha: OLD,
  ref: 'v1',
  created: '2024-01-10T10:00:00Z',
  started: '2024-01-10T10:00:00Z',
  done: '2024-01-10T10:03:00Z',
});

/** The files between two of the deployments above. */
function compared(base: string, id: number, ...paths: readonly string[]): Fact {
  const head = `sha-${id}`;
  const files = paths.map((path) => ({ path }));
  const key = `github/compare:acme/api#${base}...${head}`;
  return factOf({ kind: 'comparison' as const, key, base, head, status: 'ahead' as const, commits: [head], files, filesCut: false });
}

type Told = readonly (readonly [from: string, value: number])[];

/** The 5xx count of the sample's alarm, one value a minute from an hour to 15:30: the last that is given goes on. */
function errorsSince(hour: number, ...told: Told) {
  const minute = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
  const values = Array.from({ length: 930 - 60 * hour }, (_, at) => {
    const value = told.findLast(([from]) => minute(from) <= 60 * hour + at)?.[1] ?? 4;
    return value + (at % 3);
  });
  return [seriesOf(ERRORS, 60_000, `2024-01-15T${String(hour).padStart(2, '0')}:00:00Z`, values)];
}

/** The same with one value in five of the hours before 14:00. */
function thinned(series: Series): Series {
  const kept = [...series.startsMs.keys()].filter((at) => at % 5 === 0 || at >= 300);
  return {
    ...series,
    startsMs: series.startsMs.filter((_, at) => kept.includes(at)),
    values: series.values.filter((_, at) => kept.includes(at)),
  };
}

const errors = (...told: Told) => errorsSince(13, ...told);

/** A canary: its record, and a start for each step. */
function canary(id: number, steps: readonly string[], end: string, failed = false): readonly RecordedEvent[] {
  const [first = end, ...rest] = steps;
  const own = deploymentEvents({ id, sha: `sha-${id}`, ref: `v${id}`, created: first, started: first, done: end, failed });
  const more = rest.map((at) => {
    const attributes = { 'deployment.id': `${id}`, 'deployment.environment.name': 'production' };
    const common = { stream: 'deployment_statuses', key: `DES_${id}_${at}`, timeMeaning: 'started' as const };
    return { ...eventOf('deployment.started', at, { ...common, correlationKeys: [`deployment:acme/api#${id}`] }), attributes };
  });
  return [...own, ...more];
}

describe('a canary', () => {
  const growing = errors(['14:29', 100], ['14:39', 600], ['14:50', 4]);

  it('that began before the impact and ended after it is not ruled out: the impact grew with its steps', () => {
    const { codes, score, changes } = weigh([...before, ...canary(2, ['14:28:30', '14:38:30'], '14:49')], { series: growing });
    expect(changes.find(({ key }) => key.endsWith('DE_2'))?.steps).toMatchObject([
      { at: { at: '2024-01-15T14:28:30.000Z' } },
      { at: { at: '2024-01-15T14:38:30.000Z' } },
    ]);
    expect(codes(2)).toContain('rollout_step_matched');
    expect(codes(2)).not.toContain('finished_after_impact');
    expect(score(2)).toBeGreaterThan(0.7);
  });

  it('of which one step alone was followed by a rise has less for it', () => {
    const steps = canary(2, ['14:28:30', '14:38:30'], '14:49');
    const weightOf = (series: ReturnType<typeof errors>) =>
      weigh([...before, ...steps], { series })
        .suspects.find(({ change }) => change.endsWith('DE_2'))
        ?.reasons.find(({ code }) => code === 'rollout_step_matched')?.weight ?? 0;
    const once = weightOf(errors(['14:29', 400], ['14:50', 4]));
    expect(once).toBeGreaterThan(0);
    expect(once).toBeLessThan(weightOf(growing));
  });

  it('whose steps changed nothing, before the impact and in it, has that against it', () => {
    const { codes, score } = weigh([...before, ...canary(2, ['14:00', '14:35'], '14:45')], { series: errors(['14:29', 400]) });
    expect(codes(2)).toContain('steps_without_rise');
    expect(score(2)).toBeLessThan(weigh([...before, ...deployed(2, '14:00', '14:45')], { series: errors(['14:29', 400]) }).score(2));
  });

  it('that was stopped is likelier where the impact ended, and less where it went on', () => {
    const steps = canary(2, ['14:28:30'], '14:39', true);
    const ended = weigh([...before, ...steps], { series: errors(['14:29', 400], ['14:40', 4]) });
    const went = weigh([...before, ...steps], { series: errors(['14:29', 400]) });
    expect(ended.codes(2)).toContain('stopped_then_recovered');
    expect(went.codes(2)).toContain('impact_outlived_reversal');
  });
});

describe('a change of hours before the impact of which few values were read', () => {
  it('has no quiet hours against it', () => {
    const gauge = errorsSince(9, ['14:29', 400], ['14:50', 4]).map((one) => ({ ...thinned(one), statistic: 'Average', unit: 'Seconds' }));
    const facts = SAMPLE_FACTS.map((fact) => (fact.kind === 'alarm' ? { ...fact, missing: 'missing' as const } : fact));
    const early = [...before, ...deployed(2, '11:55', '11:58')];
    const { codes } = weigh(early, { series: gauge, facts });
    expect(codes(2)).toContain('finished_before_impact');
    expect(codes(2)).not.toContain('quiet_after_rollout');
  });
});

describe('a rollback', () => {
  const taken = [...before, ...deployed(2, '14:24', '14:27'), ...deployed(3, '14:41', '14:45', { sha: OLD, ref: 'v1' })];
  const codesAfter = (...told: Told) => weigh(taken, { series: errors(['14:29', 400], ...told) }).codes(2);

  it('at which the errors stopped, and came back some minutes later, has not outlived them', () => {
    const back = codesAfter(['14:46', 4], ['14:51', 900], ['14:58', 4]);
    expect(back).toContain('reversed_then_relapsed');
    expect(back).not.toContain('impact_outlived_reversal');
  });

  it('after which there was one calm value at most has', () => {
    expect(codesAfter(['14:46', 4], ['14:47', 400], ['15:05', 4])).toContain('impact_outlived_reversal');
    expect(codesAfter(['15:05', 4])).toContain('impact_outlived_reversal');
  });
});

describe('a change of hours before the impact', () => {
  const early = [...before, ...deployed(2, '11:55', '11:58')];
  const outage = [
    ['14:29', 400],
    ['14:50', 4],
  ] as const;

  it('after which the metric stayed normal has that against it', () => {
    expect(weigh(early, { series: errorsSince(9, ...outage) }).codes(2)).toContain('quiet_after_rollout');
  });

  it.each([
    ['left its normal before, soon after it', errorsSince(9, ['12:00', 400], ['12:20', 4], ...outage)],
    ['was not read since then', errorsSince(13, ...outage)],
  ])('after which the metric %s has not', (_, series) => {
    expect(weigh(early, { series }).codes(2)).not.toContain('quiet_after_rollout');
  });
});

describe('what it touched', () => {
  const ofPayments = alarmOf({ key: ALARM.replace('api-High', 'api-payments-High') });
  const fired = QUIET.map((event) => ({
    ...event,
    correlationKeys: event.correlationKeys.map((key) => (key === ALARM ? ofPayments.key : key)),
  }));
  const two = [...before, ...deployed(2, '14:10', '14:12'), ...deployed(3, '14:16', '14:18')];
  const weighFiles = (first: readonly string[], second: readonly string[]) => {
    const facts = [
      ...SAMPLE_FACTS.filter(({ kind }) => kind !== 'alarm'),
      ofPayments,
      compared(OLD, 2, ...first),
      compared('sha-2', 3, ...second),
    ];
    const { suspects } = analyze(sampleCase({ events: [...fired, ...two], facts }));
    return {
      suspects,
      of: (id: number) => suspects.find(({ change }) => change.endsWith(`DE_${id}`))?.reasons.map(({ code }) => code) ?? [],
    };
  };

  it('speaks for the earlier of two where it carries the name of what the alarm watches', () => {
    const { suspects, of } = weighFiles(['src/Payment.ts'], ['src/login/form.ts']);
    expect(of(2)).toContain('paths_match_alarm');
    expect(of(3)).toContain('paths_beside_alarm');
    expect(suspects[0]?.change).toContain('DE_2');
  });

  it('tells nothing where no change carries that name, and half where both do', () => {
    const none = weighFiles(['src/cart.ts'], ['src/login/form.ts']);
    expect([...none.of(2), ...none.of(3)].filter((code) => code.startsWith('paths_'))).toEqual([]);
    const both = weighFiles(['src/payments/a.ts'], ['src/payments/b.ts']);
    const [one, other] = both.suspects.flatMap(({ reasons }) => reasons.filter(({ code }) => code === 'paths_match_alarm'));
    expect(one?.weight).toBe(other?.weight);
    const alone = weighFiles(['src/payments/a.ts'], []).suspects.flatMap(({ reasons }) => reasons);
    expect(alone.find(({ code }) => code === 'paths_match_alarm')?.weight).toBe((one?.weight ?? 0) * 2);
  });

  it('is not found in the name of the service, which every path may carry', () => {
    const { of } = weighFiles(['src/api/start.ts'], ['src/login/form.ts']);
    expect([...of(2), ...of(3)].filter((code) => code.startsWith('paths_'))).toEqual([]);
  });

  it('speaks against it where nothing of that runs, whatever name it carries', () => {
    const { of } = weighFiles(['docs/payments.md', 'test/payments.test.ts', '.github/workflows/ci.yml'], ['src/a.ts', 'docs/b.md']);
    expect(of(2)).toContain('paths_without_effect');
    expect(of(2)).not.toContain('paths_match_alarm');
    expect(of(3)).not.toContain('paths_without_effect');
  });

  it('counts when it is much', () => {
    const many = Array.from({ length: 12 }, (_, at) => `src/part-${at}.ts`);
    const { of } = weighFiles(many, many.slice(1));
    expect([of(2).includes('large_change'), of(3).includes('large_change')]).toEqual([true, false]);
  });

  it('automatic scaling is rather an answer to load', () => {
    const scaled = eventOf('config.changed', '14:25', {
      belongsTo: ['pagerduty/service:PAPI001'],
      attributes: { key: 'AWS Auto Scaling', value: 'desired capacity 4 to 6' },
    });
    expect(weigh([scaled]).suspects[0]?.reasons.map(({ code }) => code)).toContain('automatic_scaling');
  });
});

describe('an answer', () => {
  it('on top that touches the same files mended it, where recovery followed; one that touches others did not', () => {
    const rolled = [...before, ...deployed(2, '14:10', '14:12'), ...deployed(3, '14:44', '14:47')];
    const weighFix = (...paths: readonly string[]) =>
      weigh(rolled, { facts: [...SAMPLE_FACTS, compared(OLD, 2, 'src/pool.ts', 'src/a.ts'), compared('sha-2', 3, ...paths)] });
    expect(weighFix('src/pool.ts').codes(2)).toContain('fixed_then_recovered');
    expect(weighFix('src/other.ts').codes(2)).not.toContain('fixed_then_recovered');
    expect(weighFix('src/other.ts').score(2)).toBeLessThan(weighFix('src/pool.ts').score(2));
  });

  it('mended it the more, the more of what it touches the change had touched: a large change meets a file of almost any', () => {
    const rolled = [...before, ...deployed(2, '14:10', '14:12'), ...deployed(3, '14:44', '14:47')];
    const weightOf = (...paths: readonly string[]) => {
      const facts = [...SAMPLE_FACTS, compared(OLD, 2, 'src/pool.ts', 'src/a.ts'), compared('sha-2', 3, ...paths)];
      const own = weigh(rolled, { facts }).suspects.find(({ change }) => change.endsWith('DE_2'));
      return own?.reasons.find(({ code }) => code === 'fixed_then_recovered')?.weight ?? 0;
    };
    const whole = weightOf('src/pool.ts');
    expect(weightOf('src/pool.ts', 'src/a.ts')).toBe(whole);
    expect(weightOf('src/pool.ts', 'src/b.ts')).toBeCloseTo(whole / 2, 3);
    expect(weightOf('src/pool.ts', ...Array.from({ length: 24 }, (_, at) => `src/part-${at}.ts`))).toBeCloseTo(whole / 25, 3);
  });

  it('that never came speaks against what stayed in place while the impact ended', () => {
    expect(weigh([...before, ...deployed(2, '14:10', '14:12')]).codes(2)).toContain('recovered_while_out');
  });

  describe('that never came, where the impact came back while the incident was open', () => {
    const twice = errors(['14:29', 400], ['14:40', 4], ['15:00', 400], ['15:08', 4]);
    const again = [eventOf('alert.fired', '15:02', { time: moment('15:02', 0, 1), key: 'again' })];
    const late = (event: RecordedEvent) => event.type !== 'incident.resolved';
    const open = (...events: readonly RecordedEvent[]) =>
      weigh([], {
        events: [
          ...QUIET.filter(late),
          eventOf('incident.resolved', '15:25'),
          ...again,
          ...before,
          ...deployed(2, '14:10', '14:12'),
          ...events,
        ],
        series: twice,
      });

    it('says nothing: the change was out in the calm and at the return alike', () => {
      expect(open().codes(2)).not.toContain('recovered_while_out');
      expect(open().codes(2)).toContain('finished_before_impact');
    });

    it('speaks against it where it had been taken back in the calm: the return came without it', () => {
      expect(open(...deployed(3, '14:50', '14:52', { sha: OLD })).codes(2)).toContain('recovered_while_out');
      expect(open(...deployed(3, '15:04', '15:06', { sha: OLD })).codes(2)).not.toContain('recovered_while_out');
    });
  });

  it('that never came speaks as well against what went out within the bounds of the onset', () => {
    const series = [
      seriesOf(
        ERRORS,
        300_000,
        '2024-01-15T09:00:00Z',
        Array.from({ length: 78 }, (_, at) => (at >= 66 && at < 70 ? 400 : 4 + (at % 3))),
      ),
    ];
    const codes = (at: string) => weigh([...before, ...deployed(2, at, `${at}:30`)], { series }).codes(2);
    expect(codes('14:29')).toContain('recovered_while_out');
    expect(codes('14:31')).toContain('recovered_while_out');
    expect(codes('14:31')).not.toContain('finished_after_impact');
  });

  it('that never came is excused by another rollout of the service only where the impact may have ended by that', () => {
    const weightOf = (at: string) => {
      const events = [...before, ...deployed(2, '14:10', '14:12'), ...deployed(3, at, `${at}:30`)];
      const { suspects } = weigh(events, { series: errors(['14:29', 400], ['15:10', 4]) });
      const own = suspects.find(({ change }) => change.endsWith('DE_2'));
      return own?.reasons.find(({ code }) => code === 'recovered_while_out')?.weight ?? 0;
    };
    expect(weightOf('15:05')).toBeLessThan(0);
    expect(weightOf('14:33')).toBeLessThan(weightOf('15:05'));
  });

  it('counts in full where the impact fell as the reversal ended, and in part where it fell before or long after', () => {
    const back = deployed(3, '14:40', '14:42', { sha: OLD });
    const weightOf = (until: string) => {
      const { suspects } = weigh([...before, ...deployed(2, '14:10', '14:12'), ...back], { series: errors(['14:29', 400], [until, 4]) });
      const own = suspects.find(({ change }) => change.endsWith('DE_2'));
      return own?.reasons.find(({ code }) => code === 'reversed_then_recovered')?.weight ?? 0;
    };
    expect(weightOf('14:43')).toBeGreaterThan(weightOf('14:41'));
    expect(weightOf('14:43')).toBeGreaterThan(weightOf('14:50'));
    expect(weightOf('14:41')).toBeGreaterThan(0);
    expect(weightOf('14:50')).toBeGreaterThan(0);
    expect(weightOf('15:10')).toBe(0);
  });

  it('that was under way as the impact ended leaves it open whether it stayed in place', () => {
    const back = deployed(3, '14:40', '14:59', { sha: OLD, failed: true });
    const events = [...before, ...deployed(2, '14:10', '14:12'), ...back];
    expect(weigh(events, { series: errors(['14:29', 400], ['14:50', 4]) }).codes(2)).not.toContain('recovered_while_out');
  });

  describe('where no metric tells what it did', () => {
    const unseen = (at: string | undefined) => (event: RecordedEvent) => {
      if (event.type === 'status.published') return [];
      if (event.type !== 'alert.resolved' || !event.correlationKeys.includes(ALARM)) return [event];
      return at === undefined ? [] : [{ ...event, time: moment(at, 0, 1) }];
    };
    const answered = (clearedAt: string | undefined, ...more: readonly RecordedEvent[]) => {
      const back = deployed(3, '14:40', '14:42', { sha: OLD, task: 'rollback' });
      const events = [...QUIET, ...before, ...deployed(2, '14:10', '14:12'), ...back, ...more].flatMap(unseen(clearedAt));
      const { suspects } = analyze(sampleCase({ events, series: [] }));
      const own = suspects.find(({ change }) => change.endsWith('DE_2'));
      const weightOf = (code: string) => own?.reasons.find((reason) => reason.code === code)?.weight ?? 0;
      return { codes: own?.reasons.map(({ code }) => code), score: own?.score ?? 0, weightOf, cites: own?.reasons.at(-1)?.cites };
    };

    it('its alarms do: they cleared soon after, or stayed on', () => {
      const cleared = answered('14:52');
      const stayed = answered('15:40');
      expect(cleared.codes).toContain('reversed_then_cleared');
      expect(stayed.codes).toContain('alarm_outlived_reversal');
      expect(stayed.score).toBeLessThan(cleared.score);
      expect(stayed.codes).not.toContain('recovered_while_out');
      expect(JSON.stringify(stayed.cites)).toContain('alert.resolved');
    });

    it('where those have no end in the record, the choice of whoever was called speaks', () => {
      const { codes, score } = answered(undefined);
      expect(codes).toContain('reversed_in_answer');
      expect(score).toBeGreaterThan(0.7);
    });

    it('and half as much where they went on changing the service', () => {
      const more = deployed(5, '14:50', '14:51');
      expect(answered(undefined, ...more).weightOf('reversed_in_answer')).toBe(answered(undefined).weightOf('reversed_in_answer') / 2);
    });

    it('a change that stayed in place while the alarms cleared has that against it', () => {
      const events = [...QUIET, ...before, ...deployed(2, '14:10', '14:12')].flatMap(unseen('14:52'));
      const [first] = analyze(sampleCase({ events, series: [] })).suspects;
      expect(first?.reasons.map(({ code }) => code)).toContain('recovered_while_out');
    });
  });
});

describe('time', () => {
  it('looks back from the start of the impact where that lies long before the page', () => {
    const said = eventOf('milestone.asserted', '2024-01-14T09:00:00Z', {
      time: moment('2024-01-14T09:00:00Z'),
      timeMeaning: 'asserted',
      correlationKeys: [],
      attributes: { milestone: 'impact_started' },
    });
    const early = deployed(2, '2024-01-14T08:40:00Z', '2024-01-14T08:50:00Z');
    expect(weigh([...before, ...early, said]).codes(2)).toContain('finished_before_impact');
    expect(weigh([...before, ...early]).codes(2)).toEqual([]);
  });

  it('rules out what began long after, and what began a minute after only nearly: an onset may be seen early', () => {
    const weightOf = (at: string) =>
      weigh(deployed(2, at, '14:59')).suspects[0]?.reasons.find(({ code }) => code === 'finished_after_impact')?.weight ?? 0;
    expect(weightOf('14:31')).toBeGreaterThan(weightOf('14:40'));
    expect(weightOf('14:31')).toBeLessThan(-2);
    expect(weightOf('14:46')).toBe(-8);
  });

  it('holds a rollout that had failed before the impact to be gone', () => {
    expect(weigh(deployed(2, '14:10', '14:12', { failed: true })).codes(2)).toContain('failed_before_impact');
  });
});

describe('place', () => {
  it('what a dependency depends on counts for less than a dependency', () => {
    const names = ['api', 'database', 'disk'] as const;
    const services = names.map((name, at) => ({
      name,
      owns: [`github/repo:acme/${name}@production`, ...(name === 'api' ? ['pagerduty/service:PAPI001', 'aws-prod/alarm:api-*'] : [])],
      dependsOn: names.slice(at + 1, at + 2),
    }));
    const scoreOf = (repository: string) => weigh(deployed(2, '14:20', '14:22', { repository }), { services }).score(2);
    expect(scoreOf('acme/api')).toBeGreaterThan(scoreOf('acme/database'));
    expect(scoreOf('acme/database')).toBeGreaterThan(scoreOf('acme/disk'));
    expect(scoreOf('acme/disk')).toBeGreaterThan(scoreOf('acme/elsewhere'));
  });

  it('a canary environment that nobody claims is still of the repository that is ours', () => {
    const codes = weigh(deployed(2, '14:20', '14:22', { environment: 'canary' })).codes(2);
    expect(codes).toContain('same_service');
    expect(weigh(deployed(2, '14:20', '14:22', { repository: 'acme/unknown' })).codes(2)).not.toContain('same_service');
  });
});
