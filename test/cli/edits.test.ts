import { describe, expect, it } from 'vitest';
import type { App } from '../../src/app/app.ts';
import type { EditsImported } from '../../src/app/edit-files.ts';
import { main } from '../../src/cli/command-line.ts';
import type { DraftComparison } from '../../src/core/draft/comparison.ts';
import { instant } from '../support/events.ts';
import { openTerminal } from '../support/terminal.ts';

const NOTHING: EditsImported = {
  draftId: 'sha256:0',
  incident: 'pagerduty/incident:PABC',
  recorded: [],
  conflicts: [],
  notTaken: [],
  told: [],
};
const MOVED: DraftComparison = {
  from: 'sha256:a',
  to: 'sha256:b',
  entries: [{ key: 't.1', was: '14:29: slow', is: '14:28: slow' }],
  milestones: [],
  durations: [],
  texts: [],
  edits: [],
  stale: [{ key: 'summary.what', state: 'stale', author: 'ana', was: 'kinder', is: 'ours now' }],
};

/** The command line over an app that answers these two questions and no other. */
async function run(words: readonly string[], answers: Partial<EditsImported> = {}) {
  const asked: unknown[] = [];
  const unasked = () => Promise.reject(new Error('not asked for'));
  const known: Partial<App> = {
    importEdits: async (file) => {
      asked.push(file);
      return { ...NOTHING, ...answers };
    },
    compare: async (...question) => {
      asked.push(question);
      return MOVED;
    },
  };
  const app = new Proxy(known, { get: (target, name) => Reflect.get(target, name) ?? unasked }) as App;
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const settings = { draft: { authors: ['Ann Lee'] } } as never;
  const { io, printed, files } = openTerminal();
  files.set('draft.md', '# a draft');
  const code = await main(words, io, async () => ({ app, settings, tokens: [], log, close: async () => {} }) as never);
  return { code, asked, ...printed };
}

describe('people’s words on the command line', () => {
  it('are read from a file: what was taken goes out line by line', async () => {
    const edit = {
      kind: 'rewrite',
      sequence: 1,
      after: 0,
      author: 'ana',
      at: instant('16:00'),
      block: 'summary.what',
      generated: 'sha256:1',
      text: 'kinder',
    } as const;
    const { code, asked, out, err } = await run(['edits', 'import', 'draft.md', '--author', 'ana'], { recorded: [{ line: 12, edit }] });
    expect([code, err]).toEqual([0, '']);
    expect(asked).toEqual([{ path: 'draft.md', text: '# a draft', author: 'ana' }]);
    expect(out).toBe('12: summary.what rewritten: kinder\npagerduty/incident:PABC: 1 edit; draft sha256:0\n');
  });

  it('end with 5 where something was left out, and show a conflict side by side', async () => {
    const conflict = { line: 3, block: 't.1', yours: 'mine', theirs: 'hers', author: 'ana' };
    const notTaken = { line: 9, text: '14:51 | x', why: 'Times are computed.' };
    const { code, err, asked } = await run(['edits', 'import', 'draft.md', '--incident', 'PABC'], {
      conflicts: [conflict],
      notTaken: [notTaken],
    });
    expect(code).toBe(5);
    expect(asked).toMatchObject([{ author: 'Ann Lee', incident: 'PABC' }]);
    expect(err).toContain('draft.md:3: conflict: ana edited t.1');
    expect(err).toContain('  yours:  mine\n  theirs: hers\n');
    expect(err).toContain('draft.md:9: not taken: 14:51 | x\n  Times are computed.\n');
    expect((await run(['edits', 'import', 'draft.md'], { told: [notTaken] })).code).toBe(0);
  });

  it('are told in a diff, where they are stale', async () => {
    const { code, out, asked } = await run(['diff', 'PABC', '--from', 'sha256:a']);
    expect([code, asked]).toEqual([0, [['PABC', { from: 'sha256:a' }]]]);
    expect(out).toContain('Timeline\n  t.1\n    - 14:29: slow\n    + 14:28: slow\n');
    expect(out).toContain('Edits now stale\n  summary.what, by ana: our text is another now\n    theirs: kinder\n    ours:   ours now\n');
    expect(JSON.parse((await run(['diff', 'PABC', '--format', 'json'])).out)).toEqual(MOVED);
  });
});
