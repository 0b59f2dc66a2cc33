import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildServer } from '../../src/api/server.ts';
import type { App } from '../../src/app/app.ts';
import { renderSummary } from '../../src/render/summary.ts';
import { instant } from '../support/events.ts';
import { openTestApp, quietLog, sourcesOf } from './fakes.ts';
import { type SmallWorld, smallPager, smallWorld } from './small-world.ts';

/** Acknowledged after so many minutes, on one day of January after the other. */
const MINUTES = [2, 7, 1, 30, 4];
const window = { from: instant('2024-01-01T00:00:00Z'), to: instant('2024-02-01T00:00:00Z') };

function worldOf(minutes: number, day: number): Partial<SmallWorld> {
  const at = (minute: number) => `2024-01-1${day}T14:${String(minute).padStart(2, '0')}:00Z`;
  return {
    id: `PDAY${day}`,
    resolved: at(50),
    entries: [
      { id: `R${day}1`, at: at(0), type: 'incident.triggered' },
      { id: `R${day}2`, at: at(minutes), type: 'incident.acknowledged', by: 'Jane Doe' },
      { id: `R${day}3`, at: at(50), type: 'incident.resolved', by: 'Jane Doe' },
    ],
  };
}

describe('a summary over drafted incidents', () => {
  let app: App;
  const world = smallWorld();

  beforeAll(async () => {
    ({ app } = await openTestApp(sourcesOf({ pager: smallPager(world) }), {}, instant('2024-01-31T00:00:00Z')));
    for (const [day, minutes] of MINUTES.entries()) {
      Object.assign(world, worldOf(minutes, day));
      await app.draft({ select: { kind: 'incident', id: world.id } });
    }
  });
  afterAll(() => app.close());

  it('counts each incident once, however often it was drafted, and an imported bundle beside them not at all', async () => {
    await app.draft({ select: { kind: 'incident', id: 'PDAY4' }, refresh: true });
    await app.importBundle(await app.exportBundle('PDAY4', { roles: false }));
    const summary = await app.summary({ window });
    expect([summary.incidents, summary.leftOut]).toEqual([5, { bundles: 1, windows: 0, merged: 0 }]);
    const acknowledged = summary.groups[0]?.durations.find(({ name }) => name === 'time_to_acknowledge');
    expect(acknowledged).toMatchObject({ measured: 5, median: 240_000, quartiles: [120_000, 420_000] });
    expect(acknowledged?.list[4]?.incident).toBe('pager~PDAY3');
  });

  it('takes those that began in the window, whatever else their windows touch', async () => {
    const { incidents } = await app.summary({ window: { from: instant('2024-01-11T14:00:00Z'), to: instant('2024-01-13T14:00:00Z') } });
    expect(incidents).toBe(2);
  });

  it('reads as a table that names what is not there, and as CSV with each value', async () => {
    const summary = await app.summary({ window, by: 'month' });
    const table = renderSummary(summary, 'table');
    expect(table).toContain('2024-01: 5 incidents, onset known of 0');
    expect(table).toMatch(/Time to acknowledge \(TTA\) +5 +4 min +2 min to 7 min +1 min; 2 min; 4 min; 7 min; 30 min/);
    expect(table).toContain('not known of any: ');
    const rows = renderSummary(summary, 'csv').split('\r\n');
    expect(rows.filter((row) => row.startsWith('2024-01,time_to_acknowledge,'))).toHaveLength(5);
  });

  it('is answered over HTTP as JSON and CSV, and refuses a window that is none', async () => {
    const server = await buildServer({ app, tokens: [], log: quietLog() });
    const get = (query: string, accept = '*/*') => server.inject({ method: 'GET', url: `/summaries?${query}`, headers: { accept } });
    const all = 'from=2024-01-01T00:00:00Z&to=2024-02-01T00:00:00Z';
    expect((await get(`${all}&by=severity`)).json()).toMatchObject({ by: 'severity', incidents: 5, groups: [{ key: 'no severity' }] });
    expect((await get(all, 'text/csv')).body).toMatch(/^group,duration,incident/);
    for (const query of ['', 'from=2024-01-01T00:00:00Z', `${all}&by=team`, 'from=2024-02-01T00:00:00Z&to=2024-01-01T00:00:00Z']) {
      expect((await get(query)).statusCode, query).toBe(400);
    }
    await server.close();
  });
});
