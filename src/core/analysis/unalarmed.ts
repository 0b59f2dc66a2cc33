import type { Case } from '../case.ts';
import type { Citation, Citations } from '../citation.ts';
import { between } from '../time.ts';
import type { Finding } from './analyze.ts';
import { blindSpots, isWatched } from './blind-spots.ts';
import { breachedId, type Departed } from './derived-events.ts';
import { alarmNameOf } from './impact-scan.ts';
import { alertsOf, type Firing } from './joined.ts';
import type { Milestones } from './metrics.ts';

/** Where alarms are told of: their list, and what each did. */
const ALARM_STREAMS: readonly string[] = ['alarms', 'alarm_history'];

/**
 * Of each service the metric that a scan found to have left its normal first, while no alarm fired: none that was read watches it, or
 * one does and stayed silent. Where a part of the alarms' record is missing there is no finding, since one may have fired.
 */
export function unalarmedFindings(
  theCase: Case,
  firings: readonly Firing[],
  departed: readonly Departed[],
  { detected }: Milestones,
): readonly Finding[] {
  const first = new Map(departed.toReversed().flatMap((one) => (one.scan ? [[one.scan.service, one] as const] : [])));
  const [line, ...more] = theCase.coverage
    .filter(({ stream, status }) => ALARM_STREAMS.includes(stream) && status === 'complete')
    .map(({ source, stream }): Citation => ({ coverage: `${source}/${stream}` }));
  const isBlind = !isWatched(theCase, 'alert') || blindSpots(theCase, 'alert', theCase.windows.incident).length > 0;
  if (!line || isBlind || alertsOf(theCase, firings).length > 0) return [];
  return departed.filter((one) => first.get(one.scan?.service ?? '') === one).map((one) => toFinding(one, detected, [line, ...more]));
}

function toFinding(first: Departed, detected: Milestones['detected'], lines: Citations): Finding {
  const watchedBy = first.scan?.watchedBy;
  const span = detected.known ? between(first.onset.time, detected.time) : undefined;
  return {
    code: watchedBy ? 'alarm_silent' : 'alarm_missing',
    subject: watchedBy ? alarmNameOf(watchedBy.key) : first.series.metric,
    ...(span && span.minMs > 0 && { span }),
    cites: [{ event: breachedId(first) }, ...(watchedBy ? [{ evidence: watchedBy.evidence }] : []), ...lines],
  };
}
