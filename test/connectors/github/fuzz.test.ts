import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { github } from '../../../connectors/github/index.ts';
import { workflowRuns } from '../../../connectors/github/streams/workflow-runs.ts';
import type { Json } from '../../../src/contract/index.ts';
import { openSource, readWith, requestOf } from '../../support/github-source.ts';
import { sharedFile } from '../../support/shared.ts';
import { pullAll } from '../../support/streams.ts';

/** What a value may be spoiled to: the wrong type, nothing, or text of the wrong form. */
const SPOILT = fc.oneof(
  fc.constantFrom<Json>(null, '', 'x', 0, -1, true, [], {}, '2024-13-45T99:99:99Z', 'https://', '2024-01-15T14:00:00Z', '9'.repeat(400)),
  fc.string(),
  fc.integer(),
);

/** The same value with some of its members, at any depth, spoilt or taken away. */
function mutated(body: Json): fc.Arbitrary<Json> {
  const paths = pathsOf(body, 3);
  const change = fc.record({ path: fc.constantFrom(...paths), by: fc.option(SPOILT, { nil: undefined }) });
  return fc
    .array(change, { minLength: 1, maxLength: 3 })
    .map((changes) => changes.reduce<Json>((value, { path, by }) => put(value, path, by), body));
}

type Path = readonly string[];

function pathsOf(value: Json, depth: number): readonly Path[] {
  if (value === null || typeof value !== 'object' || depth === 0) return [[]];
  return [[], ...Object.entries(value).flatMap(([key, member]) => pathsOf(member as Json, depth - 1).map((path) => [key, ...path]))];
}

function put(value: Json, [key, ...rest]: Path, by: Json | undefined): Json {
  if (key === undefined) return by ?? null;
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value).flatMap(([name, member]): [string, Json][] => {
    if (name !== key) return [[name, member]];
    return rest.length === 0 && by === undefined ? [] : [[name, put(member, rest, by)]];
  });
  return Array.isArray(value) ? members.map(([, member]) => member) : Object.fromEntries(members);
}

/** Of each stream, bodies as the stand-in sends them. */
async function sampleBodies(): Promise<ReadonlyMap<string, readonly Json[]>> {
  const source = await openSource();
  try {
    const scope = { repositories: ['acme/api'] };
    const keysOf: Readonly<Record<string, readonly string[]>> = {
      deployment_statuses: ['deployment:acme/api#1305550234'],
      comparisons: ['compare:acme/api#v2.3.3...v2.3.4'],
    };
    const requests = [scope, { ...scope, environments: ['production'] }].flatMap((given) =>
      github.streams.map((stream) => ({ stream, request: requestOf({ scope: given, keys: keysOf[stream.spec.id] ?? [] }) })),
    );
    const bodies = new Map<string, Json[]>();
    for (const { stream, request } of requests) {
      for (const { stream: nested = stream.spec.id, body } of (await pullAll(stream, source.client, request)).records) {
        bodies.set(nested, [...(bodies.get(nested) ?? []), body]);
      }
    }
    return bodies;
  } finally {
    await source.close();
  }
}

/** Why a record that gives nothing gives nothing, by the README: only these do. */
function isIgnored(stream: string, body: Json): boolean {
  const { state, draft, published_at, merged_at, status, conclusion } = Object(body);
  const lower = (text: unknown) => (typeof text === 'string' ? text.toLowerCase() : '');
  if (stream === 'deployment_statuses') return ['queued', 'pending', 'waiting', 'inactive'].includes(lower(state));
  if (stream === 'releases') return draft === true || !published_at;
  if (stream === 'changes') return !merged_at;
  if (stream !== 'workflow_runs') return false;
  const waits = ['queued', 'requested', 'waiting', 'pending'].includes(lower(status));
  return waits || ['skipped', 'neutral', 'action_required', 'stale'].includes(lower(conclusion));
}

/** Never throws; and says something, or why not, or is of a kind that says nothing. */
function expectAccounted(streamId: string, body: Json): void {
  const stream = github.streams.find(({ spec }) => spec.id === streamId);
  if (!stream) throw new Error(`no stream ${streamId}`);
  const { events, facts, issues } = readWith(stream, { nativeId: 'n', body });
  if (events.length + facts.length + issues.length === 0)
    expect([isIgnored(streamId, body), streamId, body]).toEqual([true, streamId, body]);
}

const RUNS = 10_000;

describe('a spoilt record crashes nothing and is lost to no one', () => {
  it('of the stand-in', async () => {
    const bodies = await sampleBodies();
    expect([...bodies.keys()].toSorted()).toEqual(['changes', 'comparisons', 'deployment_statuses', 'deployments', 'releases']);
    for (const [stream, own] of bodies) {
      const any = fc.oneof(...own.map(mutated));
      fc.assert(
        fc.property(any, (body) => expectAccounted(stream, body)),
        { numRuns: RUNS / bodies.size, endOnFailure: true },
      );
    }
  });

  const folder = sharedFile('data/github/github-api');
  it.skipIf(!folder)('of the recordings (needs the shared reference folder)', () => {
    const read = (path: string): Json => JSON.parse(readFileSync(path, 'utf8'));
    const listOf = (value: Json): readonly Json[] => (Array.isArray(value) ? value : [value]);
    const files = readdirSync(folder ?? '').filter((name) => name.includes('__files__'));
    const recorded = files.flatMap((name) => listOf(read(`${folder}/${name}`)).map((body) => [name, body] as const));
    const runs = sharedFile('data/github/devlake/_raw_github_api_runs.json');
    const cases = [
      ['deployments', recorded.filter(([, body]) => 'transient_environment' in Object(body)).map(([, body]) => body)],
      ['deployment_statuses', recorded.filter(([, body]) => 'deployment_url' in Object(body)).map(([, body]) => body)],
      ['workflow_runs', runs ? listOf(read(runs)) : []],
    ] as const;
    for (const [stream, bodies] of cases) {
      expect(bodies.length).toBeGreaterThan(0);
      fc.assert(
        fc.property(fc.oneof(...bodies.map(mutated)), (body) => expectAccounted(stream, body)),
        { numRuns: Math.ceil(RUNS / cases.length), endOnFailure: true },
      );
    }
  });

  it('nor does anything that is no record at all', () => {
    for (const { spec } of [...github.streams, workflowRuns]) {
      fc.assert(fc.property(fc.jsonValue(), (body) => expectAccounted(spec.id, body as Json)));
    }
  });
});
