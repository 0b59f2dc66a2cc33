import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Staged, stage } from '../../demo/run.ts';
import type { Drafted } from '../../src/app/app.ts';
import { openApp } from '../../src/compose.ts';
import { instant } from '../support/events.ts';

describe('a source that was put right between two drafts is asked again, without --refresh', () => {
  let staged: Staged;
  beforeEach(async () => {
    staged = await stage();
  });
  afterEach(() => staged.close());

  const draft = async () => {
    const { config, env, world } = staged;
    const { app, close } = await openApp({ config, env, cwd: '.', now: instant(world.now) });
    try {
      return await app.draft({ select: { kind: 'incident', id: world.truth.incident } });
    } finally {
      await close();
    }
  };

  it('a wrong base_url that was answered with a page of HTML', async () => {
    staged.pagerduty.fail({ path: /./, mode: 'wrong_type' });
    await expect(draft()).rejects.toMatchObject({ code: 'unreadable' });
    staged.pagerduty.reset();
    expect((await draft()).draft.case.incidents[0].id).toBe(staged.world.truth.incident);
  });

  it('a permission that was missing', async () => {
    staged.pagerduty.fail({ path: /log_entries/, mode: 403 });
    const gapsOf = ({ draft }: Drafted) =>
      draft.analysis.coverage.filter(({ stream }) => stream === 'log_entries').flatMap(({ gaps }) => gaps);
    expect(gapsOf(await draft())).toMatchObject([{ reason: 'forbidden' }]);
    staged.pagerduty.reset();
    expect(gapsOf(await draft())).toEqual([]);
  });
});
