/** A repository as a record's own addresses name it. */
export interface Repository {
  /** `acme/api`, in GitHub's own spelling. */
  readonly name: string;
  /** Its page: `https://github.com/acme/api`. */
  readonly web: string;
}

/**
 * The repository of an API address (`https://api.github.com/repos/acme/api/…`) or of a page. A GitHub Enterprise Server has its
 * API below `/api/v3` of the same host, GitHub with data residency at `api.` before it.
 */
export function repositoryOf(address: string): Repository | undefined {
  const url = URL.parse(address);
  const path = url?.pathname.replace(/^\/api\/v3(?=\/)/, '');
  const [, name] = /^(?:\/repos)?\/([^/]+\/[^/]+)/.exec(path ?? '') ?? [];
  if (!url || name === undefined) return undefined;
  return { name, web: `${url.protocol}//${url.host.replace(/^api\./, '')}/${name}` };
}

/** The page of a repository's deployments to one environment. */
export function deploymentsPage({ web }: Repository, environment: string): string {
  return `${web}/deployments/${encodeURIComponent(environment)}`;
}

/** What owns a merge or a release, and what owns a deployment. */
export function repositoryKey(source: string, repository: string, environment?: string): string {
  return `${source}/repo:${repository}${environment === undefined ? '' : `@${environment}`}`;
}

/** Ties a deployment to its statuses and to what other sources say of it. */
export function deploymentKey(repository: string, id: string | number): string {
  return `deployment:${repository}#${id}`;
}

/** Ties the attempts of a workflow's run to what other sources say of it: they link to the run. */
export function runKey(repository: string, run: string | number): string {
  return `run:${repository}#${run}`;
}

export function isSha(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/** A path below the API's root, with its parts encoded. */
export function pathOf(repository: string, ...parts: readonly (string | number)[]): string {
  return ['/repos', ...repository.split('/').map(encodeURIComponent), ...parts.map((part) => encodeURIComponent(part))].join('/');
}
