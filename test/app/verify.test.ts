import { describe, expect, it } from 'vitest';
import { verifyDocuments } from '../../src/app/verify.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { manyDrafts } from '../support/drafts.ts';

describe('a draft of ours that nobody touched', () => {
  const drafts = manyDrafts().filter((_, index) => index % 3 === 0);

  it('is accused of nothing by its own times, whatever its shape; of its actions the person to do them is asked for', () => {
    const documents = drafts.map(({ name, draft }) => ({ path: `${name}.md`, text: renderMarkdown(draft) }));
    const checked = verifyDocuments(documents);
    const found = checked.flatMap(({ path, findings }) =>
      findings.filter(({ kind }) => !kind.startsWith('action_')).map(({ line, kind, stated }) => `${path}:${line} ${kind}: ${stated}`),
    );
    expect(found).toEqual([]);
    expect(checked.reduce((sum, { read }) => sum + read.claims, 0)).toBeGreaterThan(100);
  });

  it('is accused of nothing by its own record', () => {
    for (const { name, draft } of drafts.filter((_, index) => index % 10 === 0)) {
      const [checked] = verifyDocuments([{ path: `${name}.md`, text: renderMarkdown(draft) }], draft);
      expect([name, checked?.findings.filter(({ verdict }) => verdict === 'wrong')]).toEqual([name, []]);
    }
  });
});
