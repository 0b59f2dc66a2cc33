import { expect, it } from 'vitest';
import { openTestApp, sourcesOf } from './fakes.ts';
import { smallPager, smallWorld } from './small-world.ts';

it('a window without any service configured says what is missing, and asks nothing', async () => {
  const pager = smallPager(smallWorld());
  const { app } = await openTestApp(sourcesOf({ pager }));
  const asked = app.draft({ select: { kind: 'incident', id: 'w~20240115T143200Z~20240115T145700Z' } });
  await expect(asked).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('add `services:`') });
  expect(pager.asked).toEqual([]);
  await app.close();
});
