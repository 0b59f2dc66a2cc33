import type { Case } from '../case.ts';
import type { Citations } from '../citation.ts';
import { ownerNameOf } from '../ownership.ts';
import { durationMs, likelyTime, type Moment, type Span } from '../time.ts';
import { deriveAckLapses } from '../timeline/acknowledgements.ts';
import type { Coverage } from '../timeline/coverage.ts';
import type { TimelineEntry } from '../timeline/entry.ts';
import { mergeTimeline } from '../timeline/merge.ts';
import { compare } from '../timeline/order.ts';
import { alarmFindings } from './alarm-findings.ts';
import { alarmTimings } from './alarm-timing.ts';
import { automationFindings } from './automation-findings.ts';
import { type Change, changesOf } from './changes.ts';
import { clearedOf } from './clearing.ts';
import { belongingsOf, breachedId, type Departed, deriveMetricEvents, recoveredId } from './derived-events.ts';
import { disputesOf } from './disputes.ts';
import { findingsOf } from './findings.ts';
import { departuresOf, readImpact } from './impact-series.ts';
import { type ImpactSize, impactSizeOf } from './impact-size.ts';
import { type ImpactVoice, voicesOf } from './impact-voices.ts';
import { firedAt, firingsOf, quietWindow } from './joined.ts';
import { type Metric, type MetricName, type Milestone, type MilestoneName, type Milestones, measure } from './metrics.ts';
import { type Findable, findFirstMilestones, findMilestones } from './milestones.ts';
import type { Departure } from './onset.ts';
import { phasesOf } from './phases.ts';
import { findRecovery } from './recovery.ts';
import { responseFindings } from './response-findings.ts';
import { findReturns, type ImpactReturn, impactReturns } from './returns.ts';
import { reversalFindings } from './reversal-findings.ts';
import { type Running, runningOf } from './running.ts';
import { type Skew, skewFindings, skewsOf } from './skew.ts';
import { reachToSteps } from './stepped-onsets.ts';
import { type Impact, rankSuspects, type Suspect, type SuspectVerdict, suspectVerdict } from './suspects.ts';
import { withSwapsJoined } from './swaps.ts';
import { twinFindings } from './twin-findings.ts';
import { unalarmedFindings } from './unalarmed.ts';

/** The time between two known milestones that follow each other. */
export interface Phase {
  readonly name: 'latent' | 'undetected' | 'unpaged' | 'unanswered' | 'diagnosis' | 'repair' | 'closing';
  readonly from: MilestoneName;
  readonly to: MilestoneName;
  readonly starts: Moment;
  readonly ends: Moment;
}

/** What a person should look at, and why. */
export interface Finding {
  readonly code:
    | 'milestones_inverted'
    | 'milestone_disputed'
    | 'clock_offset'
    | 'clocks_disagree'
    | 'name_unknown'
    | 'actor_may_be_automation'
    | 'incident_overlaps'
    | 'source_empty'
    | 'impact_metric_unread'
    | 'alarm_edited'
    | 'alarm_without_series'
    | 'alarm_saw_other_values'
    | 'alarm_slow'
    | 'alarm_missing'
    | 'alarm_silent'
    | 'page_delayed'
    | 'unanswered_at_first'
    | 'reversal_late'
    | 'grew_after_reversal'
    | 'known_before_alarm'
    | 'impact_outlasted_record'
    | 'record_outlasted_impact'
    | 'closed_in_impact'
    | 'alarm_fired_again';
  readonly subject: string;
  /** The length that it is about, with the bounds of its two ends. */
  readonly span?: Span;
  readonly cites: Citations;
}

