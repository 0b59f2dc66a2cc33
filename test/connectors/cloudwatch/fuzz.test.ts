import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { asSent } from '../../../connectors/cloudwatch/as-sent.ts';
import type { EvidenceRecord, Json } from '../../../src/contract/index.ts';
import { stamp } from '../../../src/core/timeline/normalize.ts';
import { sharedFile } from '../../support/shared.ts';
import { pullAll } from '../../support/streams.ts';
import { ACCOUNT, alarmHistory, alarms, ask, at, ERRORS, sampleWorld, series, startScene } from './support.ts';

type Members = { readonly [key: string]: Json };
type StreamId = 'alarms' | 'alarm_history' | 'series';
type Seed = readonly [StreamId, Json];

const STREAMS = { alarms, alarm_history: alarmHistory, series };
const README = readFileSync(new URL('../../../connectors/cloudwatch/README.md', import.meta.url), 'utf8');
const isMembers = (value: Json | undefined): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value);

interface Spoiled {
  readonly stream: StreamId;
  readonly body: Json;
  /** Whether the account is known, so that its alarms have full names. */
  readonly hasArn: boolean;
}

/** What a record may say nothing of, each by the words that the README has for it. */
const IGNORED: Readonly<Record<string, (record: Spoiled) => boolean>> = {
  'a series without values': ({ stream, body }) =>
    stream === 'series' && isMembers(body) && Array.isArray(body['timestamps']) && body['timestamps'].length === 0,
  'an action that was carried out or failed': (record) => isKind(record, 'Action'),
  "a contributor's change or action": (record) => isKind(record, 'AlarmContributorStateUpdate') || isKind(record, 'AlarmContributorAction'),
  'a change of state that tells of no alert': (record) => {
    const data = dataOf(record);
    const ends = [memberAt(data, 'oldState', 'stateValue'), memberAt(data, 'newState', 'stateValue')];
    const said = /from ([A-Z_]+) to ([A-Z_]+)/.exec(isMembers(record.body) ? String(record.body['HistorySummary']) : '');
    const [from, to] = ends.every((end) => typeof end === 'string') ? ends : [said?.[1], said?.[2]];
    return isKind(record, 'StateUpdate') && to !== undefined && to !== 'ALARM' && !(from === 'ALARM' && to === 'OK');
  },
  'an edit of an alarm that compares nothing by itself': (record) => {
    const data = dataOf(record);
    const alarm = ['createdAlarm', 'updatedAlarm', 'deletedAlarm']
      .map((name) => (isMembers(data) ? data[name] : undefined))
      .find(isMembers);
    return isKind(record, 'ConfigurationUpdate') && alarm !== undefined && (!record.hasArn || !alarm['comparisonOperator']);
  },
};

function dataOf({ body }: Spoiled): Json {
  try {
    return JSON.parse(isMembers(body) ? String(body['HistoryData']) : '') as Json;
  } catch {
    return null;
  }
}

function memberAt(data: Json, outer: string, inner: string): Json | undefined {
  const found = isMembers(data) ? data[outer] : undefined;
  return isMembers(found) ? found[inner] : undefined;
}

function isKind({ stream, body }: Spoiled, kind: string): boolean {
  return stream === 'alarm_history' && isMembers(body) && body['HistoryItemType'] === kind;
}

/** Records as real accounts gave them: every alarm and every item of history in the shared recordings. */
function recordedSeeds(isWanted: (name: string) => boolean = () => true): readonly Seed[] {
  const folder = sharedFile('data/cloudwatch');
  if (folder === undefined) return [];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json') && isWanted(name));
  return files.flatMap((name) => {
    try {
      return seedsIn(JSON.parse(readFileSync(join(folder, name), 'utf8')) as Json);
    } catch {
      return [];
    }
  });
}

function seedsIn(value: Json): readonly Seed[] {
  if (Array.isArray(value)) return value.flatMap((member: Json) => seedsIn(member));
  if (!isMembers(value)) return [];
  if ('HistoryItemType' in value) return [['alarm_history', value]];
  if ('AlarmName' in value && 'StateValue' in value) return [['alarms', value]];
  return Object.values(value).flatMap(seedsIn);
}

/** The same of the sample world, which has every shape that the stand-in knows. */
async function ownSeeds(): Promise<readonly Seed[]> {
  const sample = sampleWorld();
  const [first, ...rest] = sample.cloudwatch.alarms;
  const edited = first && { ...first, edits: [{ at: '2024-01-15T15:00:00Z', rule: { threshold: 7 } }], deleted_at: '2024-01-15T15:30:00Z' };
  const { client } = await startScene({ ...sample, cloudwatch: { ...sample.cloudwatch, alarms: edited ? [edited, ...rest] : rest } });
  const scope = { alarm_prefixes: ['api-', 'checkout-'] };
  const read = await Promise.all(
    Object.entries(STREAMS).map(async ([id, stream]) => {
      const keys = id === 'series' ? [`${ERRORS}@300`, 'aws-prod/metric:Acme/Nothing#Sum@300'] : [];
      const { records } = await pullAll(stream, client, ask(scope, { keys }));
      return records.map(({ body }) => [id as StreamId, body] as const);
    }),
  );
  return read.flat();
}

