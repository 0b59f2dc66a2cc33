import { describe, expect, it } from 'vitest';
import { analyze } from '../../../src/core/analysis/analyze.ts';
import type { ReasonCode } from '../../../src/core/analysis/suspects.ts';
import type { Case } from '../../../src/core/case.ts';
import type { RecordedEvent } from '../../../src/core/events.ts';
import { API_SERVICE, CHECKOUT_SERVICE, coverageLineOf, eventOf, windowOf } from '../../support/events.ts';
import { deploymentEvents, errorsAt, SAMPLE_COVERAGE, SAMPLE_EVENTS, sampleCase } from '../../support/sample-case.ts';

const SUSPECT = 'github/deployment:DE_1305550234';
const ROLLBACK = 'github/deployment:DE_1305550299';

const isDeploymentOf =
  (...ids: readonly number[]) =>
  (event: RecordedEvent) =>
    ids.some((id) => event.correlationKeys.some((key) => key.endsWith(`#${id}`)));
const isChange = (event: RecordedEvent) => event.type.startsWith('deployment.') || event.type === 'release.published';
const without = (drop: (event: RecordedEvent) => boolean, ...added: readonly RecordedEvent[]): Pick<Case, 'events'> => ({
  events: [...SAMPLE_EVENTS.filter((event) => !drop(event)), ...added],
});

function rank(overrides: Partial<Case> = {}) {
  const { suspects, suspectVerdict } = analyze(sampleCase(overrides));
  const codes = (key: string): readonly ReasonCode[] =>
    suspects.find(({ change }) => change === key)?.reasons.map(({ code }) => code) ?? [];
  return {
    suspects,
    verdict: suspectVerdict,
    codes,
    first: suspects[0]?.change,
    score: (key: string) => suspects.find(({ change }) => change === key)?.score ?? 0,
  };
}

/** One production deployment of a repository, done at the given time after five minutes. */
function deployed(id: number, started: string, done: string | undefined, repository = 'acme/api'): readonly RecordedEvent[] {
  return deploymentEvents({
    id,
    sha: `sha-${id}`,
    ref: `v${id}`,
    created: started,
    started,
    repository,
    ...(done !== undefined && { done }),
  });
}
const only = (...events: readonly (readonly RecordedEvent[])[]) => without(isChange, ...events.flat());

describe('the sample', () => {
  it('suspects the deployment that was taken back, by reasons that cite', () => {
    const { suspects, verdict, codes, first, score } = rank();
    expect([verdict, first]).toEqual(['suspect', SUSPECT]);
    expect(codes(SUSPECT)).toEqual([
      'finished_before_impact',
      'within_look_back',
      'same_service',
      'same_environment',
      'reversed_then_recovered',
    ]);
    expect(score(SUSPECT)).toBeGreaterThan(0.9);
    expect(suspects.every(({ reasons }) => reasons.every(({ cites }) => cites.length > 0))).toBe(true);
  });

  it('does not suspect its answer, nor the deployment of another service that came later and nearer', () => {
    const { suspects, codes, score } = rank();
    expect(suspects.map(({ change }) => change)).not.toContain(ROLLBACK);
    expect(codes('github/deployment:DE_1305550301')).toContain('other_service');
    expect(score('github/deployment:DE_1305550301')).toBeLessThan(0.1);
  });
});