/** What we conclude, and all that a program may read: it is the JSON of a draft, not a copy of it. */
export interface Analysis {
  readonly timeline: readonly TimelineEntry[];
  readonly milestones: Milestones;
  readonly durations: Readonly<Record<MetricName, Metric>>;
  readonly phases: readonly Phase[];
  readonly changes: readonly Change[];
  readonly suspects: readonly Suspect[];
  readonly suspectVerdict: SuspectVerdict;
  /** What ran when the impact began, one a service: "v2.3.4, 14 min old". */
  readonly running: readonly Running[];
  /** What each series of the impact says of its start, the earliest first; those that show none last. */
  readonly impactSeries: readonly ImpactVoice[];
  /** When the impact came back after it had counted as over, while the incident went on; absent where it did not. */
  readonly impactReturns?: readonly ImpactReturn[];
  /** For counts, and rates with their count: the excess over the baseline from onset to recovery, or so far. */
  readonly impactSize?: ImpactSize;
  /** How far each pair of clocks is apart, as an interval; measured and never applied. */
  readonly clocks: readonly Skew[];
  readonly findings: readonly Finding[];
  readonly coverage: readonly Coverage[];
}

/**
 * All conclusions of a case, in the order in which they rest on each other: which series show the impact and when they left
 * their normal; the merged timeline; changes; the first milestones; suspects by those; every milestone; durations; the rest.
 * Pure, and the same for any order of the case's events, facts and series.
 */
export function analyze(theCase: Case): Analysis {
  const firings = firingsOf(theCase);
  const apart = changesOf(theCase);
  const readings = reachToSteps(readImpact(theCase, firings), apart, theCase);
  const departed = departuresOf(readings).filter((reading) => isInCase(reading, theCase));
  const returned = findReturns(departed, theCase);
  const derived = deriveMetricEvents([...departed, ...returned], durationMs(theCase.policy.stable_for));
  const timeline = mergeTimeline(theCase.events, theCase, [...derived, ...deriveAckLapses(theCase.events)]);
  const found = { theCase, firings, readings, departed, returned, changes: apart };
  const first = findFirstMilestones(found);
  const impact = impactOf(found, first);
  const changes = withSwapsJoined(apart, theCase.events, impact);
  const base = { ...found, changes };
  const suspects = rankSuspects(changes, theCase, impact);
  const milestones = findMilestones({ ...base, suspects });
  const began = timeOf(milestones.impact_started) ?? timeOf(milestones.detected);
  const clocks = skewsOf(theCase);
  const durations = durationsOf(milestones, theCase);
  const returns = impactReturns(returned, timeOf(milestones.recovered), theCase);
  // Between a start and an end that stand the wrong way round nothing can be counted.
  const size =
    durations.time_to_recover.status === 'inverted' ? undefined : impactSizeOf(departed, theCase.series, timeOf(milestones.recovered));
  return {
    timeline,
    milestones,
    durations,
    phases: phasesOf(milestones),
    changes,
    suspects,
    suspectVerdict: suspectVerdict(suspects, theCase, impact),
    running: runningOf(changes, theCase, began, impact.known),
    impactSeries: voicesOf(readings, departed),
    ...(size && { impactSize: size }),
    ...(returns.length > 0 && { impactReturns: returns }),
    clocks,
    findings: [
      ...findingsOf(theCase, milestones, firings),
      ...automationFindings(theCase),
      ...disputesOf(milestones, departed),
      ...skewFindings(clocks),
      ...twinFindings(timeline, theCase, clocks),
      ...alarmFindings(theCase, firings, readings),
      ...alarmTimings(theCase, firings, readings),
      ...unalarmedFindings(theCase, firings, departed, milestones),
      ...responseFindings({ theCase, firings, milestones, changes, suspects, departed, returns }),
      ...reversalFindings({ theCase, milestones, departed }),
    ],
    coverage: theCase.coverage,
  };
}

/** Of a window with no incident, a departure that touches it as it was given: what came and went around it is another story. */
function isInCase({ onset }: Departed, theCase: Case): boolean {
  const quiet = quietWindow(theCase);
  if (!quiet) return true;
  const recovery = findRecovery([onset], durationMs(theCase.policy.stable_for));
  return onset.time.at < quiet.to && (!recovery.found || recovery.time.at > quiet.from);
}

