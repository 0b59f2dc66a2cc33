import { expect, it } from 'vitest';
import { pagerduty } from '../../../connectors/pagerduty/index.ts';
import { openCircuit } from '../../../src/app/circuit.ts';
import { pullAsk } from '../../../src/app/pull.ts';
import { fakeClock, memoryEvidence, quietLog } from '../../app/fakes.ts';
import { instant, windowOf } from '../../support/events.ts';
import { openSource, type SourceOptions } from './support.ts';

const BEGAN = Date.parse('2024-01-15T10:00:00Z');

/** An account with so many entries, `each` of them in one second, newest first; bounds lie outside, and the cap holds. */
function accountOf(count: number, each: number): NonNullable<SourceOptions['answer']> {
  const all = Array.from({ length: count }, (_, index) => ({ id: `R${index}`, ms: BEGAN + Math.floor(index / each) * 1000 })).toReversed();
  return ({ url: { searchParams } }) => {
    const [since, until] = ['since', 'until'].map((name) => Date.parse(searchParams.get(name) ?? ''));
    const [limit, offset] = ['limit', 'offset'].map((name) => Number(searchParams.get(name)));
    if (since === undefined || until === undefined || limit === undefined || offset === undefined) return undefined;
    if (offset + limit > 10_000) return { status: 400, body: { error: { code: 2002, message: 'Offset+limit exceeds maximum' } } };
    const found = all.filter(({ ms }) => ms > since && ms < until);
    const log_entries = found.slice(offset, offset + limit).map(({ id, ms }) => ({
      id,
      type: 'annotate_log_entry',
      created_at: new Date(ms).toISOString().replace('.000Z', 'Z'),
      incident: { id: 'QOLD' },
      channel: { type: 'note', summary: id },
    }));
    const total = searchParams.get('total') === 'true' ? found.length : null;
    return { status: 200, body: { log_entries, limit, offset, total, more: found.length > offset + limit } };
  };
}

async function pullAccount(count: number, each: number) {
  await using source = await openSource({ answer: accountOf(count, each) });
  const clock = fakeClock('16:00');
  const evidence = memoryEvidence();
  const deps = { clock, evidence, log: quietLog(), run: 1, now: clock.now(), circuit: openCircuit() };
  const ask = { source: 'pagerduty', stream: 'log_entries', window: windowOf('09:59', '14:00'), keys: [], scope: { service_ids: [] } };
  const { pulled } = await pullAsk(deps, { name: 'pagerduty', connector: pagerduty, client: source.client }, ask);
  const kept = new Set(evidence.kept.map(({ nativeId }) => nativeId)).size;
  return { pulled, kept, requests: [...source.standIn.requests] };
}

it('U1.9-1 more than 10,000 entries of an account are read in halves of the window, to the last one, with hardly a call in vain', async () => {
  const { pulled, kept, requests } = await pullAccount(25_000, 3);
  expect(pulled).toMatchObject({ status: 'complete', gaps: [] });
  expect(kept).toBe(25_000);
  expect(requests.every(({ path, status }) => path === '/log_entries' && status === 200)).toBe(true);
  // A hundred records each, one call for each window that held too many, and the last page of each that did not.
  expect(requests.length).toBeLessThan(250 + 20);
});

it('U1.9-1 what one second holds beyond 10,000 is a gap of about that second', async () => {
  const { pulled, kept } = await pullAccount(10_100, 10_100);
  expect(kept).toBe(10_000);
  expect(pulled.status).toBe('partial');
  const lengths = pulled.gaps.map(({ reason, window }) => `${reason} ${Date.parse(window.to) - Date.parse(window.from)}`);
  expect(new Set(lengths)).toEqual(new Set(['result_limit 1000']));
  expect(pulled.gaps.some(({ window }) => window.from <= instant('10:00') && window.to > instant('10:00'))).toBe(true);
});
