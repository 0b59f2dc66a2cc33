import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openApp } from '../../src/compose.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { exportSample } from '../bench/sample-bundle.ts';

const IS_WRITING = process.env['GOLDEN'] === 'write';

/**
 * A file of a scenario, as it stands. `npm run golden` rewrites it, and the diff of that is the review: a changed number
 * in a draft is either the point of the change or a mistake.
 */
function golden(name: string, made: string): string {
  const file = fileURLToPath(new URL(name, import.meta.url));
  if (IS_WRITING) writeFileSync(file, made);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

describe('connection-pool: a deployment leaks connections, and is rolled back', () => {
  it('over HTTP gives this evidence, byte for byte', async () => {
    const evidence = await exportSample();
    expect(evidence).toBe(golden('connection-pool/evidence.jsonl', evidence));
  });

  it('and this evidence, years later and with no source at hand, gives this analysis and this draft', async () => {
    const evidence = readFileSync(new URL('connection-pool/evidence.jsonl', import.meta.url), 'utf8');
    const { app, close } = await openApp({ bundle: true, env: {}, cwd: '.' });
    const { draft } = await app.draftBundle(evidence);
    await close();
    const analysis = `${JSON.stringify(draft.analysis, null, 1)}\n`;
    const markdown = renderMarkdown(draft);
    expect(analysis).toBe(golden('connection-pool/analysis.json', analysis));
    expect(markdown).toBe(golden('connection-pool/draft.md', markdown));
  });
});
