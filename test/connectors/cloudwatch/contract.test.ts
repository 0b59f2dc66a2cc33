import { describe, expect, it } from 'vitest';
import { cloudwatch } from '../../../connectors/cloudwatch/index.ts';
import type { Json } from '../../../src/contract/index.ts';
import { pullAll } from '../../support/streams.ts';
import { alarms, ask, ERRORS, startScene, toEvidence } from './support.ts';

const SCOPE = { alarm_prefixes: ['api-', 'checkout-'] };

function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) freeze(member);
  }
  return value;
}

function at(body: Json, pointer: string): unknown {
  const walk = (value: unknown, part: string): unknown =>
    typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined;
  return pointer.split('/').slice(1).reduce(walk, body);
}

describe.each(cloudwatch.streams)('the duties of $spec.id', (stream) => {
  it('C11 C12 C13 C14 normalizes purely, points at the time it read, and gives unique keys of declared types', async () => {
    const { client } = await startScene();
    const { records } = await pullAll(stream, client, ask(SCOPE, { keys: stream === alarms ? [] : [`${ERRORS}@60`] }));
    expect(records.length).toBeGreaterThan(0);
    const ids: string[] = [];
    for (const record of records) {
      const evidence = freeze(toEvidence(stream.spec.id, record));
      const said = stream.normalize(evidence);
      expect(stream.normalize(evidence)).toEqual(said);
      for (const event of said.events) {
        expect(at(evidence.body, event.pointer)).toBe(event.originalTime);
        expect(stream.spec.emits).toContain(event.type);
        ids.push(`${event.key}#${event.type}`);
      }
    }
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('C3 the same question gets the same records', async () => {
    const { client } = await startScene();
    const request = ask(SCOPE, { keys: stream === alarms ? [] : [`${ERRORS}@60`] });
    expect(await pullAll(stream, client, request)).toEqual(await pullAll(stream, client, request));
  });

  it('C6 asks nothing beyond its budget, and says what it left out', async () => {
    const { client, standIn } = await startScene();
    const request = ask(SCOPE, { keys: stream === alarms ? [] : [`${ERRORS}@60`], maxRequests: 0 });
    const { records, gaps } = await pullAll(stream, client, request);
    expect([records, gaps.map(({ reason }) => reason)]).toEqual([[], ['budget']]);
    expect(standIn.requests).toEqual([]);
  });
});
