import Type from 'typebox';
import {
  type EvidenceRecord,
  type Instant,
  type Json,
  type Normalized,
  type PullItem,
  parseInstant,
  type RawRecord,
  reader,
  SourceError,
  type Stream,
} from '../../../src/contract/index.ts';
import { type Asking, askWith, before, eachOf, gapItem, itemsOf, PAGE_SIZE, partsOf, type Request, SPENT } from '../asking.ts';
import type { Answer, GitHub } from '../client.ts';
import type { GitHubScope } from '../config.ts';
import { actorOf, personFacts, User } from '../people.ts';
import { isSha, pathOf, repositoryKey } from '../repository.ts';
import { maybe, memberOf } from '../schema.ts';

const Activity = Type.Object({
  node_id: Type.String(),
  before: Type.String(),
  after: Type.String(),
  ref: Type.String(),
  timestamp: Type.String(),
  activity_type: Type.String(),
  actor: maybe(Type.Intersect([User, Type.Object({ html_url: maybe(Type.String()) })])),
});
const activity = reader(Activity);

const FORCE_PUSH = 'force_push';

export const pushes: Stream<GitHub, GitHubScope> = {
  spec: {
    id: 'pushes',
    emits: ['branch.force_pushed'],
    need: 'extra',
    windowField: 'none',
    mutability: 'append-only',
    settleSeconds: 60,
  },
  // Which branch is the default one has to be asked for too.
  estimate: ({ scope }) => ({ requests: 2 * scope.repositories.length }),
  pull,
  parts: partsOf,
  normalize,
};

async function* pull(client: GitHub, request: Request): AsyncGenerator<PullItem> {
  const asking = askWith(client, request);
  yield* eachOf(request.scope.repositories, request, asking, (repository) => pullRepository(asking, request, repository));
}

/** GitHub filters by branch and by kind, and by time only in steps back from today: the list is read back to the window's start. */
async function* pullRepository(asking: Asking, { window }: Request, repository: string): AsyncGenerator<PullItem> {
  const branch = await defaultBranchOf(asking, repository);
  const path = pathOf(repository, 'activity');
  const query = { ref: `refs/heads/${branch}`, activity_type: FORCE_PUSH, direction: 'desc', per_page: PAGE_SIZE };
  const cursors = new Set<string>();
  let reached: Instant | undefined;
  for (let after: string | undefined; !asking.isSpent(); ) {
    const answer: Answer | undefined = await asking.get(path, { ...query, ...(after !== undefined && { after }) });
    for (const body of answer ? itemsOf(answer, path) : []) {
      const at = parseInstant(activity.read(body)?.timestamp ?? '');
      // What cannot be read is handed over too: it becomes an issue, not a silence.
      if (at === undefined || (at >= window.from && at < window.to)) yield { kind: 'record', record: recordOf(repository, body) };
      reached = at ?? reached;
    }
    after = answer?.after;
    if (answer && (after === undefined || (reached !== undefined && reached < window.from))) return;
    if (after !== undefined && cursors.has(after)) {
      yield gapItem(before(window, reached), 'unreadable', `the list of force pushes to ${branch} of ${repository} leads back to itself`);
      return;
    }
    if (after !== undefined) cursors.add(after);
  }
  yield gapItem(before(window, reached), 'budget', `${SPENT}: not all force pushes to ${repository} are read`);
}

/** Nothing where the calls are used up. */
async function defaultBranchOf(asking: Asking, repository: string): Promise<string | undefined> {
  const path = pathOf(repository);
  const answer = await asking.get(path);
  if (!answer) return undefined;
  const branch = memberOf(answer.body, 'default_branch');
  if (typeof branch === 'string') return branch;
  throw new SourceError('unexpected_response', `the answer to ${path} names no default branch`);
}

/** A record names no repository: it goes with its name, since a record has to be read years later with no configuration. */
function recordOf(repository: string, body: Json): RawRecord {
  const id = activity.read(body)?.node_id ?? JSON.stringify(body);
  return { nativeId: `${repository}#${id}`, body, request: pathOf(repository, 'activity') };
}

function normalize({ source, nativeId, body }: EvidenceRecord): Normalized {
  const read = activity.read(body);
  if (!read) return { events: [], issues: [activity.problem(body)] };
  // A server that filters by no kind lists ordinary pushes as well: what they brought is told by merges and deployments.
  const at = parseInstant(read.timestamp);
  if (read.activity_type !== FORCE_PUSH) return { events: [], issues: [], ...(at && { knowableAt: at }) };
  if (!at) return { events: [], issues: [{ pointer: '/timestamp', problem: 'not a time with an offset' }] };
  const [, repository] = /^([^#/]+\/[^#/]+)#/.exec(nativeId) ?? [];
  if (repository === undefined) return { events: [], issues: [{ pointer: '', problem: 'was kept under no repository' }] };
  const wrong = (['before', 'after'] as const).find((side) => !isSha(read[side]));
  if (wrong) return { events: [], issues: [{ pointer: `/${wrong}`, problem: 'not a revision' }] };
  const origin = URL.parse(read.actor?.html_url ?? '')?.origin;
  return {
    events: [
      {
        type: 'branch.force_pushed',
        key: read.node_id,
        pointer: '/timestamp',
        originalTime: read.timestamp,
        time: { at, minusMs: 0, plusMs: 1000 },
        timeMeaning: 'occurred',
        knowableAt: at,
        actor: actorOf(read.actor),
        ...(origin && { url: `${origin}/${repository}/compare/${read.before}...${read.after}` }),
        belongsTo: [repositoryKey(source, repository)],
        correlationKeys: [`sha:${read.after}`],
        attributes: {
          'vcs.ref.head.name': read.ref.replace(/^refs\/heads\//, ''),
          'vcs.ref.base.revision': read.before,
          'vcs.ref.head.revision': read.after,
        },
      },
    ],
    facts: personFacts(read.actor),
    issues: [],
  };
}
