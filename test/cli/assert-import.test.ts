import { describe, expect, it } from 'vitest';
import type { App } from '../../src/app/app.ts';
import type { AssertRequest } from '../../src/app/assert.ts';
import type { ImportRequest } from '../../src/app/import.ts';
import { main } from '../../src/cli/command-line.ts';
import { parseEvidenceId } from '../../src/core/evidence.ts';
import { settingsOf } from '../app/fakes.ts';
import { instant } from '../support/events.ts';
import { openTerminal } from '../support/terminal.ts';

/** The command line over use cases that note what they were asked. */
async function run(
  words: readonly string[],
  options: { readonly authors?: readonly string[]; readonly refused?: number; readonly farMs?: number } = {},
) {
  const asserted: AssertRequest[] = [];
  const imported: ImportRequest[] = [];
  const evidence = parseEvidenceId(`sha256:${'a'.repeat(64)}`);
  if (!evidence) throw new Error('it is an id');
  const unasked = () => Promise.reject(new Error('not asked for'));
  const app: App = {
    draft: unasked,
    stored: unasked,
    newest: unasked,
    noteOf: unasked,
    summary: unasked,
    receive: unasked,
    keepDrafting: unasked,
    pull: unasked,
    checkSettings: async () => [],
    check: unasked,
    propose: unasked,
    reproduce: unasked,
    exportBundle: unasked,
    importBundle: unasked,
    draftBundle: unasked,
    reproduceBundle: unasked,
    block: unasked,
    editBlock: unasked,
    importEdits: unasked,
    hasUnsavedWords: unasked,
    compare: unasked,
    purge: unasked,
    evidence: unasked,
    incidents: unasked,
    ready: unasked,
    close: async () => {},
    assert: async (request) => {
      asserted.push(request);
      return { evidence, incident: 'pagerduty/incident:PABC', ...(options.farMs !== undefined && { farMs: options.farMs }) };
    },
    importFile: async (request) => {
      imported.push(request);
      const refused = Array.from({ length: options.refused ?? 0 }, (_, index) => ({ line: index + 2, problem: 'no time' }));
      return { source: request.source, read: 3, added: 2, refused, window: { from: instant('14:00'), to: instant('15:00') } };
    },
  };
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const { io, printed, files } = openTerminal();
  files.set('export/a.json', '[]').set('my.yaml', 'fields: { time: ts }');
  const settings = settingsOf({ draft: { authors: [...(options.authors ?? [])], code: 'files', template: null } });
  const code = await main(words, io, async () => ({ app, settings, tokens: [], log, close: async () => {} }));
  return { code, ...printed, asserted, imported };
}

const words = (text: string) => text.split(' ');

describe('assert', () => {
  it('a milestone, in the words of the person', async () => {
    const { code, out, err, asserted } = await run([
      ...words('assert PABC impact_started 2024-01-15T14:20Z --author Ann --reason'),
      'a customer rang',
    ]);
    expect(code).toBe(0);
    expect(asserted).toEqual([
      {
        id: 'PABC',
        said: { kind: 'milestone', milestone: 'impact_started', at: '2024-01-15T14:20Z' },
        reason: 'a customer rang',
        author: 'Ann',
      },
    ]);
    expect(out).toBe(`sha256:${'a'.repeat(64)}\n`);
    expect(err).toContain('hindcast draft PABC');
    expect(err).not.toContain('slip');
  });

  it('of a time far from the incident is kept, and asked about: a year is soon mistyped', async () => {
    const { code, err } = await run(words('assert PABC impact_started 2023-01-15T14:20Z --reason call'), { farMs: -365 * 86_400_000 });
    expect([code, err]).toEqual([
      0,
      expect.stringContaining('this lies 365 days before the incident: if that is a slip, state it again with the right time\n'),
    ]);
  });

  it('an event, a length ago: as precise as half its unit', async () => {
    const { asserted } = await run([...words('assert PABC event -20m --reason log --text'), 'a banner went up']);
    expect(asserted[0]?.said).toEqual({ kind: 'event', text: 'a banner went up', at: '2024-01-15T15:40:00.000Z', plusMinusSeconds: 30 });
  });

  it('a time with what it may be off', async () => {
    const { asserted } = await run(words('assert PABC detected -2h --reason log --give-or-take 5m'));
    expect(asserted[0]?.said).toMatchObject({ at: '2024-01-15T14:00:00.000Z', plusMinusSeconds: 300 });
  });

  it('a judgment of a suspect, by the first of the configured authors where nobody is named', async () => {
    const { asserted } = await run(words('assert PABC suspect github/deployment:DE_1 rejected --reason test'), { authors: ['Ann Lee'] });
    expect(asserted[0]).toMatchObject({
      said: { kind: 'suspect', change: 'github/deployment:DE_1', verdict: 'rejected' },
      author: 'Ann Lee',
    });
  });

  it.each([
    ['assert PABC detected 2024-01-15T14:20Z', '--reason TEXT'],
    ['assert PABC detected 2024-01-15T14:20 --reason r', 'it needs Z or an offset'],
    ['assert PABC detected noon --reason r', 'is not a time'],
    ['assert PABC detected --reason r', "missing required argument 'subject'"],
    ['assert PABC event now --reason r', '--text TEXT'],
    ['assert PABC detected now --reason r --text x', '--text goes with `event`'],
    ['assert PABC suspect DE_1 --reason r', 'confirmed, or rejected'],
    ['assert PABC suspect DE_1 perhaps --reason r', 'confirmed, or rejected'],
    ['assert PABC detected now confirmed --reason r', 'one word too many'],
    ['assert PABC detected now --reason r --give-or-take long', 'no length of time'],
    ['assert PABC detected now --reasn r', "unknown option '--reasn'"],
  ])('%s says what to do, and exits 2', async (text, message) => {
    const { code, err, asserted } = await run(words(text));
    expect({ code, asserted }).toEqual({ code: 2, asserted: [] });
    expect(err).toContain(message);
  });
});

describe('import', () => {
  it('a file by a shipped mapping, and says what came of it', async () => {
    const { code, out, err, imported } = await run(words('import export/a.json --source slack --mapping slack --incident PABC'));
    expect(imported).toEqual([{ name: 'a.json', text: '[]', source: 'slack', mapping: { name: 'slack' }, incident: 'PABC' }]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toBe(
      'slack: 3 read, 2 new, 0 refused; 2024-01-15T14:00:00.000Z to 2024-01-15T15:00:00.000Z\n' +
        'fewer are new than were read: what was stored before is not new, and points of one series are stored together\n',
    );
  });

  it('by a mapping of the user, with its text', async () => {
    const { imported } = await run(words('import export/a.json --source x --mapping my.yaml --service api'));
    expect(imported[0]).toMatchObject({ mapping: { name: 'my.yaml', text: 'fields: { time: ts }' }, service: 'api' });
  });

  it('tells refused lines by their numbers, twenty of them, and how many more', async () => {
    const { code, err } = await run(words('import export/a.json --source x'), { refused: 25 });
    expect(code).toBe(0);
    expect(err).toContain('line 2: no time');
    expect(err).toContain('line 21: no time');
    expect(err).not.toContain('line 22:');
    expect(err).toContain('and 5 more');
  });

  it.each([
    ['import export/a.json', "required option '--source <name>'"],
    ['import nowhere.json --source x', 'nowhere.json cannot be read'],
    ['import export/a.json --source x --mapping no.yaml', 'no.yaml cannot be read'],
  ])('%s says what is missing, and exits 2', async (text, message) => {
    const { code, err } = await run(words(text));
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});
