import type { Citations } from '../citation.ts';
import { instantAt } from '../time.ts';
import { citeEvent } from './cite.ts';
import { type Material, nameOf } from './material.ts';
import type { Block, Plotted, Section } from './model.ts';
import { citeReading } from './reading.ts';
import { countOf, numberOf, stampOf } from './words.ts';

/** One figure for each plotted series; its alternative text holds the numbers for those who cannot see it. */
export function graphsSection(material: Material, series: readonly Plotted[]): Section {
  const blocks = series.map(
    (plotted, index): Block => ({
      kind: 'figure',
      key: `graphs.${index + 1}`,
      title: nameOf(plotted.label),
      alt: altOf(plotted, material),
      series: [plotted.key],
      cites: citeSeries(plotted, material),
    }),
  );
  return { key: 'graphs', heading: 'Appendix: graphs', blocks };
}

/** First, highest (of a metric that fell, lowest), last, and how many periods have no data. */
function altOf({ key, points, unit }: Plotted, { day, ours }: Material): string {
  const seen = points.flatMap(([at, value]) => (value === null ? [] : [{ at: stampOf(instantAt(at), day), value }]));
  const [first] = seen;
  const last = seen.at(-1);
  const breach = ours.flatMap(({ event }) => (event.type === 'metric.breached' && event.id.includes(`/${key}#`) ? [event] : []))[0];
  const breached = breach?.attributes['metric.value'];
  const hasFallen = breached !== undefined && first !== undefined && breached < first.value;
  const extreme = seen.toSorted((a, b) => (hasFallen ? a.value - b.value : b.value - a.value))[0];
  if (!first || !last || !extreme) return 'There is no data in this part.';
  const gaps = points.length - seen.length;
  const kind = unit === undefined ? '' : ` (${nameOf(unit)})`;
  const parts = [
    `${numberOf(first.value)} at ${first.at}`,
    `${hasFallen ? 'lowest' : 'highest'} ${numberOf(extreme.value)} at ${extreme.at}`,
    `${numberOf(last.value)} at ${last.at}`,
  ];
  const isFlat = seen.every(({ value }) => value === first.value);
  const missing = gaps > 0 ? ` There is no data for ${countOf(gaps, 'period')}.` : '';
  const values = isFlat ? `${numberOf(first.value)} from ${first.at} to ${last.at}` : parts.join(', ');
  return `Values${kind}, times in UTC: ${values}.${missing}`;
}

function citeSeries({ key }: Plotted, material: Material): Citations {
  const departed = material.ours.find(({ event }) => event.type === 'metric.breached' && event.id.includes(`/${key}#`));
  if (departed) return citeEvent(departed.event);
  const evidence = material.theCase.series.filter((series) => series.key === key).flatMap((series) => series.evidence);
  const [first, ...rest] = [...new Set(evidence)].toSorted().slice(0, 6);
  return first === undefined ? citeReading(material, 'metrics') : [{ evidence: first }, ...rest.map((id) => ({ evidence: id }))];
}
