import type { Draft } from '../core/draft/model.ts';
import { SUMMARY_BY, type Summary, type SummaryBy, type SummaryCase, summarize } from '../core/summary.ts';
import type { Instant, Window } from '../core/time.ts';
import type { AppDeps } from './deps.ts';
import { rebuild } from './draft.ts';
import { AppError } from './errors.ts';
import { pathIdOf } from './select.ts';
import { isPartial } from './snapshot.ts';

/** Over which incidents: those that began in the window. */
export interface SummaryRequest {
  readonly window: Window;
  readonly by?: SummaryBy;
}

const PAGE = 100;

/**
 * The durations of all drafted incidents that began in the window, from their newest drafts as they are stored; no source is asked.
 * Imported bundles, windows in which nothing paged, and incidents that were merged into one that was drafted are left out and counted.
 */
export async function summarizeStored(deps: AppDeps, { window, by }: SummaryRequest): Promise<Summary> {
  if (window.from >= window.to) throw new AppError('usage', `the window ends at ${window.to}, before it begins at ${window.from}`);
  if (by !== undefined && !SUMMARY_BY.includes(by)) throw new AppError('usage', `by is one of ${SUMMARY_BY.join(', ')}`);
  const found: (SummaryCase & { readonly others: readonly string[]; readonly isMerged: boolean })[] = [];
  const leftOut = { bundles: 0, windows: 0, merged: 0 };
  for await (const { draftId, draft, isPartial: partial, key, others } of storedDrafts(deps, window)) {
    const [header] = draft.case.incidents;
    const began = beganOf(draft);
    if (began < window.from || began >= window.to) continue;
    if (draft.case.origin !== undefined) leftOut.bundles += 1;
    else if (header.status === 'not_opened') leftOut.windows += 1;
    else {
      const { milestones, durations } = draft.analysis;
      found.push({
        incident: pathIdOf(key),
        draft: draftId,
        title: header.title,
        began,
        ...(header.severity !== undefined && { severity: header.severity }),
        services: draft.case.services,
        isPartial: partial,
        isOnsetKnown: milestones.impact_started.known,
        durations,
        others,
        isMerged: header.status === 'merged',
      });
    }
  }
  const drafted = new Set(found.map(({ incident }) => incident));
  const cases = found.filter(({ isMerged, others }) => !(isMerged && others.some((key) => drafted.has(pathIdOf(key)))));
  leftOut.merged = found.length - cases.length;
  return { window, ...(by !== undefined && { by }), incidents: cases.length, groups: summarize(cases, by), leftOut };
}

/** One at a time: a draft is some hundred kilobytes. What was rendered is read; where the cache was dropped the draft is made again. */
async function* storedDrafts(deps: AppDeps, { from, to }: Window) {
  for (let before: string | undefined; ; ) {
    const page = await deps.drafts.listIncidents({ from, to, limit: PAGE, ...(before !== undefined && { before }) });
    for (const { draftId, snapshot } of page) {
      const text = await deps.drafts.findRendered(draftId);
      const draft: Draft = text === undefined ? (await rebuild(deps, draftId, snapshot)).draft : JSON.parse(text);
      const [first, ...others] = snapshot.incidents;
      yield { draftId, draft, isPartial: isPartial(snapshot), key: snapshot.origin ?? first, others };
    }
    before = page.at(-1)?.draftId;
    if (before === undefined || page.length < PAGE) return;
  }
}

/** The page, else what is known of its beginning, else of its window. */
function beganOf({ case: { windows }, analysis: { milestones } }: Draft): Instant {
  const { paged, detected, impact_started: impact } = milestones;
  const known = [paged, detected, impact].find((milestone) => milestone.known);
  return known?.known ? known.time.at : windows.incident.from;
}
