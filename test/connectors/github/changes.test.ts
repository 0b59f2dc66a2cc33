import { afterEach, describe, expect, it } from 'vitest';
import { referencesOf } from '../../../connectors/github/references.ts';
import { changes } from '../../../connectors/github/streams/changes.ts';
import { atMost } from '../../../src/contract/index.ts';
import { instant, windowOf } from '../../support/events.ts';
import { type GitHubSource, openSource, readWith, requestOf, type SourceOptions } from '../../support/github-source.ts';
import { commitsOf, sampleWorld, shaOf, stampAt, worldWith } from '../../support/github-world.ts';
import { pullAll, type Yielded } from '../../support/streams.ts';

const opened: GitHubSource[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((source) => source.close()));
});

async function open(options: SourceOptions = {}): Promise<GitHubSource> {
  const source = await openSource(options);
  opened.push(source);
  return source;
}

const LEAK = '4e09993b9c9d4cc83d4ebe684ce423562dcc6e04';

function numbersOf({ records }: Yielded): readonly number[] {
  return records.map(({ body }) => Object(body).number);
}

describe('what was merged in a window', () => {
  it('is every pull request whose merge lies inside, with its words', async () => {
    const { client, standIn } = await open();
    const yielded = await pullAll(changes, client, requestOf());
    expect(numbersOf(yielded)).toEqual([1235, 1234]);
    expect(standIn.requests).toHaveLength(1);
    const { events, facts, issues } = readWith(changes, yielded.records[0] ?? { nativeId: '', body: null });
    expect(issues).toEqual([]);
    expect(events).toMatchObject([
      {
        type: 'change.merged',
        time: { at: instant('15:21:40'), minusMs: 0, plusMs: 1000 },
        timeMeaning: 'occurred',
        actor: { kind: 'person', id: 'github:user:mgarcia' },
        url: 'https://github.com/acme/api/pull/1235',
        belongsTo: ['github/repo:acme/api'],
        correlationKeys: ['sha:a10c94a3e3978fa575d85fa39929a916ca2418c8'],
        attributes: {
          'vcs.change.id': '1235',
          'vcs.ref.head.revision': 'a10c94a3e3978fa575d85fa39929a916ca2418c8',
          'vcs.ref.base.name': 'main',
        },
      },
    ]);
    expect(facts).toMatchObject([
      {
        kind: 'change',
        key: 'github/pull:acme/api#1235',
        number: 1235,
        title: 'Fix connection leak in user profile endpoint',
        revisions: ['a10c94a3e3978fa575d85fa39929a916ca2418c8', expect.stringMatching(/^[0-9a-f]{40}$/)],
        mergedAt: instant('15:21:40'),
        mentions: [1234],
      },
      { kind: 'person', key: 'github:user:mgarcia' },
    ]);
  });

  it('reads on while pull requests were updated in the window, and stops behind them', async () => {
    const commits = commitsOf(350);
    const pulls = commits.map(({ sha }, index) => ({
      number: index + 1,
      title: `Change ${index}`,
      author: 'maria',
      branch: `b${index}`,
      created_at: stampAt(-10),
      merged_at: stampAt(index),
      sha,
      body: '',
    }));
    const { client, standIn } = await open({ world: worldWith([{ commits, pulls }]) });
    const yielded = await pullAll(changes, client, requestOf({ window: windowOf('03:00', '05:00') }));
    expect(numbersOf(yielded)).toEqual(Array.from({ length: 120 }, (_, index) => 300 - index));
    expect(standIn.requests).toHaveLength(2);
    const cut = await pullAll(changes, client, requestOf({ window: windowOf('00:00', '05:00'), calls: atMost(2) }));
    expect(cut.gaps).toMatchObject([{ reason: 'budget', window: { from: instant('00:00'), to: instant(stampAt(150)) } }]);
  });

  it('one that was closed without a merge is not among them', async () => {
    const [merged] = (await pullAll(changes, (await open()).client, requestOf())).records;
    const closed = { ...Object(merged?.body), merged_at: null };
    const { client } = await open({ answer: () => ({ status: 200, body: [closed] }) });
    expect((await pullAll(changes, client, requestOf())).records).toEqual([]);
    expect(readWith(changes, { nativeId: 'PR', body: closed })).toMatchObject({ events: [], facts: [], issues: [] });
  });

  it('U3.2 an answer that no longer says the merge commit keeps its fact, and the loss is an issue', async () => {
    const [record] = (await pullAll(changes, (await open()).client, requestOf())).records;
    const { events, facts, issues } = readWith(changes, { nativeId: 'PR', body: { ...Object(record?.body), merge_commit_sha: null } });
    expect([events, issues]).toEqual([[], [expect.objectContaining({ problem: expect.stringContaining('which commit') })]]);
    expect(facts).toMatchObject([{ kind: 'change', number: 1235, revisions: [expect.any(String)] }, { kind: 'person' }]);
  });
});

