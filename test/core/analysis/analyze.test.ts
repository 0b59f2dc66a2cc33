import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyze, type Phase } from '../../../src/core/analysis/analyze.ts';
import {
  METRICS,
  type MetricName,
  type Milestone,
  type MilestoneName,
  type Milestones,
  measure,
} from '../../../src/core/analysis/metrics.ts';
import { inversionsOf, phasesOf } from '../../../src/core/analysis/phases.ts';
import { DEFAULT_POLICY } from '../../../src/core/analysis/policy.ts';
import { addMs, durationMs, epochMs, type Moment } from '../../../src/core/time.ts';
import { orderEvents } from '../../../src/core/timeline/order.ts';
import { coverageLineOf, eventOf, evidenceIdOf, incidentFactOf, instant, moment } from '../../support/events.ts';
import { errorsAt, SAMPLE_EVENTS, SAMPLE_FACTS, sampleCase } from '../../support/sample-case.ts';

const NAMES = [
  'suspect_deployed',
  'impact_started',
  'detected',
  'paged',
  'acknowledged',
  'communicated',
  'reversal_started',
  'reversed',
  'mitigated',
  'recovered',
  'resolved',
] as const satisfies readonly MilestoneName[];
const UNSEEN: Milestone = { known: false, why: 'not_seen', wanted: 'nothing' };

function milestonesOf(times: Partial<Record<MilestoneName, Moment>>): Milestones {
  const at = (name: MilestoneName): Milestone => {
    const time = times[name];
    return time ? { known: true, time, basis: 'observed', rule: 'test', cites: [eventOf('note.added', '14:38').id] } : UNSEEN;
  };
  return {
    suspect_deployed: at('suspect_deployed'),
    impact_started: at('impact_started'),
    detected: at('detected'),
    paged: at('paged'),
    acknowledged: at('acknowledged'),
    communicated: at('communicated'),
    reversal_started: at('reversal_started'),
    reversed: at('reversed'),
    mitigated: at('mitigated'),
    recovered: at('recovered'),
    resolved: at('resolved'),
  };
}

describe('the sample’s durations', () => {
  it.each([
    ['deployment_to_detection', 17, 0],
    ['time_to_detect', 3, 1],
    ['time_to_page', 1, 0],
    ['time_to_acknowledge', 2, 0],
    ['time_to_reverse', 2, 0],
    ['time_to_mitigate', 18, 1],
    ['time_to_recover', 21, 2],
    ['detection_to_recovery', 18, 1],
    ['time_to_resolve', 24, 0],
  ] as const)('%s is %i min and no wider than its ends allow', (name, minutes, wide) => {
    const metric = analyze(sampleCase()).durations[name];
    if (metric.status !== 'measured') throw new Error(metric.status);
    expect(metric.span.ms).toBe(minutes * 60_000);
    expect(metric.span.minMs).toBeLessThanOrEqual(metric.span.ms);
    expect(metric.span.maxMs).toBeGreaterThanOrEqual(metric.span.ms);
    expect(metric.span.maxMs - metric.span.minMs).toBeLessThanOrEqual(wide * 60_000 + 2_000);
  });
});

