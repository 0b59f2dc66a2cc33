import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { READ, type ServedSample, serveSample, WRITE } from './served-sample.ts';

describe('human facts over HTTP', () => {
  let served: ServedSample;
  let server: FastifyInstance;
  let id: string;
  let suspect: string;
  const post = (path: string, payload: object, secret = WRITE) =>
    server.inject({ method: 'POST', url: `/incidents/${id}/${path}`, headers: { authorization: `Bearer ${secret}` }, payload });
  const fact = { milestone: 'impact_started', at: '2024-01-15T14:20Z', reason: 'a customer rang' };

  beforeAll(async () => {
    served = await serveSample();
    ({ server, id } = served);
    suspect = (await served.app.draft({ select: { kind: 'incident', id } })).draft.analysis.suspects[0]?.change ?? '';
  });
  afterAll(() => served.close());

  it('a milestone is kept as evidence with the name of the token, and the next draft rests on it', async () => {
    const answer = await post('milestones', fact);
    expect(answer.statusCode).toBe(201);
    const { evidence, incident } = answer.json();
    expect(incident).toBe(`pagerduty/incident:${id}`);
    const kept = await server.inject({ method: 'GET', url: `/evidence/${evidence}`, headers: { authorization: `Bearer ${READ}` } });
    expect(kept.json()).toMatchObject({
      source: 'manual',
      stream: 'milestones',
      body: { ...fact, author: 'ann', saidAt: served.staged.world.now.replace('Z', '.000Z') },
    });
    const { draft } = await served.app.draft({ select: { kind: 'incident', id }, offline: true });
    expect(draft.analysis.durations.time_to_detect).toMatchObject({ span: { ms: 720_000 } });
  });

  it('an event and a judgment are, too; a change is named in the URL', async () => {
    expect((await post('events', { at: '2024-01-15T14:25Z', text: 'A banner went up.', reason: 'shift log' })).statusCode).toBe(201);
    expect((await post(`suspects/${encodeURIComponent(suspect)}`, { verdict: 'rejected', reason: 'a test' })).statusCode).toBe(201);
    const { draft } = await served.app.draft({ select: { kind: 'incident', id }, offline: true });
    expect(draft.analysis.timeline.map(({ event }) => event.type)).toEqual(expect.arrayContaining(['event.asserted', 'suspect.judged']));
  });

  it.each<[string, string, object, number, string]>([
    ['a milestone that is none', 'milestones', { ...fact, milestone: 'impact_start' }, 400, 'known are'],
    ['a change that the draft does not know', 'suspects/x', { verdict: 'rejected', reason: 'r' }, 400, 'known are github/deployment'],
    ['a time without an offset', 'milestones', { ...fact, at: '2024-01-15T14:20' }, 400, 'is not a time'],
    ['a field that is not known', 'milestones', { ...fact, author: 'someone else' }, 400, ''],
    ['a field of another kind', 'events', { at: 5, text: 'x', reason: 'r' }, 400, ''],
    ['no reason', 'events', { at: '2024-01-15T14:25Z', text: 'x' }, 400, 'reason'],
    ['a verdict that is none', `suspects/x`, { verdict: 'perhaps', reason: 'r' }, 400, ''],
  ])('%s is refused', async (_what, path, payload, status, detail) => {
    const answer = await post(path, payload);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json().detail).toContain(detail);
  });

  it('needs a token that may write, and an incident that was drafted', async () => {
    expect((await post('milestones', fact, READ)).statusCode).toBe(403);
    expect((await post('milestones', fact, 'x'.repeat(30))).statusCode).toBe(401);
    const other = await server.inject({
      method: 'POST',
      url: '/incidents/PNONE/milestones',
      headers: { authorization: `Bearer ${WRITE}` },
      payload: fact,
    });
    expect(other.statusCode).toBe(404);
  });
});