/** Half characters, marks of keys and pointers, times that are none. */
const strange = fc.oneof(
  fc.constantFrom(
    '',
    'ALARM',
    'OK',
    '2024-01-15T14:32:00',
    '2024-02-30T00:00:00Z',
    '2024-01-15T14:32:00.000+0000',
    '{"version":',
    '[]',
    'null',
    '__proto__',
  ),
  fc.string({ unit: fc.constantFrom('a', '"', '%', '#', '/', '~', '@', '\ud800', 'é', '\u0000', '{', ':') }),
);
const junk: fc.Arbitrary<Json> = fc.oneof(
  strange,
  fc.constantFrom<Json>(null, true, false, 0, -1, 1e308, -1e308, 0.1),
  fc.constantFrom<Json>([], {}, [null], { Id: 'm1' }, [[1]]),
);

interface Mutation {
  readonly place: number;
  readonly how: 'replace' | 'remove' | 'cut' | 'nest' | 'append';
  readonly value: Json;
}
const mutation: fc.Arbitrary<Mutation> = fc.record({
  place: fc.nat(10_000),
  how: fc.constantFrom('replace', 'remove', 'cut', 'nest', 'append'),
  value: junk,
});

/** Changes one value somewhere inside; JSON that is kept as text is changed inside as well. */
function mutate(value: Json, { place, ...change }: Mutation): Json | undefined {
  if (typeof value === 'string' && value.startsWith('{') && place % 3 !== 0) {
    try {
      return JSON.stringify(mutate(JSON.parse(value), { place: Math.floor(place / 3), ...change }) ?? null);
    } catch {
      return value.slice(0, place % value.length);
    }
  }
  const members = Array.isArray(value)
    ? value.map((member: Json, index): readonly [string, Json] => [`${index}`, member])
    : isMembers(value)
      ? Object.entries(value)
      : [];
  const chosen = place % (members.length + 1);
  const [name] = members[chosen] ?? [];
  if (name === undefined) return applied(value, change);
  const changed = members.flatMap(([key, member]) => {
    const next = key === name ? mutate(member, { place: Math.floor(place / (members.length + 1)), ...change }) : member;
    return next === undefined ? [] : [[key, next] as const];
  });
  return Array.isArray(value) ? changed.map(([, member]) => member) : Object.fromEntries(changed);
}

function applied(value: Json, { how, value: given }: Omit<Mutation, 'place'>): Json | undefined {
  if (how === 'remove') return undefined;
  if (how === 'nest') return [value];
  if (how === 'append') return typeof value === 'string' ? `${value}${String(given)}` : [value, given];
  return how === 'cut' && typeof value === 'string' ? value.slice(0, Math.floor(value.length / 2)) : given;
}

const RUNS = 10_000;

describe('ten thousand spoiled records', () => {
  let seeds: readonly Seed[] = [];
  beforeAll(async () => {
    seeds = [...recordedSeeds(), ...(await ownSeeds())];
  });

  it('none is a crash, and each says something, is an issue, or is of a kind that the README ignores', () => {
    expect(new Set(seeds.map(([stream]) => stream))).toEqual(new Set(Object.keys(STREAMS)));
    const counted = { told: 0, issue: 0, ignored: 0 };
    const pick = fc.tuple(fc.nat(100_000), fc.array(mutation, { maxLength: 4 }), fc.boolean());
    fc.assert(
      fc.property(pick, ([index, mutations, hasArn]) => {
        const [stream, seed] = seeds[index % seeds.length] ?? ['alarms', null];
        const body = mutations.reduce<Json>((value, one) => mutate(value, one) ?? null, seed);
        const record: EvidenceRecord = {
          id: `sha256:${'0'.repeat(64)}` as EvidenceRecord['id'],
          source: 'aws-prod',
          stream,
          nativeId: hasArn ? `${ACCOUNT}x@y#z` : 'x',
          body: asSent(body),
          observedTime: at('2024-01-15T16:00:00Z'),
        };
        const { events, series: numbers, facts, issues } = stamp(record, STREAMS[stream].normalize(record), 'cloudwatch/2');
        if (events.length + numbers.length + facts.length > 0) counted.told += 1;
        else if (issues.length > 0) counted.issue += 1;
        else {
          counted.ignored += 1;
          expect(
            Object.values(IGNORED).some((is) => is({ stream, body, hasArn })),
            JSON.stringify(body),
          ).toBe(true);
        }
      }),
      { numRuns: RUNS },
    );
    expect(counted.told + counted.issue + counted.ignored).toBe(RUNS);
    for (const count of Object.values(counted)) expect(count).toBeGreaterThan(RUNS / 100);
  });

  it('the kinds that are ignored are those that the README lists', () => {
    for (const words of Object.keys(IGNORED)) expect(README).toContain(words);
  });

  const isHere = sharedFile('data/cloudwatch') !== undefined;
  it.skipIf(!isHere)('unspoiled recordings of real accounts have no issue (needs the shared reference folder)', () => {
    // LocalStack put words in place of the times of its recordings.
    const recorded = recordedSeeds((name) => !name.startsWith('localstack'));
    expect(recorded.length).toBeGreaterThan(10);
    const issues = recorded.flatMap(([stream, body]) => {
      const nativeId = `${ACCOUNT}x@y#z`;
      const record = {
        id: `sha256:${'0'.repeat(64)}` as EvidenceRecord['id'],
        source: 'aws-prod',
        stream,
        nativeId,
        body,
        observedTime: at('2024-01-15T16:00:00Z'),
      };
      return stamp(record, STREAMS[stream].normalize(record), 'cloudwatch/2').issues.map((issue) => ({ ...issue, body }));
    });
    expect(issues).toEqual([]);
  });
});