describe('a measured duration', () => {
  const moments = fc.record({
    truth: fc.integer({ min: 0, max: 7_200_000 }),
    minus: fc.integer({ min: 0, max: 600_000 }),
    plus: fc.integer({ min: 1, max: 600_000 }),
    where: fc.double({ min: 0, max: 0.999, noNaN: true }),
  });
  const zero = epochMs(instant('14:00'));

  it('holds the true distance, and is called measured only where the order is certain', () => {
    fc.assert(
      fc.property(moments, moments, (a, b) => {
        const [start, end] = [a, b].map(({ truth, minus, plus, where }) => {
          // The truth lies somewhere in [at - minus, at + plus).
          const at = zero + truth + minus - Math.floor(where * (minus + plus));
          return moment(new Date(at).toISOString(), minus, plus);
        });
        if (!start || !end) throw new Error('two moments');
        const metric = measure('time_to_detect', milestonesOf({ impact_started: start, detected: end }), instant('16:00'));
        if (!('span' in metric)) throw new Error(metric.status);
        const distance = b.truth - a.truth;
        expect(metric.span.minMs).toBeLessThanOrEqual(distance);
        expect(metric.span.maxMs).toBeGreaterThanOrEqual(distance);
        if (metric.status === 'measured') expect(distance).toBeGreaterThanOrEqual(0);
        if (metric.status === 'inverted') expect(distance).toBeLessThanOrEqual(0);
      }),
    );
  });

  it('runs while its end may come, is never negative, and names what is missing', () => {
    const started = milestonesOf({ impact_started: moment('14:29', 0, 60_000) });
    const open: Milestones = { ...started, recovered: { known: false, why: 'not_yet', wanted: '' } };
    expect(measure('time_to_recover', open, instant('14:44'))).toMatchObject({ status: 'running', atLeastMs: 14 * 60_000 });
    expect(measure('time_to_recover', open, instant('14:29'))).toMatchObject({ status: 'running', atLeastMs: 0 });
    expect(measure('time_to_page', started, instant('16:00'))).toEqual({ status: 'unknown', missing: ['detected', 'paged'] });
  });

  it('has a target only under a name that exists', () => {
    const names = Object.keys(METRICS);
    for (const [name, target] of Object.entries(DEFAULT_POLICY.targets)) {
      expect(names).toContain(name);
      expect(durationMs(target)).toBeGreaterThan(0);
    }
  });
});

describe('phases', () => {
  const names = (phases: readonly Phase[]) => phases.map(({ name, from, to }) => `${name}: ${from} to ${to}`);

  it('of the sample follow its course', () => {
    expect(names(analyze(sampleCase()).phases)).toEqual([
      'latent: suspect_deployed to impact_started',
      'undetected: impact_started to detected',
      'unpaged: detected to paged',
      'unanswered: paged to acknowledged',
      'diagnosis: acknowledged to mitigated',
      'repair: mitigated to recovered',
      'closing: recovered to resolved',
    ]);
  });

  it('join the neighbors of an unknown milestone and say so', () => {
    const phases = phasesOf(milestonesOf({ impact_started: moment('14:29'), paged: moment('14:33'), resolved: moment('14:57') }));
    expect(names(phases)).toEqual(['undetected: impact_started to paged', 'unanswered: paged to resolved']);
  });

  it('have none for a pair in the wrong order, and one finding', () => {
    const milestones = milestonesOf({ impact_started: moment('14:30', 0, 60_000), detected: moment('14:26'), paged: moment('14:33') });
    expect(names(phasesOf(milestones))).toEqual(['undetected: impact_started to paged']);
    expect(inversionsOf(milestones)).toMatchObject([{ code: 'milestones_inverted', subject: 'detected before impact_started' }]);
    const indistinct = milestonesOf({ impact_started: moment('14:30', 300_000, 0), detected: moment('14:26'), paged: moment('14:33') });
    expect(inversionsOf(indistinct)).toEqual([]);
  });

  it('are contiguous, forward, and sum to the whole, whatever is known', () => {
    const minutes = fc.record(
      Object.fromEntries(NAMES.map((name) => [name, fc.option(fc.integer({ min: 0, max: 90 }), { nil: undefined })])),
    );
    fc.assert(
      fc.property(minutes, (drawn) => {
        const times = Object.fromEntries(
          Object.entries(drawn).flatMap(([name, minute]) =>
            minute === undefined ? [] : [[name, { at: addMs(instant('14:00'), minute * 60_000), minusMs: 0, plusMs: 1000 }]],
          ),
        );
        const phases = phasesOf(milestonesOf(times));
        phases.forEach((phase, index) => {
          expect(phase.starts.at < phase.ends.at).toBe(true);
          const next = phases[index + 1];
          if (next) expect(next.starts.at).toBe(phase.ends.at);
        });
        const total = phases.reduce((sum, { starts, ends }) => sum + epochMs(ends.at) - epochMs(starts.at), 0);
        const [first, last] = [phases[0], phases.at(-1)];
        expect(total).toBe(first && last ? epochMs(last.ends.at) - epochMs(first.starts.at) : 0);
      }),
    );
  });
});

