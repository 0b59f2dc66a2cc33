import { afterEach, describe, expect, it } from 'vitest';
import { referencesOf } from '../../../connectors/github/references.ts';
import { changes } from '../../../connectors/github/streams/changes.ts';
import { comparisons } from '../../../connectors/github/streams/comparisons.ts';
import { deploymentStatuses } from '../../../connectors/github/streams/deployment-statuses.ts';
import { deployments } from '../../../connectors/github/streams/deployments.ts';
import type { WorldRepository } from '../../../demo/world.ts';
import { changesOf } from '../../../src/core/analysis/changes.ts';
import { windowOf } from '../../support/events.ts';
import { type GitHubSource, openSource, readWith, requestOf } from '../../support/github-source.ts';
import { commitsOf, deploymentAt, shaOf, stampAt, worldWith } from '../../support/github-world.ts';
import { pullAll } from '../../support/streams.ts';

const opened: GitHubSource[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((source) => source.close()));
});

describe('U3.2 what a title takes back', () => {
  it.each([
    ['Revert "Cache profiles (#12)"', 12],
    ['Revert "Cache profiles (#12)" (#13)', 12],
    ['Revert "Revert "Cache profiles (#12)" (#13)" (#14)', 13],
    // These bring #12 back.
    ['Revert "Revert "Cache profiles (#12)""', undefined],
    ['Reapply "Cache profiles (#12)"', undefined],
    ['Reapply "Cache profiles (#12)" (#14)', undefined],
    ['Reverting the habit of caching (#12)', undefined],
  ])('%s', (title, number) => {
    expect(referencesOf('acme/api', 14, title, '').reverts).toBe(number);
  });

  it('its body names the revert that a revert takes back, by number or by commit', () => {
    const button = referencesOf('acme/api', 14, 'Revert "Revert "Cache profiles (#12)""', 'Reverts acme/api#13');
    expect(button.reverts).toBe(13);
    const git = referencesOf('acme/api', 14, 'Reapply "Cache profiles (#12)"', `This reverts commit ${shaOf('revert')}.`);
    expect(git).toMatchObject({ revertsRevision: shaOf('revert') });
    const merge = referencesOf('acme/api', 14, 'x', `This reverts commit ${shaOf('a')}, reversing\nchanges made to ${shaOf('b')}.`);
    expect(merge.revertsRevision).toBe(shaOf('a'));
    expect(referencesOf('acme/api', 14, 'x', '> Reverts acme/api#13').reverts).toBeUndefined();
    expect(referencesOf('acme/api', 14, 'x', 'Reverts acme/other#13').reverts).toBeUndefined();
  });
});

const line = commitsOf(4);
const [base, feature, revert, reapply] = line.map(({ sha }) => sha);
const pullOf = (number: number, title: string, sha: string | undefined, body: string): WorldRepository['pulls'][number] => ({
  ...{
    number,
    title,
    author: 'maria',
    branch: `b${number}`,
    created_at: stampAt(number),
    merged_at: stampAt(number + 1),
    sha: sha ?? '',
    body,
  },
});
const PULLS = [
  pullOf(12, 'Cache profiles', feature, ''),
  pullOf(13, 'Revert "Cache profiles (#12)"', revert, 'Reverts acme/api#12'),
  pullOf(14, 'Reapply "Cache profiles (#12)"', reapply, `This reverts commit ${revert}.`),
];

/** What each deployment of these commits, an hour after the other, takes back: the id of an earlier one. */
async function takenBack(...shas: readonly (string | undefined)[]): Promise<readonly (string | undefined)[]> {
  const list = shas.map((sha = '', index) => deploymentAt(index + 1, 300 + index * 60, { sha }));
  const source = await openSource({ world: worldWith([{ commits: line, pulls: PULLS, deployments: list, files: {}, tags: [] }]) });
  opened.push(source);
  const scope = { repositories: ['acme/api'], environments: ['production'] };
  const window = windowOf('2024-01-14T12:00:00Z', '16:00');
  const pairs = shas.slice(1).map((head, index) => `compare:acme/api#${shas[index]}...${head}`);
  const answers = [
    { stream: deployments, keys: [] },
    { stream: changes, keys: [] },
    { stream: comparisons, keys: pairs },
  ].map(async ({ stream, keys }) => {
    const { records, gaps } = await pullAll(stream, source.client, requestOf({ scope, window, keys }));
    expect(gaps).toEqual([]);
    return records.map((record) => readWith(record.stream === 'deployment_statuses' ? deploymentStatuses : stream, record));
  });
  const read = (await Promise.all(answers)).flat();
  const services = [{ name: 'api', owns: ['github/repo:acme/api', 'github/repo:acme/api@production'], dependsOn: [] }];
  const found = changesOf({
    events: read.flatMap(({ events }) => events),
    facts: read.flatMap(({ facts }) => facts),
    services,
    subject: ['api'],
  });
  const keys = found.map(({ key }) => key);
  return found.map(({ reverses }) => (reverses === undefined ? undefined : `${keys.indexOf(reverses) + 1}`));
}

describe('a change that takes another back is known', () => {
  it('U3.1 a rollback is behind what it replaces, though nothing says so', async () => {
    expect(await takenBack(base, feature, base)).toEqual([undefined, undefined, '2']);
  });

  it('to a commit that was never deployed here too', async () => {
    expect(await takenBack(feature, revert, base)).toEqual([undefined, '1', '2']);
  });

  it('U3.2 a deployed revert takes back the deployment that brought what it reverts', async () => {
    expect(await takenBack(base, feature, revert)).toEqual([undefined, undefined, '2']);
  });

  it('what brings it back takes back the revert, not the feature', async () => {
    expect(await takenBack(base, feature, revert, reapply)).toEqual([undefined, undefined, '2', '3']);
  });

  it('going forward takes nothing back', async () => {
    expect(await takenBack(base, feature)).toEqual([undefined, undefined]);
  });
});
