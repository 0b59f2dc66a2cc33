import type { PullItem, PullRequest, SourceError } from '../../src/contract/index.ts';
import type { EvidenceRecord } from '../../src/core/evidence.ts';
import { type Instant, parseInstant } from '../../src/core/time.ts';
import type { Normalized } from '../../src/core/timeline/normalize.ts';
import { type FakeStream, fakeConnector, NOTHING, recordItem } from './fakes.ts';

/** What the small pager knows: one incident with a few log entries. A test changes it between two drafts. */
export interface SmallWorld {
  id: string;
  resolved: string | null;
  entries: {
    id: string;
    at: string;
    type: 'incident.triggered' | 'incident.acknowledged' | 'incident.resolved' | 'note.added';
    text?: string;
    by?: string;
  }[];
  /** Streams that fail, and how. */
  broken: Partial<Record<'incidents' | 'log_entries' | 'changes', SourceError>>;
}

export function smallWorld(overrides: Partial<SmallWorld> = {}): SmallWorld {
  return {
    id: 'PABC',
    resolved: '2024-01-15T14:57:00Z',
    entries: [
      { id: 'R1', at: '2024-01-15T14:33:00Z', type: 'incident.triggered' },
      { id: 'R2', at: '2024-01-15T14:35:00Z', type: 'incident.acknowledged', by: 'Jane Doe' },
      { id: 'R3', at: '2024-01-15T14:40:00Z', type: 'note.added', text: 'Restarted with Jane Doe', by: 'Jane Doe' },
      { id: 'R4', at: '2024-01-15T14:57:00Z', type: 'incident.resolved', by: 'Jane Doe' },
    ],
    broken: {},
    ...overrides,
  };
}

/** A pager over the small world: incidents by key or by window, their log entries newest first. */
export function smallPager(world: SmallWorld) {
  const guarded = (stream: 'incidents' | 'log_entries', pull: FakeStream['pull']): FakeStream['pull'] =>
    function* (request: PullRequest<unknown>) {
      const error = world.broken[stream];
      if (error) throw error;
      yield* pull(request) as Iterable<PullItem>;
    };
  const incidentBody = () => ({ id: world.id, number: 7, resolved: world.resolved, began: world.entries[0]?.at ?? '' });
  return fakeConnector(
    'pager',
    [
      {
        spec: { id: 'incidents', emits: [] },
        pull: guarded('incidents', ({ keys, window }) => {
          const isMeant =
            keys.length > 0
              ? keys.some((key) => key.endsWith(`:${world.id}`) || key.endsWith(':7'))
              : inWindow(world.entries[0]?.at ?? '', window);
          return isMeant ? [recordItem(world.id, incidentBody())] : [];
        }),
        normalize: incidentFact,
      },
      {
        spec: { id: 'log_entries', emits: ['incident.triggered', 'incident.acknowledged', 'incident.resolved', 'note.added'] },
        pull: guarded('log_entries', ({ keys, window }) =>
          world.entries
            .filter(({ at }) => (keys.length > 0 ? keys.some((key) => key.endsWith(`:${world.id}`)) : inWindow(at, window)))
            .toReversed()
            .map((entry, index) => recordItem(entry.id, { ...entry, incident: world.id }, { sequence: -index })),
        ),
        normalize: entryEvent,
      },
    ],
    {
      adds: { vendor: 'Pager', what: 'the page' },
      claims: (source, scope) => {
        const { services = [] } = scope as { services?: readonly string[] };
        return services.map((name) => `${source}/service:${name}`);
      },
      scopeFor: (source, keys) => {
        const services = keys.filter((key) => key.startsWith(`${source}/service:`)).map((key) => key.split(':')[1] ?? '');
        return services.length > 0 ? { services } : undefined;
      },
    },
  );
}

/** A second source, needed, whose listing may fail. */
export function smallForge(world: SmallWorld) {
  return fakeConnector(
    'forge',
    [
      {
        spec: { id: 'changes', emits: [] },
        pull: () => {
          const error = world.broken.changes;
          if (error) throw error;
          return [recordItem('1', { title: 'Cache profiles' })];
        },
      },
    ],
    { adds: { vendor: 'Forge', what: 'what was changed' } },
  );
}

function inWindow(at: string, { from, to }: PullRequest<unknown>['window']): boolean {
  const instant = at_(at);
  return instant >= from && instant < to;
}

function at_(text: string): Instant {
  const instant = parseInstant(text);
  if (!instant) throw new Error(`${text} is no time`);
  return instant;
}

interface IncidentBody {
  readonly id: string;
  readonly number: number;
  readonly resolved: string | null;
  readonly began: string;
}

function incidentFact({ source, body }: EvidenceRecord): Normalized {
  const { id, number, resolved, began }: IncidentBody = JSON.parse(JSON.stringify(body));
  return {
    events: [],
    issues: [],
    facts: [
      {
        kind: 'incident',
        key: `${source}/incident:${id}`,
        number,
        title: 'The API answers with errors',
        status: resolved === null ? 'open' : 'resolved',
        triggeredAt: at_(began),
        ...(resolved !== null && { resolvedAt: at_(resolved) }),
        serviceName: 'API',
        belongsTo: [`${source}/service:API`],
      },
    ],
  };
}

interface EntryBody {
  readonly id: string;
  readonly at: string;
  readonly type: SmallWorld['entries'][number]['type'];
  readonly text?: string;
  readonly by?: string;
  readonly incident: string;
}

function entryEvent({ source, body }: EvidenceRecord): Normalized {
  const { id, at, type, text = '', by, incident }: EntryBody = JSON.parse(JSON.stringify(body));
  const common = {
    key: id,
    pointer: '/at',
    originalTime: at,
    time: { at: at_(at), minusMs: 0, plusMs: 1000 },
    timeMeaning: 'recorded' as const,
    knowableAt: at_(at),
    belongsTo: [`${source}/service:API`],
    correlationKeys: [`${source}/incident:${incident}`],
    ...(by !== undefined && { actor: { kind: 'person' as const, id: `pagerduty:user:${by}`, name: by } }),
  };
  if (type === 'note.added') return { events: [{ ...common, type, attributes: { text } }], issues: [] };
  return { ...NOTHING, events: [{ ...common, type, attributes: { 'incident.id': incident } }] };
}
