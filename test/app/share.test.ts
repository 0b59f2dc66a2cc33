import { describe, expect, it } from 'vitest';
import { openTestApp, sourcesOf } from './fakes.ts';
import { heldPager } from './held-pager.ts';

const request = (id: string, signal?: AbortSignal) => ({ select: { kind: 'incident' as const, id }, ...(signal && { signal }) });

describe('two requests for one incident', () => {
  it('share one pull, however the incident is written, and get the same draft', async () => {
    const held = heldPager();
    const { app } = await openTestApp(sourcesOf({ pager: held.connector }));
    const first = app.draft(request('PABC'));
    await held.reached;
    const second = app.draft(request('https://acme.pagerduty.com/incidents/PABC'));
    const third = app.draft(request('pager~PABC'));
    held.release();
    const drafts = await Promise.all([first, second, third]);
    expect(new Set(drafts.map(({ draftId }) => draftId)).size).toBe(1);
    expect(held.signals).toHaveLength(1);
    expect(held.asked.filter(({ keys }) => keys.some((key) => key.endsWith('PABC')))).toHaveLength(2);
    await app.close();
  });

  it('that mean different things are two', async () => {
    const held = heldPager();
    held.release();
    const { app } = await openTestApp(sourcesOf({ pager: held.connector }));
    await Promise.all([app.draft(request('PABC')), app.draft({ ...request('PABC'), refresh: true })]);
    expect(held.signals).toHaveLength(2);
    await app.close();
  });

  it('go on for the second where the first gives up, and end where both do', async () => {
    const held = heldPager();
    const { app } = await openTestApp(sourcesOf({ pager: held.connector }));
    const [one, two] = [new AbortController(), new AbortController()];
    const first = app.draft(request('PABC', one.signal));
    const second = app.draft(request('PABC', two.signal));
    await held.reached;
    await new Promise((resolve) => setImmediate(resolve));
    one.abort();
    await expect(first).rejects.toMatchObject({ code: 'interrupted' });
    expect(held.signals[0]?.aborted).toBe(false);
    two.abort();
    await expect(second).rejects.toMatchObject({ code: 'interrupted' });
    expect(held.signals[0]?.aborted).toBe(true);
    held.release();
    await expect(app.draft(request('PABC'))).resolves.toMatchObject({ partial: false });
    await app.close();
  });
});
