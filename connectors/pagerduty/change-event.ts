import Type, { type Static } from 'typebox';
import { reader } from '../../src/contract/index.ts';
import { saysBegun, saysFailed, saysRolledOut, spokenIn } from './change-words.ts';
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
  /** `deployment:acme/api#1305550234`, `run:acme/api#55`, `sha:…`, `repo:acme/api`: what the same rollout, or its place, is called elsewhere. */
  readonly keys: readonly string[];
  /** False where it names a commit and nothing says that the commit went anywhere: a build, a merge. */
  readonly isDeployment: boolean;
  readonly isFailed: boolean;
  /** It began, or waits to: how it ended is not told. */
  readonly isBegun: boolean;
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
const FAILED = /^(?:fail(?:ed|ure)?|error(?:ed)?|cancell?ed|aborted|timed_out)$/i;
const BEGUN = /^(?:start(?:ed|ing)|begun|in[ _-]?progress|queued|pending|running)$/i;

/** Members of `custom_details` by what senders call them; the first that is there counts. */
const NAMES = {
  repository: ['repository', 'repo', 'repository_full_name', 'github_repository'],
  deployment: ['deployment_id', 'deployment', 'github_deployment_id'],
  run: ['run_id', 'workflow_run_id', 'github_run_id'],
  revision: ['revision', 'sha', 'commit', 'commit_sha', 'commit_id', 'git_sha', 'head_sha'],
  name: ['version', 'tag', 'release', 'ref', 'branch'],
  environment: ['environment', 'env', 'environment_name', 'stage'],
  state: ['state', 'status', 'result', 'conclusion', 'build_state'],
} as const;

/**
 * Reads the sender's details first, its links to GitHub after, and its sentence last. Nothing where none names a commit, a version, a run or a
 * deployment.
 */
export function rolloutOf({ summary, custom_details, links }: ChangeEvent): Rollout | undefined {
  const said = (name: keyof typeof NAMES) => textAt(custom_details, NAMES[name]);
  const linked = (links ?? []).map(({ href }) => readLink(href ?? ''));
  const link = (name: keyof Linked) => linked.map((one) => one[name]).find((text) => text !== undefined);
  const repository = [said('repository'), link('repository')].find((text) => text !== undefined && REPOSITORY.test(text));
  const id = said('deployment') ?? link('deployment');
  const run = [said('run'), link('run')].find((text) => text !== undefined && /^\d+$/.test(text));
  const stated = [said('revision'), link('revision')].find((text) => text !== undefined && SHA.test(text));
  const called = said('name') ?? [said('revision')].find((text) => text !== undefined && !SHA.test(text));
  const spoken = stated === undefined && called === undefined ? spokenIn(summary ?? '') : {};
  const [revision, name] = [stated ?? spoken.revision, called ?? spoken.name];
  if ([id, run, revision, name].every((text) => text === undefined)) return undefined;
  const environment = said('environment') ?? link('environment');
  return {
    keys: keysOf({ repository, id, run, attempt: link('attempt'), revision }),
    isDeployment: id !== undefined || environment !== undefined || saysRolledOut(summary ?? ''),
    ...outcomeOf(said('state'), summary ?? ''),
    ...(id !== undefined && { id }),
    ...(environment !== undefined && { environment }),
    ...(revision !== undefined && { revision: revision.toLowerCase() }),
    ...(name !== undefined && { name }),
  };
}

/** By the sender's own word for it where there is one, else by its sentence. */
function outcomeOf(state: string | undefined, summary: string): Pick<Rollout, 'isFailed' | 'isBegun'> {
  if (state !== undefined) return { isFailed: FAILED.test(state), isBegun: BEGUN.test(state) };
  const isFailed = saysFailed(summary);
  return { isFailed, isBegun: !isFailed && saysBegun(summary) };
}

type Named = Pick<Linked, 'repository' | 'run' | 'attempt' | 'revision'> & { readonly id: string | undefined };

function keysOf({ repository, id, run, attempt, revision }: Named): readonly string[] {
  return [
    ...(repository && id && /^\d+$/.test(id) ? [`deployment:${repository}#${id}`] : []),
    ...(repository && run && attempt ? [`deployment:${repository}#${run}.${attempt}`] : []),
    ...(repository && run ? [`run:${repository}#${run}`] : []),
    ...(revision && FULL_SHA.test(revision) ? [`sha:${revision.toLowerCase()}`] : []),
    ...(repository ? [`repo:${repository}`] : []),
  ];
}

/** The first link that a browser may open. */
export function webLink({ links }: ChangeEvent): string | undefined {
  return (links ?? []).map(({ href }) => href ?? '').find((href) => /^https?:$/.test(URL.parse(href)?.protocol ?? ''));
}

interface Linked {
  readonly repository?: string | undefined;
  readonly revision?: string | undefined;
  readonly deployment?: string | undefined;
  readonly run?: string | undefined;
  readonly attempt?: string | undefined;
  readonly environment?: string | undefined;
}

/** GitHub's pages of a commit, a comparison, a pull request's commit, a run and a deployment, and the API's deployment; of another host nothing. */
const LINKS: readonly RegExp[] = [
  /^\/(?<repository>[\w.-]+\/[\w.-]+)\/(?:commit|commits|tree)\/(?<revision>[0-9a-f]{7,40})\b/i,
  /^\/(?<repository>[\w.-]+\/[\w.-]+)\/pull\/\d+\/commits\/(?<revision>[0-9a-f]{7,40})\b/i,
  /^\/(?<repository>[\w.-]+\/[\w.-]+)\/compare\/.+\.{2,3}(?<revision>[0-9a-f]{7,40})$/i,
  /^\/(?<repository>[\w.-]+\/[\w.-]+)\/actions\/runs\/(?<run>\d+)(?:\/attempts\/(?<attempt>\d+))?(?:\/|$)/i,
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
