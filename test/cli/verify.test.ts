import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Staged, stage } from '../../demo/run.ts';
import { main } from '../../src/cli/command-line.ts';
import { openApp } from '../../src/compose.ts';
import { instant } from '../support/events.ts';
import { openTerminal, type Terminal } from '../support/terminal.ts';

const WRONG = '# 2024-01-15\n\nAn outage of 30 minutes (14:32 - 14:57 UTC).\n\n[Insert graphs]\n';
const SOUND = '# 2024-01-15\n\n- 14:32 alarm fired\n- 14:57 incident closed\n\nAn outage of 25 minutes (14:32 - 14:57 UTC).\n';
const EXPLAINED =
  '- First detected 2020-02-25 07:32\n- Resolved 2020-02-25 17:07\n\nTime to resolve: 7h (during support hours 10:00-17:00)\n';

async function verify(files: Readonly<Record<string, string>>, ...flags: string[]): Promise<Terminal & { readonly code: number }> {
  const terminal = openTerminal();
  for (const [path, text] of Object.entries(files)) terminal.files.set(path, text);
  const refuse = () => Promise.reject(new Error('verify opens nothing'));
  const code = await main(['verify', ...Object.keys(files), ...flags], terminal.io, refuse);
  return { ...terminal, code };
}

describe('hindcast verify', () => {
  it('points at each line, says what follows, and ends with 5; it opens no configuration and no store', async () => {
    const { code, printed } = await verify({ 'a.md': WRONG });
    expect(code).toBe(5);
    expect(printed.out).toContain('a.md:3  duration_contradicted  (certain)');
    expect(printed.out).toContain('The two times beside it are 25 min apart.');
    expect(printed.out).toContain('a.md:5  placeholder_left  (certain)');
  });

  it('says of a sound one how much of it was read, and ends with 0', async () => {
    const { code, printed } = await verify({ 'a.md': SOUND });
    expect(code).toBe(0);
    expect(printed.out).toBe('a.md: read 2 entries of a timeline and 1 stated length; nothing found\n');
  });

  it('tells a difference that the document explains, and lets it pass', async () => {
    const { code, printed } = await verify({ 'a.md': EXPLAINED });
    expect([code, printed.out]).toEqual([0, expect.stringContaining('a.md:4  duration_contradicted  (explained)')]);
  });

  it('checks several files, as JSON and as SARIF', async () => {
    const json = await verify({ 'a.md': WRONG, 'b.md': SOUND }, '--format', 'json');
    const documents: readonly { readonly path: string; readonly findings: readonly unknown[] }[] = JSON.parse(json.printed.out);
    expect(documents.map(({ path, findings }) => [path, findings.length])).toEqual([
      ['a.md', 2],
      ['b.md', 0],
    ]);
    const sarif = await verify({ 'a.md': WRONG }, '--format', 'sarif');
    const [run] = JSON.parse(sarif.printed.out).runs;
    expect(run.results[0]).toMatchObject({
      ruleId: 'duration_contradicted',
      level: 'error',
      locations: [{ physicalLocation: { artifactLocation: { uri: 'a.md' }, region: { startLine: 3 } } }],
    });
    expect(run.tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual(['duration_contradicted', 'placeholder_left']);
  });

  it('says which file it cannot read, with 2', async () => {
    const terminal = openTerminal();
    expect(await main(['verify', 'none.md'], terminal.io)).toBe(2);
    expect(terminal.printed.err).toContain('none.md cannot be read');
  });

  it('refuses what is no text, what is too long, and an incident beside a bundle, each with 2', async () => {
    expect(await verify({ 'a.png': '\u0089PNG\r\n\0\0' })).toMatchObject({
      code: 2,
      printed: { err: 'hindcast: a.png is no text in UTF-8: verify reads Markdown\n' },
    });
    expect(await verify({ 'long.md': 'word '.repeat(10_000_000) })).toMatchObject({
      code: 2,
      printed: { err: 'hindcast: long.md has 50,000,000 characters: verify reads at most 1,000,000\n' },
    });
    const both = await verify({ 'a.md': SOUND }, '--incident', 'Q1', '--bundle', 'b.jsonl');
    expect([both.code, both.printed.err]).toEqual([2, expect.stringContaining('exclude each other')]);
  });

  it('writes SARIF with all that code hosts need of it', async () => {
    const { printed } = await verify({ 'docs/a.md': `${WRONG}${EXPLAINED}\n\nTODO\n` }, '--format', 'sarif');
    const log = JSON.parse(printed.out);
    expect([log.version, log.$schema, log.runs.length]).toEqual(['2.1.0', 'https://json.schemastore.org/sarif-2.1.0.json', 1]);
    const { tool, results } = log.runs[0];
    expect([tool.driver.name, tool.driver.version]).toEqual(['hindcast', expect.stringMatching(/^\d+\.\d+\.\d+/)]);
    const rules = new Set(tool.driver.rules.map(({ id }: { id: string }) => id));
    for (const { ruleId, level, message, locations } of results) {
      expect(rules).toContain(ruleId);
      expect(['note', 'warning', 'error']).toContain(level);
      expect(message.text).toMatch(/\S/);
      const [{ physicalLocation }] = locations;
      expect(physicalLocation.artifactLocation.uri).toBe('docs/a.md');
      expect(physicalLocation.region.startLine).toBeGreaterThan(0);
    }
    expect(new Set(results.map(({ level }: { level: string }) => level))).toEqual(new Set(['note', 'error']));
  });
});

describe('hindcast verify against the record', () => {
  let staged: Staged;
  let draft = '';
  let bundle = '';

  beforeAll(async () => {
    staged = await stage();
    const { app, close } = await openApp({ config: staged.config, env: staged.env, cwd: '.', now: instant(staged.world.now) });
    const { renderMarkdown } = await import('../../src/render/markdown.ts');
    draft = renderMarkdown((await app.draft({ select: { kind: 'incident', id: staged.world.truth.incident } })).draft);
    bundle = await app.exportBundle(staged.world.truth.incident, { roles: false });
    await close();
  });

  afterAll(async () => staged.close());

  async function against(text: string, ...flags: string[]) {
    const terminal = openTerminal();
    terminal.files.set('post-mortem.md', text).set('incident.jsonl', bundle);
    const code = await main(['verify', 'post-mortem.md', ...flags], terminal.io);
    return { code, ...terminal.printed };
  }

  it('holds a file against a bundle, with no credential and no configuration', async () => {
    expect(await against(draft, '--bundle', 'incident.jsonl')).toMatchObject({ code: 0, out: expect.stringContaining('nothing found') });
    const { code, out } = await against(draft.replace('| 14:35 | Primary', '| 14:38 | Primary'), '--bundle', 'incident.jsonl');
    expect([code, out]).toEqual([5, expect.stringContaining('The record says 14:35, not 14:38.')]);
  });

  it('holds it against the stored draft of an incident, asking no source', async () => {
    const { incident } = staged.world.truth;
    const asked = staged.pagerduty.requests.length;
    expect(await against(draft, '--incident', incident, '--config', staged.config)).toMatchObject({ code: 0 });
    const wrong = await against(draft.replace('v2.3.4 deployed', 'v2.3.5 deployed'), '--incident', incident, '--config', staged.config);
    expect([wrong.code, wrong.out]).toEqual([5, expect.stringContaining('differs_from_record')]);
    expect(staged.pagerduty.requests.length).toBe(asked);
  });

  it('says of an incident that was never drafted what to do, with 4', async () => {
    const { code, err } = await against(draft, '--incident', 'QNEVER', '--config', staged.config);
    expect([code, err]).toEqual([4, 'hindcast: no draft of pagerduty/incident:QNEVER is stored: make one with `hindcast draft`\n']);
  });

  it('of a draft alone finds what is left to do, and nothing that is false', async () => {
    const { code, out } = await against(draft.replaceAll(/ ?<!-- \S+ [0-9a-f]{10} e\d+ -->/g, ''));
    expect([code, new Set(out.match(/(?<=:\d+ {2})\w+/g))]).toEqual([5, new Set(['action_without_date'])]);
  });
});
