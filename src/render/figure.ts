import type { Draft, Plotted } from '../core/draft/model.ts';
import { drawSvg } from './chart.ts';

/** The graph of a figure as SVG that stands alone; nothing where the draft has no such figure, or no series for it. */
export function drawFigure(draft: Draft, key: string): string | undefined {
  const figure = draft.sections.flatMap(({ blocks }) => blocks).find((block) => block.kind === 'figure' && block.key === key);
  if (figure?.kind !== 'figure') return undefined;
  const plotted = draft.series.find((one) => figure.series.includes(one.key));
  return plotted && drawPlotted(plotted, figure, draft);
}

/** One series of a figure, with the phases, moments and threshold of its draft. */
export function drawPlotted(plotted: Plotted, { title, alt }: { readonly title: string; readonly alt: string }, draft: Draft): string {
  const threshold = thresholdOf(plotted.key, draft);
  return drawSvg({ plotted, title, alt, analysis: draft.analysis, ...(threshold !== undefined && { threshold }) });
}

/** The threshold of the alarm that watched a series, as its departure tells it. */
function thresholdOf(seriesKey: string, { analysis }: Draft): number | undefined {
  const breach = analysis.timeline
    .map(({ event }) => event)
    .find(({ type, id }) => type === 'metric.breached' && id.includes(`/${seriesKey}#`));
  return breach && 'metric.threshold' in breach.attributes ? breach.attributes['metric.threshold'] : undefined;
}
