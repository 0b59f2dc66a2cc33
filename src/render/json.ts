import type { Draft } from '../core/draft/model.ts';

/** The draft as `interface.md` names it, for programs: two spaces, a newline at the end, the same draft the same bytes. */
export function renderJson(draft: Draft): string {
  return `${JSON.stringify(draft, null, 2)}\n`;
}
