import type { Snapshot } from '../core/case.ts';
import type { RecordedEvent } from '../core/events.ts';
import type { EvidenceId, EvidenceRecord } from '../core/evidence.ts';
import { addMs, type Instant, type Window } from '../core/time.ts';
import { AppError } from './errors.ts';
import { planServices } from './gather.ts';
import { interpret, toPlanRead } from './interpret.ts';
import { LATE_FIGURES } from './plan.ts';
import { caseOf, incidentFacts, type PlanCase, type PlanRead, type PlanState, readBy } from './plan-case.ts';
import { askCommitChanges, askComparisons, askDeployedChanges } from './plan-changes.ts';
import type { Sources } from './ports.ts';
import { parseWindowId } from './select.ts';

/** A snapshot with its records, and who can read them. */
interface Pinned {
  readonly snapshot: Snapshot;
  readonly records: readonly EvidenceRecord[];
  readonly sources: Pick<Sources, 'connectorOf'>;
}

interface Read extends PlanRead {
  readonly id: EvidenceId;
  /** By people and files: a snapshot at `asOf` would hold only what they had told by then. */
  readonly isTold: boolean;
}

/**
 * The snapshot as a run at `asOf` would have taken it: without the incidents that were merged in later, and without what is asked
 * for only because of what came later, such as the comparison of two revisions of which one was not deployed yet. Throws
 * AppError('usage') where the case had not begun by then, or was read while it was open and before then.
 */
export function backTo(asOf: Instant, { snapshot, records, sources }: Pinned): Snapshot {
  const { normalizers, takenAt } = snapshot;
  if (snapshot.asOf !== undefined && asOf > takenAt && asOf !== snapshot.asOf)
    throw new AppError('usage', `what is kept was read at ${takenAt}: it says nothing of ${asOf}`);
  const read = records.flatMap((record): readonly Read[] => {
    const connector = sources.connectorOf(record.source, normalizers[record.source]);
    return connector ? [{ id: record.id, isTold: connector.told !== undefined, ...toPlanRead(interpret(record, connector)) }] : [];
  });
  refuseBefore(asOf, beganAt(snapshot, read));
  const state = stateAt(snapshot, asOf, read, sources);
  const theCase = caseOf(state);
  if (!theCase || asOf === snapshot.asOf) return snapshot;
  const asked = askedThen(state, theCase);
  const then = withoutLater(snapshot, theCase);
  const isApart = snapshot.incidents.length > theCase.incidents.length ? isOfOthers(theCase) : () => false;
  const dropped = new Set(read.filter((one) => isApart(one) || !wasRead(one, asOf, asked, theCase)).map(({ id }) => id));
  return {
    ...then,
    evidence: snapshot.evidence.filter((id) => !dropped.has(id)),
    coverage: then.coverage.filter(({ stream }) => !LATE_FIGURES.has(stream)),
  };
}

/** The snapshot with the incidents of the case as it stood, and with the windows that follow from those. */
function withoutLater(snapshot: Snapshot, theCase: PlanCase): Snapshot {
  const [first, ...others] = theCase.incidents;
  if (first === undefined || snapshot.incidents.length === theCase.incidents.length) return snapshot;
  const { joined = [], windows, coverage, ...rest } = snapshot;
  const left = joined.filter((key) => others.includes(key));
  const beginnings = new Map(WINDOWS.map((name) => [windows[name].from, theCase.windows[name].from]));
  const narrow = <Read extends { readonly window: Window }>(read: Read): Read => ({
    ...read,
    window: { from: beginnings.get(read.window.from) ?? read.window.from, to: read.window.to },
  });
  return {
    ...rest,
    incidents: [first, ...others],
    ...(left.length > 0 && { joined: left }),
    windows: theCase.windows,
    coverage: coverage.map((line) => ({ ...narrow(line), gaps: line.gaps.map(narrow) })),
  };
}

const WINDOWS = ['incident', 'changes', 'baseline'] as const;

