import type { App, Drafted, DraftRequest, Progress } from './app.ts';
import type { AppDeps } from './deps.ts';
import { draftCase } from './draft.ts';
import { AppError } from './errors.ts';
import { bundleKey } from './select.ts';
import { caseKey, startState } from './start.ts';

/** A draft under way, and all who wait for it. */
interface Running {
  readonly result: Promise<Drafted>;
  /** Aborted once nobody waits any more. */
  readonly controller: AbortController;
  readonly watchers: Set<(progress: Progress) => void>;
  waiting: number;
}

/**
 * Drafts, where requests that mean the same share one pull and one draft while it is under way: two people who ask for one
 * incident cost its sources no more than one. A caller that gives up leaves the others waiting; the last one to leave ends the work.
 */
export function shareDrafts(deps: AppDeps): App['draft'] {
  const running = new Map<string, Running>();
  return async (request) => {
    const key = await meaningOf(deps, request);
    const shared = running.get(key) ?? begin(deps, request, running, key);
    return await waitFor(shared, request, () => running.get(key) === shared && running.delete(key));
  };
}

/** What is asked, however its incident was written; a number that was never read is not known to be an id. */
async function meaningOf(deps: AppDeps, { signal: _signal, onProgress: _progress, ...request }: DraftRequest): Promise<string> {
  const { select, with: others = [], ...rest } = request;
  const imported = select.kind === 'incident' ? bundleKey(select.id) : undefined;
  const key = imported ?? (await caseKey(deps, startState(deps, request, deps.clock.now())));
  return JSON.stringify([key, others, Object.entries(rest).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}

function begin(deps: AppDeps, request: DraftRequest, running: Map<string, Running>, key: string): Running {
  const controller = new AbortController();
  const watchers = new Set<(progress: Progress) => void>();
  const onProgress = (progress: Progress) => {
    for (const watch of watchers) watch(progress);
  };
  const result = draftCase(deps, { ...request, signal: controller.signal, onProgress });
  const shared: Running = { result, controller, watchers, waiting: 0 };
  running.set(key, shared);
  const end = () => {
    if (running.get(key) === shared) running.delete(key);
  };
  void result.then(end, end);
  return shared;
}

async function waitFor(shared: Running, { signal, onProgress }: DraftRequest, forget: () => void): Promise<Drafted> {
  shared.waiting += 1;
  if (onProgress) shared.watchers.add(onProgress);
  const { promise: left, reject } = Promise.withResolvers<never>();
  const leave = () => {
    if (shared.waiting > 1) return reject(new AppError('interrupted', 'the caller went away; others still wait for the draft'));
    // The last one waits until the work has ended, so that nothing runs on behind its back.
    forget();
    shared.controller.abort(signal?.reason);
  };
  if (signal?.aborted) leave();
  signal?.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([shared.result, left]);
  } finally {
    shared.waiting -= 1;
    signal?.removeEventListener('abort', leave);
    if (onProgress) shared.watchers.delete(onProgress);
  }
}
