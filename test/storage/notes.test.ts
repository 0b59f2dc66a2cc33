import { describe, expect, it } from 'vitest';
import { addMs } from '../../src/core/time.ts';
import { createNotes } from '../../src/storage/notes.ts';
import { ENGINES } from './engines.ts';
import { NOON } from './samples.ts';

const later = (minutes: number) => addMs(NOON, minutes * 60_000);
const NOTE = { draft: 'sha256:1', incident: 'pagerduty~PABC' };

describe.each(ENGINES)('the notes of drafts on $name', ({ open }) => {
  it('are one a draft, whoever asks for it however often, also once it is written or given up', async () => {
    const { db, close } = await open();
    const notes = createNotes(db);
    await Promise.all(Array.from({ length: 10 }, () => notes.add(NOTE, NOON)));
    const taken = await Promise.all(Array.from({ length: 10 }, () => notes.take(NOON, later(5))));
    expect(taken.filter(Boolean)).toEqual([{ ...NOTE, attempt: 1 }]);
    await notes.end(NOTE.draft, 'written');
    await notes.add(NOTE, later(10));
    expect(await notes.take(later(100), later(105))).toBeUndefined();
    expect(await notes.newest(NOTE.incident)).toEqual({ draft: NOTE.draft, state: 'written' });
    await close();
  });

  it('are due again when their process has died, and when they were put off; why is told', async () => {
    const { db, close } = await open();
    const notes = createNotes(db);
    await notes.add(NOTE, NOON);
    await notes.take(NOON, later(5));
    expect(await notes.take(later(4), later(9))).toBeUndefined();
    expect(await notes.take(later(5), later(10))).toMatchObject({ attempt: 2 });
    await notes.postpone(NOTE.draft, later(20), 'PagerDuty did not answer');
    expect(await notes.newest(NOTE.incident)).toEqual({ draft: NOTE.draft, state: 'due', reason: 'PagerDuty did not answer' });
    expect(await notes.take(later(19), later(24))).toBeUndefined();
    expect(await notes.take(later(20), later(25))).toMatchObject({ attempt: 3 });
    await notes.end(NOTE.draft, 'failed', 'the token may only read');
    expect(await notes.newest(NOTE.incident)).toEqual({ draft: NOTE.draft, state: 'failed', reason: 'the token may only read' });
    await notes.add({ ...NOTE, draft: 'sha256:2' }, later(30));
    expect(await notes.newest(NOTE.incident)).toEqual({ draft: 'sha256:2', state: 'due' });
    expect(await notes.newest('pagerduty~POTHER')).toBeUndefined();
    await close();
  });
});
