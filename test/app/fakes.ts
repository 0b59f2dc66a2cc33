import Type from 'typebox';
import { FILES } from '../../connectors/index.ts';
import type { App } from '../../src/app/app.ts';
import { buildApp } from '../../src/app/build.ts';
import type { AppDeps } from '../../src/app/deps.ts';
import type { Ask, Clock, EvidenceStore, Log, Settings, Sources, StoredPull } from '../../src/app/ports.ts';
import { type AnyConnector, defineConnector, type PullItem, type PullRequest, type StreamSpec } from '../../src/contract/index.ts';
import { DEFAULT_DRAFT, DEFAULT_POLICY } from '../../src/core/analysis/policy.ts';
import type { EvidenceRecord, Json } from '../../src/core/evidence.ts';
import { addMs, type Instant } from '../../src/core/time.ts';
import type { Normalized } from '../../src/core/timeline/normalize.ts';
import { createFileReader } from '../../src/platform/file-reader.ts';
import { openDatabase, ping } from '../../src/storage/database.ts';
import { createDeliveries } from '../../src/storage/deliveries.ts';
import { createDraftStore } from '../../src/storage/draft-store.ts';
import { createEvidenceStore } from '../../src/storage/evidence-store.ts';
import { createNotes } from '../../src/storage/notes.ts';
import { createRetention } from '../../src/storage/retention.ts';
import type { Database } from '../../src/storage/tables.ts';
import { instant } from '../support/events.ts';

/** A stream that answers as a test says; `asked` keeps every request it got. */
export interface FakeStream {
  readonly spec: Partial<StreamSpec> & Pick<StreamSpec, 'id'>;
  readonly pull: (request: PullRequest<unknown>) => AsyncIterable<PullItem> | Iterable<PullItem>;
  readonly normalize?: (record: EvidenceRecord) => Normalized;
  readonly parts?: AnyConnector['streams'][number]['parts'];
}

export const NOTHING: Normalized = { events: [], issues: [] };

/** A connector with these streams, which really is one: it only has no vendor behind it. */
export function fakeConnector(
  id: string,
  streams: readonly FakeStream[],
  overrides: Partial<AnyConnector> = {},
): AnyConnector & { readonly asked: PullRequest<unknown>[] } {
  const asked: PullRequest<unknown>[] = [];
  const connector = defineConnector({
    id,
    normalizer: `${id}/1`,
    config: Type.Object({}),
    scope: Type.Object({}),
    limits: { requestsPerMinute: 1000, concurrency: 10, pageSize: 100 },
    streams: streams.map(({ spec, pull, normalize = () => NOTHING, parts }) => ({
      ...(parts && { parts }),
      spec: { emits: [], need: 'needed', windowField: 'created_at', mutability: 'append-only', settleSeconds: 0, ...spec },
      estimate: () => ({ requests: 1 }),
      async *pull(_client: unknown, request: PullRequest<unknown>) {
        asked.push(request);
        yield* pull(request);
      },
      normalize,
    })),
    open: () => ({}),
    claims: () => [],
    check: async () => ({ checks: [{ name: 'reachable', ok: true, detail: 'it answers' }] }),
    ...overrides,
  });
  return Object.assign({ ...connector }, { asked });
}

/** A record item with a body that holds its own id. */
export function recordItem(nativeId: string, body: Json = { id: nativeId }, more: { readonly sequence?: number } = {}): PullItem {
  return { kind: 'record', record: { nativeId, body, request: '/test', ...more } };
}

/** A clock that tests move; what sleeps is noted and woken at once, with the time it took. */
export function fakeClock(start = '16:00'): Clock & { readonly slept: number[]; set(at: string): void } {
  let now = instant(start);
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    set: (at) => {
      now = instant(at);
    },
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      slept.push(ms);
      now = addMs(now, ms);
    },
  };
}

export function quietLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const write = (fields: object, message: string) => {
    lines.push(`${message} ${JSON.stringify(fields)}`);
  };
  return { lines, debug: write, info: write, warn: write, error: write };
}

/** Evidence kept in memory, as far as a pull needs a store. */
export function memoryEvidence(): Pick<EvidenceStore, 'keep' | 'mark' | 'resume' | 'read' | 'finishPull' | 'lastPull'> & {
  readonly kept: EvidenceRecord[];
  readonly batches: number[];
  readonly cursors: string[];
  readonly pulls: StoredPull[];
} {
  const kept: EvidenceRecord[] = [];
  const batches: number[] = [];
  const cursors: string[] = [];
  const pulls: StoredPull[] = [];
  return {
    kept,
    batches,
    cursors,
    pulls,
    keep: async (_run, records) => {
      batches.push(records.length);
      kept.push(...records);
      return new Map();
    },
    mark: async (_run, _whole, _ask: Ask, { cursor }) => {
      if (cursor !== undefined) cursors.push(cursor);
    },
    resume: async () => undefined,
    lastPull: async () => undefined,
    read: async (ids) => kept.filter(({ id }) => ids.includes(id)),
    finishPull: async (_run, pull) => {
      pulls.push(pull);
    },
  };
}

export function sourcesOf(connectors: Readonly<Record<string, AnyConnector>>, overrides: Partial<Sources> = {}): Sources {
  const all = Object.values(connectors);
  return {
    names: Object.keys(connectors),
    connectors: all,
    connectorOf: (name, normalizer) => connectors[name] ?? all.find((connector) => connector.normalizer === normalizer),
    open: (name) => {
      const connector = connectors[name];
      if (!connector) throw new Error(`no source ${name}`);
      return { name, connector, client: {} };
    },
    covering: () => undefined,
    follow: () => ({ why: 'there are no AWS credentials' }),
    noteWriter: () => undefined,
    tell: () => undefined,
    ...overrides,
  };
}

export function settingsOf(overrides: Partial<Settings> = {}): Settings {
  return {
    sources: {},
    services: [],
    people: [],
    policy: DEFAULT_POLICY,
    draft: DEFAULT_DRAFT,
    storage: { url: 'sqlite::memory:' },
    server: { host: '127.0.0.1', port: 0, tokens_env: 'HINDCAST_TOKENS' },
    ...overrides,
  };
}

export interface OpenedApp {
  readonly app: App;
  readonly deps: AppDeps;
  readonly clock: ReturnType<typeof fakeClock>;
  /** The same store under other sources, settings or code. */
  again(overrides: Partial<AppDeps>): App;
}

/** The use cases over the real SQLite store in memory, or over one that is open. */
export async function openTestApp(
  sources: Sources,
  settings: Partial<Settings> = {},
  now?: Instant,
  opened?: Database,
): Promise<OpenedApp> {
  const db = opened ?? (await openDatabase('sqlite::memory:'));
  const clock = fakeClock(now ?? '16:00');
  const deps: AppDeps = {
    settings: settingsOf(settings),
    sources,
    evidence: createEvidenceStore(db),
    drafts: createDraftStore(db),
    deliveries: createDeliveries(db),
    retention: createRetention(db),
    notes: createNotes(db),
    files: createFileReader(FILES),
    clock,
    log: quietLog(),
    engine: 'hindcast/test',
    ping: () => ping(db),
    close: () => db.destroy(),
  };
  return { app: buildApp(deps), deps, clock, again: (overrides) => buildApp({ ...deps, ...overrides }) };
}
