import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { pagerduty } from '../../../connectors/pagerduty/index.ts';
import { IGNORED, STEPS } from '../../../connectors/pagerduty/log-entry.ts';
import type { AnyConnector, EvidenceRecord, Json, RawRecord } from '../../../src/contract/index.ts';
import { evidenceOf } from '../../support/events.ts';
import { pullAll } from '../../support/streams.ts';
import { KEY, openSource, requestOf, TOKEN } from './support.ts';

const scope = { service_ids: ['PAPI001', 'PCHK001'] };
const CONNECTOR: AnyConnector = pagerduty;

/** Everything that the sample world gives, by stream. */
async function everything(): Promise<
  readonly { readonly stream: AnyConnector['streams'][number]; readonly records: readonly RawRecord[] }[]
> {
  await using source = await openSource();
  const all = [];
  for (const stream of CONNECTOR.streams) {
    const keys = stream.spec.id === 'change_events' ? [] : [KEY];
    const { records } = await pullAll(stream, source.client, requestOf({ scope, keys }));
    all.push({ stream, records });
  }
  expect(inspect({ all, log: source.kit.lines }, { depth: 30 })).not.toContain(TOKEN);
  return all;
}

function freeze(value: Json): Json {
  if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) freeze(member);
  return Object.freeze(value);
}

describe('the contract', () => {
  it('C3 C15 every stream gives what the sample has of it, and no record holds the token', async () => {
    const counts = (await everything()).map(({ stream, records }) => [stream.spec.id, records.length]);
    expect(counts).toEqual([
      ['incidents', 1],
      ['log_entries', 17],
      ['alerts', 1],
      ['notes', 4],
      ['change_events', 2],
      ['past_incidents', 2],
    ]);
  });

  it('C11 C14 normalizing is pure, says only what the stream declares, and never throws', async () => {
    for (const { stream, records } of await everything()) {
      for (const { nativeId, body } of records) {
        const record: EvidenceRecord = evidenceOf(nativeId, freeze(body), { stream: stream.spec.id });
        const once = stream.normalize(record);
        expect(stream.normalize(record)).toEqual(once);
        for (const { type } of once.events) expect(stream.spec.emits).toContain(type);
      }
    }
  });

  it.each<Json>([null, true, 7, 'text', [], {}, { id: 7 }, { id: 'X', created_at: 7 }, [{ id: 'X' }]])(
    'C11 %j is an issue everywhere',
    (body) => {
      for (const stream of CONNECTOR.streams) {
        const said = stream.normalize(evidenceOf('Q1/X', body, { stream: stream.spec.id }));
        expect([stream.spec.id, said.events, said.issues.length > 0]).toEqual([stream.spec.id, [], true]);
      }
    },
  );

  it('C13 keys are unique in a stream', async () => {
    for (const { stream, records } of await everything()) {
      const keys = records.flatMap(({ nativeId, body }) =>
        stream.normalize(evidenceOf(nativeId, body, { stream: stream.spec.id })).events.map(({ key, type }) => `${key}#${type}`),
      );
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  it('C10 hands over what PagerDuty sent', async () => {
    const sent = { id: 'R1', type: 'trigger_log_entry', created_at: '2024-01-15T14:33:00Z', unknown: { deep: [1, null, 'x'] } };
    await using source = await openSource({ answer: () => ({ status: 200, body: { log_entries: [sent], more: false } }) });
    const stream = CONNECTOR.streams.find(({ spec }) => spec.id === 'log_entries');
    if (!stream) throw new Error('no stream');
    expect((await pullAll(stream, source.client, requestOf({ scope }))).records.map(({ body }) => body)).toEqual([sent]);
  });

  it('C6 stops within one request of its signal', async () => {
    await using source = await openSource();
    const controller = new AbortController();
    const [stream] = CONNECTOR.streams;
    if (!stream) throw new Error('no stream');
    const items = stream
      .pull(source.client, requestOf({ scope, keys: [KEY, KEY, KEY], signal: controller.signal }))
      [Symbol.asyncIterator]();
    await items.next();
    controller.abort();
    await items.next();
    await expect(items.next()).rejects.toMatchObject({ name: 'SourceError' });
    expect(source.standIn.requests).toHaveLength(1);
  });

  it('the README names every type of log entry that is mapped or ignored', () => {
    const readme = readFileSync(new URL('../../../connectors/pagerduty/README.md', import.meta.url), 'utf8');
    const types = [...Object.keys(STEPS), ...IGNORED].map((type) => type.replace('_log_entry', ''));
    expect(types.filter((type) => !readme.includes(`\`${type}\``))).toEqual([]);
    for (const { spec } of CONNECTOR.streams) expect(readme).toMatch(new RegExp(`\\| \`${spec.id}\` \\|.*\\| ${spec.need} \\|`));
  });
});
