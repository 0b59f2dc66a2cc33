import { expect, it } from 'vitest';
import { nextAsks } from '../../src/app/plan.ts';
import type { PlanService } from '../../src/app/plan-case.ts';
import { DEFAULT_POLICY } from '../../src/core/analysis/policy.ts';
import { instant, windowOf } from '../support/events.ts';
import { shaOf } from '../support/github-world.ts';
import { draftVariant } from '../support/staged-world.ts';

const [BEFORE, AFTER] = [shaOf('before'), shaOf('after')];

it('a force push during the incident is a row with the role of who did it, and no suspect', async () => {
  const rewrite = { id: 1, kind: 'force_push' as const, branch: 'main', before: BEFORE, after: AFTER };
  const told = await draftVariant({
    world: ({ github }) => {
      const [api, ...others] = github.repositories;
      if (!api) throw new Error('the sample has a repository');
      const activity = [
        { ...rewrite, at: '2024-01-15T14:40:00Z', actor: 'maria' },
        // Hours before the incident, and on another branch: neither is a part of it.
        { ...rewrite, id: 2, at: '2024-01-15T03:00:00Z', actor: 'maria' },
        { ...rewrite, id: 3, at: '2024-01-15T14:41:00Z', actor: 'maria', branch: 'feature' },
      ];
      return { github: { ...github, repositories: [{ ...api, activity }, ...others] } };
    },
  });
  const sentence = `The history of main was rewritten by author of #1234: ${BEFORE.slice(0, 7)} to ${AFTER.slice(0, 7)}.`;
  const rows = told.section('timeline').split('\n');
  expect(rows.filter((row) => row.includes('was rewritten'))).toEqual([expect.stringContaining(sentence)]);
  const plain = await draftVariant({});
  const judged = ({ drafted }: typeof told) => drafted.draft.analysis.suspects.map(({ change, score }) => ({ change, score }));
  expect(judged(told)).toEqual(judged(plain));
  const lines = told.drafted.draft.analysis.coverage.filter(({ stream }) => stream === 'pushes');
  expect(lines).toMatchObject([{ source: 'github', need: 'extra', status: 'complete', gaps: [] }]);
});

it('a token that may not read them leaves a gap of this stream alone', async () => {
  const told = await draftVariant({ standins: ({ github }) => github.fail({ path: /\/activity/, mode: 403 }) });
  const gaps = told.drafted.draft.analysis.coverage.filter((line) => line.source === 'github' && line.gaps.length > 0);
  expect(gaps.map(({ stream, need }) => [stream, need])).toEqual([['pushes', 'extra']]);
  expect(gaps[0]?.gaps.map(({ reason }) => reason)).toEqual(['forbidden']);
});

it('only the subject and what it depends on are asked for, in the window of the incident', () => {
  const service = (name: string, dependsOn: readonly string[] = []): PlanService => ({
    ...{ name, dependsOn, owns: [`github/repo:acme/${name}`] },
    scopes: { github: { repositories: [`acme/${name}`] } },
  });
  const asks = nextAsks({
    select: { kind: 'window', window: windowOf('14:00', '16:00'), service: 'api' },
    ...{ until: instant('16:00'), related: true, policy: DEFAULT_POLICY, alarmSources: {}, asked: [], read: [] },
    services: [service('api', ['db']), service('db'), service('blog')],
    sources: [{ name: 'github', streams: ['changes', 'pushes'] }],
  });
  const scopesOf = (stream: string) => asks.filter((ask) => ask.stream === stream).map(({ scope }) => scope);
  expect(scopesOf('pushes')).toEqual([{ repositories: ['acme/api', 'acme/db'] }]);
  expect(scopesOf('changes')).toEqual([{ repositories: ['acme/api', 'acme/blog', 'acme/db'] }]);
  const lengthOf = (stream: string) => asks.find((ask) => ask.stream === stream)?.window;
  expect(lengthOf('pushes')?.from).not.toBe(lengthOf('changes')?.from);
});
