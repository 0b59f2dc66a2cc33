import { expect, it } from 'vitest';
import { importFile } from '../../src/app/import.ts';
import type { FileReading } from '../../src/app/ports.ts';
import { instant } from '../support/events.ts';
import { openTestApp, sourcesOf } from './fakes.ts';

const EVENTS = 5_000;

it('a large file is stored as it is read: of its events only a few hundred are held at any time', async () => {
  const { deps } = await openTestApp(sourcesOf({}));
  let taken = 0;
  let told = 0;
  let mostHeld = 0;
  function* reading(): FileReading {
    const window = { from: instant('14:00'), to: instant('15:00') };
    for (; taken < EVENTS; taken += 1) {
      mostHeld = Math.max(mostHeld, taken - told);
      yield { stream: 'events', nativeId: `e${taken}`, window, body: { row: taken } };
    }
    return { read: EVENTS, refused: [], window };
  }
  const evidence: typeof deps.evidence = {
    ...deps.evidence,
    tell: async (run, connector, records) => {
      told += records.length;
      return await deps.evidence.tell(run, connector, records);
    },
  };
  const files = { ...deps.files, read: async () => reading() };
  const imported = await importFile({ ...deps, evidence, files }, { name: 'log.jsonl', text: '', source: 'logs' }, []);
  expect(imported).toMatchObject({ read: EVENTS, added: EVENTS });
  expect(mostHeld).toBeLessThanOrEqual(1_000);
  await deps.close();
});
