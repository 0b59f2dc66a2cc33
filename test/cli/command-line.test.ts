import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { App, DraftRequest } from '../../src/app/app.ts';
import { AppError } from '../../src/app/errors.ts';
import { main } from '../../src/cli/command-line.ts';
import type { Open } from '../../src/cli/io.ts';
import { openTerminal } from '../support/terminal.ts';

/** Use cases that answer nothing: each command must say so, and none may be reached by a request that cannot be understood. */
function closedApp(overrides: Partial<App> = {}): Open {
  const refuse = () => Promise.reject(new AppError('unreadable', 'nothing answers here'));
  const app: App = {
    draft: refuse,
    stored: refuse,
    newest: refuse,
    noteOf: refuse,
    summary: refuse,
    receive: refuse,
    keepDrafting: refuse,
    pull: refuse,
    checkSettings: async () => [],
    check: refuse,
    propose: refuse,
    reproduce: refuse,
    exportBundle: refuse,
    importBundle: refuse,
    draftBundle: refuse,
    reproduceBundle: refuse,
    assert: refuse,
    importFile: refuse,
    block: refuse,
    editBlock: refuse,
    importEdits: refuse,
    hasUnsavedWords: refuse,
    compare: refuse,
    purge: refuse,
    evidence: refuse,
    incidents: refuse,
    ready: refuse,
    close: async () => {},
    ...overrides,
  };
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const settings = {
    sources: {},
    services: [],
    people: [],
    policy: {} as never,
    draft: { authors: [], code: 'files' as const, template: null },
    storage: { url: 'sqlite::memory:' },
    server: { host: '0.0.0.0', port: 0, tokens_env: 'HINDCAST_TOKENS' },
  };
  return async () => ({ app, settings, tokens: [], log, close: async () => {} });
}

async function runWith(words: string, open: Open = closedApp()) {
  const { io, printed, files } = openTerminal();
  const code = await main(words.split(' '), io, open);
  return { code, ...printed, files };
}

describe('what cannot be understood says what to do, and exits 2', () => {
  it.each([
    ['draft', 'say which incident'],
    ['draft PABC --bundle x.jsonl', 'exclude each other'],
    ['draft --from 2024-01-15T14:00:00Z', 'add --to TIME'],
    ['draft --from 2024-01-15T14:00:00 --to now', '--from "2024-01-15T14:00:00" is not a time'],
    ['draft --from yesterday --to now', 'write 2024-01-15T14:30:00Z'],
    ['draft --from now --to -2h', 'before it begins'],
    ['draft --from 2024-02-30T00:00:00Z --to now', 'is not a time'],
    ['draft PABC --offline --refresh', 'give one of them'],
    ['draft PABC --author \u00a0', '--author is empty'],
    ['edits import a.md --author \u00a0', '--author is empty'],
    ['draft PABC --service api', '--service goes with --from and --to'],
    ['draft PABC --as-of noon', '--as-of "noon" is not a time'],
    ['draft --bundle x.jsonl --refresh', 'a bundle is drafted as it was pinned'],
    ['draft --bundle nowhere.jsonl', 'nowhere.jsonl cannot be read'],
    ['draft PABC --format pdf', 'Allowed choices are markdown, plain, json, html'],
    ['draft PABC --offlin', 'Did you mean --offline?'],
    ['drafts PABC', 'Did you mean draft?'],
    ['pull --from -2h', 'add --to TIME'],
    ['bundle export', "missing required argument 'id'"],
    ['draft --author Ann PABC', 'it goes before --author and --with'],
    ['reproduce', 'say what to reproduce'],
    ['reproduce PABC --bundle x.jsonl', 'and not both'],
    ['serve --port many', '--port "many" is not a port'],
    ['serve --host 0.0.0.0', 'without tokens the API is served on a loopback address only'],
  ])('hindcast %s', async (words, message) => {
    const { code, err, out } = await runWith(words);
    expect(err).toContain(message);
    expect(code).toBe(2);
    expect(out).toBe('');
  });
});

it('serve on a port that is taken says so, and exits 2', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const { code, err } = await runWith(`serve --host 127.0.0.1 --port ${port}`);
  other.close();
  expect(err).toContain(`cannot serve on 127.0.0.1, port ${port}: another process listens there`);
  expect(code).toBe(2);
});

describe('exit codes', () => {
  it('help and version are no error', async () => {
    const help = await runWith('--help');
    expect(help.code).toBe(0);
    expect(help.out).toContain('Usage: hindcast');
    const version = await runWith('--version');
    expect(version.code).toBe(0);
    expect(version.out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    ['unknown_incident', 4],
    ['unreadable', 4],
    ['not_stored', 4],
    ['config', 2],
    ['not_reproduced', 5],
    ['interrupted', 130],
  ] as const)('%s exits %i with the use case’s own words', async (reason, exit) => {
    const open = closedApp({ draft: () => Promise.reject(new AppError(reason, 'the words of the use case')) });
    const { code, err, out } = await runWith('draft PABC', open);
    expect(code).toBe(exit);
    expect(err).toBe('hindcast: the words of the use case\n');
    expect(out).toBe('');
  });

  it('a fault of ours exits 1, names itself as ours, and shows no stack', async () => {
    const open = closedApp({ draft: () => Promise.reject(new TypeError('undefined is not a timeline')) });
    const { code, err } = await runWith('draft PABC', open);
    expect(code).toBe(1);
    expect(err).toContain('a fault of ours: undefined is not a timeline');
    expect(err).not.toContain('    at ');
  });

  it('a bundle that does not reproduce exits 5 and says where', async () => {
    const open = closedApp({ reproduce: async () => ({ draftId: 'sha256:aa', same: false, detail: 'line 7 differs' }) });
    expect(await runWith('reproduce PABC', open)).toMatchObject({ code: 5, out: 'NOT reproduced sha256:aa\nline 7 differs\n' });
  });
});

describe('what the flags ask for', () => {
  it('reaches the use case as one request', async () => {
    const requests: DraftRequest[] = [];
    const open = closedApp({
      draft: (request) => {
        requests.push(request);
        return Promise.reject(new AppError('unreadable', 'enough'));
      },
    });
    await runWith('draft PABC --with P1 P2 --no-related --as-of -1h --author Ann --offline', open);
    await runWith('draft --from -2h --to now --service api --refresh', open);
    expect(requests[0]).toMatchObject({
      select: { kind: 'incident', id: 'PABC' },
      with: ['P1', 'P2'],
      related: false,
      asOf: '2024-01-15T15:00:00.000Z',
      authors: ['Ann'],
      offline: true,
    });
    expect(requests[1]).toMatchObject({
      select: { kind: 'window', service: 'api', window: { from: '2024-01-15T14:00:00.000Z', to: '2024-01-15T16:00:00.000Z' } },
      refresh: true,
    });
  });

  it('everything that was opened is closed, also after a failure', async () => {
    const closed: string[] = [];
    const open: Open = async (options) => ({
      ...(await closedApp()(options)),
      close: async () => {
        closed.push('closed');
      },
    });
    for (const words of ['draft PABC', 'pull --from -2h --to now', 'check', 'reproduce PABC', 'bundle export PABC', 'timeline PABC']) {
      await runWith(words, open);
    }
    expect(closed).toHaveLength(6);
  });
});