describe('time', () => {
  it('what finished after the impact had begun is ruled out, however well it fits otherwise', () => {
    const { verdict, codes, score } = rank(only(deployed(1, '14:40', '14:41')));
    expect(codes('github/deployment:DE_1')).toEqual(['finished_after_impact', 'same_service', 'same_environment']);
    expect([verdict, score('github/deployment:DE_1')]).toEqual(['none', 0]);
  });

  it('neither before nor after is said where an hourly onset cannot tell', () => {
    const series = [errorsAt(3_600, '2024-01-01T14:00:00Z', '2024-01-15T16:00:00Z')];
    const { codes, first, verdict, suspects } = rank({ series });
    expect([verdict, first]).toEqual(['suspect', SUSPECT]);
    expect(codes(SUSPECT)).not.toContain('finished_before_impact');
    expect(codes(SUSPECT)).not.toContain('finished_after_impact');
    expect(suspects.map(({ change }) => change)).not.toContain(ROLLBACK);
  });

  it('what ended in the very minute of the onset is neither', () => {
    const { codes } = rank(only(deployed(1, '14:20', '14:29:30')));
    expect(codes('github/deployment:DE_1')).toEqual(['within_look_back', 'same_service', 'same_environment', 'recovered_while_out']);
  });

  it('what still runs, having begun before, may be it; what began after may not', () => {
    const { codes } = rank(only(deployed(1, '14:20', undefined), deployed(2, '14:31', undefined, 'acme/checkout')));
    expect(codes('github/deployment:DE_1').slice(0, 2)).toEqual(['under_way_at_impact', 'within_look_back']);
    expect(codes('github/deployment:DE_2')).toContain('finished_after_impact');
  });

  it('the nearer of two is the likelier, and what lies before the look-back is not listed', () => {
    const { first, suspects, score } = rank(
      only(deployed(1, '14:05', '14:10'), deployed(2, '08:05', '08:10'), deployed(3, '2024-01-14T10:00:00Z', '2024-01-14T10:05:00Z')),
    );
    expect(first).toBe('github/deployment:DE_1');
    expect(suspects).toHaveLength(2);
    expect(score('github/deployment:DE_2')).toBeLessThan(0.5);
  });

  it('without any series the page bounds it: what came after is out, what came before is not called before the impact', () => {
    const series = { series: [], ...only(deployed(1, '14:20', '14:25'), deployed(2, '14:36', '14:37', 'acme/checkout')) };
    const events = (series.events ?? []).filter(({ type }) => type !== 'status.published');
    const { codes } = rank({ ...series, events });
    expect(codes('github/deployment:DE_1')).toEqual(['within_look_back', 'same_service', 'same_environment', 'recovered_while_out']);
    expect(codes('github/deployment:DE_2')).toContain('finished_after_impact');
  });
});

describe('place', () => {
  it('another service’s change close to the onset loses to our own earlier one; a dependency’s counts', () => {
    const events = only(deployed(1, '13:00', '13:05'), deployed(2, '14:27', '14:28', 'acme/checkout'));
    const unrelated = rank(events);
    expect(unrelated.first).toBe('github/deployment:DE_1');
    const services = [{ ...API_SERVICE, dependsOn: ['checkout'] }, CHECKOUT_SERVICE];
    const dependent = rank({ ...events, services });
    expect(dependent.codes('github/deployment:DE_2')).toEqual([
      'finished_before_impact',
      'within_look_back',
      'dependency',
      'recovered_while_out',
      'rivaled',
    ]);
    expect(dependent.score('github/deployment:DE_2')).toBeGreaterThan(unrelated.score('github/deployment:DE_2') + 0.2);
  });

  it('what no service owns is for neither', () => {
    const { codes } = rank(only(deployed(1, '14:20', '14:25', 'acme/unknown')));
    expect(codes('github/deployment:DE_1')).toEqual(['finished_before_impact', 'within_look_back', 'recovered_while_out']);
  });
});

