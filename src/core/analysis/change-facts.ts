import type { EvidenceId } from '../evidence.ts';
import type { Fact } from '../facts.ts';
import { compare } from '../timeline/order.ts';

type ComparisonFact = Extract<Fact, { readonly kind: 'comparison' }>;

/** A pull request, as its record tells it. */
export type PullFact = Extract<Fact, { readonly kind: 'change' }>;

/** What lies between two revisions, all pages of the comparison joined. */
export interface Comparison {
  readonly status: ComparisonFact['status'];
  readonly commits: readonly string[];
  readonly files: readonly string[];
  readonly evidence: readonly EvidenceId[];
}

/** The comparison of two revisions of a repository; nothing where it was not asked for. */
export function comparisonOf(
  facts: readonly Fact[],
  source: string,
  repository: string,
  base: string,
  head: string,
): Comparison | undefined {
  const key = `${source}/compare:${repository}#${base}...${head}`;
  const pages = facts
    .filter((fact): fact is ComparisonFact => fact.kind === 'comparison' && fact.key === key)
    // Pages are joined in their own order: the first tells the status, and it alone carries files.
    .toSorted((a, b) => (a.page ?? 0) - (b.page ?? 0) || compare(a.evidence, b.evidence));
  const [first] = pages;
  if (!first) return undefined;
  return {
    status: first.status,
    commits: [...new Set(pages.flatMap(({ commits }) => commits))],
    files: [...new Set(pages.flatMap(({ files }) => files.map(({ path }) => path)))].toSorted(compare),
    evidence: pages.map(({ evidence }) => evidence),
  };
}

/** The pull requests of a repository by number. */
export function pullsOf(facts: readonly Fact[], source: string, repository: string): readonly PullFact[] {
  return facts
    .filter((fact): fact is PullFact => fact.kind === 'change' && fact.key.startsWith(`${source}/pull:${repository}#`))
    .toSorted((a, b) => a.number - b.number || compare(a.evidence, b.evidence));
}

/** The pull requests that brought any of these commits, by number, each once. */
export function pullsWith(pulls: readonly PullFact[], revisions: readonly string[]): readonly PullFact[] {
  const wanted = new Set(revisions);
  const found = pulls.filter((pull) => pull.revisions.some((revision) => wanted.has(revision)));
  return [...new Map(found.map((pull) => [pull.key, pull])).values()];
}