describe('what ran when it began', () => {
  it('of the sample is the suspect’s revision, 14 minutes old', () => {
    expect(analyze(sampleCase()).running).toMatchObject([{ service: 'api', revision: 'v2.3.4', ageMs: 14 * 60_000 }]);
  });

  it('at an hourly onset is what was out when it was detected, not the rollback that came later in that hour', () => {
    const series = [errorsAt(3_600, '2024-01-01T14:00:00Z', '2024-01-15T16:00:00Z')];
    expect(analyze(sampleCase({ series })).running).toMatchObject([{ revision: 'v2.3.4', ageMs: 0 }]);
  });
});

describe('findings', () => {
  it('of the sample are none', () => {
    expect(analyze(sampleCase()).findings).toEqual([]);
  });

  it('name each name that has no role once, an empty needed stream, and an incident of ours that overlaps', () => {
    const place = (pointer: string) => ({ name: 'Dana', evidence: evidenceIdOf('note'), pointer });
    const other = incidentFactOf({ key: 'pagerduty/incident:PDEF', title: 'Latency' });
    const theirs = incidentFactOf({ key: 'pagerduty/incident:PCHK', belongsTo: ['pagerduty/service:PCHK001'] });
    const triggered = (key: string) => eventOf('incident.triggered', '14:40', { key, correlationKeys: [key] });
    const { findings } = analyze(
      sampleCase({
        unplacedNames: [place('/b'), place('/a')],
        coverage: [
          coverageLineOf('github', 'deployments', { records: 0 }),
          coverageLineOf('pagerduty', 'notes', { records: 0, need: 'extra' }),
          coverageLineOf('pagerduty', 'analytics', { records: 0, need: 'extra', hint: 'They come a day late.' }),
        ],
        facts: [...SAMPLE_FACTS, other, theirs],
        events: [...SAMPLE_EVENTS, triggered('pagerduty/incident:PDEF'), triggered('pagerduty/incident:PCHK')],
      }),
    );
    expect(findings).toEqual([
      { code: 'incident_overlaps', subject: 'pagerduty/incident:PDEF', cites: [{ evidence: other.evidence }] },
      {
        code: 'name_unknown',
        subject: 'Dana',
        cites: [
          { evidence: evidenceIdOf('note'), pointer: '/a' },
          { evidence: evidenceIdOf('note'), pointer: '/b' },
        ],
      },
      { code: 'source_empty', subject: 'github/deployments', cites: [{ coverage: 'github/deployments' }] },
    ]);
  });
});

it('a source that answered with nothing and says why is no finding: its hint says what there is to do', () => {
  const hint = 'The releases of acme/api tell what is rolled out, as `deploys: releases` says: no deployment was asked for.';
  const codesOf = (line: object) =>
    analyze(sampleCase({ coverage: [coverageLineOf('github', 'deployments', { records: 0, ...line })] })).findings.map(({ code }) => code);
  expect(codesOf({})).toEqual(['source_empty']);
  expect(codesOf({ hint })).toEqual([]);
});

