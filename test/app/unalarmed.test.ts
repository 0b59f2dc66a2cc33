import { describe, expect, it } from 'vitest';
import type { World } from '../../demo/world.ts';
import { instant } from '../support/events.ts';
import { draftVariant, withIncident } from '../support/staged-world.ts';

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
