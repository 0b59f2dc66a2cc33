import { describe, expect, it } from 'vitest';
import type { World } from '../../demo/world.ts';
import { instant } from '../support/events.ts';
import { draftVariant, type Variant, withIncident } from '../support/staged-world.ts';

const ERRORS = 'AWS/ApplicationELB HTTPCode_Target_5XX_Count';
const REQUESTS = 'AWS/ApplicationELB RequestCount';
const at = (clock: string) => `2024-01-15T${clock}:00Z`;

/** A customer rings, and Jane opens the incident by hand at 14:41: no alarm fired. */
function reported(sample: World): Pick<World, 'pagerduty'> {
  return withIncident(sample, ({ log }) => ({
    title: 'Customers cannot open their profile',
    created_at: at('14:41'),
    alerts: [],
    log: [
      { at: at('14:41'), type: 'trigger', by: 'jane' },
      { at: at('14:41'), type: 'assign', by: 'jane', to: 'jane' },
      { at: at('14:42'), type: 'acknowledge', by: 'jane' },
      { at: at('14:43'), type: 'annotate', by: 'jane', text: 'Support: Globex and two more customers get errors on profiles.' },
      ...log.filter((entry) => entry.at > at('14:43')),
    ],
  }));
}

type Alarms = World['cloudwatch']['alarms'];

const withAlarms = (change: (alarms: Alarms) => Alarms) => (sample: World) => ({
  ...reported(sample),
  cloudwatch: { ...sample.cloudwatch, alarms: change(sample.cloudwatch.alarms) },
});

/** Nobody had thought of an alarm on errors. */
const unwatched = withAlarms((alarms) => alarms.filter(({ name }) => name !== 'api-HighErrorRate'));
/** There is one, and its threshold is far out of reach. */
const silent = withAlarms((alarms) =>
  alarms.map((one) => (one.name === 'api-HighErrorRate' ? { ...one, threshold: 50_000, history: [] } : one)),
);

/** The errors stayed as they always are. */
const calm = (sample: World) => {
  const { cloudwatch, ...more } = { ...sample, ...unwatched(sample) };
  return { ...more, cloudwatch: { ...cloudwatch, metrics: cloudwatch.metrics.map(({ episodes: _, ...one }) => one) } };
};

/** Sam opens an incident of the checkout by hand at 14:46, whose answers are slow since 14:43: no alarm of either fired. */
const troubled = (more: { readonly merged_into?: string }) => (sample: World) => {
  const { cloudwatch, pagerduty } = unwatched(sample);
  const isMerged = more.merged_into !== undefined;
  const slow = [{ from: at('14:43'), minutes: [1.4, 1.9, 2.1, 2.2, 2.1, 1.9, 1.6, 1.2] }];
  const incidents = pagerduty.incidents.map((one) => {
    if (one.id !== 'Q1CHKLATENCY01') return one;
    const log = [
      { at: at('14:46'), type: 'trigger', by: 'sam' },
      { at: at('14:46'), type: 'assign', by: 'sam', to: 'sam' },
      { at: at('14:47'), type: 'acknowledge', by: 'sam' },
      { at: at(isMerged ? '14:48' : '14:56'), type: 'resolve', by: 'sam' },
    ];
    return { ...one, ...more, title: 'Orders hang', created_at: at('14:46'), alerts: [], log };
  });
  const alarms = cloudwatch.alarms.map((one) => ({ ...one, history: [], threshold: one.threshold * 100 }));
  const metrics = cloudwatch.metrics.map((one) => (one.id === 'checkout-latency' ? { ...one, episodes: slow } : one));
  return { pagerduty: { ...pagerduty, incidents }, cloudwatch: { ...cloudwatch, metrics, alarms, composite_alarms: [] } };
};

const metrics = [ERRORS, REQUESTS];
const FIRST = { at: '2024-01-15T14:29:00.000Z', plusMs: 60_000 };

