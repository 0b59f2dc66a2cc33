import Type, { type Static } from 'typebox';
import { reader } from '../../src/contract/index.ts';
import { maybe } from './shapes.ts';

export const ChangeEvent = Type.Object({
  id: Type.String(),
  timestamp: Type.String(),
  summary: maybe(Type.String()),
  source: maybe(Type.String()),
  services: maybe(Type.Array(Type.Object({ id: Type.String() }))),
  integration: maybe(Type.Object({ summary: maybe(Type.String()) })),
  links: maybe(Type.Array(Type.Object({ href: maybe(Type.String()) }))),
  custom_details: maybe(Type.Unknown()),
});
export type ChangeEvent = Static<typeof ChangeEvent>;
export const changeEvent = reader(ChangeEvent);

/** What a change event says of a rollout. */
export interface Rollout {
  /** `deployment:acme/api#1305550234`, `sha:…`: what the same rollout is called elsewhere. */
  readonly keys: readonly string[];
  /** False where it names a commit and nothing says that the commit went anywhere: a build, a merge. */
  readonly isDeployment: boolean;
  readonly isFailed: boolean;
  readonly id?: string;
  readonly environment?: string;
  /** A full or short hash. */
  readonly revision?: string;
  /** A tag or branch. */
  readonly name?: string;
}

const SHA = /^[0-9a-f]{7,40}$/i;
const FULL_SHA = /^[0-9a-f]{40}$/i;
const REPOSITORY = /^[\w.-]+\/[\w.-]+$/;
const ROLLED_OUT = /\b(?:deploy(?:s|ed|ing|ment)?|releas(?:e|es|ed|ing)|roll(?:s|ed|ing)?[ -]?(?:out|back)|rollout|rollback|shipped)\b/i;
const FAILED = /^(?:fail(?:ed|ure)?|error(?:ed)?|cancell?ed|aborted|timed_out)$/i;

/** Members of `custom_details` by what senders call them; the first that is there counts. */
const NAMES = {
  repository: ['repository', 'repo', 'repository_full_name', 'github_repository'],
  deployment: ['deployment_id', 'deployment', 'github_deployment_id'],
  revision: ['revision', 'sha', 'commit', 'commit_sha', 'commit_id', 'git_sha', 'head_sha'],
  name: ['version', 'tag', 'release', 'ref', 'branch'],
  environment: ['environment', 'env', 'environment_name', 'stage'],
  state: ['state', 'status', 'result', 'conclusion', 'build_state'],
} as const;

/** Reads the sender's details first and its links to GitHub after. Nothing where neither names a commit, a version or a deployment. */
export function rolloutOf({ summary, custom_details, links }: ChangeEvent): Rollout | undefined {
  const said = (name: keyof typeof NAMES) => textAt(custom_details, NAMES[name]);
  const linked = (links ?? []).map(({ href }) => readLink(href ?? ''));
  const repository = [said('repository'), ...linked.map((link) => link.repository)].find(
    (text) => text !== undefined && REPOSITORY.test(text),
  );
  const id = said('deployment') ?? linked.find((link) => link.deployment !== undefined)?.deployment;
  const revision = [said('revision'), ...linked.map((link) => link.revision)].find((text) => text !== undefined && SHA.test(text));
  const name = said('name') ?? [said('revision')].find((text) => text !== undefined && !SHA.test(text));
  if (id === undefined && revision === undefined && name === undefined) return undefined;
  const environment = said('environment') ?? linked.find((link) => link.environment !== undefined)?.environment;
  return {
    keys: [
      ...(repository && id && /^\d+$/.test(id) ? [`deployment:${repository}#${id}`] : []),
      ...(revision && FULL_SHA.test(revision) ? [`sha:${revision.toLowerCase()}`] : []),
    ],
    isDeployment: id !== undefined || environment !== undefined || ROLLED_OUT.test(summary ?? ''),
    isFailed: FAILED.test(said('state') ?? ''),
    ...(id !== undefined && { id }),
    ...(environment !== undefined && { environment }),
    ...(revision !== undefined && { revision: revision.toLowerCase() }),
    ...(name !== undefined && { name }),
  };
}

/** The first link that a browser may open. */
export function webLink({ links }: ChangeEvent): string | undefined {
  return (links ?? []).map(({ href }) => href ?? '').find((href) => /^https?:$/.test(URL.parse(href)?.protocol ?? ''));
}

interface Linked {
  readonly repository?: string | undefined;
  readonly revision?: string | undefined;
  readonly deployment?: string | undefined;
  readonly environment?: string | undefined;
}

/** GitHub's pages of a commit, a comparison, a pull request's commit and a deployment, and the API's deployment; of another host nothing. */
const LINKS: readonly RegExp[] = [
  /^\/(?<repository>[\w.-]+\/[\w.-]+)\/(?:commit|commits|tree)\/(?<revision>[0-9a-f]{7,40})\b/i,
  /^\/(?<repository>[\w.-]+\/[\w.-]+)\/pull\/\d+\/commits\/(?<revision>[0-9a-f]{7,40})\b/i,
  /^\/(?<repository>[\w.-]+\/[\w.-]+)\/compare\/.+\.{2,3}(?<revision>[0-9a-f]{7,40})$/i,
  /^(?:\/repos)?\/(?<repository>[\w.-]+\/[\w.-]+)\/deployments\/(?<deployment>\d+)(?:\/|$)/i,
  /^\/(?<repository>[\w.-]+\/[\w.-]+)\/deployments\/(?<environment>[A-Za-z][\w.-]*)$/i,
];

function readLink(href: string): Linked {
  const url = URL.parse(href);
  if (url?.hostname !== 'github.com' && url?.hostname !== 'api.github.com') return {};
  return LINKS.map((link) => link.exec(url.pathname)?.groups).find((groups) => groups !== undefined) ?? {};
}

function textAt(details: unknown, names: readonly string[]): string | undefined {
  if (typeof details !== 'object' || details === null) return undefined;
  for (const name of names) {
    const value: unknown = Reflect.get(details, name);
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
    if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  }
  return undefined;
}
