import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imports } from '../../connectors/import/index.ts';
import { manual } from '../../connectors/manual/index.ts';
import type { AnyConnector, EvidenceRecord, Json, Normalized } from '../../src/contract/index.ts';
import { seal } from '../../src/core/evidence.ts';
import { stamp } from '../../src/core/timeline/normalize.ts';
import { ask, type Fixture, sayAll, streamOf } from '../contract/fixture.ts';
import { importFixture } from '../contract/fixtures/import.ts';
import { manualFixture } from '../contract/fixtures/manual.ts';
import { junk, mutate, mutation } from './pagerduty/spoiled.ts';

/** The three vendors' are tried in their own folders. */
const CONNECTORS: readonly (readonly [AnyConnector, Fixture])[] = [
  [manual, manualFixture],
  [imports, importFixture],
];

/** A file that was read whole says only that. */
const SILENT: ReadonlySet<string> = new Set(['files']);

/** What is wrong with what a record says; nothing where all is well. */
function wrongWith(connector: AnyConnector, record: EvidenceRecord): string | undefined {
  const stream = streamOf(connector, record.stream);
  const said: Normalized = stream.normalize(record);
  const { events, series, facts, issues } = stamp(record, said, connector.normalizer);
  if (issues.length > said.issues.length) return issues.map(({ problem }) => problem).join();
  const undeclared = events.find(({ type }) => !stream.spec.emits.includes(type));
  if (undeclared) return `${undeclared.type} is not declared`;
  if (events.length + series.length + facts.length + issues.length > 0) return undefined;
  return SILENT.has(record.stream) ? undefined : 'it says nothing';
}

async function seedsOf(connector: AnyConnector, fixture: Fixture): Promise<readonly EvidenceRecord[]> {
  const seeds: EvidenceRecord[] = [];
  for (const question of fixture.questions) {
    const { records } = await ask(connector, fixture, question);
    seeds.push(...sayAll(connector, fixture, question, records).map(({ evidence }) => evidence));
  }
  return seeds;
}

describe.each(CONNECTORS.map(([connector, fixture]) => [connector.id, connector, fixture] as const))(
  'spoiled records of %s',
  (_, connector, fixture) => {
    it('say something, are an issue, or are of a kind that the README lists, and nothing is thrown', async () => {
      const seeds = await seedsOf(connector, fixture);
      const spoiled = fc
        .tuple(fc.constantFrom(...seeds), fc.array(mutation, { minLength: 1, maxLength: 3 }))
        .map(([seed, changes]) =>
          changes.reduce<EvidenceRecord>((record, change) => withBody(record, mutate(record.body, change) ?? null), seed),
        );
      fc.assert(
        fc.property(spoiled, (record) => {
          expect([wrongWith(connector, record), record.stream, record.body]).toEqual([undefined, record.stream, record.body]);
        }),
        { numRuns: 3_000 },
      );
    });

    it('that are anything at all say nothing and are issues', () => {
      const anything = fc.tuple(fc.constantFrom(...connector.streams.map(({ spec }) => spec.id)), junk);
      fc.assert(
        fc.property(anything, ([stream, body]) => {
          const record = seal({ source: fixture.source, stream, nativeId: 'X/Y', body, observedTime: fixture.now });
          const { events, issues } = streamOf(connector, stream).normalize(record);
          expect([events, issues.length > 0]).toEqual([[], true]);
        }),
        { numRuns: 500 },
      );
    });
  },
);

function withBody({ source, stream, nativeId, observedTime }: EvidenceRecord, body: Json): EvidenceRecord {
  return seal({ source, stream, nativeId, body, observedTime });
}
