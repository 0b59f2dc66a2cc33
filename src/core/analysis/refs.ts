/** A ref as a deployment names it, and the commit that it stood for. */
export interface Ref {
  readonly name: string;
  readonly revision: string;
}

/**
 * The refs that say which revision is meant, as a tag does. A branch moves: `main` says nothing a day later. A name is taken for
 * one that moves where it stood for two commits, where it holds no digit, and where it holds a slash (`fix/pool-2`).
 */
export function steadyRefs(refs: readonly Ref[]): ReadonlySet<string> {
  const revisions = Map.groupBy(refs, ({ name }) => name);
  const steady = [...revisions].filter(([name, stood]) => {
    return /\d/.test(name) && !name.includes('/') && new Set(stood.map(({ revision }) => revision)).size === 1;
  });
  return new Set(steady.map(([name]) => name));
}
