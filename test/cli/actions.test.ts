import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { App, Drafted } from '../../src/app/app.ts';
import { main } from '../../src/cli/command-line.ts';
import type { Open } from '../../src/cli/io.ts';
import { DEFAULT_DRAFT, DEFAULT_POLICY } from '../../src/core/analysis/policy.ts';
import { compose } from '../../src/core/draft/compose.ts';
import type { Edit } from '../../src/core/draft/edits.ts';
import { sampleAnalysis, sampleCase } from '../core/draft/sample.ts';
import { instant, snapshotOf } from '../support/events.ts';
import { openTerminal } from '../support/terminal.ts';

const theCase = sampleCase();
const at = instant('16:00');
const hash = 'sha256:0';

function openStored(edits: readonly Edit[]): Open {
  const draft = compose(theCase, sampleAnalysis(theCase), edits, 'sha256:1');
  const drafted: Drafted = { draftId: draft.id, snapshot: snapshotOf([]), draft, partial: false };
  const app = new Proxy({ stored: async () => drafted } as Partial<App>, { get: (own, name) => Reflect.get(own, name) }) as App;
  const settings = { sources: {}, services: [], people: [], policy: DEFAULT_POLICY, draft: DEFAULT_DRAFT };
  const rest = { storage: { url: 'sqlite::memory:' }, server: { host: '127.0.0.1', port: 0, tokens_env: 'HINDCAST_TOKENS' } };
  const silent = () => undefined;
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  return async () => ({ app, settings: { ...settings, ...rest }, tokens: [], log, close: async () => {} });
}

async function runExport(words: string, edits: readonly Edit[] = []) {
  const { io, printed, files } = openTerminal();
  const code = await main(['actions', 'export', 'PABC', ...words.split(' ').filter(Boolean)], io, openStored(edits));
  return { code, ...printed, files };
}

const written = { after: 0, author: 'ana', at } as const;
const EDITS: readonly Edit[] = [
  { ...written, kind: 'rewrite', block: 'actions.deploy_fix.due', generated: hash, text: '1 February', sequence: 1 },
  { ...written, kind: 'rewrite', block: 'actions.deploy_fix', generated: hash, text: 'Deploy the **fix**; it is the owner’s', sequence: 2 },
  { ...written, kind: 'insert', block: 'i.3', below: 'actions.deploy_fix', text: "Don't `rm -rf $(pwd)`", sequence: 3 },
];

describe('action items', () => {
  it('are printed for programs with the role that owns them, and what people are to fill in left empty', async () => {
    const { code, out } = await runExport('--format json');
    expect(code).toBe(0);
    const [first] = JSON.parse(out);
    expect(first).toMatchObject({
      key: 'actions.deploy_fix',
      title: 'Deploy #1235 “Fix connection leak in user profile endpoint”: the record shows no deployment of it.',
      owner: 'service owner of api',
      due: '',
      priority: '',
      status: 'open',
    });
    expect(first.body).toContain('- **Due:** to be filled in');
    expect(first.body).toMatch(/It rests on:\n\n- .*sha256:[0-9a-f]{64}/);
    expect(first.body).toContain('From the post-mortem of incident [#4821](https://acme.pagerduty.com/incidents/PABC)');
  });

  it('are as people left them: rewritten, filled in, put in', async () => {
    const { out } = await runExport('--format json', EDITS);
    const items = JSON.parse(out);
    expect(items[0]).toMatchObject({ title: 'Deploy the fix; it is the owner’s', due: '1 February' });
    expect(items[0].body).toMatch(/^Deploy the \*\*fix\*\*; it is the owner’s\n/);
    expect(items[1]).toMatchObject({ key: 'i.3', title: "Don't rm -rf $(pwd)", owner: '' });
  });

  it('are left out where people hid them', async () => {
    const hide: Edit = { ...written, kind: 'hide', block: 'actions.deploy_fix', generated: hash, sequence: 1 };
    const { out } = await runExport('--format json', [hide]);
    expect(out).not.toContain('actions.deploy_fix');
  });

  it('become a file each, and commands of which a shell reads no word as anything but text', async () => {
    const { out, files } = await runExport('--out issues', EDITS);
    expect([...files.keys()].slice(0, 2)).toEqual(['issues/01-deploy_fix.md', 'issues/02-i-3.md']);
    expect(files.get('issues/01-deploy_fix.md')).toContain('- **Due:** 1 February');
    const said = execFileSync('sh', ['-c', `gh() { printf '%s\\n' "$4"; }\n${out}`], { encoding: 'utf8' });
    expect(said.split('\n').slice(0, 2)).toEqual(['Deploy the fix; it is the owner’s', "Don't rm -rf $(pwd)"]);
  });
});