describe('an incident that a person opened, with no alarm', () => {
  it('begins where a metric of the service left its normal, which no alarm watches: the draft says that it is a scan', async () => {
    const { drafted, section } = await draftVariant({ world: unwatched, metrics });
    const { milestones, durations, impactSeries, findings, suspectVerdict } = drafted.draft.analysis;
    expect(milestones.impact_started).toMatchObject({ time: FIRST, basis: 'inferred', rule: 'onset_in_a_scan_of_the_service' });
    expect(milestones.recovered).toMatchObject({ known: true, time: { at: '2024-01-15T14:50:00.000Z' } });
    expect(durations.time_to_detect).toMatchObject({ status: 'measured', span: { ms: 720_000 } });
    expect(impactSeries.map(({ metric, silent }) => [metric, silent?.reason])).toEqual([
      ['HTTPCode_Target_5XX_Count', undefined],
      ['RequestCount', 'no_departure'],
      ['TargetResponseTime', 'no_departure'],
    ]);
    expect(findings).toContainEqual(expect.objectContaining({ code: 'alarm_missing', subject: 'HTTPCode_Target_5XX_Count' }));
    expect(suspectVerdict).toBe('suspect');
    expect(section('summary')).toContain('On 15 January 2024, by a scan of its metrics, the service api was degraded');
    expect(section('summary')).toContain('Responder 1 opened the incident at 14:41');
    expect(section('impact')).toContain(
      'No alarm that was read fired, so the impact start is inferred from HTTPCode_Target_5XX_Count, by a scan of the service',
    );
    expect(section('impact')).toContain('No alarm that was read watches it. A scan is weaker evidence than an alarm');
    expect(section('impact')).toContain('Of 3 series, HTTPCode_Target_5XX_Count left its normal first, between 14:28 and 14:30');
    expect(section('impact')).toContain('two neighboring values beyond it are asked for');
    expect(section('timeline')).toContain('Responder 1 opened the incident and paged the on-call.');
    expect(section('went_wrong')).toContain(
      'No alarm fired, and none that was read watches HTTPCode_Target_5XX_Count, which left its normal.',
    );
    expect(section('actions')).toContain('Add an alarm that fires on this failure.');
    expect(section('actions')).not.toContain('fire sooner');
    expect(section('factors')).toContain('Is HTTPCode_Target_5XX_Count what users felt');
    expect(section('graphs')).not.toMatch(/\d alarm/);
  });

  it('though an alarm watches the metric: the one that stayed silent is named, and its threshold asked about', async () => {
    const { drafted, section } = await draftVariant({ world: silent, metrics });
    expect(drafted.draft.analysis.milestones.impact_started).toMatchObject({ time: FIRST, rule: 'onset_in_a_scan_of_the_service' });
    expect(section('impact')).toContain('Alarm api-HighErrorRate watches it and did not fire.');
    expect(section('went_wrong')).toContain('No alarm fired, though the metric of alarm api-HighErrorRate left its normal.');
    expect(section('actions')).toContain('Hold the threshold of the alarm against what its metric did here.');
  });

  it('is read from the silent alarms alone where the service claims no metric', async () => {
    const { drafted } = await draftVariant({ world: silent });
    expect(drafted.draft.analysis.impactSeries.map(({ metric }) => metric)).toEqual(['HTTPCode_Target_5XX_Count', 'TargetResponseTime']);
    expect(drafted.draft.analysis.coverage.find(({ stream }) => stream === 'metrics')).toBeUndefined();
  });

  it('has no impact where every series of the service stayed normal', async () => {
    const { drafted, section } = await draftVariant({ world: calm, metrics });
    const { milestones, durations, findings } = drafted.draft.analysis;
    expect(milestones.impact_started).toMatchObject({ known: false, why: 'not_seen' });
    expect(durations.time_to_detect).toEqual({ status: 'unknown', missing: ['impact_started'] });
    expect(findings.map(({ code }) => code)).not.toContain('alarm_missing');
    expect(section('impact')).toContain('The metrics that were read do not show when the impact started.');
    expect(section('summary')).not.toContain('degraded');
    expect(section('went_wrong')).toContain('No alarm of the service fired.');
  });

  it('says no such thing where a gap in the history of the alarms may hide one that fired', async () => {
    const { drafted, section } = await draftVariant({
      world: unwatched,
      metrics,
      standins: ({ cloudwatch }) => cloudwatch.fail({ path: /DescribeAlarmHistory/, mode: 403 }),
    });
    expect(drafted.draft.analysis.milestones.impact_started).toMatchObject({ rule: 'onset_in_a_scan_of_the_service' });
    expect(drafted.draft.analysis.findings.map(({ code }) => code)).not.toContain('alarm_missing');
    expect(section('went_wrong')).not.toContain('No alarm fired');
  });
});

