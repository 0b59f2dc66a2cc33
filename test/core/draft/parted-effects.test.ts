import { expect, it } from 'vitest';
import type { ImpactVoice } from '../../../src/core/analysis/impact-voices.ts';
import { gather } from '../../../src/core/draft/material.ts';
import { partedEffect } from '../../../src/core/draft/parted-effects.ts';
import { eventOf, evidenceIdOf } from '../../support/events.ts';
import { sampleAnalysis, sampleCase } from './sample.ts';

/** The errors of one region: its series, and the event of its departure. */
function errorsIn(region: string) {
  const key = `aws-prod/metric:AWS/X/Errors?Region=${region}#Sum`;
  const cites = [{ evidence: evidenceIdOf(region) }] as const;
  const series: ImpactVoice = { key, metric: 'Errors', dimensions: { Region: region }, basis: 'inferred', cites };
  return { series, event: eventOf('metric.breached', '14:29', { key, attributes: { 'metric.name': 'Errors' } }) };
}

it('names the place of each series where several of one metric did not go the same way: by the metric alone one would have done both', () => {
  const theCase = sampleCase();
  const [eu, us] = [errorsIn('eu'), errorsIn('us')];
  const material = gather(theCase, sampleAnalysis(theCase, { impactSeries: [eu.series, us.series] }));
  const events = new Map([...material.events, [eu.event.id, eu.event], [us.event.id, us.event]]);
  const reasons = [
    { code: 'reversed_then_recovered', weight: 1, cites: [{ event: eu.event.id }] },
    { code: 'impact_outlived_reversal', weight: -1, cites: [{ event: us.event.id }] },
  ] as const;
  const suspect = { change: 'a', score: 0.9, reasons };
  expect(partedEffect(suspect, { ...material, events })).toEqual({ fell: 'Errors (eu)', stayed: 'Errors (us)' });
});
