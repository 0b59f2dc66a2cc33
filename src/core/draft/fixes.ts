import type { Change } from '../analysis/changes.ts';
import { takenBackBy } from '../analysis/reversals.ts';
import type { TimelineEvent } from '../events.ts';
import type { Instant } from '../time.ts';
import { type FactOf, factsOf, isDeployment, type Material, shasOf } from './material.ts';
import { carriedBy, commitsOf, type PatchedFile } from './patches.ts';

/** A pull request merged after the suspect that names it or touches the same files. */
export interface Fix {
  readonly fact: FactOf<'change'>;
  readonly mergedAt: Instant;
  readonly names: readonly number[];
  readonly files: readonly PatchedFile[];
  /** Paths of those that the suspect touched, too. */
  readonly shared: ReadonlySet<string>;
  readonly merge?: TimelineEvent;
  /** Whether any deployment in the record carries its commit. */
  readonly deployed: boolean;
}

/** The change that is ranked first, where the verdict is that it is a suspect. */
export function firstSuspect({ analysis, changes }: Pick<Material, 'analysis' | 'changes'>): Change | undefined {
  const [suspect] = analysis.suspects;
  return suspect && analysis.suspectVerdict === 'suspect' ? changes.get(suspect.change) : undefined;
}

/** The change that took the suspect back, by itself or with what came after it; one that succeeded before others. */
export function reversalOf(suspect: Change, { analysis: { changes } }: Pick<Material, 'analysis'>): Change | undefined {
  const reversals = changes.filter((change) => takenBackBy(change, changes).includes(suspect.key));
  return reversals.find(({ outcome }) => outcome === 'succeeded') ?? reversals[0];
}

/** Best first: those that name a pull request of the suspect, then the earliest merged. */
export function findFixes(suspect: Change, material: Material): readonly Fix[] {
  const own = new Set(suspect.pullRequests.map(({ number }) => number));
  const repositories = new Set(suspect.pullRequests.map(({ url }) => repositoryOf(url)));
  const commits = new Set(commitsOf(suspect, material));
  const touched = new Set((carriedBy(suspect, material)?.files ?? []).map(({ path }) => path).concat(suspect.files));
  const found = factsOf(material, 'change').flatMap((fact): readonly Fix[] => {
    if (own.has(fact.number) || !repositories.has(repositoryOf(fact.url))) return [];
    const merge = mergeOf(fact, material);
    const mergedAt = fact.mergedAt ?? merge?.time.at;
    if (mergedAt === undefined || mergedAt <= suspect.began.at) return [];
    const takesBack = fact.revertsRevision !== undefined && commits.has(fact.revertsRevision) ? [...own].slice(0, 1) : [];
    const names = [...takesBack, ...namesOf(fact).filter((number) => own.has(number))];
    const files = filesOf(fact, material);
    if (names.length === 0 && !files.some(({ path }) => touched.has(path))) return [];
    const shared = new Set(files.map(({ path }) => path).filter((path) => touched.has(path)));
    return [{ fact, mergedAt, names, files, shared, ...(merge && { merge }), deployed: isDeployed(fact, material) }];
  });
  return found.toSorted((a, b) => {
    const byName = Math.sign(b.names.length) - Math.sign(a.names.length);
    return byName || (a.mergedAt < b.mergedAt ? -1 : a.mergedAt > b.mergedAt ? 1 : a.fact.number - b.fact.number);
  });
}

function repositoryOf(url: string): string {
  return url.split('/pull')[0] ?? url;
}

function namesOf({ mentions, reverts, title }: FactOf<'change'>): readonly number[] {
  const texts = [title, reverts ?? ''].flatMap((text) => [...text.matchAll(/#(\d{1,9})\b/g)].map(([, number]) => Number(number)));
  return [...(mentions ?? []), ...texts];
}

/** The fact and the event of a merge come from one record; else they share the commit. */
function mergeOf({ evidence, revisions }: FactOf<'change'>, { events }: Material): TimelineEvent | undefined {
  const merges = [...events.values()].filter(({ type }) => type === 'change.merged');
  const sameRecord = merges.find(({ provenance }) => 'evidence' in provenance && provenance.evidence === evidence);
  return sameRecord ?? merges.find((event) => shasOf(event).some((sha) => revisions.includes(sha)));
}

function filesOf({ files, revisions }: FactOf<'change'>, material: Material): readonly PatchedFile[] {
  if (files) return files;
  return factsOf(material, 'comparison').find(({ head }) => revisions.includes(head))?.files ?? [];
}

function isDeployed({ number, revisions }: FactOf<'change'>, { events, analysis }: Material): boolean {
  const carried = analysis.changes.some(
    (change) => change.kind === 'deployment' && change.pullRequests.some((pull) => pull.number === number),
  );
  return carried || [...events.values()].some((event) => isDeployment(event) && shasOf(event).some((sha) => revisions.includes(sha)));
}
