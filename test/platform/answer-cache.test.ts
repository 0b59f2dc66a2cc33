import { expect, it } from 'vitest';
import { createAnswerCache } from '../../src/platform/answer-cache.ts';

it('gives an answer back equal, and not as an object that two could change', async () => {
  const cache = createAnswerCache().forSource('github');
  const answer = { etag: 'W/"1"', items: [{ id: 1 }] };
  await cache.set('/repos', answer);
  const first = await cache.get('/repos');
  expect(first).toEqual(answer);
  expect(first).not.toBe(answer);
  expect(await cache.get('/repos')).not.toBe(first);
  expect(await cache.get('/other')).toBeUndefined();
});

it('two sources never see each other', async () => {
  const cache = createAnswerCache();
  await cache.forSource('github').set('/repos', 'private');
  expect(await cache.forSource('github-public').get('/repos')).toBeUndefined();
});

it('drops what was not used for longest once it holds too many', async () => {
  const cache = createAnswerCache({ entries: 2, characters: 1_000 }).forSource('s');
  await cache.set('a', 1);
  await cache.set('b', 2);
  await cache.get('a');
  await cache.set('c', 3);
  expect([await cache.get('a'), await cache.get('b'), await cache.get('c')]).toEqual([1, undefined, 3]);
});

it('drops by size too, and never holds what is larger than all it may hold', async () => {
  const cache = createAnswerCache({ entries: 100, characters: 100 }).forSource('s');
  await cache.set('a', 'x'.repeat(40));
  await cache.set('b', 'x'.repeat(40));
  await cache.set('c', 'x'.repeat(40));
  expect([await cache.get('a'), await cache.get('b'), await cache.get('c')].map((answer) => answer !== undefined)).toEqual([
    false,
    true,
    true,
  ]);
  await cache.set('b', 'x'.repeat(400));
  expect(await cache.get('b')).toBeUndefined();
  expect(await cache.get('c')).toBeDefined();
});