it('a metric that the policy calls impact and no source gave values of is a finding', () => {
  const theCase = sampleCase();
  const [one] = theCase.series;
  const read =
    one?.key
      .split(/[?#]/)[0]
      ?.split('/metric:')[1]
      ?.replace(/\/(?=[^/]+$)/, ' ') ?? '';
  const impact_metrics = [{ metric: read }, { metric: 'AWS/SQS NumberOfMessagesSent' }];
  const { findings } = analyze(sampleCase({ policy: { ...theCase.policy, impact_metrics } }));
  expect(findings.filter(({ code }) => code === 'impact_metric_unread').map(({ subject }) => subject)).toEqual([
    'AWS/SQS NumberOfMessagesSent',
  ]);
});

describe('an incident that overlaps', () => {
  const theirs = incidentFactOf({ key: 'pagerduty/incident:PCHK', belongsTo: ['pagerduty/service:PCHK001'] });
  const codesOf = (overrides: Parameters<typeof sampleCase>[0]) => analyze(sampleCase(overrides)).findings.map(({ code }) => code);
  const facts = (other: typeof theirs) => [...SAMPLE_FACTS, other];

  it('is found where ours depends on its service, or names an alarm that it names too, and not otherwise', () => {
    const services = sampleCase().services.map((one) => (one.name === 'api' ? { ...one, dependsOn: ['checkout'] } : one));
    const [alarm = ''] = SAMPLE_EVENTS.flatMap(({ correlationKeys }) => correlationKeys.filter((key) => key.startsWith('alarm:')));
    const both = ['pagerduty/incident:PABC', theirs.key].map((key) =>
      eventOf('alert.fired', '14:34', { key: `alert-${key}`, correlationKeys: [key, alarm], belongsTo: ['pagerduty/service:PCHK001'] }),
    );
    expect(codesOf({ facts: facts(theirs) })).not.toContain('incident_overlaps');
    expect(codesOf({ facts: facts(theirs), services })).toContain('incident_overlaps');
    expect(codesOf({ facts: facts(theirs), events: [...SAMPLE_EVENTS, ...both] })).toContain('incident_overlaps');
  });

  it('is found where it was merged into ours, whatever its service: its own record tells what came before', () => {
    const merged = { ...theirs, status: 'merged' as const, mergedInto: 'pagerduty/incident:PABC', resolvedAt: instant('14:34') };
    expect(codesOf({ facts: facts(merged) })).toContain('incident_overlaps');
    // A chain of merges is followed to its end, and one that ends elsewhere, or never, is none of ours.
    const between = { ...merged, key: 'pagerduty/incident:PMID' };
    const chained = { ...merged, key: 'pagerduty/incident:PFAR', mergedInto: between.key };
    const subjects = analyze(sampleCase({ facts: [...facts(between), chained] })).findings.flatMap(({ code, subject }) =>
      code === 'incident_overlaps' ? [subject] : [],
    );
    expect(subjects).toEqual([chained.key, between.key]);
    expect(codesOf({ facts: facts({ ...merged, mergedInto: 'pagerduty/incident:PDEF' }) })).not.toContain('incident_overlaps');
    expect(codesOf({ facts: facts(merged), incidents: ['pagerduty/incident:PABC', theirs.key] })).not.toContain('incident_overlaps');
  });

  it('is none that had closed before, or began after', () => {
    const own = { ...theirs, belongsTo: ['pagerduty/service:PAPI001'] };
    expect(codesOf({ facts: facts(own) })).toContain('incident_overlaps');
    for (const other of [
      { ...own, triggeredAt: instant('13:00'), resolvedAt: instant('13:30') },
      { ...own, triggeredAt: instant('15:10'), resolvedAt: instant('15:20') },
    ]) {
      expect(codesOf({ facts: facts(other) })).not.toContain('incident_overlaps');
    }
  });
});

it('the order in which evidence came changes nothing', () => {
  const theCase = sampleCase();
  const analysis = JSON.stringify(analyze(theCase));
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...theCase.events], { minLength: theCase.events.length }),
      fc.shuffledSubarray([...theCase.facts], { minLength: theCase.facts.length }),
      fc.shuffledSubarray([...theCase.series], { minLength: theCase.series.length }),
      (events, facts, series) => {
        // A case has its events in order, however they came.
        expect(JSON.stringify(analyze({ ...theCase, events: orderEvents(events), facts, series }))).toBe(analysis);
      },
    ),
    { numRuns: 30 },
  );
});

it('a case with nothing in it has an analysis with nothing in it', () => {
  const analysis = analyze(sampleCase({ events: [], facts: [], series: [], coverage: [] }));
  expect(NAMES.map((name) => analysis.milestones[name].known)).toEqual(NAMES.map(() => false));
  expect(analysis).toMatchObject({
    timeline: [],
    changes: [],
    suspects: [],
    suspectVerdict: 'unknown',
    phases: [],
    running: [],
    clocks: [],
    findings: [],
  });
  const statuses = (Object.keys(METRICS) as MetricName[]).map((name) => analysis.durations[name].status);
  expect(new Set(statuses)).toEqual(new Set(['unknown']));
});
