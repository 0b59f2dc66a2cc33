import { describe, expect, it } from 'vitest';
import { analytics } from '../../../connectors/pagerduty/streams/analytics.ts';
import type { Json } from '../../../src/contract/index.ts';
import { instant } from '../../support/events.ts';
import { pullAll } from '../../support/streams.ts';
import { INCIDENT, KEY, openSource, requestOf, sampleWorld, say, sayBody } from './support.ts';

const SCOPE = { scope: {} };
const figures = (more: { readonly [name: string]: Json }) => ({ id: 'Q1', ...more });

describe("PagerDuty's own figures", () => {
  it('U1.5 are reference facts, computed by its definitions a day after the incident', async () => {
    await using source = await openSource({ world: sampleWorld('2024-01-17T00:00:00Z') });
    const { records, gaps, hints, checkpoints } = await pullAll(analytics, source.client, requestOf(SCOPE));
    expect([gaps, hints, checkpoints]).toEqual([[], [], [KEY]]);
    expect(records.map(({ nativeId }) => nativeId)).toEqual([INCIDENT]);
    expect(source.standIn.requests.map(({ query }) => decodeURIComponent(query))).toEqual(['?time_zone=Etc/UTC']);
    const [record] = records;
    const { facts, issues } = record ? say(analytics, record) : { facts: [], issues: [] };
    expect(issues).toEqual([]);
    expect(facts.map((fact) => (fact.kind === 'reference' ? [fact.key, fact.metric, fact.seconds, fact.computedAt] : []))).toEqual(
      [
        ['seconds_to_first_ack', 120],
        ['seconds_to_engage', 130],
        ['seconds_to_mobilize', 250],
        ['seconds_to_resolve', 1440],
        ['engaged_seconds', 2510],
        ['snoozed_seconds', 0],
      ].map(([metric, seconds]) => [KEY, metric, seconds, '2024-01-16T14:57:00.000Z']),
    );
  });

  it('U1.5 that are not there yet are no gap but a hint', async () => {
    await using source = await openSource();
    const { records, gaps, hints, checkpoints } = await pullAll(analytics, source.client, requestOf(SCOPE));
    expect([records, gaps, checkpoints]).toEqual([[], [], [KEY]]);
    expect(hints).toEqual([
      `PagerDuty has no figures of its own for incident ${KEY.split(':')[1]}: they come up to 24 h after an incident.`,
    ]);
  });

  it('U1.5 that the plan lacks are a gap that says so, and nothing fails', async () => {
    await using source = await openSource();
    source.standIn.fail({ path: /analytics/, mode: 402 });
    const { records, gaps, hints, checkpoints } = await pullAll(analytics, source.client, requestOf(SCOPE));
    expect([records, hints, checkpoints]).toEqual([[], [], [KEY]]);
    expect(gaps).toMatchObject([{ reason: 'not_offered', detail: expect.stringContaining('plan') }]);
    expect(analytics.spec.need).toBe('extra');
  });

  it.each([
    [403, 'forbidden'],
    [500, 'unavailable'],
  ])('HTTP %i is no hint', async (status, reason) => {
    await using source = await openSource();
    source.standIn.fail({ path: /analytics/, mode: status });
    await expect(pullAll(analytics, source.client, requestOf(SCOPE))).rejects.toMatchObject({ reason });
  });

  it.each([
    ['no zone, in the one that was asked for', '2024-01-16T14:57:00', undefined, '14:57'],
    ['no zone, beside the zone', '2024-01-16T14:57:00', 'Etc/UTC', '14:57'],
    ['an offset of its own', '2024-01-16T09:57:00-05:00', 'America/New_York', '14:57'],
    ['no zone, in another that we cannot count in', '2024-01-16T09:57:00', 'America/New_York', undefined],
    ['no time', 'yesterday', undefined, undefined],
  ])('U1.5 a stamp with %s is never read as local time', (_, updated_at, time_zone, clock) => {
    const row = figures({ updated_at, seconds_to_resolve: 60 });
    const { facts, issues } = sayBody(analytics, time_zone === undefined ? row : { time_zone, data: row });
    expect(issues).toEqual([]);
    expect(facts).toMatchObject([{ kind: 'reference', metric: 'seconds_to_resolve', seconds: 60 }]);
    const [fact] = facts;
    expect(fact && 'computedAt' in fact ? fact.computedAt : undefined).toBe(clock && instant(`2024-01-16T${clock}:00Z`));
  });

  it('U1.5 null is nothing to measure, and a row that cannot be read an issue', () => {
    expect(sayBody(analytics, figures({ seconds_to_first_ack: null, seconds_to_engage: null, engaged_seconds: 0 })).facts).toMatchObject([
      { metric: 'engaged_seconds', seconds: 0 },
    ]);
    expect(sayBody(analytics, figures({ seconds_to_resolve: 'soon' })).issues).toHaveLength(1);
    expect(sayBody(analytics, { time_zone: 'Etc/UTC', data: null }).issues).toHaveLength(1);
  });
});
