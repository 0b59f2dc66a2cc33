import { atMost } from '../contract/calls.ts';
import { SourceError } from '../contract/errors.ts';
import type { ServiceConfig } from '../core/case.ts';
import { type Json, seal } from '../core/evidence.ts';
import { ownerNameOf } from '../core/ownership.ts';
import { addMs, type Window } from '../core/time.ts';
import type { AppDeps } from './deps.ts';
import { AppError } from './errors.ts';
import { interpret, toPlanRead } from './interpret.ts';
import { alarmName, namedAlarms } from './plan-alarms.ts';
import { incidentFacts, type PlanRead } from './plan-case.ts';
import type { Source } from './ports.ts';
import { mergeScopes } from './scope.ts';

/** How far back alerts are looked at for the alarms that they name, and how many incidents of it. */
const LOOK_BACK_MS = 30 * 86_400_000;
const MAX_INCIDENTS = 100;
const MAX_REQUESTS = 200;
const DEADLINE_MS = 120_000;

/** What `init` found: services that a person may take over, and what could not be asked. */
export interface Proposed {
  readonly services: readonly Pick<ServiceConfig, 'name' | 'owns'>[];
  readonly problems: readonly string[];
}

/** One thing that a service could own at one source. */
interface Part {
  readonly source: string;
  readonly name: string;
  readonly scope: Json;
  readonly claims: readonly string[];
}

/**
 * Asks each source what a service could own there, and joins what belongs together: parts of different sources whose names are
 * alike, and the alarms that the recent alerts of a pager's service name. Stores nothing. Throws AppError('config') where no source
 * is configured, 'unreadable' where none answered.
 */
export async function proposeServices(deps: AppDeps, signal?: AbortSignal): Promise<Proposed> {
  const { names } = deps.sources;
  if (names.length === 0) throw new AppError('config', 'no source is configured: set PAGERDUTY_TOKEN, or name sources in hindcast.yaml');
  const limit = AbortSignal.any([AbortSignal.timeout(DEADLINE_MS), ...(signal ? [signal] : [])]);
  const problems: string[] = [];
  const tell = (source: string, error: unknown) => {
    if (signal?.aborted) throw new AppError('interrupted', 'interrupted: nothing was written');
    if (!(error instanceof SourceError) && !limit.aborted) throw error;
    problems.push(`${source}: ${error instanceof SourceError ? error.message : `no answer within ${DEADLINE_MS / 1_000} s`}`);
  };
  const opened = names.map((name) => deps.sources.open(name));
  const parts = await Promise.all(
    opened.map(async (source) => partsOf(source, limit, problems).catch((error) => tell(source.name, error) ?? [])),
  );
  const all = parts.flat();
  if (all.length === 0 && problems.length > 0) throw new AppError('unreadable', `no source answered: ${problems.join('; ')}`);
  const named = await Promise.all(
    opened.map(async (source) => alarmsNamedBy(deps, source, all, limit).catch((error) => tell(source.name, error) ?? [])),
  );
  return { services: join(all, named.flat()), problems };
}

async function partsOf({ name: source, connector, client }: Source, signal: AbortSignal, problems: string[]): Promise<readonly Part[]> {
  const proposals = (await connector.propose?.(client, signal, (left) => problems.push(`${source}: ${left}`))) ?? [];
  return proposals.map(({ name, scope }) => {
    const json: Json = JSON.parse(JSON.stringify(scope));
    return { source, name, scope: json, claims: connector.claims(source, scope) };
  });
}

/** An alarm of one part, named by an alert of the incidents of another. */
interface Named {
  readonly pager: Part;
  readonly owner: Part;
}

/** Which part owns the alarms that the recent alerts of each of a pager's parts name. */
async function alarmsNamedBy(deps: AppDeps, source: Source, all: readonly Part[], signal: AbortSignal): Promise<readonly Named[]> {
  const own = all.filter((part) => part.source === source.name);
  const streams = source.connector.streams.map(({ spec }) => spec.id);
  const [scope] = mergeScopes(own.map((part) => part.scope));
  if (scope === undefined || !['incidents', 'alerts'].every((id) => streams.includes(id))) return [];
  const now = deps.clock.now();
  const window = { from: addMs(now, -LOOK_BACK_MS), to: now };
  const incidents = incidentFacts(await readStream(deps, source, 'incidents', { window, scope, keys: [] }, signal));
  const keys = [...incidents.keys()].slice(-MAX_INCIDENTS);
  const alerts = keys.length > 0 ? await readStream(deps, source, 'alerts', { window, scope, keys }, signal) : [];
  return alerts.flatMap((alert) => {
    const incident = alert.events.flatMap(({ correlationKeys }) => correlationKeys).find((key) => incidents.has(key));
    const pager = ownerOf(incidents.get(incident ?? '')?.belongsTo ?? [], own);
    return namedAlarms([alert]).flatMap((arn) => {
      const owner = ownerOf([`${deps.sources.covering(arn)}/alarm:${alarmName(arn)}`], all);
      return pager && owner ? [{ pager, owner }] : [];
    });
  });
}

function ownerOf(keys: readonly string[], parts: readonly Part[]): Part | undefined {
  const services = parts.map(({ claims }, index) => ({ name: `${index}`, owns: claims, dependsOn: [] }));
  const name = ownerNameOf(keys, services);
  return name === undefined ? undefined : parts[Number(name)];
}

async function readStream(
  { clock }: AppDeps,
  { name, connector, client }: Source,
  id: string,
  question: { readonly window: Window; readonly scope: Json; readonly keys: readonly string[] },
  signal: AbortSignal,
): Promise<readonly PlanRead[]> {
  const stream = connector.streams.find(({ spec }) => spec.id === id);
  const read: PlanRead[] = [];
  if (!stream) return read;
  for await (const item of stream.pull(client, { ...question, now: clock.now(), calls: atMost(MAX_REQUESTS), signal })) {
    if (item.kind !== 'record') continue;
    const { nativeId, body, stream: nested = id } = item.record;
    read.push(toPlanRead(interpret(seal({ source: name, stream: nested, nativeId, body, observedTime: clock.now() }), connector)));
  }
  return read;
}

/** Parts of one service, under a common name. A part of alarms goes to the pager's part whose alerts named it most often. */
function join(all: readonly Part[], named: readonly Named[]): Proposed['services'] {
  const groups = new Map<string, Part[]>();
  for (const part of all) {
    const pagers = Map.groupBy(
      named.filter(({ owner }) => owner === part),
      ({ pager }) => pager,
    );
    const [most] = [...pagers].toSorted(([, a], [, b]) => b.length - a.length);
    const key = slugOf((most?.[0] ?? part).name);
    groups.set(key, [...(groups.get(key) ?? []), part]);
  }
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, parts]) => ({ name, owns: ownsOf(parts) }));
}

/** At a source where two scopes cannot be one the first is proposed: a person sees it, and writes what is meant. */
function ownsOf(parts: readonly Part[]): ServiceConfig['owns'] {
  const bySource = Map.groupBy(parts, ({ source }) => source);
  return Object.fromEntries(
    [...bySource].flatMap(([source, found]) =>
      mergeScopes(found.map(({ scope }) => scope))
        .slice(0, 1)
        .map((scope) => [source, scope]),
    ),
  );
}

/** `API`, `api` and `acme/api` are one name. */
function slugOf(name: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1);
  const slug = last
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return slug === '' ? name : slug;
}
