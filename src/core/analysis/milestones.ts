import type { Case } from '../case.ts';
import type { EventId } from '../events.ts';
import { compare } from '../timeline/order.ts';
import { ownAlerts } from './apart.ts';
import { blindSpots, isWatched, type Kind } from './blind-spots.ts';
import type { Change } from './changes.ts';
import type { Departed } from './derived-events.ts';
import { calmSoFar, findImpactStart, findMitigation, findRecovered } from './impact-milestones.ts';
import type { ImpactReading } from './impact-series.ts';
import { closingsOf, eventsOf, type Firing, incidentEventsOf, isOfIncident, isOpen } from './joined.ts';
import type { Milestone, MilestoneName, Milestones } from './metrics.ts';
import { END_OF_SUSPECT, findReversal, findReversed, findSuspectDeployed, wantedOfReversal } from './reversal-milestones.ts';
import type { Suspect } from './suspects.ts';

/** What the milestones are found from, computed once. */
export interface Findable {
  readonly theCase: Case;
  readonly firings: readonly Firing[];
  readonly readings: readonly ImpactReading[];
  /** Those whose series left its normal, earliest first. */
  readonly departed: readonly Departed[];
  readonly changes: readonly Change[];
  readonly suspects: readonly Suspect[];
}

/** A milestone whose time is known. */
export type Known = Extract<Milestone, { readonly known: true }>;
type Rule = (from: Findable, found: Partial<Milestones>) => readonly Known[];

interface Search {
  /** In order: the first hit is the milestone, what later rules find is kept beside it. */
  readonly rules: readonly Rule[];
  /** Where it would be seen: a gap in any of these, or one that nobody read, makes an unknown milestone `not_covered`. */
  readonly seenIn: readonly [Kind, ...Kind[]];
  /** Whether it may still come while the incident is open. */
  readonly mayCome: boolean;
  /** Since when it may have come, though that is not certain yet: whether the record is closed or not. */
  readonly nearly?: (from: Findable) => Known['time'] | undefined;
  /** What was looked for, in words; a function where what was found in its place says more. */
  readonly wanted: string | ((from: Findable, found: Partial<Milestones>) => string);
}

/** An assertion comes before every rule. */
const SEARCHES = {
  impact_started: {
    rules: [findImpactStart],
    seenIn: ['series'],
    mayCome: false,
    wanted: ({ readings }) => `the start of the errors: ${refusalsOf(readings)}`,
  },
  detected: {
    rules: [findDetected],
    seenIn: ['alert'],
    mayCome: false,
    wanted: 'an alert that fired for this incident, or its first trigger',
  },
  paged: { rules: [findPaged], seenIn: ['incident'], mayCome: false, wanted: 'the first trigger of the incident' },
  acknowledged: { rules: [findAcknowledged], seenIn: ['incident'], mayCome: true, wanted: 'an acknowledgement by a person' },
  communicated: { rules: [findCommunicated], seenIn: ['incident'], mayCome: true, wanted: 'a status update' },
  suspect_deployed: {
    rules: [findSuspectDeployed],
    seenIn: ['change'],
    mayCome: false,
    wanted: ({ suspects, theCase }) =>
      (suspects[0]?.score ?? 0) >= theCase.policy.suspect_score ? END_OF_SUSPECT : 'a change that passes the threshold for a suspect',
  },
  reversal_started: {
    rules: [findReversal],
    seenIn: ['change'],
    mayCome: true,
    wanted: wantedOfReversal,
  },
  reversed: {
    rules: [findReversed],
    seenIn: ['change'],
    mayCome: true,
    wanted: 'the success of a deployment of an earlier revision, or of a revert',
  },
  recovered: {
    rules: [findRecovered],
    seenIn: ['series'],
    mayCome: true,
    nearly: calmSoFar,
    wanted: ({ departed, theCase }) =>
      departed.length > 0
        ? `a stretch of ${theCase.policy.stable_for} in which every series of the impact is normal`
        : 'the end of the errors: no series shows their start',
  },
  mitigated: {
    rules: [findMitigation],
    seenIn: ['series', 'change'],
    mayCome: true,
    wanted: ({ departed }) =>
      departed.some(({ series }) => series.periodMs >= COARSE_MS)
        ? 'the end of a reversal after which the errors fall by half: their periods are too long to tell before from after'
        : 'the end of a reversal after which the errors fall by half and stay there',
  },
  resolved: {
    rules: [findResolved],
    seenIn: ['incident'],
    mayCome: true,
    wanted: 'the closing of the incident with no reopening after it',
  },
} as const satisfies Record<MilestoneName, Search>;

/** A period this long holds both the impact and its end. */
const COARSE_MS = 3_600_000;

function refusalsOf(readings: readonly ImpactReading[]): string {
  const refused = readings.flatMap(({ series, onset }) => (onset.found ? [] : [`${series.metric}: ${onset.detail}`]));
  return refused.length > 0 ? refused.join('; ') : 'no readable series of an alarm that fired';
}

const UNSEARCHED: Milestone = { known: false, why: 'not_seen', wanted: '' };