/** Records that were read for the sake of an incident that was not in the case yet, or that its windows alone reach. */
function isOfOthers({ incidents, windows }: PlanCase): (read: PlanRead) => boolean {
  const isOther = (key: string) => key.includes('/incident:') && !incidents.includes(key);
  return ({ stream, events, facts }) => {
    if (stream === 'incidents')
      return facts.some((fact) => fact.kind === 'incident' && isOther(fact.key) && (fact.triggeredAt ?? '') < windows.incident.from);
    if (facts.some((fact) => fact.kind === 'related' && isOther(fact.of))) return true;
    const named = events.flatMap(({ correlationKeys }) => correlationKeys.filter((key) => key.includes('/incident:')));
    return named.length > 0 && named.every(isOther);
  };
}

/**
 * Throws AppError('usage') for a time at which the case had not begun: drafting then would have found no incident, and only a window
 * can tell what was known of the service before one was opened.
 */
export function refuseBefore(asOf: Instant, began: Instant | undefined): void {
  if (began === undefined || began < asOf) return;
  const first = addMs(began, 1000);
  throw new AppError(
    'usage',
    `before ${asOf} it had not begun: it began at ${began}. The earliest time to look back to is ${first}; what could be known before that, a window of the service tells (--from T --to ${asOf})`,
  );
}

/**
 * When the case of a stored snapshot began, by its own window and the records of its incidents. What was merged in may be older,
 * but makes no case of an incident that was not open yet.
 */
function beganAt({ incidents, joined = [] }: Snapshot, read: readonly PlanRead[]): Instant | undefined {
  const facts = incidentFacts(read);
  const given = parseWindowId(incidents[0]);
  const asked = incidents.filter((key) => !joined.includes(key));
  const starts = [given?.window.from, ...asked.map((key) => facts.get(key)?.triggeredAt)];
  return starts.filter((at) => at !== undefined).toSorted()[0];
}

/** The plan's state at `asOf`, with all that was read by then. No source is listed: nothing is asked of any. */
function stateAt(
  { incidents, joined = [], asked, subject, policy, services }: Snapshot,
  until: Instant,
  read: readonly PlanRead[],
  sources: Pick<Sources, 'connectorOf'>,
): PlanState {
  // What joined by a merge is found again by following the merge, if that had happened.
  const [first, ...others] = incidents;
  const keys = [first, ...others.filter((key) => !joined.includes(key))] as const;
  const service = subject?.[0];
  const select = asked
    ? { kind: 'window' as const, window: asked, ...(service !== undefined && { service }) }
    : { kind: 'incident' as const, keys };
  const state = {
    select,
    until,
    related: true,
    policy,
    services: planServices(services, sources),
    sources: [],
    alarmSources: {},
    asked: [],
  };
  return { ...state, read: readBy(read, state) };
}

/** What the plan would have asked by its keys, as `source/key`. What only these questions gave is not known before them. */
function askedThen(whole: PlanState, theCase: PlanCase): ReadonlySet<string> {
  const state = { ...whole, read: whole.read.filter((one) => earlierMerges(one, theCase).length === 0) };
  const wanted = [askComparisons, askDeployedChanges, askCommitChanges].flatMap((ask) => ask(state, theCase, () => ({})).asks);
  return new Set(wanted.flatMap(({ source, keys }) => keys.map((key) => `${source}/${key}`)));
}

function wasRead(one: Read, asOf: Instant, asked: ReadonlySet<string>, theCase: PlanCase): boolean {
  if (LATE_FIGURES.has(one.stream)) return false;
  if (one.isTold) return one.events.length === 0 || one.events.some(({ knowableAt }) => knowableAt <= asOf);
  return isAskedThen(one, asked, theCase);
}

/** Comparisons are asked for by their pair; pull requests that were merged before the changes' window by their commit. */
function isAskedThen({ source, facts, events }: PlanRead, asked: ReadonlySet<string>, theCase: PlanCase): boolean {
  const comparisons = facts.filter((fact) => fact.kind === 'comparison');
  if (comparisons.length > 0) return comparisons.some(({ key }) => asked.has(key));
  const merges = earlierMerges({ events }, theCase);
  if (merges.length === 0) return true;
  return merges.some(({ correlationKeys, belongsTo }) =>
    correlationKeys.some((key) => belongsTo.some((place) => asked.has(`${source}/${key}@${place.slice(`${source}/repo:`.length)}`))),
  );
}

function earlierMerges({ events }: Pick<PlanRead, 'events'>, { windows }: PlanCase): readonly RecordedEvent[] {
  return events.filter(({ type, time }) => type === 'change.merged' && time.at < windows.changes.from);
}