describe('several that fit', () => {
  it('share what there is: each of two alike is less likely than alone, and neither is a suspect by itself', () => {
    const alone = rank(only(deployed(1, '14:23', '14:27')));
    const both = rank(only(deployed(1, '14:23', '14:27'), deployed(2, '14:23:40', '14:27:40')));
    expect(alone.verdict).toBe('suspect');
    expect(both.suspects.map(({ score }) => score < 0.5 && score > 0.3)).toEqual([true, true]);
    expect(both.verdict).toBe('none');
    expect(both.codes('github/deployment:DE_1')).toContain('rivaled');
  });

  it('are no rivals where both brought the same revision', () => {
    const again = deploymentEvents({ id: 2, sha: 'sha-1', ref: 'v1', created: '14:26', started: '14:26', done: '14:27' });
    const { codes, verdict } = rank(only(deployed(1, '14:20', '14:24'), again));
    expect([...codes('github/deployment:DE_1'), ...codes('github/deployment:DE_2')]).not.toContain('rivaled');
    expect(verdict).toBe('suspect');
  });

  it('what a person confirmed, no other takes away; and it takes from the others', () => {
    const judged = eventOf('suspect.judged', '15:00', { attributes: { change: 'github/deployment:DE_1', verdict: 'confirmed' } });
    const two = only(deployed(1, '12:20', '12:24'), deployed(2, '14:20', '14:24'));
    const before = rank(two);
    const after = rank({ events: [...two.events, judged] });
    expect(after.score('github/deployment:DE_1')).toBeGreaterThan(0.95);
    expect(after.score('github/deployment:DE_2')).toBeLessThan(before.score('github/deployment:DE_2') / 2);
    expect(after.codes('github/deployment:DE_1')).not.toContain('rivaled');
  });

  it('the answer that takes a change back is no rival of it, though it began before the impact was known', () => {
    const sha = 'dac31aa679972c25586112cb48db232900b291a4';
    const back = deploymentEvents({ id: 9, sha, ref: 'v2.3.3', created: '14:31:30', started: '14:31:30', done: '14:36', task: 'rollback' });
    const { codes, suspects } = rank({ ...without(isDeploymentOf(1305550299), ...back), series: [] });
    expect(suspects.map(({ change }) => change)).toContain('github/deployment:DE_9');
    expect(codes(SUSPECT)).not.toContain('rivaled');
  });
});

describe('what a reversal tells', () => {
  it('the impact that outlived it speaks against what it took back', () => {
    const early = deploymentEvents({
      id: 9,
      sha: 'dac31aa679972c25586112cb48db232900b291a4',
      ref: 'v2.3.3',
      created: '14:33',
      started: '14:33',
      done: '14:34',
    });
    const { codes, verdict } = rank(without(isDeploymentOf(1305550299), ...early));
    expect(codes(SUSPECT)).toContain('impact_outlived_reversal');
    expect(verdict).toBe('none');
  });

  it('a rollback in vain leaves no suspect of a deployment minutes before, though nothing else is known', () => {
    const series = [errorsAt(60, '2024-01-14T14:33:00Z', '2024-01-15T14:46:00Z')];
    const sha = 'dac31aa679972c25586112cb48db232900b291a4';
    const back = deploymentEvents({ id: 9, sha, ref: 'v2.3.3', created: '14:33', started: '14:33', done: '14:34', task: 'rollback' });
    const near = deployed(1, '14:20', '14:24');
    const { codes, verdict } = rank({ ...only(near, back), series });
    expect(codes('github/deployment:DE_1')).toContain('impact_outlived_reversal');
    expect(verdict).toBe('none');
  });

  it('nothing, where it had come before the impact or failed', () => {
    const failed = deploymentEvents({
      id: 9,
      sha: 'dac31aa679972c25586112cb48db232900b291a4',
      ref: 'v2.3.3',
      created: '14:45',
      started: '14:45',
      done: '14:47',
      failed: true,
    });
    expect(rank(without(isDeploymentOf(1305550299), ...failed)).codes(SUSPECT)).not.toContain('reversed_then_recovered');
    const before = deploymentEvents({
      id: 9,
      sha: 'dac31aa679972c25586112cb48db232900b291a4',
      ref: 'v2.3.3',
      created: '14:20',
      started: '14:20',
      done: '14:22',
    });
    const ranked = rank(without(isDeploymentOf(1305550299), ...before));
    expect(ranked.codes(SUSPECT)).not.toContain('reversed_then_recovered');
    expect(ranked.codes('github/deployment:DE_9')).toContain('finished_before_impact');
  });
});

