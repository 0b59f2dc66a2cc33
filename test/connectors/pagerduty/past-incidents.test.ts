import { describe, expect, it } from 'vitest';
import { pastIncidents } from '../../../connectors/pagerduty/streams/past-incidents.ts';
import { instant } from '../../support/events.ts';
import { pullAll } from '../../support/streams.ts';
import { INCIDENT, KEY, openSource, requestOf, say, sayBody } from './support.ts';

const SCOPE = { scope: {} };

describe('past incidents', () => {
  it('are facts about ours, with what PagerDuty says of them', async () => {
    await using source = await openSource();
    const { records, gaps } = await pullAll(pastIncidents, source.client, requestOf(SCOPE));
    expect([gaps, records.map(({ nativeId }) => nativeId)]).toEqual([[], [`${INCIDENT}/Q0CPUSPIKE2023`, `${INCIDENT}/Q0CACHELEAK023`]]);
    expect(records.flatMap((record) => say(pastIncidents, record).facts)).toMatchObject([
      {
        kind: 'related',
        key: 'pagerduty/incident:Q0CPUSPIKE2023',
        of: KEY,
        why: 'PagerDuty finds it similar (score 46.8)',
        title: 'Database CPU spike, connection pool saturated',
        startedAt: instant('2023-11-20T09:12:00Z'),
      },
      { kind: 'related', key: 'pagerduty/incident:Q0CACHELEAK023', of: KEY },
    ]);
  });

  it.each([402, 403])('U1.2 on a plan without them (HTTP %i) are a gap that says so, and nothing fails', async (status) => {
    await using source = await openSource();
    source.standIn.fail({ path: /past_incidents/, mode: status });
    const { records, gaps, checkpoints } = await pullAll(pastIncidents, source.client, requestOf(SCOPE));
    expect([records, checkpoints]).toEqual([[], [KEY]]);
    expect(gaps).toMatchObject([{ reason: 'not_offered', detail: expect.stringContaining('paid plan') }]);
    expect(pastIncidents.spec.need).toBe('extra');
  });

  it('are the likest twenty, and more are not passed over in silence', async () => {
    const items = Array.from({ length: 20 }, (_, index) => ({ incident: { id: `Q${index}`, title: 'Again' }, score: 20 - index }));
    await using source = await openSource({ answer: () => ({ status: 200, body: { past_incidents: items, total: 300, limit: 20 } }) });
    const { records, gaps } = await pullAll(pastIncidents, source.client, requestOf(SCOPE));
    expect(records).toHaveLength(20);
    expect(gaps).toMatchObject([{ reason: 'result_limit' }]);
  });

  it('with less than PagerDuty promises are still told', () => {
    expect(sayBody(pastIncidents, { incident: { id: 'Q2' } }, 'Q1/Q2').facts).toMatchObject([
      { key: 'pagerduty/incident:Q2', of: 'pagerduty/incident:Q1', why: 'PagerDuty finds it similar' },
    ]);
    expect(sayBody(pastIncidents, { score: 1 }, 'Q1/Q2').issues).toHaveLength(1);
  });
});
