import { describe, expect, it } from 'vitest';
import { type Json, seal } from '../../src/core/evidence.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { createEvidenceStore } from '../../src/storage/evidence-store.ts';
import { instant } from '../support/events.ts';

async function openStore() {
  const evidence = createEvidenceStore(await openDatabase('sqlite::memory:'));
  const tell = async (source: string, stream: string, told: Record<string, { body: Json; key?: string; from?: string; to?: string }>) =>
    await evidence.tell(
      await evidence.startRun(instant('16:00')),
      'import',
      Object.entries(told).map(([nativeId, { body, key, from, to }]) => ({
        record: seal({ source, stream, nativeId, body, observedTime: instant('16:00') }),
        ...(key !== undefined && { key }),
        ...(from !== undefined && to !== undefined && { window: { from: instant(from), to: instant(to) } }),
      })),
    );
  const ask = async (keys: readonly string[], from = '14:00', to = '15:00', source = 'slack') =>
    (await evidence.told({ source, stream: 'events', keys, window: { from: instant(from), to: instant(to) } })).map(({ body }) => body);
  return { evidence, tell, ask };
}

describe('what was told', () => {
  it('is found by the incident that it is of, in the order of telling', async () => {
    const { tell, ask } = await openStore();
    await tell('slack', 'events', { b: { body: 1, key: 'A' }, a: { body: 2, key: 'A' }, c: { body: 3, key: 'B' } });
    expect(await ask(['A'])).toEqual([1, 2]);
    expect(await ask(['A', 'B'])).toEqual([1, 2, 3]);
    expect(await ask(['C'])).toEqual([]);
  });

  it('is found by the time that it covers, half open at both', async () => {
    const { tell, ask } = await openStore();
    await tell('slack', 'events', {
      before: { body: 1, from: '13:00', to: '14:00' },
      over: { body: 2, from: '13:00', to: '14:01' },
      inside: { body: 3, from: '14:30', to: '14:31' },
      after: { body: 4, from: '15:00', to: '15:01' },
    });
    expect(await ask([])).toEqual([2, 3]);
    expect(await ask([], '14:00', '15:00', 'other')).toEqual([]);
  });

  it('has of each object the newest version, wherever that lies, and keeps every version as evidence', async () => {
    const { evidence, tell, ask } = await openStore();
    await tell('slack', 'events', { a: { body: 'first', from: '14:30', to: '14:31' } });
    const [first] = await evidence.told({
      source: 'slack',
      stream: 'events',
      keys: [],
      window: { from: instant('14:00'), to: instant('15:00') },
    });
    await tell('slack', 'events', { a: { body: 'moved', from: '17:30', to: '17:31' } });
    expect(await ask([])).toEqual([]);
    expect(await ask([], '17:00', '18:00')).toEqual(['moved']);
    expect(await evidence.read(first ? [first.id] : [])).toHaveLength(1);
  });

  it('is not told twice, but a version that comes back is the newest again', async () => {
    const { tell, ask } = await openStore();
    const first = { a: { body: 'first', key: 'A' } };
    expect(await tell('slack', 'events', first)).toBe(1);
    expect(await tell('slack', 'events', first)).toBe(0);
    expect(await tell('slack', 'events', { a: { body: 'second', key: 'A' } })).toBe(1);
    expect(await ask(['A'])).toEqual(['second']);
    expect(await tell('slack', 'events', first)).toBe(1);
    expect(await ask(['A'])).toEqual(['first']);
  });

  it('knows its sources', async () => {
    const { evidence, tell } = await openStore();
    expect(await evidence.toldSources()).toEqual([]);
    await tell('slack', 'events', { a: { body: 1, key: 'A' } });
    await tell('jenkins', 'events', { a: { body: 1, key: 'A' }, b: { body: 2, key: 'A' } });
    expect(await evidence.toldSources()).toEqual([
      { source: 'jenkins', connector: 'import' },
      { source: 'slack', connector: 'import' },
    ]);
  });
});
