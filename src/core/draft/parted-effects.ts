import type { Suspect } from '../analysis/suspects.ts';
import type { Citations } from '../citation.ts';
import type { Moment } from '../time.ts';
import type { Material } from './material.ts';
import { seriesCalled } from './metric-words.ts';
import { listOf } from './words.ts';

/** What an answer to the suspect ended at once, and what outlived it: the metrics by name, and when the last of those was normal. */
export interface PartedEffect {
  readonly fell: string;
  readonly stayed: string;
  readonly until?: Moment;
}

/** Named in a sentence; the others are counted. */
const NAMED = 2;

/** Of a suspect whose metrics did not all go the same way after it was taken back or stopped; nothing of any other. */
export function partedEffect({ reasons }: Suspect, material: Material): PartedEffect | undefined {
  const ended = reasons.find(({ code }) => code === 'reversed_then_recovered' || code === 'stopped_then_recovered');
  const outlived = reasons.find(({ code }) => code === 'impact_outlived_reversal');
  if (!ended || !outlived) return undefined;
  const [fell, stayed] = [metricsIn(ended.cites, material), metricsIn(outlived.cites, material)];
  // One name on two places would be said to have done both.
  if (fell === undefined || stayed === undefined || fell === stayed) return undefined;
  const ends = eventsIn(outlived.cites, material).flatMap(({ type, time }) => (type === 'metric.recovered' ? [time] : []));
  const isOver = ends.length === eventsIn(outlived.cites, material).filter(({ type }) => type === 'metric.breached').length;
  const until = isOver ? ends.toSorted((a, b) => (a.at < b.at ? -1 : 1)).at(-1) : undefined;
  return { fell, stayed, ...(until && { until }) };
}

function eventsIn(cites: Citations, { events }: Material) {
  return cites.flatMap((cite) => ('event' in cite ? (events.get(cite.event) ?? []) : []));
}

function metricsIn(cites: Citations, material: Material): string | undefined {
  const all = eventsIn(cites, material).flatMap((event) => (event.type === 'metric.breached' ? [seriesCalled(event, material)] : []));
  const names = [...new Set(all)];
  const more = names.length - NAMED;
  if (names.length === 0) return undefined;
  return listOf([...names.slice(0, NAMED), ...(more > 0 ? [`${more} more`] : [])]);
}
