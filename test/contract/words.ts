import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type AnyConnector, type Json, parseInstant } from '../../src/contract/index.ts';
import { type EvidenceRecord, seal } from '../../src/core/evidence.ts';
import { ask, type Circumstances, eventIdsOf, type Fixture, memberAt, type Said, sayAll, streamOf, withMember } from './fixture.ts';

const JUNK: readonly Json[] = [
  null,
  true,
  7,
  'text',
  [],
  {},
  { id: 7 },
  { id: 'X', created_at: 7 },
  [{ id: 'X' }],
  { timestamps: ['x'], values: [] },
];
const AWS_KEY = 'AKIAIOSFODNN7EXAMPLE';
const PASSWORD = 'hunter2-hunter2';

/** C9 and C11 to C15: what records say. */
export function testWords(connector: AnyConnector, fixture: Fixture): void {
  const everything = async (given: Circumstances = {}): Promise<readonly Said[]> => {
    const said: Said[] = [];
    for (const question of fixture.questions)
      said.push(...sayAll(connector, fixture, question, (await ask(connector, fixture, question, given)).records));
    for (const { stream, ...record } of fixture.bodies ?? [])
      said.push(...sayAll(connector, fixture, { ...question(fixture), stream }, [{ ...record, request: '' }]));
    return [...new Map(said.map((one) => [one.evidence.id, one])).values()];
  };
  const again = ({ stream, evidence }: Said, body: Json) => stream.normalize(reseal(evidence, body));

  it('C9 reads the same instant at any offset, and none where the offset is missing', async () => {
    for (const one of await everything()) {
      for (const event of one.normalized.events) {
        const text = event.originalTime;
        const moved = again(one, withMember(one.evidence.body, event.pointer, atOffset(text, 330)));
        expect(moved.events.find(({ type, pointer }) => type === event.type && pointer === event.pointer)?.time).toEqual(event.time);
        const zoneless = again(one, withMember(one.evidence.body, event.pointer, text.replace(/(?:Z|[+-]\d\d:?\d\d)$/, '')));
        expect(zoneless.events.filter(({ pointer }) => pointer === event.pointer)).toEqual([]);
        expect([one.evidence.nativeId, zoneless.issues.length + zoneless.events.length > 0]).toEqual([one.evidence.nativeId, true]);
      }
    }
  });

  it('C11 normalizes frozen input twice to equal output', async () => {
    for (const { stream, evidence, normalized } of await everything()) {
      const frozen = freeze(structuredClone(evidence));
      expect(stream.normalize(frozen)).toEqual(normalized);
      expect(stream.normalize(frozen)).toEqual(normalized);
    }
  });

  it('C11 throws for nothing: what cannot be read is an issue', () => {
    for (const stream of connector.streams) {
      for (const body of JUNK) {
        const { events, issues } = stream.normalize(
          seal({ source: fixture.source, stream: stream.spec.id, nativeId: 'X/Y', body, observedTime: fixture.now }),
        );
        // What tells no event may have use for an id alone.
        const isTold = issues.length > 0 || (stream.spec.emits.length === 0 && hasId(body));
        expect([stream.spec.id, body, events, isTold]).toEqual([stream.spec.id, body, [], true]);
      }
    }
  });

  it('C12 points to the text of the time that it read', async () => {
    for (const { evidence, normalized } of await everything()) {
      for (const { pointer, originalTime, time } of normalized.events) {
        expect(memberAt(evidence.body, pointer)).toBe(originalTime);
        expect(parseInstant(originalTime)).toBe(time.at);
      }
    }
  });

  it('C13 gives keys that are unique in a stream and stay when the body changes', async () => {
    const said = await everything();
    const ids = eventIdsOf(said);
    expect(ids.length - new Set(ids).size).toBe(0);
    for (const one of said) {
      const changed = again(one, edited(one.evidence.body));
      expect(changed.events.map(({ key, type }) => `${key}#${type}`)).toEqual(
        one.normalized.events.map(({ key, type }) => `${key}#${type}`),
      );
    }
  });

  describe.each(connector.streams.map(({ spec }) => [spec.id, spec] as const))('%s', (id, spec) => {
    it('C14 emits only declared types, and there is a fixture for each', async () => {
      const types = (await everything())
        .filter(({ evidence }) => evidence.stream === id)
        .flatMap(({ normalized }) => normalized.events.map(({ type }) => type));
      expect([...new Set(types)].toSorted()).toEqual([...new Set(spec.emits)].toSorted());
    });
  });

  it('C15 lets no planted secret reach evidence, a record or a log', async () => {
    const plant = (text: string) =>
      text.replaceAll(/"(summary|description|title|body|message|content|AlarmDescription)":"/g, `"$1":"${AWS_KEY} password=${PASSWORD} `);
    const vendor: Circumstances['vendor'] = (plain) => ({
      ...plain,
      answer: (asked, base) => {
        const answer = plain.answer(asked, base);
        return { ...answer, body: answer.body === undefined ? undefined : JSON.parse(plant(JSON.stringify(answer.body))) };
      },
    });
    for (const question of fixture.questions) {
      const told = await ask(connector, fixture, question, { vendor });
      const sealed = inspect(sayAll(connector, fixture, question, told.records), {
        depth: 40,
        maxStringLength: null,
        maxArrayLength: null,
      });
      const rest = inspect([told.records.map(({ request, nativeId }) => [request, nativeId]), told.gaps, told.error, told.lines], {
        depth: 20,
      });
      for (const secret of [AWS_KEY, PASSWORD, ...Object.values(fixture.secrets)]) {
        expect(sealed).not.toContain(secret);
        expect(rest).not.toContain(secret);
      }
      const records = inspect(told.records, { depth: 40, maxStringLength: null, maxArrayLength: null });
      for (const secret of Object.values(fixture.secrets)) expect(records).not.toContain(secret);
    }
  });

  it('C14 a record nests only records of streams that the connector has', async () => {
    for (const { evidence } of await everything()) expect(streamOf(connector, evidence.stream).spec.id).toBe(evidence.stream);
  });
}

function question(fixture: Fixture) {
  const [first] = fixture.questions;
  if (!first) throw new Error('a fixture asks something');
  return first;
}

function hasId(body: Json): boolean {
  return typeof body === 'object' && body !== null && 'id' in body && typeof body['id'] === 'string';
}

function reseal({ source, stream, nativeId, observedTime }: EvidenceRecord, body: Json): EvidenceRecord {
  return seal({ source, stream, nativeId, body, observedTime });
}

/** The same instant as a clock that many minutes ahead of UTC shows it. */
export function atOffset(text: string, minutes: number): string {
  const ms = Date.parse(text);
  const [, fraction = ''] = /(\.\d+)/.exec(text) ?? [];
  const shown = new Date(ms + minutes * 60_000).toISOString().slice(0, 19);
  const sign = minutes < 0 ? '-' : '+';
  const two = (value: number) => String(Math.trunc(Math.abs(value))).padStart(2, '0');
  return `${shown}${fraction}${sign}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/** What people may edit and a vendor may add later: other words in the texts, and a member that nobody has seen. */
function edited(body: Json): Json {
  return { ...Object(reworded(body)), a_member_of_next_year: { deep: [1, null] } };
}

const WORDS = /^(?:summary|title|description|message|content|reason|StateReason|AlarmDescription|label)$/;

function reworded(value: Json, name = ''): Json {
  if (typeof value === 'string') return WORDS.test(name) ? `${value} (edited)` : value;
  // How a file is read stands beside what it says.
  if (value === null || typeof value !== 'object' || name === 'mapping') return value;
  if (Array.isArray(value)) return value.map((member: Json) => reworded(member));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, reworded(member, key)]));
}

function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) freeze(member);
  }
  return value;
}