/** What the ranking of suspects may know of the impact: nothing that rests on a suspect. */
function impactOf(
  { theCase, departed, firings, returned }: Omit<Findable, 'suspects'> & { readonly returned: readonly Departed[] },
  first: ReturnType<typeof findFirstMilestones>,
): Impact {
  const started = first.impact_started.known ? likelyTime(first.impact_started) : undefined;
  const known = timeOf(first.detected) ?? timeOf(first.paged);
  const cites = [first.impact_started, first.detected].flatMap((milestone) => (milestone.known ? milestone.cites : []));
  const cleared = departed.length > 0 ? undefined : clearedOf(firings, theCase);
  // A start that a person stated is the case's: no metric of one service speaks against it.
  const isStated = first.impact_started.known && first.impact_started.basis === 'asserted';
  const byService = theCase.subject.length > 1 && !isStated ? impactsByService(departed, returned, theCase) : undefined;
  return {
    ...(byService && byService.size > 0 && { byService }),
    ...(started && { started }),
    ...(known && { known }),
    cites: cites.map((event) => ({ event })),
    ...courseOf(departed, returned, theCase),
    ...(cleared && { cleared }),
  };
}

/** What departed, when all of it was over, and when the first of it came back after that. */
function courseOf(
  departed: readonly Departed[],
  returned: readonly Departed[],
  theCase: Case,
): Pick<Impact, 'departures' | 'told' | 'recovery' | 'returned'> {
  const departures = departed.map(({ onset }) => onset);
  const [one, ...more] = departures;
  const stableMs = durationMs(theCase.policy.stable_for);
  const recovery = one && findRecovery([one, ...more], stableMs);
  const told = new Map(
    departed.map((reading): [Departure, Citations] => {
      const isBack = findRecovery([reading.onset], stableMs).found;
      return [reading.onset, [{ event: breachedId(reading) }, ...(isBack ? [{ event: recoveredId(reading) }] : [])]];
    }),
  );
  if (!recovery?.found) return { departures, told };
  const [again] = impactReturns(returned, recovery.time, theCase);
  return { departures, told, recovery: recovery.likely, ...(again && { returned: again.time }) };
}

/** Of each service its own onset, its own alarm and its own end: one that broke earlier says nothing of another's changes. */
function impactsByService(departed: readonly Departed[], returned: readonly Departed[], theCase: Case): ReadonlyMap<string, Impact> {
  const serviceOf = (reading: Departed) => ownerNameOf(belongingsOf(reading), theCase.services) ?? '';
  const groups = Map.groupBy(departed, serviceOf);
  return new Map(
    [...groups].flatMap(([name, readings]) => {
      const [first] = readings;
      if (!first || !theCase.subject.includes(name)) return [];
      const again = returned.filter((reading) => serviceOf(reading) === name);
      const fired = readings.flatMap(({ firing }) => (firing ? [firedAt(firing, theCase)] : [])).toSorted((a, b) => compare(a.at, b.at))[0];
      const impact: Impact = {
        started: likelyTime(first.onset),
        ...(fired && { known: fired }),
        cites: readings.slice(0, 1).map((reading) => ({ event: breachedId(reading) })),
        ...courseOf(readings, again, theCase),
      };
      return [[name, impact] as const];
    }),
  );
}

function timeOf(milestone: Milestone): Moment | undefined {
  return milestone.known ? milestone.time : undefined;
}

function durationsOf(milestones: Milestones, { now }: Case): Readonly<Record<MetricName, Metric>> {
  const of = (name: MetricName) => measure(name, milestones, now);
  return {
    deployment_to_detection: of('deployment_to_detection'),
    time_to_detect: of('time_to_detect'),
    time_to_page: of('time_to_page'),
    time_to_acknowledge: of('time_to_acknowledge'),
    time_to_communicate: of('time_to_communicate'),
    time_to_reverse: of('time_to_reverse'),
    time_to_mitigate: of('time_to_mitigate'),
    time_to_recover: of('time_to_recover'),
    detection_to_recovery: of('detection_to_recovery'),
    time_to_resolve: of('time_to_resolve'),
    failed_deployment_recovery: of('failed_deployment_recovery'),
  };
}
