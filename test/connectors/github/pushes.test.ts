import { afterEach, describe, expect, it } from 'vitest';
import { pushes } from '../../../connectors/github/streams/pushes.ts';
import type { WorldActivity } from '../../../demo/world.ts';
import { atMost } from '../../../src/contract/index.ts';
import { instant, windowOf } from '../../support/events.ts';
import { type GitHubSource, openSource, readWith, requestOf, type SourceOptions } from '../../support/github-source.ts';
import { githubAnswerChecker, githubSpecFile } from '../../support/github-spec.ts';
import { shaOf, stampAt, worldWith } from '../../support/github-world.ts';
import { pullAll } from '../../support/streams.ts';

const opened: GitHubSource[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((source) => source.close()));
});

async function open(activity: readonly WorldActivity[], options: SourceOptions = {}): Promise<GitHubSource> {
  const source = await openSource({ world: worldWith([{ activity }]), ...options });
  opened.push(source);
  return source;
}

function pushAt(minutes: number, given: Partial<WorldActivity> = {}): WorldActivity {
  const [before, after] = [shaOf(`before ${minutes}`), shaOf(`after ${minutes}`)];
  return { id: 9_000 + minutes, kind: 'force_push', branch: 'main', before, after, at: stampAt(minutes), actor: 'maria', ...given };
}

const DAY = windowOf('00:00', '16:00');
const timesOf = (records: readonly { readonly body: unknown }[]) => records.map(({ body }) => Object(body).timestamp);

it('a force push to the default branch is told with both of its ends and who did it', async () => {
  const { client, standIn } = await open([
    pushAt(863),
    pushAt(864, { kind: 'push' }),
    pushAt(865, { kind: 'pr_merge' }),
    pushAt(866, { branch: 'feature' }),
  ]);
  const { records, gaps } = await pullAll(pushes, client, requestOf());
  expect([records.length, gaps, standIn.requests.length]).toEqual([1, [], 2]);
  const { events, facts, issues } = readWith(pushes, records[0] ?? { nativeId: '', body: null });
  expect(issues).toEqual([]);
  expect(events).toMatchObject([
    {
      type: 'branch.force_pushed',
      time: { at: instant('14:23'), minusMs: 0, plusMs: 1000 },
      timeMeaning: 'occurred',
      actor: { kind: 'person', id: 'github:user:mgarcia' },
      url: `https://github.com/acme/api/compare/${shaOf('before 863')}...${shaOf('after 863')}`,
      belongsTo: ['github/repo:acme/api'],
      correlationKeys: [`sha:${shaOf('after 863')}`],
      attributes: {
        'vcs.ref.head.name': 'main',
        'vcs.ref.base.revision': shaOf('before 863'),
        'vcs.ref.head.revision': shaOf('after 863'),
      },
    },
  ]);
  expect(facts).toMatchObject([{ kind: 'person', key: 'github:user:mgarcia' }]);
});

describe('a list that goes by a cursor', () => {
  const many = Array.from({ length: 450 }, (_, index) => pushAt(index));

  it('is read page by page, and no further than the start of the window', async () => {
    const { client, standIn } = await open(many);
    const all = await pullAll(pushes, client, requestOf({ window: DAY }));
    expect([new Set(all.records.map(({ nativeId }) => nativeId)).size, all.gaps]).toEqual([450, []]);
    expect(standIn.requests.length).toBe(1 + 5);
    const late = await pullAll(pushes, client, requestOf({ window: windowOf('06:00', '16:00') }));
    expect(timesOf(late.records).at(-1)).toBe(stampAt(360));
    expect([late.records.length, standIn.requests.length]).toEqual([90, 6 + 2]);
  });

  it('where the calls end, says how far back it got', async () => {
    const { client } = await open(many);
    const cut = await pullAll(pushes, client, requestOf({ window: DAY, calls: atMost(3) }));
    expect(cut.records).toHaveLength(200);
    expect(cut.gaps).toMatchObject([{ reason: 'budget', window: { from: instant('00:00'), to: instant('04:10') } }]);
    const none = await pullAll(pushes, client, requestOf({ window: DAY, calls: atMost(1) }));
    expect([none.records, none.gaps.map(({ reason }) => reason)]).toEqual([[], ['budget']]);
  });

  it('ends in a gap where the cursor comes again', async () => {
    const page = { headers: { link: '<http://x.example/?after=again>; rel="next"' }, status: 200 };
    const body = [{ node_id: 'PSH_1', ...{ before: shaOf('a'), after: shaOf('b') }, ref: 'refs/heads/main', timestamp: stampAt(700) }];
    const answer: SourceOptions['answer'] = ({ url }) =>
      url.pathname.endsWith('/activity')
        ? { ...page, body: body.map((one) => ({ ...one, activity_type: 'force_push', actor: null })) }
        : undefined;
    const { client, standIn } = await open([], { answer });
    const { gaps } = await pullAll(pushes, client, requestOf({ window: DAY }));
    expect(gaps).toMatchObject([{ reason: 'unreadable', window: { from: instant('00:00'), to: instant('11:40') } }]);
    expect(standIn.requests.length).toBe(1 + 2);
  });
});

it.each([403, 404])('%i is a gap of this stream alone, and the next repository is read', async (status) => {
  const world = worldWith([{ activity: [] }, { full_name: 'acme/web', activity: [pushAt(863)] }]);
  const answer: SourceOptions['answer'] = ({ url }) =>
    url.pathname === '/repos/acme/api/activity' ? { status, body: { message: 'Not Found' } } : undefined;
  const { client } = await open([], { world, answer });
  const scope = { repositories: ['acme/api', 'acme/web'] };
  const { records, gaps } = await pullAll(pushes, client, requestOf({ scope }));
  expect(gaps).toMatchObject([{ reason: 'forbidden', detail: expect.stringContaining('acme/api') }]);
  expect(records.map(({ nativeId }) => nativeId.split('#')[0])).toEqual(['acme/web']);
});

describe('a record that says too little', () => {
  const body = {
    ...{ node_id: 'PSH_1', before: shaOf('a'), after: shaOf('b'), ref: 'refs/heads/main', timestamp: stampAt(700) },
    ...{ activity_type: 'force_push', actor: null },
  };
  const read = (given: object, nativeId = 'acme/api#PSH_1') => readWith(pushes, { nativeId, body: { ...body, ...given } });

  it.each([
    ['no time', { timestamp: 'yesterday' }, '/timestamp'],
    ['no revision', { after: 'main' }, '/after'],
    ['no branch', { ref: null }, '/ref'],
  ])('is an issue: %s', (_, given, pointer) => {
    expect(read(given)).toMatchObject({ events: [], issues: [{ pointer }] });
  });

  it('an account that is gone is unknown, and the rest is told', () => {
    expect(read({}).events).toMatchObject([{ actor: { kind: 'unknown' } }]);
    expect(read({}).events[0]?.url).toBeUndefined();
  });

  it('an ordinary push, which nobody asked for, says nothing', () => {
    expect(read({ activity_type: 'push' })).toMatchObject({ events: [], issues: [] });
  });
});

it.skipIf(!githubSpecFile)('the stand-in tells it by GitHub’s own model (needs the shared reference folder)', async () => {
  const { client, standIn } = await open([pushAt(863), pushAt(864, { kind: 'push' })]);
  const { body } = await client.get('/repos/acme/api/activity', {}, new AbortController().signal);
  const check = githubAnswerChecker()('/repos/{owner}/{repo}/activity');
  expect([check(body), check.errors, standIn.requests.length, Object(body).length]).toEqual([true, null, 1, 2]);
});
