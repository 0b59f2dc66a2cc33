import { RETURN } from '../analysis/derived-events.ts';
import type { EventOf } from '../events.ts';
import { nameOf } from './material.ts';
import { numberOf } from './words.ts';

/** That a metric left its normal, for the first time or once more. */
export function wordBreached({ attributes, provenance }: EventOf<'metric.breached'>): string {
  const { 'metric.threshold': threshold, 'metric.value': value } = attributes;
  const limit = threshold === undefined ? '' : `; the alarm's threshold is ${numberOf(threshold)}`;
  const name = metricOf(attributes['metric.name']);
  const again = provenance.rule === RETURN ? ' again' : '';
  if (value === undefined) return `${name} stopped reporting${again}.`;
  return `${name} left its normal range${again}, at ${numberOf(value)}${limit}.`;
}

/** The sentence of a metric that came back to normal, with its value. */
export function wordRecovered({ attributes }: EventOf<'metric.recovered'>): string {
  const value = attributes['metric.value'];
  return `${metricOf(attributes['metric.name'])} was back to normal${value === undefined ? '' : `, at ${numberOf(value)}`}.`;
}

/** A name that begins small begins no sentence: `The metric errors`. */
function metricOf(name: string): string {
  return /^\p{Ll}/u.test(name) ? `The metric ${nameOf(name)}` : nameOf(name);
}
