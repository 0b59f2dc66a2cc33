import Type from 'typebox';
import { type EvidenceRecord, type Json, type Normalized, type PullItem, reader, type Stream } from '../../../src/contract/index.ts';
import { type Asking, askWith, eachOf, gapItem, isList, PAGE_SIZE, partsOf, type Request, SPENT } from '../asking.ts';
import type { Answer, GitHub } from '../client.ts';
import type { GitHubScope } from '../config.ts';
import { pathOf, repositoryOf } from '../repository.ts';
import { maybe } from '../schema.ts';

/** GitHub gives so many files at most, on the first page, and has no way to ask for the rest. */
const MAX_FILES = 300;

const Comparison = Type.Object({
  url: Type.String(),
  status: Type.Union([Type.Literal('ahead'), Type.Literal('behind'), Type.Literal('diverged'), Type.Literal('identical')]),
  total_commits: Type.Integer(),
  commits: Type.Array(Type.Object({ sha: Type.String() })),
  files: maybe(Type.Array(Type.Object({ filename: Type.String(), patch: maybe(Type.String()) }))),
});
const comparison = reader(Comparison);

export const comparisons: Stream<GitHub, GitHubScope> = {
  spec: {
    id: 'comparisons',
    emits: [],
    // It says what a rollout contained. Which rollout, and when, is known without it: a gap here overturns no suspect.
    need: 'extra',
    windowField: 'keys',
    mutability: 'mutable',
    settleSeconds: 0,
  },
  estimate: ({ keys }) => ({ requests: keys.length }),
  pull,
  parts: partsOf,
  normalize,
};

async function* pull(client: GitHub, request: Request): AsyncGenerator<PullItem> {
  const asking = askWith(client, request);
  yield* eachOf(request.keys, request, asking, (key) => pullPair(asking, request, key));
}

/** Each page is a record of its own, as sent: joined, it would be an object that GitHub never sent. */
async function* pullPair(asking: Asking, { window }: Request, key: string): AsyncGenerator<PullItem> {
  const [, repository, base, head] = /^compare:([^#]+)#(.+?)\.\.\.(.+)$/.exec(key) ?? [];
  if (repository === undefined || base === undefined || head === undefined) {
    yield gapItem(window, 'unsupported', `${key} names no two commits`);
    return;
  }
  const pair = `${repository} from ${base.slice(0, 7)} to ${head.slice(0, 7)}`;
  const path = `${pathOf(repository, 'compare')}/${encodeURIComponent(base)}...${encodeURIComponent(head)}`;
  for (let page: number | undefined = 1; page !== undefined; ) {
    const answer: Answer | undefined = await asking.get(path, { per_page: PAGE_SIZE, page });
    if (!answer) {
      yield gapItem(window, 'budget', `${SPENT}: not all commits of ${pair} are read`);
      return;
    }
    // An empty repository has nothing to compare.
    if (isList(answer.body)) return;
    const nativeId = `${repository}#${base}...${head}?page=${page}`;
    yield { kind: 'record', record: { nativeId, body: answer.body, request: `${path}?per_page=${PAGE_SIZE}&page=${page}` } };
    if (isCut(answer.body)) {
      yield gapItem(window, 'result_limit', `${pair}: GitHub shows ${MAX_FILES} changed files and no more, so others may be missing`);
    }
    page = nextPage(answer, page);
  }
}

function isCut(body: Json): boolean {
  return (comparison.read(body)?.files?.length ?? 0) >= MAX_FILES;
}

/** This list comes without a Link header at times: the total says then whether more follows. */
function nextPage({ body, next }: Answer, page: number): number | undefined {
  const read = comparison.read(body);
  const isShort = read !== undefined && read.commits.length > 0 && read.total_commits > page * PAGE_SIZE;
  return next ?? (isShort ? page + 1 : undefined);
}

function normalize({ source, nativeId, body }: EvidenceRecord): Normalized {
  const read = comparison.read(body);
  if (!read) return { events: [], issues: [comparison.problem(body)] };
  const repository = repositoryOf(read.url)?.name;
  const [, base, head] = (/\/compare\/(.+?)\.\.\.([^?#]+)/.exec(read.url) ?? []).map(plain);
  if (!repository || base === undefined || head === undefined) {
    return { events: [], issues: [{ pointer: '/url', problem: 'names no two commits' }] };
  }
  const files = read.files ?? [];
  return {
    events: [],
    facts: [
      {
        kind: 'comparison',
        key: `${source}/compare:${repository}#${base}...${head}`,
        base,
        head,
        status: read.status,
        commits: read.commits.map(({ sha }) => sha),
        files: files.map(({ filename, patch }) => ({ path: filename, ...(typeof patch === 'string' && { patch }) })),
        filesCut: files.length >= MAX_FILES,
        page: Number(/\?page=(\d+)$/.exec(nativeId)?.[1] ?? 1),
      },
    ],
    issues: [],
  };
}

/** A tag's name as the question wrote it: an address has its slashes and signs encoded. */
function plain(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
