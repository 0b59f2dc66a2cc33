import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENTRIES, openCrashWorld, type Point } from '../soak/crashes.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

describe('kill -9 in the middle of a pull of four thousand log entries', () => {
  let world: Awaited<ReturnType<typeof openCrashWorld>>;
  let whole = 0;
  beforeAll(async () => {
    world = await openCrashWorld(MAIN);
    whole = (await world.crash({ kind: 'nowhere' })).calls[0];
  }, 60_000);
  afterAll(() => world.close());

  const points: readonly (readonly [string, Point])[] = [
    ['inside a transaction', { kind: 'statement', like: 'insert into "evidence"', after: 17 }],
    ['between a page and its checkpoint', { kind: 'statement', like: 'insert into "run_evidence"', after: 23 }],
    ['while the vendor is asked', { kind: 'answer', after: 30 }],
  ];
  it.each(points)(
    '%s: the next run completes it, with nothing lost and nothing doubled, and asks less',
    { timeout: 120_000 },
    async (_, point) => {
      const { codes, entries, distinct, linked, calls } = await world.crash(point);
      expect(codes).toEqual([null, 0]);
      expect([entries, distinct, linked]).toEqual([ENTRIES, ENTRIES, ENTRIES]);
      const [first, second] = calls;
      expect(first).toBeLessThan(whole);
      // What the first run had marked is not asked again.
      expect(second).toBeLessThan(whole);
    },
  );
});
