import {
  type EvidenceRecord,
  type Instant,
  type Json,
  type Normalized,
  type PullItem,
  parseInstant,
  type RawRecord,
  type Stream,
} from '../../../src/contract/index.ts';
import { type Asking, allOf, askWith, before, eachOf, gapItem, pagesOf, partsOf, type Request, SPENT } from '../asking.ts';
import type { GitHub } from '../client.ts';
import type { GitHubScope } from '../config.ts';
import { actorOf, personFacts } from '../people.ts';
import { changeFact, pullRequest } from '../pull-request.ts';
import { pathOf, repositoryKey, repositoryOf } from '../repository.ts';

export const changes: Stream<GitHub, GitHubScope> = {
  spec: {
    id: 'changes',
    emits: ['change.merged'],
    need: 'extra',
    windowField: 'none',
    mutability: 'mutable',
    settleSeconds: 60,
  },
  estimate: ({ scope, keys }) => ({ requests: keys.length || scope.repositories.length }),
  pull,
  parts: partsOf,
  normalize,
};

/** By keys the pull requests of those commits, whenever they were merged; without keys what was merged in the window. */
async function* pull(client: GitHub, request: Request): AsyncGenerator<PullItem> {
  const asking = askWith(client, request);
  if (request.keys.length > 0) yield* eachOf(request.keys, request, asking, (key) => pullCommit(asking, request, key));
  else yield* eachOf(request.scope.repositories, request, asking, (repository) => pullMerged(asking, request, repository));
}

/** A merge moves `updated_at`, and nothing moves it back: what was updated before the window was merged before it. */
async function* pullMerged(asking: Asking, { window }: Request, repository: string): AsyncGenerator<PullItem> {
  const query = { state: 'closed', sort: 'updated', direction: 'desc' };
  let reached: Instant | undefined;
  for await (const page of pagesOf(asking, pathOf(repository, 'pulls'), query)) {
    for (const body of page) {
      const read = pullRequest.read(body);
      const mergedAt = parseInstant(read?.merged_at ?? '');
      // A merge whose time cannot be read is handed over too: it becomes an issue, not a silence.
      const isUnreadable = !read || (read.merged_at && !mergedAt);
      if (isUnreadable || (mergedAt && mergedAt >= window.from && mergedAt < window.to))
        yield { kind: 'record', record: recordOf(repository, body) };
      reached = parseInstant(read?.updated_at ?? '') ?? reached;
    }
    if (reached !== undefined && reached < window.from) return;
  }
  if (asking.isSpent())
    yield gapItem(before(window, reached), 'budget', `${SPENT}: pull requests of ${repository} merged earlier are not read`);
}

async function* pullCommit(asking: Asking, { window }: Request, key: string): AsyncGenerator<PullItem> {
  const [, sha, repository] = /^sha:([0-9a-f]{40})@(.+)$/.exec(key) ?? [];
  if (sha === undefined || repository === undefined) {
    yield gapItem(window, 'unsupported', `${key} names no commit`);
    return;
  }
  const pulls = await allOf(asking, pathOf(repository, 'commits', sha, 'pulls'));
  if (!pulls) yield gapItem(window, 'budget', `${SPENT}: the pull requests of ${sha.slice(0, 7)} in ${repository} are not read`);
  for (const body of pulls ?? []) {
    const read = pullRequest.read(body);
    // An open pull request may hold the commit too; it brought nothing in.
    if (!read || read.merged_at) yield { kind: 'record', record: recordOf(repository, body) };
  }
}

function recordOf(repository: string, body: Json): RawRecord {
  const read = pullRequest.read(body);
  return {
    nativeId: read?.node_id ?? JSON.stringify(body),
    body,
    request: read ? pathOf(repository, 'pulls', read.number) : pathOf(repository, 'pulls'),
  };
}

function normalize({ source, body }: EvidenceRecord): Normalized {
  const read = pullRequest.read(body);
  if (!read) return { events: [], issues: [pullRequest.problem(body)] };
  if (!read.merged_at) return { events: [], issues: [] };
  const at = parseInstant(read.merged_at);
  if (!at) return { events: [], issues: [{ pointer: '/merged_at', problem: 'not a time with an offset' }] };
  const repository = repositoryOf(read.url)?.name;
  if (!repository) return { events: [], issues: [{ pointer: '/url', problem: 'names no repository' }] };
  const facts = [changeFact(source, repository, read, at), ...personFacts(read.user)];
  const merge = read.merge_commit_sha;
  // GitHub's API of 2026-03-10 no longer says it: then only the commit's own question can join the two.
  if (!merge) return { events: [], facts, issues: [{ pointer: '', problem: 'does not say which commit its merge made' }] };
  return {
    events: [
      {
        type: 'change.merged',
        key: read.node_id,
        pointer: '/merged_at',
        originalTime: read.merged_at,
        time: { at, minusMs: 0, plusMs: 1000 },
        timeMeaning: 'occurred',
        knowableAt: at,
        // The list names who wrote it, not who merged it.
        actor: actorOf(read.user),
        url: read.html_url,
        belongsTo: [repositoryKey(source, repository)],
        correlationKeys: [`sha:${merge}`],
        attributes: { 'vcs.change.id': String(read.number), 'vcs.ref.head.revision': merge, 'vcs.ref.base.name': read.base.ref },
      },
    ],
    facts,
    issues: [],
  };
}
