import { expect, it } from 'vitest';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { openTestApp, sourcesOf } from './fakes.ts';
import { smallPager, smallWorld } from './small-world.ts';

const SELECT = { kind: 'incident', id: 'PABC' } as const;
const typed = (text: string) => text.replace(/^## Impact$/m, '## Impact\n\nSupport had forty calls.\n');

it('a file has words that no draft has from when they are typed until they are taken in, and however late a draft is made', async () => {
  const world = smallWorld();
  const { app } = await openTestApp(sourcesOf({ pager: smallPager(world) }));
  const { draft } = await app.draft({ select: SELECT });
  const text = renderMarkdown(draft);
  for (const untouched of [text, text.replaceAll('\n', '\r\n'), renderMarkdown(draft, { style: 'plain' })]) {
    expect(await app.hasUnsavedWords(untouched)).toBe(false);
  }
  const file = typed(text);
  expect(file).not.toBe(text);
  expect(await app.hasUnsavedWords(file)).toBe(true);
  world.entries.push({ id: 'R5', at: '2024-01-15T14:58:00Z', type: 'note.added', text: 'A late word' });
  const later = await app.draft({ select: SELECT, refresh: true });
  expect(later.draftId).not.toBe(draft.id);
  expect([await app.hasUnsavedWords(text), await app.hasUnsavedWords(file)]).toEqual([false, true]);
  await app.importEdits({ path: 'draft.md', text: file, author: 'ann' });
  expect(await app.hasUnsavedWords(file)).toBe(false);
  await app.close();
});

it('a page of ours whose header somebody deleted may have any words: it is kept', async () => {
  const { app } = await openTestApp(sourcesOf({ pager: smallPager(smallWorld()) }));
  const { draft } = await app.draft({ select: SELECT });
  const headless = typed(renderMarkdown(draft)).replace(/^- \*\*Taken:.*$/m, '');
  expect(headless).not.toContain(draft.id);
  expect(await app.hasUnsavedWords(headless)).toBe(true);
  await app.close();
});

it('of a file that is none of ours nothing is kept, and of one from another store nobody can tell', async () => {
  const [one, other] = await Promise.all([0, 1].map(() => openTestApp(sourcesOf({ pager: smallPager(smallWorld()) }))));
  const text = renderMarkdown((await one?.app.draft({ select: SELECT }))?.draft ?? expect.fail('a draft was made'));
  expect(await other?.app.hasUnsavedWords(text)).toBe(true);
  expect(await other?.app.hasUnsavedWords('# Our own post-mortem\n\nSupport had forty calls.\n')).toBe(false);
  await Promise.all([one?.app.close(), other?.app.close()]);
});
