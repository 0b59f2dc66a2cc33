import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ChangeEvent } from '../../../connectors/pagerduty/change-event.ts';
import { Incident } from '../../../connectors/pagerduty/incident.ts';
import { pagerduty } from '../../../connectors/pagerduty/index.ts';
import { IGNORED, LogEntry } from '../../../connectors/pagerduty/log-entry.ts';
import { Alert } from '../../../connectors/pagerduty/streams/alerts.ts';
import { Figures } from '../../../connectors/pagerduty/streams/analytics.ts';
import { Note } from '../../../connectors/pagerduty/streams/notes.ts';
import { Past } from '../../../connectors/pagerduty/streams/past-incidents.ts';
import { Related } from '../../../connectors/pagerduty/streams/related-incidents.ts';
import type { Json } from '../../../src/contract/index.ts';
import { stamp } from '../../../src/core/timeline/normalize.ts';
import { evidenceOf } from '../../support/events.ts';
import { sharedFile } from '../../support/shared.ts';
import { pullAll } from '../../support/streams.ts';
import { bodyOf, junk, mutate, mutation } from './spoiled.ts';
import { KEY, openSource, requestOf, sampleWorld } from './support.ts';

const SCHEMAS: Readonly<Record<string, object>> = {
  incidents: Incident,
  log_entries: LogEntry,
  alerts: Alert,
  notes: Note,
  change_events: ChangeEvent,
  past_incidents: Past,
  related_incidents: Related,
  analytics: Figures,
};
const STREAMS = new Map(pagerduty.streams.map((stream) => [stream.spec.id, stream]));
const README = readFileSync(new URL('../../../connectors/pagerduty/README.md', import.meta.url), 'utf8');

/** Types of log entry that may say nothing; the README has each in its own words. */
const SILENT = new Set([...IGNORED, 'field_value_change_log_entry', 'custom_field_value_change_log_entry']);

type Seed = readonly [stream: string, body: Json];

function memberOf(body: Json, name: string): Json | undefined {
  return typeof body === 'object' && body !== null && name in body ? Object.entries(body).find(([key]) => key === name)?.[1] : undefined;
}

/** A record that may say nothing: of a type that the README lists, or a row with no figure. */
function maySayNothing([stream, body]: Seed): boolean {
  if (stream === 'analytics') return true;
  return stream === 'log_entries' && SILENT.has(String(memberOf(body, 'type')));
}

/** What is wrong with what a record says; nothing where all is well. */
function wrongWith([id, body]: Seed): string | undefined {
  const stream = STREAMS.get(id);
  if (!stream) return `no stream ${id}`;
  const record = evidenceOf('Q1/X', body, { stream: id });
  const said = stream.normalize(record);
  const { events, facts, issues } = stamp(record, said, pagerduty.normalizer);
  const uncited = issues.slice(said.issues.length).map(({ problem }) => problem);
  if (uncited.length > 0) return uncited.join();
  const undeclared = events.find(({ type }) => !stream.spec.emits.includes(type));
  if (undeclared) return `${undeclared.type} is not declared`;
  return events.length + facts.length + issues.length > 0 || maySayNothing([id, body]) ? undefined : 'it says nothing';
}

function holds(cases: fc.Arbitrary<Seed>, numRuns: number): void {
  fc.assert(
    fc.property(cases, (seed) => {
      expect([wrongWith(seed), seed]).toEqual([undefined, seed]);
    }),
    { numRuns },
  );
}

/** The log entries and incidents of a real account. */
function recordedSeeds(): readonly Seed[] {
  const file = sharedFile('data/pagerduty/devlake/incidents.json');
  const incidents: readonly Json[] = file ? JSON.parse(readFileSync(file, 'utf8')) : [];
  return incidents.flatMap((body): readonly Seed[] => {
    const entries = memberOf(body, 'log_entries');
    return [['incidents', body], ...(Array.isArray(entries) ? entries.map((entry: Json): Seed => ['log_entries', entry]) : [])];
  });
}

/** Everything that the sample world gives. */
async function ownSeeds(): Promise<readonly Seed[]> {
  await using source = await openSource({ world: sampleWorld('2024-01-17T00:00:00Z') });
  const seeds: Seed[] = [];
  for (const [id, stream] of STREAMS) {
    const keys = id === 'change_events' ? [] : [KEY];
    const { records } = await pullAll(stream, source.client, requestOf({ scope: { service_ids: ['PAPI001'] }, keys }));
    seeds.push(...records.map(({ body }): Seed => [id, body]));
  }
  return seeds;
}

describe('ten thousand records that nobody has seen', () => {
  let seeds: readonly Seed[] = [];
  beforeAll(async () => {
    seeds = [...(await ownSeeds()), ...recordedSeeds()];
  });

  it('made by the schemas of the wire say something, or are of a kind that the README lists, and none throws', () => {
    const made = Object.entries(SCHEMAS).map(([id, schema]) => bodyOf(schema).map((body): Seed => [id, body]));
    expect(Object.keys(SCHEMAS).toSorted()).toEqual([...STREAMS.keys()].toSorted());
    holds(fc.oneof(...made), 4_000);
  });

  it('spoiled in one to three places do too (the recordings of a real account need the shared reference folder)', () => {
    expect(seeds.length).toBeGreaterThan(25);
    const spoiled = fc
      .tuple(fc.nat(seeds.length - 1), fc.array(mutation, { minLength: 1, maxLength: 3 }))
      .map(([index, mutations]): Seed => {
        const [id, body] = seeds[index] ?? ['incidents', null];
        return [id, mutations.reduce((value: Json, change) => mutate(value, change) ?? null, body)];
      });
    holds(spoiled, 5_000);
  });

  it('that are anything else do too', () => {
    holds(fc.tuple(fc.constantFrom(...STREAMS.keys()), junk), 1_000);
  });

  it('and every type that may say nothing stands in the README', () => {
    expect([...SILENT].map((type) => type.replace('_log_entry', '')).filter((type) => !README.includes(`\`${type}\``))).toEqual([]);
    expect(README).toContain('gives nothing at all');
  });
});
