import { describe, expect, it } from 'vitest';
import { main } from '../../src/cli/command-line.ts';
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
});
