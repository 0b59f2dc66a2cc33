import type { MilestoneName } from '../core/analysis/metrics.ts';
import type { Draft } from '../core/draft/model.ts';

type Milestones = Draft['analysis']['milestones'];
type Known = Extract<Milestones[MilestoneName], { readonly known: true }>;

/** The milestone where a graph marks it: a detection that is the page itself, as where a person opened the incident, is marked once. */
export function markedOf(name: MilestoneName, milestones: Milestones): Known | undefined {
  const milestone = milestones[name];
  if (!milestone.known) return undefined;
  const { paged } = milestones;
  const isPage = name === 'detected' && paged.known && paged.cites[0] === milestone.cites[0];
  return isPage ? undefined : milestone;
}

/** What marks a detection: no alarm where a person opened the incident, or stated when it was known. */
export function labelOf(name: MilestoneName, label: string, { rule }: Known): string {
  return name === 'detected' && (rule === 'first_trigger' || rule === 'asserted') ? 'detected' : label;
}
