import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Staged, stage } from '../../demo/run.ts';
import { openApp } from '../../src/compose.ts';
import { instant } from '../support/events.ts';

describe('an upstream that takes connections and never answers', () => {
  let staged: Staged;
  beforeAll(async () => {
    staged = await stage();
  });
  afterAll(() => staged.close());
  afterEach(() => {
    for (const standIn of [staged.pagerduty, staged.cloudwatch, staged.github]) standIn.reset();
  });

  const draft = async () => {
    const { config, env, world } = staged;
    const { app, close } = await openApp({ config, env, cwd: '.', now: instant(world.now), callDeadlineMs: 1_000 });
    try {
      return await app.draft({ select: { kind: 'incident', id: world.truth.incident }, refresh: true });
    } finally {
      await close();
    }
  };

  it('PagerDuty from the start: one deadline, one call, and the draft is refused with its reason', async () => {
    staged.pagerduty.fail({ path: /./, mode: 'hang' });
    await expect(draft()).rejects.toMatchObject({ code: 'unreadable', message: expect.stringContaining('gave no answer') });
    expect(staged.pagerduty.requests).toHaveLength(1);
  });

  it('GitHub: a call for each question that was under way, none after them, and the draft says what it lacks', async () => {
    staged.github.fail({ path: /./, mode: 'hang' });
    const { partial, draft: drafted } = await draft();
    expect(partial).toBe(true);
    const gaps = drafted.analysis.coverage.filter(({ source }) => source === 'github').flatMap((line) => line.gaps);
    expect(gaps.every(({ reason }) => reason === 'unavailable')).toBe(true);
    const paths = staged.github.requests.map(({ path }) => path);
    // Every GraphQL question has one path: it is asked for each of the two repositories.
    const isGraph = (path: string) => path === '/graphql';
    expect(paths.filter(isGraph)).toHaveLength(2);
    expect(new Set(paths.filter((path) => !isGraph(path))).size).toBe(paths.length - 2);
  });
});
