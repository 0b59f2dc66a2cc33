import type { Analysis } from '../../../src/core/analysis/analyze.ts';
import type { Case } from '../../../src/core/case.ts';
import type { Coverage } from '../../../src/core/timeline/coverage.ts';
import { coverageLineOf, evidenceIdOf, incidentFactOf, instant, moment } from '../../support/events.ts';
import { CHANGES, MILESTONES, RECORDED, SUSPECTS, sampleAnalysis, sampleCase, unknown } from './sample.ts';

/** The sample as PagerDuty alone tells it: no metric, no alarm, no change was ever asked for. */
export function pagerDutyAlone(): Told {
  const hint = 'no AWS credentials were found; set them to follow the alarm ARNs that the alerts name';
  const theCase = sampleCase({
    series: [],
    events: RECORDED.filter(({ provenance }) => provenance.source === 'pagerduty'),
    facts: [incidentFactOf()],
    coverage: [
      coverageLineOf('pagerduty', 'log_entries', { records: 19 }),
      ...['alarm_history', 'series'].map((stream) => coverageLineOf('aws', stream, { status: 'not_asked', records: 0, hint })),
    ],
  });
  const none = { suspect_deployed: unknown(), impact_started: unknown(), reversal_started: unknown(), reversed: unknown() };
  const more = { mitigated: unknown(), recovered: unknown(), detected: MILESTONES.paged };
  const found = { changes: [], suspects: [], suspectVerdict: 'unknown' } as const;
  return { theCase, analysis: withoutSize(sampleAnalysis(theCase, found, { ...none, ...more })) };
}

/** The sample while it is still going on, at 14:44, before anyone took the deployment back. */
export function stillOpen(): Told {
  const now = instant('14:44');
  const theCase = sampleCase({
    now,
    asOf: now,
    facts: [incidentFactOf({ status: 'open' })],
    events: RECORDED.filter(({ time }) => time.at < now),
  });
  const names = ['reversal_started', 'reversed', 'mitigated', 'recovered', 'resolved'] as const;
  const open = Object.fromEntries(names.map((name) => [name, unknown('not_yet')]));
  const suspects = SUSPECTS.map((suspect) => ({ ...suspect, reasons: suspect.reasons.slice(0, 2) }));
  return { theCase, analysis: withoutSize(sampleAnalysis(theCase, { changes: CHANGES.slice(0, 1), suspects }, open)) };
}

/** The sample with GitHub out of reach and the alarm history gone: what follows from them is unknown, and nothing else. */
export function withGaps(): Told {
  const base = sampleCase();
  const gaps = (line: Coverage): Coverage => {
    if (line.source === 'github') {
      const detail = 'api.github.com answered 502 to three tries';
      return { ...line, status: 'failed', records: 0, gaps: [{ window: line.window, reason: 'unavailable', detail }] };
    }
    if (line.stream !== 'alarm_history') return line;
    return {
      ...line,
      status: 'partial',
      gaps: [{ window: line.window, reason: 'retention', detail: 'alarm history is kept for 30 days' }],
    };
  };
  const theCase = sampleCase({
    coverage: base.coverage.map(gaps),
    events: RECORDED.filter(({ provenance }) => provenance.source !== 'github'),
    facts: base.facts.filter(({ kind }) => kind !== 'change' && kind !== 'comparison'),
  });
  const names = ['suspect_deployed', 'reversal_started', 'reversed', 'mitigated'] as const;
  const milestones = Object.fromEntries(names.map((name) => [name, unknown('not_covered')]));
  const coarse = { ...MILESTONES.impact_started, time: moment('14:25', 0, 300_000) };
  const noted = RECORDED.find(({ type }) => type === 'note.added')?.provenance.evidence ?? evidenceIdOf('note');
  const findings = [{ code: 'name_unknown', subject: 'Johnny', cites: [{ evidence: noted }] }] as const;
  const found = { changes: [], suspects: [], suspectVerdict: 'unknown', findings } as const;
  return { theCase, analysis: sampleAnalysis(theCase, found, { ...milestones, impact_started: coarse }) };
}

export interface Told {
  readonly theCase: Case;
  readonly analysis: Analysis;
}

export function sample(): Told {
  const theCase = sampleCase();
  return { theCase, analysis: sampleAnalysis(theCase) };
}

function withoutSize({ impactSize: _, ...analysis }: Analysis): Analysis {
  return analysis;
}
