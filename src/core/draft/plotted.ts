import type { EvidenceId } from '../evidence.ts';
import type { Series } from '../series.ts';
import { epochMs, type Instant } from '../time.ts';
import { formatLength } from './durations.ts';
import { known } from './known.ts';
import { type FactOf, factsOf, type Material } from './material.ts';
import type { Plotted } from './model.ts';

const MARGIN_MS = 900_000;
/** A deployment further back than this would squeeze the incident into a corner of the graph. */
const LEAD_MS = 7_200_000;
/** More series than this are in the case, not in the graphs. */
const MOST_SERIES = 3;

/** The series that figures draw: those whose departure is the impact, else those of the alarms that fired, around the incident. */
export function plot(material: Material): readonly Plotted[] {
  const span = spanOf(material);
  if (!span) return [];
  const byKey = Map.groupBy(impactSeries(material), ({ key }) => key);
  const finest = [...byKey.values()].flatMap((resolutions) => {
    const sorted = resolutions.toSorted((a, b) => a.periodMs - b.periodMs);
    return sorted.find((series) => series.startsMs.some((at) => at >= span.fromMs && at < span.toMs)) ?? [];
  });
  return finest
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .slice(0, MOST_SERIES)
    .map((series) => toPlotted(series, span));
}

interface SpanMs {
  readonly fromMs: number;
  readonly toMs: number;
}

/** From a quarter of an hour before the first milestone to a quarter after the last, inside what may be known. */
function spanOf(material: Material): SpanMs | undefined {
  const { theCase } = material;
  const at = (names: readonly Parameters<typeof known>[1][]) => names.flatMap((name) => known(material, name)?.time.at ?? []);
  const starts = at(['impact_started', 'detected', 'paged']).map(epochMs);
  if (starts.length === 0) return undefined;
  const first = Math.min(...starts);
  const leads = at(['suspect_deployed'])
    .map(epochMs)
    .filter((ms) => ms >= first - LEAD_MS);
  const isOpen = material.incident?.status === 'open';
  const ends = [...at(['recovered', 'resolved', 'reversed']), ...(isOpen ? [theCase.now] : [])].map(epochMs);
  const last = Math.max(first, ...ends);
  return {
    fromMs: Math.min(first, ...leads) - MARGIN_MS,
    toMs: Math.min(last + MARGIN_MS, endOf(theCase.now, theCase.windows.incident.to)),
  };
}

function endOf(now: Instant, windowEnd: Instant): number {
  return Math.min(epochMs(now), epochMs(windowEnd));
}

/** Series by the derived events of our own services; where none departed, those that the fired alarms watch. */
function impactSeries(material: Material): readonly Series[] {
  const { ours, theCase } = material;
  const departed = ours.flatMap(({ event }) => (event.type === 'metric.breached' || event.type === 'metric.recovered' ? [event] : []));
  const sources = new Set<EvidenceId>(departed.flatMap(({ provenance }) => provenance.from));
  const own = theCase.series.filter(({ key, evidence }) => {
    return departed.some(({ id }) => id.includes(`/${key}#metric.`)) || evidence.some((id) => sources.has(id));
  });
  if (own.length > 0) return theCase.series.filter(({ key }) => own.some((series) => series.key === key));
  const fired = new Set(ours.flatMap(({ event }) => (event.type === 'alert.fired' ? event.correlationKeys : [])));
  const watched = factsOf(material, 'alarm').filter((fact: FactOf<'alarm'>) => fired.has(fact.key));
  const keys = new Set(watched.flatMap(({ seriesKeys }) => seriesKeys));
  return theCase.series.filter(({ key }) => keys.has(key));
}

/** On an even grid, so that a period with no point is a gap and never a zero. */
function toPlotted({ key, metric, statistic, unit, periodMs, startsMs, values }: Series, { fromMs, toMs }: SpanMs): Plotted {
  const phase = (startsMs[0] ?? 0) % periodMs;
  const firstMs = Math.ceil((fromMs - phase) / periodMs) * periodMs + phase;
  const at = new Map(Array.from(startsMs, (start, index) => [start, values[index] ?? Number.NaN]));
  const points: [number, number | null][] = [];
  for (let start = firstMs; start < toMs; start += periodMs) {
    const value = at.get(start);
    points.push([start, value === undefined || !Number.isFinite(value) ? null : value]);
  }
  return { key, label: `${metric}, ${statistic} of ${formatLength(periodMs)}`, ...(unit !== undefined && { unit }), periodMs, points };
}
