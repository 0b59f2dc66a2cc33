import Type, { type Static } from 'typebox';
import { reader } from '../../src/contract/index.ts';
import { User } from './people.ts';
import { Id, maybe } from './schema.ts';

/** One attempt of a workflow run. */
export const Run = Type.Object({
  id: Id,
  node_id: Type.String(),
  url: Type.String(),
  html_url: Type.String(),
  name: maybe(Type.String()),
  display_title: maybe(Type.String()),
  path: maybe(Type.String()),
  event: Type.String(),
  head_sha: Type.String(),
  head_branch: maybe(Type.String()),
  status: maybe(Type.String()),
  conclusion: maybe(Type.String()),
  run_attempt: maybe(Type.Integer({ minimum: 1 })),
  created_at: Type.String(),
  /** When this attempt began: it moves with each. */
  run_started_at: maybe(Type.String()),
  updated_at: Type.String(),
  actor: maybe(User),
  triggering_actor: maybe(User),
});
export type Run = Static<typeof Run>;
export const workflowRun = reader(Run);

/** GitHub gives no more than this of any list of runs that is filtered, whatever it says to have. */
export const MAX_RUNS = 1_000;

/** The file of the workflow that a run is of: `deploy.yml` of `.github/workflows/deploy.yml@main`. */
export function workflowOf({ path }: Pick<Run, 'path'>): string | undefined {
  return /([^/@]+\.ya?ml)(?:@|$)/.exec(path ?? '')?.[1];
}

/**
 * The name under which an attempt is kept. A record says nothing of environments: the one that the service's scope names goes
 * with it, since a record has to be read years later with no configuration.
 */
export function attemptId(nodeId: string, attempt: number, environment: string | undefined): string {
  return `${nodeId}/attempts/${attempt}${environment === undefined ? '' : `@${environment}`}`;
}

/** The environment that an attempt was kept with. */
export function environmentIn(nativeId: string): string | undefined {
  return /\/attempts\/\d+@(.+)$/s.exec(nativeId)?.[1];
}
