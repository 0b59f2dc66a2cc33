import { afterEach, describe, expect, it } from 'vitest';
import { releases } from '../../../connectors/github/streams/releases.ts';
import { atMost } from '../../../src/contract/index.ts';
import { instant, windowOf } from '../../support/events.ts';
import { type GitHubSource, openSource, readWith, requestOf, type SourceOptions } from '../../support/github-source.ts';
import { commitsOf, stampAt, worldWith } from '../../support/github-world.ts';
import { pullAll } from '../../support/streams.ts';

const opened: GitHubSource[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((source) => source.close()));
});

async function open(options: SourceOptions = {}): Promise<GitHubSource> {
  const source = await openSource(options);
  opened.push(source);
  return source;
}

it('U3.2 a release stands at the time of its publishing; `created_at` is the tagged commit’s', async () => {
  const { client } = await open();
  const { records } = await pullAll(releases, client, requestOf());
  expect(records).toHaveLength(1);
  expect(Object(records[0]?.body).created_at).toBe('2024-01-15T13:31:52Z');
  const { events, facts, issues } = readWith(releases, records[0] ?? { nativeId: '', body: null });
  expect(issues).toEqual([]);
  expect(events).toMatchObject([
    {
      type: 'release.published',
      time: { at: instant('14:05'), minusMs: 0, plusMs: 1000 },
      timeMeaning: 'published',
      provenance: { pointer: '/published_at', originalTime: '2024-01-15T14:05:00Z' },
      url: 'https://github.com/acme/api/releases/tag/v2.3.4',
      belongsTo: ['github/repo:acme/api'],
      correlationKeys: ['tag:acme/api@v2.3.4'],
      attributes: { 'release.tag': 'v2.3.4' },
      actor: { id: 'github:user:mgarcia' },
    },
  ]);
  expect(facts).toMatchObject([{ kind: 'person', key: 'github:user:mgarcia', names: ['mgarcia'] }]);
});

const BODY = {
  id: 5,
  node_id: 'RE_5',
  url: 'https://api.github.com/repos/acme/api/releases/5',
  html_url: 'https://github.com/acme/api/releases/tag/v1',
  tag_name: 'v1',
  target_commitish: 'main',
  draft: false,
  created_at: '2020-01-01T00:00:00Z',
  published_at: '2024-01-15T14:05:00Z',
  author: null,
};

it('a release that names its commit is tied to it; one that names a branch is not', () => {
  const sha = '4e09993b9c9d4cc83d4ebe684ce423562dcc6e04';
  const keysOf = (target: string) =>
    readWith(releases, { nativeId: 'RE_5', body: { ...BODY, target_commitish: target } }).events[0]?.correlationKeys;
  expect(keysOf(sha)).toEqual(['tag:acme/api@v1', `sha:${sha}`]);
  expect(keysOf('main')).toEqual(['tag:acme/api@v1']);
});

describe('drafts', () => {
  const draft = { ...BODY, draft: true, published_at: null };

  it('U3.2 are not published: none is handed over, and none says anything', async () => {
    const { client } = await open({ answer: () => ({ status: 200, body: [draft] }) });
    expect((await pullAll(releases, client, requestOf())).records).toEqual([]);
    expect(readWith(releases, { nativeId: 'RE_5', body: draft })).toMatchObject({ events: [], issues: [] });
  });
});

describe('a list in no promised order', () => {
  it('U3.2 a release of an old commit, published now, is found on a later page', async () => {
    const old = Array.from({ length: 100 }, (_, index) => ({
      ...BODY,
      node_id: `RE_${index}`,
      created_at: stampAt(600 - index),
      published_at: '2024-01-01T00:00:00Z',
    }));
    const pages = [old, [BODY]];
    const answer: SourceOptions['answer'] = ({ url }) => {
      const page = Number(url.searchParams.get('page'));
      return {
        status: 200,
        body: pages[page - 1] ?? [],
        ...(page === 1 && { headers: { link: '<http://x.example/?page=2>; rel="next"' } }),
      };
    };
    const { client } = await open({ answer });
    const { records } = await pullAll(releases, client, requestOf());
    expect(records.map(({ nativeId }) => nativeId)).toEqual(['RE_5']);
  });

  it('U3.2 ends behind a page that is wholly older than the window by a margin, since an old commit may be released late', async () => {
    const commits = commitsOf(250);
    const tags = commits.map(({ sha }, index) => ({ name: `v${index}`, sha }));
    const list = tags.map(({ name }, index) => ({ id: index, tag: name, name, published_at: stampAt(index), author: 'sam', body: '' }));
    const { client, standIn } = await open({ world: worldWith([{ commits, tags, releases: list }]) });
    const near = await pullAll(releases, client, requestOf({ window: windowOf('04:00', '16:00') }));
    expect([near.records.length, standIn.requests.length]).toEqual([10, 3]);
    const far = await pullAll(releases, client, requestOf({ window: windowOf('2024-06-01T00:00:00Z', '2024-06-02T00:00:00Z') }));
    expect([far.records.length, standIn.requests.length]).toEqual([0, 4]);
    const cut = await pullAll(releases, client, requestOf({ window: windowOf('00:00', '16:00'), calls: atMost(2) }));
    expect(cut.gaps).toMatchObject([{ reason: 'budget', window: { from: instant('00:00') } }]);
  });
});

it('where releases are the deploys, they are needed, and the last before the window comes too', async () => {
  const { client } = await open();
  const scope = { repositories: ['acme/api'], deploys: 'releases' as const };
  const { records, gaps } = await pullAll(releases, client, requestOf({ scope }));
  expect(records.map(({ body }) => Object(body).tag_name)).toEqual(['v2.3.4', 'v2.3.3']);
  expect(gaps).toEqual([]);
  expect([releases.need?.(scope), releases.need?.({ repositories: [] })]).toEqual(['needed', 'extra']);
});