describe('what a service claims of its metrics', () => {
  const namedWithSlash = (sample: World) => {
    const changed = unwatched(sample);
    const metrics = changed.cloudwatch.metrics.map((one) =>
      one.id === 'api-5xx' ? { ...one, namespace: 'Acme/Api', name: 'errors/5xx?' } : one,
    );
    return { ...changed, cloudwatch: { ...changed.cloudwatch, metrics } };
  };

  it.each([
    ['all of a namespace', unwatched, 'AWS/ApplicationELB *', 3],
    ['all that begin alike', unwatched, 'AWS/ApplicationELB/HTTPCode_*', 2],
    ['all namespaces that begin alike', unwatched, 'AWS/App*', 3],
    ['a name with a slash in it, after a space', namedWithSlash, 'Acme/Api errors/5xx?', 2],
    ['a name with a slash in it, after a slash', namedWithSlash, 'Acme/Api/errors/5xx?', 2],
  ])('may be %s: the impact is found in it', async (_, world, claim, count) => {
    const { drafted } = await draftVariant({ world, metrics: [claim], sources: ['pagerduty', 'aws-prod'] });
    expect(drafted.draft.analysis.milestones.impact_started).toMatchObject({ time: FIRST, rule: 'onset_in_a_scan_of_the_service' });
    expect(drafted.draft.analysis.impactSeries).toHaveLength(count);
  });

  it('stands for twenty metrics at most, and the draft says how many there are', async () => {
    const many = (sample: World) => {
      const changed = unwatched(sample);
      const [model] = changed.cloudwatch.metrics;
      if (!model) throw new Error('the sample has metrics');
      const more = Array.from({ length: 30 }, (_, at) => ({ ...model, id: `more-${at}`, name: `Queue${at}`, episodes: [] }));
      return { ...changed, cloudwatch: { ...changed.cloudwatch, metrics: [...changed.cloudwatch.metrics, ...more] } };
    };
    const { markdown } = await draftVariant({ world: many, metrics: ['AWS/ApplicationELB *'], sources: ['pagerduty', 'aws-prod'] });
    expect(markdown).toContain('AWS/ApplicationELB \\* stands for 32 metrics that no alarm watches: the first 20 were read');
  });

  it('that names nothing is told in the coverage, and never silence', async () => {
    const { markdown } = await draftVariant({ world: unwatched, metrics: ['Acme *'], sources: ['pagerduty', 'aws-prod'] });
    expect(markdown).toContain('CloudWatch lists no metric Acme');
  });
});