/** The order matters: a later search may look at what an earlier one found. */
const ORDER: readonly MilestoneName[] = [
  'impact_started',
  'detected',
  'paged',
  'acknowledged',
  'communicated',
  'suspect_deployed',
  'recovered',
  'reversal_started',
  'reversed',
  'mitigated',
  'resolved',
];

/**
 * The first three need no suspect, and the suspects need them: `impact_started`, `detected` and `paged` of a case whose
 * changes were not ranked yet.
 */
export function findFirstMilestones(from: Omit<Findable, 'suspects'>): Pick<Milestones, 'impact_started' | 'detected' | 'paged'> {
  const find = (name: MilestoneName) => search(name, { ...from, suspects: [] }, {});
  return { impact_started: find('impact_started'), detected: find('detected'), paged: find('paged') };
}

/** Every milestone by its rules: asserted, then observed, then inferred; else what was wanted and why it is not there. */
export function findMilestones(from: Findable): Milestones {
  let found: Milestones = {
    impact_started: UNSEARCHED,
    detected: UNSEARCHED,
    paged: UNSEARCHED,
    acknowledged: UNSEARCHED,
    communicated: UNSEARCHED,
    suspect_deployed: UNSEARCHED,
    reversal_started: UNSEARCHED,
    reversed: UNSEARCHED,
    recovered: UNSEARCHED,
    mitigated: UNSEARCHED,
    resolved: UNSEARCHED,
  };
  for (const name of ORDER) found = { ...found, [name]: search(name, from, found) };
  return found;
}

function search(name: MilestoneName, from: Findable, found: Partial<Milestones>): Milestone {
  const { rules, seenIn, mayCome, nearly, wanted }: Search = SEARCHES[name];
  const [first, ...others] = [...findAsserted(name, from.theCase), ...rules.flatMap((rule) => rule(from, found))];
  if (first) return others.length > 0 ? { ...first, others } : first;
  const said = typeof wanted === 'string' ? wanted : wanted(from, found);
  const { windows, now } = from.theCase;
  const isBlind = seenIn.some((kind) => {
    const window = { from: (kind === 'change' ? windows.changes : windows.incident).from, to: now };
    return !isWatched(from.theCase, kind) || blindSpots(from.theCase, kind, window).length > 0;
  });
  const isAwaited = mayCome && isOpen(from.theCase) && (seenIn[0] !== 'series' || from.departed.length > 0);
  const since = nearly?.(from);
  if (since) return { known: false, why: 'not_yet', wanted: `${said}; they have been since ${since.at}`, notBefore: since };
  if (isBlind) return { known: false, why: 'not_covered', wanted: said };
  return { known: false, why: isAwaited ? 'not_yet' : 'not_seen', wanted: said };
}

/** What a person stated, the last statement first: it corrects the ones before. */
function findAsserted(name: MilestoneName, theCase: Case): readonly Known[] {
  const asserted = eventsOf(theCase.events, 'milestone.asserted').filter(
    (event) =>
      event.attributes.milestone === name &&
      (isOfIncident(event, theCase) || !event.correlationKeys.some((key) => key.includes('/incident:'))),
  );
  return asserted
    .toSorted((a, b) => compare(b.knowableAt, a.knowableAt) || (b.sequence ?? 0) - (a.sequence ?? 0) || compare(b.id, a.id))
    .map((event) => ({ known: true, time: event.time, basis: 'asserted', rule: 'asserted', cites: [event.id] }));
}

function observed(rule: string, event: { readonly id: EventId; readonly time: Known['time'] }): Known {
  return { known: true, time: event.time, basis: 'observed', rule, cites: [event.id] };
}

/** The earliest of the alerts and triggers that are joined to this case: never another service's, never a chat message. */
function findDetected({ theCase, firings }: Findable): readonly Known[] {
  const alerts = ownAlerts(theCase, firings).map((event) => observed('first_alert', event));
  const triggers = incidentEventsOf(theCase, 'incident.triggered').map((event) => observed('first_trigger', event));
  return [...alerts, ...triggers].toSorted((a, b) => compare(a.time.at, b.time.at) || compare(a.cites[0], b.cites[0])).slice(0, 2);
}

function findPaged({ theCase }: Findable): readonly Known[] {
  return incidentEventsOf(theCase, 'incident.triggered')
    .slice(0, 1)
    .map((event) => observed('first_trigger', event));
}

function findAcknowledged({ theCase }: Findable): readonly Known[] {
  return incidentEventsOf(theCase, 'incident.acknowledged')
    .filter(({ actor }) => actor?.kind === 'person')
    .slice(0, 1)
    .map((event) => observed('first_acknowledgement_by_a_person', event));
}

function findCommunicated({ theCase }: Findable): readonly Known[] {
  return incidentEventsOf(theCase, 'status.published')
    .slice(0, 1)
    .map((event) => observed('first_status_update', event));
}

/** The last closing, if every incident of the case is closed: one that was reopened, or a second page, is not over. */
function findResolved({ theCase }: Findable): readonly Known[] {
  if (isOpen(theCase)) return [];
  const last = closingsOf(theCase).at(-1);
  return last ? [observed('last_closing', last)] : [];
}
