import { wordingOf } from '../core/draft/kinder-words.ts';
import type { Draft } from '../core/draft/model.ts';
import { rowKeyOf } from '../core/timeline/entry.ts';

/**
 * The draft as `interface.md` names it, for programs: two spaces, a newline at the end, the same draft the same bytes. An edit whose
 * words blame somebody also has `wording`: what was said, and what could stand in its place.
 */
export function renderJson(draft: Draft): string {
  const edits = draft.edits.map((edit) => {
    const wording = wordingOf(edit);
    return wording.length === 0 ? edit : { ...edit, wording };
  });
  const timeline = draft.analysis.timeline.map((entry) => ({ key: rowKeyOf(entry), ...entry }));
  return `${JSON.stringify({ ...draft, analysis: { ...draft.analysis, timeline }, edits }, null, 2)}\n`;
}
