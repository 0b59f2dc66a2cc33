import type { Citation, Citations } from '../citation.ts';
import type { Coverage } from '../timeline/coverage.ts';
import { joinCites } from './cite.ts';
import type { Material } from './material.ts';

/**
 * What was read about a matter, by the names of streams that any source may have. The first are those without which
 * the matter counts as unread.
 */
const STREAMS = {
  response: { main: ['log_entries'], more: ['incidents', 'alerts', 'notes'] },
  changes: { main: ['deployments', 'workflow_runs', 'change_events'], more: ['deployment_statuses', 'releases', 'changes', 'comparisons'] },
  pulls: { main: ['changes'], more: [] },
  metrics: { main: ['series'], more: [] },
  alarms: { main: ['alarm_history'], more: ['alarms'] },
  related: { main: ['past_incidents'], more: ['related_incidents'] },
} as const satisfies Record<string, { readonly main: readonly string[]; readonly more: readonly string[] }>;

/** What a sentence may say nothing of where it was not read. */
export type Matter = keyof typeof STREAMS;

/** How a line of coverage is cited: `source/stream`. */
export function coverageKey({ source, stream }: Coverage): string {
  return `${source}/${stream}`;
}

/** The lines of the coverage table that a matter rests on. */
export function linesOf({ analysis }: Pick<Material, 'analysis'>, matter: Matter): readonly Coverage[] {
  const { main, more } = STREAMS[matter];
  const names: readonly string[] = [...main, ...more];
  return analysis.coverage.filter(({ stream }) => names.includes(stream));
}

/** Whether anything was asked about the matter and answered, in whole or in part. */
export function wasRead(material: Pick<Material, 'analysis'>, matter: Matter): boolean {
  const main: readonly string[] = STREAMS[matter].main;
  return linesOf(material, matter).some(({ stream, status }) => main.includes(stream) && (status === 'complete' || status === 'partial'));
}

/** Needed lines of the matter that are not whole: they could overturn what is said about it. */
export function holesOf(material: Pick<Material, 'analysis'>, matter: Matter): readonly Coverage[] {
  return linesOf(material, matter).filter(({ need, status, gaps }) => {
    if (need !== 'needed' || status === 'complete') return false;
    return status !== 'not_asked' || gaps.length > 0;
  });
}

/** What an absence rests on: the main lines that were read about the matter, else whatever was read. */
export function citeReading(material: Pick<Material, 'analysis'>, matter: Matter): Citations {
  const main: readonly string[] = STREAMS[matter].main;
  const lines = linesOf(material, matter);
  const own = lines.filter(({ stream }) => main.includes(stream));
  const found = own.length > 0 ? own : lines.length > 0 ? lines : material.analysis.coverage.slice(0, 1);
  const [first, ...rest] = found.map(toCite);
  // A case with no line of coverage at all was read from nothing, and the document says just that.
  return first === undefined ? [{ coverage: 'none/none' }] : joinCites([first], rest);
}

function toCite(line: Coverage): Citation {
  return { coverage: coverageKey(line) };
}

/** Why no verdict on the changes could be had: a hole in what was read, nothing read, or no time that they could be held against. */
export function whyUnweighed(material: Pick<Material, 'analysis'>): string {
  const { impact_started, detected, paged } = material.analysis.milestones;
  if (!wasRead(material, 'changes')) return 'no changes were read';
  if (holesOf(material, 'changes').length > 0) return 'the changes could not all be read';
  if (!impact_started.known && !detected.known && !paged.known) return 'nothing shows when an impact began';
  const needed = linesOf(material, 'changes').filter(({ need }) => need === 'needed');
  if (needed.some(({ gave }) => gave.issues > 0)) return 'a record of a change could not be understood';
  return needed.length > 0 ? 'the impact began before the changes that were asked for' : 'no source of deployments was read';
}