describe('the pull requests of a commit', () => {
  it('come whenever they were merged, and are the same records as in the list', async () => {
    const { client } = await open();
    const listed = await pullAll(changes, client, requestOf());
    const asked = await pullAll(
      changes,
      client,
      requestOf({ keys: [`sha:${LEAK}@acme/api`], scope: { repositories: [] }, window: windowOf('00:00', '00:01') }),
    );
    expect(asked.records).toEqual(listed.records.filter(({ body }) => Object(body).number === 1234));
  });

  it('an unknown commit is a gap, and the next is still asked', async () => {
    const { client } = await open();
    const keys = [`sha:${shaOf('nowhere')}@acme/api`, 'sha:short@acme/api', `sha:${LEAK}@acme/api`];
    const yielded = await pullAll(changes, client, requestOf({ keys }));
    expect(numbersOf(yielded)).toEqual([1234]);
    expect(yielded.gaps.map(({ reason }) => reason)).toEqual(['unreadable', 'unsupported']);
    expect(yielded.gaps[0]?.detail).toContain('No commit found for SHA');
  });

  it('U3.2 of several, those still open are left out', async () => {
    const [record] = (await pullAll(changes, (await open()).client, requestOf())).records;
    const body = [record?.body ?? null, { ...Object(record?.body), node_id: 'PR_open', merged_at: null, state: 'open' }];
    const { client } = await open({ answer: () => ({ status: 200, body }) });
    expect((await pullAll(changes, client, requestOf({ keys: [`sha:${LEAK}@acme/api`] }))).records).toHaveLength(1);
  });
});

describe('U3.2 reverts, by the conventions that people can edit', () => {
  const read = (title: string, body: string) => referencesOf('acme/api', 1240, title, body);
  it.each([
    ['the Revert button', 'Revert "Cache user profiles"', 'Reverts acme/api#1234', 1234],
    ['a bare number', 'Undo the cache', 'Why: it leaks.\n\nReverts #1234', 1234],
    ['a squashed title', 'Revert "Cache user profiles (#1234)"', '', 1234],
    ['a squashed title with its own number behind', 'Revert "Cache user profiles (#1234)" (#1240)', '', 1234],
    ['a revert of a revert', 'Revert "Revert "Cache user profiles (#1234)" (#1240)"', 'Reverts acme/api#1240', 1240],
    ['another repository', 'Revert "X"', 'Reverts acme/web#1234', undefined],
    ['a title alone', 'Revert "Cache user profiles"', '', undefined],
    ['prose', 'Explain', 'This text reverts #12 to its old form', undefined],
  ])('%s', (_, title, body, number) => {
    expect(read(title, body).reverts).toBe(number);
  });

  it('git’s own words name the commit', () => {
    expect(read('Revert "X"', `This reverts commit ${LEAK}.`).revertsRevision).toBe(LEAK);
    expect(read('Revert "X"', `This reverts commit ${LEAK.slice(0, 12)}.`).revertsRevision).toBeUndefined();
  });

  it('the fact carries both as keys', async () => {
    const world = sampleWorld();
    const [api] = world.github.repositories;
    const pulls = (api?.pulls ?? []).map((pull) =>
      pull.number === 1235 ? { ...pull, title: 'Revert "Cache (#1234)"', body: `This reverts commit ${LEAK}.` } : pull,
    );
    const { client } = await open({ world: worldWith([{ ...api, pulls }]) });
    const { records } = await pullAll(changes, client, requestOf());
    expect(readWith(changes, records[0] ?? { nativeId: '', body: null }).facts[0]).toMatchObject({
      reverts: 'github/pull:acme/api#1234',
      revertsRevision: LEAK,
    });
  });
});

describe('mentions', () => {
  it.each([
    ['fixes #12, see GH-13 and acme/api#14', [12, 13, 14]],
    ['(#12)', [12]],
    ['https://github.com/acme/api/pull/15 and https://github.com/acme/api/issues/16', [15, 16]],
    ['acme/web#12, x#13, &#39; and https://github.com/acme/web/pull/14', []],
    ['#1240 is this one; #12 twice, #12', [12]],
    ['color #123abc', []],
  ])('%s', (text, numbers) => {
    expect(referencesOf('acme/api', 1240, '', text).mentions).toEqual(numbers);
  });
});
