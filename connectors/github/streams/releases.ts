import Type from 'typebox';
import {
  addMs,
  type EvidenceRecord,
  type Instant,
  type Json,
  type Normalized,
  type PullItem,
  parseInstant,
  reader,
  type Stream,
} from '../../../src/contract/index.ts';
import { type Asking, askWith, before, eachOf, gapItem, pagesOf, partsOf, type Request, SPENT } from '../asking.ts';
import type { GitHub } from '../client.ts';
import type { GitHubScope } from '../config.ts';
import { actorOf, personFacts, User } from '../people.ts';
import { isSha, pathOf, repositoryKey, repositoryOf } from '../repository.ts';
import { Id, maybe } from '../schema.ts';

const Release = Type.Object({
  id: Id,
  node_id: Type.String(),
  url: Type.String(),
  html_url: Type.String(),
  tag_name: Type.String(),
  target_commitish: maybe(Type.String()),
  draft: maybe(Type.Boolean()),
  created_at: Type.String(),
  published_at: maybe(Type.String()),
  author: maybe(User),
});
const release = reader(Release);

export const releases: Stream<GitHub, GitHubScope> = {
  spec: {
    id: 'releases',
    emits: ['release.published'],
    need: 'extra',
    windowField: 'none',
    mutability: 'mutable',
    settleSeconds: 60,
  },
  need: ({ deploys }) => (deploys === 'releases' ? 'needed' : 'extra'),
  estimate: ({ scope }) => ({ requests: scope.repositories.length }),
  pull,
  parts: partsOf,
  normalize,
};

async function* pull(client: GitHub, request: Request): AsyncGenerator<PullItem> {
  const asking = askWith(client, request);
  yield* eachOf(request.scope.repositories, request, asking, (repository) => pullRepository(asking, request, repository));
}

/** A release is published so long after its commit, at most, that it may stand behind those of younger commits. */
const MARGIN_MS = 90 * 86_400_000;

/**
 * GitHub promises no order of releases and filters them by no time. A release of an old commit may stand far behind, so the
 * list is read until a whole page was both created and published long before the window.
 */
async function* pullRepository(asking: Asking, { window, scope }: Request, repository: string): AsyncGenerator<PullItem> {
  let reached: Instant | undefined;
  let last: { readonly at: Instant; readonly body: Json } | undefined;
  for await (const page of pagesOf(asking, pathOf(repository, 'releases'))) {
    for (const body of page) {
      const at = publishedAt(body);
      if (at === undefined || (at >= window.from && at < window.to)) yield* toItems(repository, body);
      else if (at < window.from && at > (last?.at ?? '')) last = { at, body };
    }
    const newest = page.map(newestStamp).toSorted().at(-1);
    if (newest !== undefined && newest < addMs(window.from, -MARGIN_MS)) break;
    reached = newest;
  }
  // What ran before: where releases are the deploys, the first of the window is compared with it.
  if (scope.deploys === 'releases' && last) yield* toItems(repository, last.body);
  if (asking.isSpent()) yield gapItem(before(window, reached), 'budget', `${SPENT}: older releases of ${repository} are not read`);
}

function publishedAt(body: Json): Instant | undefined {
  return parseInstant(release.read(body)?.published_at ?? '');
}

/** The later of both stamps; text that sorts last where one cannot be read, so that nothing is cut for its sake. */
function newestStamp(body: Json): Instant {
  const read = release.read(body);
  const stamps = [read?.created_at, read?.published_at].flatMap((stamp) => parseInstant(stamp ?? '') ?? []);
  return stamps.toSorted().at(-1) ?? LAST;
}
const LAST = parseInstant('9999-12-31T23:59:59Z') as Instant;

/** A draft is not published: it is left out. What cannot be read is handed over and becomes an issue. */
function* toItems(repository: string, body: Json): Generator<PullItem> {
  const read = release.read(body);
  if (read?.draft) return;
  const request = read ? pathOf(repository, 'releases', String(read.id)) : pathOf(repository, 'releases');
  yield { kind: 'record', record: { nativeId: read?.node_id ?? JSON.stringify(body), body, request } };
}

function normalize({ source, body }: EvidenceRecord): Normalized {
  const read = release.read(body);
  if (!read) return { events: [], issues: [release.problem(body)] };
  if (read.draft || !read.published_at) return { events: [], issues: [] };
  const at = parseInstant(read.published_at);
  if (!at) return { events: [], issues: [{ pointer: '/published_at', problem: 'not a time with an offset' }] };
  const repository = repositoryOf(read.url);
  if (!repository) return { events: [], issues: [{ pointer: '/url', problem: 'names no repository' }] };
  const target = read.target_commitish ?? '';
  return {
    events: [
      {
        type: 'release.published',
        key: read.node_id,
        pointer: '/published_at',
        originalTime: read.published_at,
        time: { at, minusMs: 0, plusMs: 1000 },
        timeMeaning: 'published',
        knowableAt: at,
        actor: actorOf(read.author),
        url: read.html_url,
        belongsTo: [repositoryKey(source, repository.name)],
        // `target_commitish` is most often the branch, which says nothing of the commit.
        correlationKeys: [`tag:${repository.name}@${read.tag_name}`, ...(isSha(target) ? [`sha:${target}`] : [])],
        attributes: { 'release.tag': read.tag_name },
      },
    ],
    facts: personFacts(read.author),
    issues: [],
  };
}
