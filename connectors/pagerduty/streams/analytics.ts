import Type from 'typebox';
import {
  type EvidenceRecord,
  type FactSeed,
  type Instant,
  type Json,
  type Normalized,
  type PullItem,
  type PullRequest,
  parseInstant,
  reader,
} from '../../../src/contract/index.ts';
import type { PagerDuty } from '../client.ts';
import { isNotOffered, isUnknown } from '../errors.ts';
import { eachIncident, gapOf, spend } from '../listing.ts';
import { perIncident } from '../per-incident.ts';
import { maybe } from '../shapes.ts';

/** Its lengths of time, all in whole seconds; null where there is nothing to measure, and before the incident is over. */
const LENGTHS = [
  'seconds_to_first_ack',
  'seconds_to_engage',
  'seconds_to_mobilize',
  'seconds_to_resolve',
  'engaged_seconds',
  'snoozed_seconds',
  'user_defined_effort_seconds',
] as const;

export const Figures = Type.Object({
  id: Type.String(),
  updated_at: maybe(Type.String()),
  ...Object.fromEntries(LENGTHS.map((name) => [name, maybe(Type.Number())])),
});
const figures = reader(Figures);

export const analytics = perIncident({ id: 'analytics', emits: [], settleSeconds: 86_400, pull, normalize });

/** They come up to a day after the incident: until then PagerDuty knows no such row, and nothing of ours is missing. */
function pull(client: PagerDuty, request: PullRequest<unknown>): AsyncIterable<PullItem> {
  return eachIncident(request, async function* (incident, { window, budget, signal }): AsyncGenerator<PullItem> {
    spend(budget);
    const path = `/analytics/raw/incidents/${incident}`;
    try {
      const body = await client.whole(path, { time_zone: 'Etc/UTC' }, signal);
      yield { kind: 'record', record: { nativeId: incident, body, request: path } };
    } catch (error) {
      if (isNotOffered(error))
        yield gapOf(window, 'not_offered', `figures come with a plan of PagerDuty's that has analytics: ${error.message}`);
      else if (isUnknown(error))
        yield {
          kind: 'hint',
          hint: `PagerDuty has no figures of its own for incident ${incident}: they come up to 24 h after an incident.`,
        };
      else throw error;
    }
  });
}

function normalize({ source, body }: EvidenceRecord): Normalized {
  const { row, zone } = rowOf(body);
  const record = figures.read(row);
  if (!record) return { events: [], issues: [figures.problem(row)] };
  const computedAt = readStamp(record.updated_at ?? '', zone);
  const found = new Map<string, unknown>(Object.entries(record));
  const facts = LENGTHS.flatMap((metric): readonly FactSeed[] => {
    const seconds = found.get(metric);
    if (typeof seconds !== 'number' || seconds < 0) return [];
    return [{ kind: 'reference', key: `${source}/incident:${record.id}`, metric, seconds, ...(computedAt && { computedAt }) }];
  });
  return { events: [], facts, issues: [] };
}

/** The row stands alone, as the schema says, or in `data` beside its zone, as the example shows. */
function rowOf(body: Json): { readonly row: Json; readonly zone: Json } {
  if (typeof body !== 'object' || body === null || !('data' in body)) return { row: body, zone: null };
  return { row: body['data'] ?? null, zone: body['time_zone'] ?? null };
}

/** Analytics writes its times with no zone, in the one that was asked for: UTC. Read as they stand they would be local time. */
function readStamp(text: string, zone: Json): Instant | undefined {
  const isUtc = zone === null || zone === 'Etc/UTC' || zone === 'UTC';
  return parseInstant(text) ?? (isUtc ? parseInstant(`${text}Z`) : undefined);
}
