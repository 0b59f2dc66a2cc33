import { describe, expect, it } from 'vitest';
import { relatedIncidents } from '../../../connectors/pagerduty/streams/related-incidents.ts';
import { instant } from '../../support/events.ts';
import { pullAll } from '../../support/streams.ts';
import { openSource, requestOf, say, sayBody, worldWith } from './support.ts';

const SCOPE = { scope: {}, keys: ['pagerduty/incident:QDISK'] };
const world = worldWith({
  id: 'QDISK',
  log: [],
  related_incidents: [
    { id: 'Q0CPUSPIKE2023', by: ['similar_contents'] },
    { id: 'Q1CHKLATENCY01', by: ['similar_contents', 'service_dependency'] },
    { id: 'QGONE', by: ['service_dependency'] },
  ],
});

describe('related incidents', () => {
  it('are facts about ours, with why PagerDuty relates them', async () => {
    await using source = await openSource({ world });
    const { records, gaps, checkpoints } = await pullAll(relatedIncidents, source.client, requestOf(SCOPE));
    expect([gaps, checkpoints, records.map(({ nativeId }) => nativeId)]).toEqual([
      [],
      ['pagerduty/incident:QDISK'],
      ['QDISK/Q0CPUSPIKE2023', 'QDISK/Q1CHKLATENCY01'],
    ]);
    expect(source.standIn.requests.map(({ query }) => decodeURIComponent(query))).toEqual(['?additional_details[]=incident']);
    expect(records.flatMap((record) => say(relatedIncidents, record).facts)).toMatchObject([
      {
        kind: 'related',
        key: 'pagerduty/incident:Q0CPUSPIKE2023',
        of: 'pagerduty/incident:QDISK',
        why: 'PagerDuty relates it to this one by similar contents',
        title: 'Database CPU spike, connection pool saturated',
        startedAt: instant('2023-11-20T09:12:00Z'),
      },
      { why: 'PagerDuty relates it to this one by similar contents, and a dependency between the services' },
    ]);
  });

  it.each([402, 403])('U1.2 on a plan without them (HTTP %i) are a gap that says so, and nothing fails', async (status) => {
    await using source = await openSource({ world });
    source.standIn.fail({ path: /related_incidents/, mode: status });
    const { records, gaps, checkpoints } = await pullAll(relatedIncidents, source.client, requestOf(SCOPE));
    expect([records, checkpoints]).toEqual([[], SCOPE.keys]);
    expect(gaps).toMatchObject([{ reason: 'not_offered', detail: expect.stringContaining('paid plan') }]);
    expect(relatedIncidents.spec.need).toBe('extra');
  });

  it('U1.2 are twenty at most, and more are not passed over in silence', async () => {
    const items = Array.from({ length: 20 }, (_, index) => ({ incident: { id: `Q${index}` }, relationships: [] }));
    await using source = await openSource({ answer: () => ({ status: 200, body: { related_incidents: items } }) });
    const { records, gaps } = await pullAll(relatedIncidents, source.client, requestOf(SCOPE));
    expect(records).toHaveLength(20);
    expect(gaps).toMatchObject([{ reason: 'result_limit' }]);
  });

  it('with less or other than PagerDuty promises are still told', () => {
    const why = (relationships: null | { type: string }[]) =>
      sayBody(relatedIncidents, { incident: { id: 'Q2' }, relationships }, 'Q1/Q2').facts.map((fact) => 'why' in fact && fact.why);
    expect(why(null)).toEqual(['PagerDuty relates it to this one']);
    expect(why([{ type: 'same_team' }])).toEqual(['PagerDuty relates it to this one by same team']);
    expect(why([{ type: 'machine_learning_inferred' }])).toEqual(['PagerDuty relates it to this one by likeness']);
    expect(sayBody(relatedIncidents, { relationships: [] }, 'Q1/Q2').issues).toHaveLength(1);
  });
});
