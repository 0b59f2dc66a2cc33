import type { Case } from '../case.ts';
import type { Citation, Citations } from '../citation.ts';
import type { Window } from '../time.ts';
import type { Coverage } from '../timeline/coverage.ts';

/** The streams, whatever their source, in which each kind of thing would be seen. */
const SEEN_IN = {
  incident: ['incidents', 'log_entries'],
  alert: ['incidents', 'log_entries', 'alerts', 'alarm_history'],
  series: ['alarms', 'series'],
  change: ['deployments', 'deployment_statuses', 'workflow_runs', 'releases', 'changes', 'flags'],
} as const satisfies Record<string, readonly string[]>;

/** A status that cannot be read leaves the change itself in sight. */
const STATUSES = 'deployment_statuses';

/** What a gap may hide. */
export type Kind = keyof typeof SEEN_IN;

/** The coverage lines of needed streams that would show a thing of this kind. */
function neededLines({ coverage }: Pick<Case, 'coverage'>, kind: Kind): readonly Coverage[] {
  const streams: readonly string[] = SEEN_IN[kind];
  return coverage.filter(({ need, stream }) => need === 'needed' && streams.includes(stream));
}

/** The lines of needed streams that cannot see some part of the window, as citations; empty where nothing is hidden. */
export function blindSpots(theCase: Pick<Case, 'coverage'>, kind: Kind, window: Window): readonly Citation[] {
  return neededLines(theCase, kind)
    .filter(({ status, gaps }) => status === 'failed' || status === 'not_asked' || gaps.some((gap) => isOverlapping(gap.window, window)))
    .map(({ source, stream }) => ({ coverage: `${source}/${stream}` }));
}

/** What of the needed streams of this kind was asked and could not be read, one part after another, each with its line as a citation. */
export function gapsOf(theCase: Pick<Case, 'coverage'>, kind: Kind): readonly { readonly window: Window; readonly cites: Citations }[] {
  return neededLines(theCase, kind).flatMap(({ source, stream, gaps }) =>
    gaps.map(({ window }) => ({ window, cites: [{ coverage: `${source}/${stream}` }] as const })),
  );
}

/** Whether any needed stream of this kind was asked at all: with none, absence says nothing. */
export function isWatched(theCase: Pick<Case, 'coverage'>, kind: Kind): boolean {
  return neededLines(theCase, kind).length > 0;
}

/** Records of needed streams that came and told nothing since they could not be read: what they are of is not known, nor when it was. */
export function unreadRecords(theCase: Pick<Case, 'coverage'>, kind: Kind): number {
  const own = neededLines(theCase, kind).filter(({ stream }) => stream !== STATUSES);
  return own.reduce((count, { gave }) => count + gave.issues, 0);
}

function isOverlapping(a: Window, b: Window): boolean {
  return a.from < b.to && b.from < a.to;
}
