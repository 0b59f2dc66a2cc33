import type { Draft } from '../core/draft/model.ts';

/** The draft as GitHub's Markdown: the same draft gives the same bytes. */
export function renderMarkdown(draft: Draft): string {
  return `# Post-mortem: ${draft.case.incidents[0].title}\n`;
}
