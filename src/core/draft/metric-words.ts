import { isOfSeries, RETURN } from '../analysis/derived-events.ts';
import type { EventOf } from '../events.ts';
import { nameOf, type Voice } from './material.ts';
import { seriesNames } from './series-names.ts';
import { capitalOf, numberOf, stampOf } from './words.ts';

/** That a metric left its normal, for the first time or once more; of a slow rise, when its value came. */
export function wordBreached(event: EventOf<'metric.breached'>, voice: Voice): string {
  const { attributes, provenance } = event;
  const { 'metric.threshold': threshold, 'metric.value': value } = attributes;
  const limit = threshold === undefined ? '' : `; the alarm's threshold is ${numberOf(threshold)}`;
  const name = metricOf(event, voice);
  const again = provenance.rule === RETURN ? ' again' : '';
  if (value === undefined) return `${name} stopped reporting${again}.`;
  const { valueAt } = (again === '' && seriesOf(event, voice)?.against) || {};
  if (valueAt !== undefined) {
    const stamp = voice.stamp ?? ((at) => stampOf(at, voice.day));
    return `${name} began to leave its normal range slowly, and stood at ${numberOf(value)} by ${stamp(valueAt)}${limit}.`;
  }
  return `${name} left its normal range${again}, at ${numberOf(value)}${limit}.`;
}

/** The sentence of a metric that came back to normal, with its value. */
export function wordRecovered(event: EventOf<'metric.recovered'>, voice: Voice): string {
  const value = event.attributes['metric.value'];
  return `${metricOf(event, voice)} was back to normal${value === undefined ? '' : `, at ${numberOf(value)}`}.`;
}

type MetricEvent = EventOf<'metric.breached' | 'metric.recovered'>;

/** Of several series of one metric its own place; and a name that begins small begins no sentence: `The metric errors`. */
function metricOf(event: MetricEvent, voice: Voice): string {
  return capitalOf(seriesCalled(event, voice));
}

/** How the middle of a sentence calls the series of such an event: `Errors (eu)`, `the metric errors`. */
export function seriesCalled(event: MetricEvent, voice: Pick<Voice, 'analysis'>): string {
  const series = seriesOf(event, voice);
  const name = event.attributes['metric.name'];
  const called = series ? seriesNames(voice.analysis.impactSeries)(series) : nameOf(name);
  return /^\p{Ll}/u.test(name) ? `the metric ${called}` : called;
}

function seriesOf({ id }: MetricEvent, { analysis }: Pick<Voice, 'analysis'>) {
  return analysis.impactSeries.find(({ key }) => isOfSeries(id, key));
}
