import { expect, it } from 'vitest';
import { type Staged, stage } from '../../demo/run.ts';
import type { Drafted } from '../../src/app/app.ts';
import { openApp } from '../../src/compose.ts';
import { parseInstant } from '../../src/core/time.ts';

async function draft(staged: Staged): Promise<Drafted> {
  const now = parseInstant(staged.world.now);
  if (!now) throw new Error('the world has no now');
  const { app, close } = await openApp({ config: staged.config, env: staged.env, cwd: '.', now });
  try {
    return await app.draft({ select: { kind: 'incident', id: staged.world.truth.incident } });
  } finally {
    await close();
  }
}

/** What a draft says happened, without which bytes say it. */
function saidBy({ draft, partial }: Drafted): unknown {
  const { milestones, durations, changes, suspects, running } = draft.analysis;
  const bare = [milestones, durations, changes, suspects, running].map((part) =>
    JSON.stringify(part).replaceAll(/sha256:[0-9a-f]{64}/g, ''),
  );
  const lines = draft.analysis.coverage.filter(({ source }) => source === 'github');
  const coverage = lines.map(({ stream, need, status, gaps, records }) => ({ stream, need, status, gaps, records }));
  return { bare, coverage, partial };
}

it('U3.3 the sample’s draft says the same whichever of GitHub’s APIs told its deployments, and asks no status for itself', async () => {
  const [graph, rest] = [await stage(), await stage()];
  try {
    rest.github.fail({ path: /graphql/, mode: 404 });
    const byGraph = await draft(graph);
    expect(saidBy(byGraph)).toEqual(saidBy(await draft(rest)));
    const callsTo = ({ github }: Staged, path: RegExp) => github.requests.filter((one) => path.test(one.path)).length;
    expect([callsTo(graph, /graphql/), callsTo(graph, /\/statuses$/), callsTo(graph, /\/deployments$/)]).toEqual([2, 0, 0]);
    // GraphQL is asked once for each repository, side by side; of the five deployments each is asked for its statuses once.
    expect([callsTo(rest, /graphql/), callsTo(rest, /\/statuses$/)]).toEqual([2, 5]);
    expect(graph.github.requests.length).toBeLessThan(rest.github.requests.length);
  } finally {
    await Promise.all([graph.close(), rest.close()]);
  }
});
