import type { Belonging } from '../timeline/entry.ts';
import { isSame } from '../timeline/rollout-joins.ts';
import type { Change } from './changes.ts';
import type { Candidate } from './reversals.ts';

/**
 * Gives what only another system heard of, as a pager of its change events, the place of the rollouts that it is one of: the repository
 * that it names, else the one place from which its service is rolled out. Where there are several, or none, its place is the pager's own
 * service, so that what a pager alone tells has a before and an after too. Takes candidates oldest first.
 */
export function placeHeard(candidates: readonly Candidate[]): readonly Candidate[] {
  if (!candidates.some(({ heard }) => heard)) return candidates;
  const lanes = lanesOf(candidates);
  const lasts = new Map<string, Candidate[]>();
  return candidates.map((candidate) => {
    const placed = candidate.heard ? placeOne(candidate, lanes) : candidate;
    const lane = laneName(placed.change);
    const before = lasts.get(lane) ?? [];
    const named = candidate.heard ? withWholeRevision(placed, before) : placed;
    if (before.push(named) === 1) lasts.set(lane, before);
    return named;
  });
}

interface Lane {
  readonly service: string | undefined;
  readonly source: string;
  readonly repository: string;
  readonly place: string;
  readonly environment?: string;
}

function laneName({ place, environment }: Pick<Change, 'place' | 'environment'>): string {
  return `${place ?? ''}@${environment ?? ''}`;
}

/** The places from which the record shows rollouts, each once. */
function lanesOf(candidates: readonly Candidate[]): readonly Lane[] {
  const lanes = candidates.flatMap(({ change, source, repository, heard }): readonly Lane[] => {
    const { belongs, kind, place, environment } = change;
    if (heard || kind !== 'deployment' || repository === undefined || place === undefined) return [];
    return [{ service: serviceIn(belongs), source, repository, place, ...(environment !== undefined && { environment }) }];
  });
  return [...new Map(lanes.map((lane) => [laneName(lane), lane])).values()];
}

/** The incident's service that a change is of, or the other one that it is known to be of. */
function serviceIn(belongs: Belonging): string | undefined {
  return 'why' in belongs ? (belongs.service === 'other' ? belongs.why : undefined) : belongs.service;
}

function placeOne(candidate: Candidate, lanes: readonly Lane[]): Candidate {
  const { change, heard = {} } = candidate;
  const service = serviceIn(change.belongs);
  const named = heard.repository?.toLowerCase();
  const [lane, ...others] = lanes.filter(
    (one) =>
      (named === undefined ? service !== undefined && one.service === service : one.repository.toLowerCase() === named) &&
      (change.environment ?? one.environment)?.toLowerCase() === (one.environment ?? change.environment)?.toLowerCase(),
  );
  if (!lane || others.length > 0) {
    const place = change.place ?? heard.place;
    return { ...candidate, change: { ...change, ...(place !== undefined && { place }) } };
  }
  const { environment: _, ...rest } = change;
  const { source, repository, place, environment } = lane;
  return { ...candidate, source, repository, change: { ...rest, place, ...(environment !== undefined && { environment }) } };
}

/** A hash that is cut short, or a version alone, is the one commit of its place that is called so. */
function withWholeRevision(candidate: Candidate, before: readonly Candidate[]): Candidate {
  const { change, heard } = candidate;
  const { revision, ref, ...rest } = change;
  const names = (other: Candidate) =>
    revision === undefined
      ? ref !== undefined && other.change.ref === ref
      : other.change.revision !== undefined && isSame(other.change.revision.to, revision.to);
  const same = before.filter(names);
  const [to, ...others] = new Set(same.flatMap((other) => other.change.revision?.to ?? []));
  if (to === undefined || others.length > 0) return candidate;
  const last = before.at(-1);
  // "Rollback of v2.3.4", right after v2.3.4 came out, names what went. "Rollback to v2.3.4" says that what came between is not in the record.
  const isGone = same.length === 1 && same[0] === last && !last?.isCalledRollback && saysGone(heard?.text ?? '', [to.slice(0, SHORT), ref]);
  return isGone ? { ...candidate, commits: [], change: rest } : { ...candidate, commits: [to], change: { ...change, revision: { to } } };
}

/** As short as git prints a hash. */
const SHORT = 7;
const GOING = /\broll(?:ed|ing)?[ -]?back(?: of)?(?: the)?(?: commit| revision| version| release)? $/;

/** Whether a sentence says of one of these names that it was rolled back, and not that something was rolled back to it. */
function saysGone(text: string, names: readonly (string | undefined)[]): boolean {
  const said = text.toLowerCase();
  return names.some(
    (name) => name !== undefined && said.includes(name.toLowerCase()) && GOING.test(said.slice(0, said.indexOf(name.toLowerCase()))),
  );
}
