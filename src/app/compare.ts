import { compareDrafts, type DraftComparison } from '../core/draft/comparison.ts';
import type { AppDeps } from './deps.ts';
import { findStored, rebuild } from './draft.ts';
import { AppError } from './errors.ts';

/**
 * What moved between two drafts of a case: by default the newest one against the one before it. Throws AppError('not_stored') where
 * there is no earlier draft, AppError('usage') for a draft of another incident.
 */
export async function compareStored(
  deps: AppDeps,
  key: string,
  { from, to }: { readonly from?: string; readonly to?: string },
): Promise<DraftComparison> {
  const made = await deps.drafts.draftsOf(key, 2);
  const toId = to ?? made[0];
  const fromId = from ?? made.find((id) => id !== toId);
  if (toId === undefined) await findStored(deps, key);
  if (toId === undefined || fromId === undefined) {
    throw new AppError('not_stored', `only one draft of ${key} is stored: there is nothing to compare it with`);
  }
  const [earlier, later] = [await find(deps, key, fromId), await find(deps, key, toId)];
  return compareDrafts(earlier, later);
}

async function find(deps: AppDeps, key: string, id: string) {
  const { draftId, snapshot } = await findStored(deps, id);
  const home = snapshot.origin ?? snapshot.incidents[0];
  if (home !== key) throw new AppError('usage', `the draft ${id} is of ${home}, not of ${key}`);
  return (await rebuild(deps, draftId, snapshot)).draft;
}
