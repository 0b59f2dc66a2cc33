import { afterEach, describe, expect, it } from 'vitest';
import { comparisons } from '../../../connectors/github/streams/comparisons.ts';
import { atMost } from '../../../src/contract/index.ts';
import { type GitHubSource, openSource, readWith, requestOf, type SourceOptions } from '../../support/github-source.ts';
import { commitsOf, shaOf, worldWith } from '../../support/github-world.ts';
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

const V233 = 'dac31aa679972c25586112cb48db232900b291a4';
const V234 = '4e09993b9c9d4cc83d4ebe684ce423562dcc6e04';
const keyOf = (base: string, head: string) => `compare:acme/api#${base}...${head}`;

it('a rollout carries its commits, files and patches', async () => {
  const { client } = await open();
  const { records, gaps } = await pullAll(comparisons, client, requestOf({ keys: [keyOf(V233, V234)], scope: { repositories: [] } }));
  expect([records.length, gaps]).toEqual([1, []]);
  const { facts, issues } = readWith(comparisons, records[0] ?? { nativeId: '', body: null });
  expect(issues).toEqual([]);
  expect(facts).toMatchObject([
    {
      kind: 'comparison',
      key: `github/compare:acme/api#${V233}...${V234}`,
      base: V233,
      head: V234,
      status: 'ahead',
      commits: ['3520679b7605da80ca1d5275c2c6572d96a0ab28', V234],
      filesCut: false,
      page: 1,
    },
  ]);
  const [fact] = facts;
  const files = fact?.kind === 'comparison' ? fact.files : [];
  expect(files.map(({ path }) => path)).toEqual(['docs/api-guide.md', 'src/cache.ts', 'src/routes/user-profile.ts']);
  expect(files[2]?.patch).toContain('+  const client = await pool.connect();');
});

it('U3.1 a rollback is behind what it replaces, and changes nothing more', async () => {
  const { client } = await open();
  const { records } = await pullAll(comparisons, client, requestOf({ keys: [keyOf(V234, V233)] }));
  expect(readWith(comparisons, records[0] ?? { nativeId: '', body: null }).facts).toMatchObject([
    { status: 'behind', commits: [], files: [] },
  ]);
});

describe('U3.2 a comparison too large for one answer', () => {
  const commits = commitsOf(261);
  const [first = '', last = ''] = [commits[0]?.sha, commits[260]?.sha];
  const manyFiles = { [last]: Array.from({ length: 320 }, (_, index) => ({ path: `f/${index}.ts`, patch: '+a' })) };

  it('is read to its last commit, each page a record as sent, all under one key', async () => {
    const { client, standIn } = await open({ world: worldWith([{ commits, files: {} }]) });
    const { records, gaps } = await pullAll(comparisons, client, requestOf({ keys: [keyOf(first, last)] }));
    expect(gaps).toEqual([]);
    expect(standIn.requests).toHaveLength(3);
    expect(records.map(({ nativeId }) => nativeId)).toEqual([1, 2, 3].map((page) => `acme/api#${first}...${last}?page=${page}`));
    const facts = records.flatMap((record) => readWith(comparisons, record).facts).filter((fact) => fact.kind === 'comparison');
    expect(new Set(facts.map(({ key }) => key)).size).toBe(1);
    expect(facts.map(({ page }) => page)).toEqual([1, 2, 3]);
    expect(facts.flatMap((fact) => fact.commits)).toEqual(commits.slice(1).map(({ sha }) => sha));
  });

  it('U3.2 is read to its last commit even where no Link header says that more follows', async () => {
    const source = await open({ world: worldWith([{ commits, files: {} }]) });
    const plain = await open({
      answer: ({ url }) => {
        const page = Number(url.searchParams.get('page'));
        const shas = commits.slice(1).slice((page - 1) * 100, page * 100);
        const address = `https://api.github.com/repos/acme/api/compare/${first}...${last}`;
        return { status: 200, body: { url: address, status: 'ahead', total_commits: 260, commits: shas } };
      },
    });
    const [linked, unlinked] = await Promise.all(
      [source, plain].map(({ client }) => pullAll(comparisons, client, requestOf({ keys: [keyOf(first, last)] }))),
    );
    expect(unlinked?.records).toHaveLength(3);
    expect(unlinked?.records.map(({ nativeId }) => nativeId)).toEqual(linked?.records.map(({ nativeId }) => nativeId));
  });

  it('gives 300 files at most: the fact says that it is cut, and a gap does', async () => {
    const { client } = await open({ world: worldWith([{ commits, files: manyFiles }]) });
    const { records, gaps } = await pullAll(comparisons, client, requestOf({ keys: [keyOf(first, last)] }));
    expect(gaps).toMatchObject([{ reason: 'result_limit', detail: expect.stringContaining('300 changed files') }]);
    const facts = records.flatMap((record) => readWith(comparisons, record).facts);
    expect(facts.map((fact) => fact.kind === 'comparison' && [fact.files.length, fact.filesCut])).toEqual([
      [300, true],
      [0, false],
      [0, false],
    ]);
  });

  it('stays within the allowed calls, and says that commits are missing', async () => {
    const { client, standIn } = await open({ world: worldWith([{ commits, files: {} }]) });
    const yielded = await pullAll(comparisons, client, requestOf({ keys: [keyOf(first, last)], calls: atMost(2) }));
    expect([standIn.requests.length, yielded.checkpoints]).toEqual([2, []]);
    expect(yielded.gaps).toMatchObject([{ reason: 'budget', detail: expect.stringContaining('not all commits') }]);
  });
});

it('a pair that is gone after a force push is a gap of its own', async () => {
  const { client } = await open();
  const keys = [keyOf(shaOf('gone'), V234), 'compare:acme/api', keyOf(V233, V234)];
  const yielded = await pullAll(comparisons, client, requestOf({ keys }));
  expect(yielded.records).toHaveLength(1);
  expect(yielded.gaps.map(({ reason }) => reason)).toEqual(['forbidden', 'unsupported']);
  expect(yielded.checkpoints).toEqual(keys);
});

it('an answer of another shape is an issue', () => {
  expect(readWith(comparisons, { nativeId: 'x', body: { status: 'ahead' } }).issues).toHaveLength(1);
  expect(
    readWith(comparisons, { nativeId: 'x', body: { url: 'https://x.example/', status: 'ahead', total_commits: 0, commits: [] } }).issues,
  ).toEqual([{ pointer: '/url', problem: 'names no two commits' }]);
});
