import type { Milestone, MilestoneName } from '../analysis/metrics.ts';
import type { Citations } from '../citation.ts';
import { citeIds } from './cite.ts';
import type { Material } from './material.ts';
import { citeReading } from './reading.ts';

/** A milestone whose time is known. */
export type Known = Extract<Milestone, { readonly known: true }>;

/** The milestone, where it is known. */
export function known({ analysis }: Pick<Material, 'analysis'>, name: MilestoneName): Known | undefined {
  const milestone = analysis.milestones[name];
  return milestone.known ? milestone : undefined;
}

/** A window in which nobody was paged and nothing shows an impact: that no alarm fired and nobody posted is right. */
export function isCalm({ quiet, analysis }: Pick<Material, 'quiet' | 'analysis'>): boolean {
  return quiet !== undefined && !analysis.milestones.impact_started.known && !analysis.milestones.detected.known;
}

/** The citations of a duration, else of what was read. */
export function citeDuration(material: Material, cites: readonly Known['cites'][number][]): Citations {
  return citeIds(cites, citeReading(material, 'response'));
}