describe('two services that failed together, with no alarm', () => {
  const both = { metrics, sources: ['pagerduty', 'aws-prod'] as const };

  it('are scanned each by itself, up to when its own incident was opened, and each silence is told', async () => {
    const { drafted, section } = await draftVariant({ ...both, world: troubled({}), request: { with: ['Q1CHKLATENCY01'] } });
    const { milestones, impactSeries, findings } = drafted.draft.analysis;
    expect(milestones.impact_started).toMatchObject({ time: FIRST });
    expect(impactSeries.map(({ metric, departed, scan }) => [metric, departed?.at.slice(11, 16), scan?.service])).toEqual([
      ['HTTPCode_Target_5XX_Count', '14:29', 'api'],
      // The incident of the checkout was opened at 14:46, five minutes after that of the API.
      ['TargetResponseTime', '14:43', 'checkout'],
      ['RequestCount', undefined, 'api'],
      ['TargetResponseTime', undefined, 'api'],
      ['ApproximateNumberOfMessagesVisible', undefined, 'checkout'],
    ]);
    expect(findings.filter(({ code }) => code.startsWith('alarm_')).map(({ code, subject }) => [code, subject])).toEqual([
      ['alarm_missing', 'HTTPCode_Target_5XX_Count'],
      ['alarm_silent', 'checkout-HighLatency'],
    ]);
    expect(section('impact')).toContain("by a scan of the services' own series");
    expect(section('impact')).toMatch(
      /RequestCount and TargetResponseTime \(app\/api\S*, \S+\) of api did not leave their normal\. \S+ of checkout did not/,
    );
    expect(section('went_wrong')).toContain('none that was read watches HTTPCode_Target_5XX_Count');
    expect(section('went_wrong')).toContain('though the metric of alarm checkout-HighLatency left its normal');
    expect(section('actions')).toContain('Add an alarm that fires on this failure.');
    expect(section('actions')).toContain('Hold the threshold of the alarm against what its metric did here.');
  });

  it('are read in whole where one incident was merged into the other, which costs the plan no round', async () => {
    const { drafted } = await draftVariant({
      ...both,
      world: troubled({ merged_into: 'Q1POOL0EXHAUST' }),
      request: { select: { kind: 'incident', id: 'Q1CHKLATENCY01' } },
    });
    const { milestones, coverage } = drafted.draft.analysis;
    expect(milestones.impact_started).toMatchObject({ time: FIRST });
    expect(coverage.filter(({ gaps }) => gaps.length > 0)).toEqual([]);
  });
});

describe('a metric that the policy calls impact', () => {
  const drafted = async (metric: string, more: Partial<Variant> = {}) => {
    const told = await draftVariant({
      world: unwatched,
      metrics,
      sources: ['pagerduty', 'aws-prod'],
      policy: { impact_metrics: [{ metric }] },
      ...more,
    });
    return told.drafted.draft.analysis;
  };
  const basisOf = ({ milestones: { impact_started } }: Awaited<ReturnType<typeof drafted>>) => impact_started.known && impact_started.rule;

  it('is read in place of a scan', async () => {
    const analysis = await drafted(ERRORS);
    expect(basisOf(analysis)).toBe('onset_of_an_impact_metric');
    expect(analysis.impactSeries.map(({ metric }) => metric)).toEqual(['HTTPCode_Target_5XX_Count']);
  });

  it('and that is nowhere leaves the scan, and a finding that it was not read', async () => {
    const analysis = await drafted('AWS/ApplicationELB HTTPCode_Target_5XX_Cuont');
    expect(basisOf(analysis)).toBe('onset_in_a_scan_of_the_service');
    expect(analysis.findings.map(({ code }) => code)).toContain('impact_metric_unread');
  });

  it('and that another service claims leaves the scan, and nothing is said to be missing', async () => {
    const queue = 'AWS/SQS ApproximateNumberOfMessagesVisible';
    const analysis = await drafted(queue, { checkoutMetrics: [queue] });
    expect(basisOf(analysis)).toBe('onset_in_a_scan_of_the_service');
    expect(analysis.findings.map(({ code }) => code)).not.toContain('impact_metric_unread');
  });
});

describe('a window that nobody was called in', () => {
  it('tells of a departure that no alarm told of, and of none in the quiet hours before', async () => {
    const window = (from: string, to: string) =>
      ({ select: { kind: 'window', window: { from: instant(from), to: instant(to) }, service: 'api' } }) as const;
    const nobody = (sample: World) => ({ ...unwatched(sample), pagerduty: { ...sample.pagerduty, incidents: [] } });
    const loud = await draftVariant({ world: nobody, metrics, request: window('14:20', '15:10') });
    expect(loud.drafted.draft.analysis.milestones.impact_started).toMatchObject({ time: FIRST });
    expect(loud.section('summary')).toContain('by a scan of its metrics, the service api was degraded');
    const quiet = await draftVariant({ world: nobody, metrics, request: window('12:00', '13:00') });
    expect(quiet.section('summary')).toContain('The metrics that were read show no impact.');
  });
});