it('a reversal that was done before a short impact had begun did not end it', () => {
  const whole = errorsAt(60, '2024-01-14T14:33:00Z', '2024-01-15T16:00:00Z');
  const short = {
    ...whole,
    values: whole.values.map((value, index) => ((whole.startsMs[index] ?? 0) >= Date.parse('2024-01-15T14:34:00Z') ? 4 : value)),
  };
  const sha = 'dac31aa679972c25586112cb48db232900b291a4';
  const before = deploymentEvents({ id: 9, sha, ref: 'v2.3.3', created: '14:26', started: '14:26', done: '14:28' });
  const { codes } = rank({ ...without(isDeploymentOf(1305550299), ...before), series: [short] });
  expect(codes(SUSPECT)).not.toContain('reversed_then_recovered');
});

describe('people', () => {
  const judged = (change: string, verdict: 'confirmed' | 'rejected', at: string) =>
    eventOf('suspect.judged', at, { attributes: { change, verdict } });

  it('confirm and reject, the last word counts', () => {
    const other = 'github/deployment:DE_1305550301';
    expect(rank(without(() => false, judged(other, 'confirmed', '15:00')))).toMatchObject({ first: other, verdict: 'suspect' });
    const rejected = rank(without(() => false, judged(SUSPECT, 'confirmed', '15:00'), judged(SUSPECT, 'rejected', '15:10')));
    expect(rejected.codes(SUSPECT)).toContain('rejected_by_person');
    expect(rejected.verdict).toBe('none');
  });

  it('may name a change from before the look-back', () => {
    const old = 'github/deployment:DE_1302210232';
    expect(rank(without(() => false, judged(old, 'confirmed', '15:00'))).suspects.map(({ change }) => change)).toContain(old);
  });
});

describe('the verdict', () => {
  const nothing = only();
  const gap = (from: string, to: string) => ({
    window: windowOf(from, to),
    reason: 'unavailable' as const,
    detail: 'GitHub did not answer',
  });
  const withGap = (from: string, to: string, need: 'needed' | 'extra' = 'needed') =>
    SAMPLE_COVERAGE.map((line) =>
      line.stream === 'deployments' ? { ...line, need, status: 'partial' as const, gaps: [gap(from, to)] } : line,
    );

  it('is none where all was read and nothing passes', () => {
    expect(rank(nothing)).toMatchObject({ verdict: 'none', suspects: [] });
  });

  it('is unknown where a deployment came that could not be read: it may be the one', () => {
    const gave = { events: 0, series: 0, facts: 0, issues: 1, nothing: 0 };
    const unread = (stream: string) => SAMPLE_COVERAGE.map((line) => (line.stream === stream ? { ...line, gave } : line));
    expect(rank({ ...nothing, coverage: unread('deployments') }).verdict).toBe('unknown');
    expect(rank({ ...nothing, coverage: unread('deployment_statuses') }).verdict).toBe('none');
  });

  it.each([
    ['a needed stream has a gap in the look-back', withGap('10:00', '12:00'), 'unknown'],
    ['the gap lies after the impact', withGap('15:00', '16:00'), 'none'],
    [
      'a stream failed',
      SAMPLE_COVERAGE.map((line) => (line.stream === 'deployments' ? { ...line, status: 'failed' as const } : line)),
      'unknown',
    ],
    ['no stream of changes was asked', [coverageLineOf('pagerduty', 'log_entries')], 'unknown'],
    ['only an extra one has the gap', [...withGap('10:00', '12:00', 'extra')], 'none'],
  ] as const)('where %s', (_, coverage, verdict) => {
    expect(rank({ ...nothing, coverage }).verdict).toBe(verdict);
  });

  it('is unknown where the impact began days before the page that the changes were asked for back from', () => {
    const started = (at: string) =>
      eventOf('milestone.asserted', at, { correlationKeys: [], timeMeaning: 'asserted', attributes: { milestone: 'impact_started' } });
    expect(rank(only([started('2024-01-14T16:00:00Z')])).verdict).toBe('unknown');
    expect(rank(only([started('2024-01-15T06:00:00Z')])).verdict).toBe('none');
  });

  it('is suspect in spite of a gap where one passes', () => {
    expect(rank({ coverage: withGap('10:00', '12:00') }).verdict).toBe('suspect');
  });
});
