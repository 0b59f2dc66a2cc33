import type { World, WorldIncident } from '../world.ts';
import { changeEventOf, serviceOf, userOf } from './pagerduty-account.ts';
import { alertsOf } from './pagerduty-alerts.ts';
import { incidentOf, knownIncidents, notesOf, statusOf } from './pagerduty-incidents.ts';
import { figuresOf, relatedIncidents } from './pagerduty-insights.ts';
import { incidentRange, isWithin, listOf, pageOf, type Range, rangeOf, refusal, utcRange, zoneOf } from './pagerduty-lists.ts';
import { logEntry, writtenEntries } from './pagerduty-log.ts';
import { isNote, rightsOf, writeNote } from './pagerduty-notes.ts';
import { entryId, PRIORITIES, priorityOf } from './pagerduty-references.ts';
import { type Answer, type Asked, type StandIn, startStandIn, type Vendor } from './server.ts';

const SIX_MONTHS_MS = 183 * 86_400_000;

/** Starts PagerDuty's REST API over one world. */
export async function startPagerDuty(world: World, options: { readonly port?: number } = {}): Promise<StandIn> {
  return startStandIn(pagerDutyVendor(world), options.port);
}

/** Its paging, caps, order, zones and errors. What comes after the world's now does not exist. */
export function pagerDutyVendor(world: World): Vendor {
  // The world itself stays as it was given: what is written makes another one.
  let current = world;
  const take = (asked: Asked): Answer => {
    const noted = isNote(current, asked) ? writeNote(current, asked) : undefined;
    if (noted) current = noted.world;
    return noted?.answer ?? answer(current, asked);
  };
  return { now: world.now, contentType: 'application/json', answer: take, refuse };
}

type Respond = (world: World, asked: Asked, id: string) => Answer;

const ROUTES: readonly (readonly [path: RegExp, respond: Respond])[] = [
  [/^\/incidents$/, listIncidents],
  [
    /^\/incidents\/([^/]+)$/,
    (world, asked, id) => withIncident(world, id, (found) => ok('incident', incidentOf(world, found, listOf(asked, 'include')))),
  ],
  [/^\/incidents\/([^/]+)\/log_entries$/, (world, asked, id) => withIncident(world, id, (found) => listEntries(world, asked, [found]))],
  [/^\/log_entries$/, (world, asked) => listEntries(world, asked, knownIncidents(world))],
  [/^\/log_entries\/([^/]+)$/, showEntry],
  [
    /^\/incidents\/([^/]+)\/alerts$/,
    (world, asked, id) => withIncident(world, id, (found) => pageOf(asked, 'alerts', alertsOf(world, found), (alert) => alert)),
  ],
  [/^\/incidents\/([^/]+)\/notes$/, (world, _asked, id) => withIncident(world, id, (found) => ok('notes', notesOf(world, found)))],
  [/^\/incidents\/([^/]+)\/past_incidents$/, (world, asked, id) => withIncident(world, id, (found) => pastIncidents(world, asked, found))],
  [/^\/incidents\/([^/]+)\/related_incidents$/, (world, _asked, id) => withIncident(world, id, (found) => relatedIncidents(world, found))],
  [/^\/analytics\/raw\/incidents\/([^/]+)$/, (world, _asked, id) => withIncident(world, id, (found) => figuresOf(world, found))],
  [/^\/change_events$/, listChangeEvents],
  [/^\/services$/, (world, asked) => pageOf(asked, 'services', world.pagerduty.services, (service) => serviceOf(world, service))],
  [/^\/services\/([^/]+)$/, showService],
  // An account's own key belongs to nobody, so there is no "me".
  [/^\/users\/me$/, () => refusal(400, 2001, 'Invalid Input Provided', ['You can only use this endpoint with a user token.'])],
  [/^\/users\/([^/]+)$/, showUser],
  [/^\/priorities$/, (_world, asked) => pageOf(asked, 'priorities', PRIORITIES, (name) => priorityOf(name, 'priority'))],
];

function answer(world: World, asked: Asked): Answer {
  if (rightsOf(world, asked) === undefined) return refuse(401, asked);
  if (asked.method !== 'GET') return refuse(405, asked);
  for (const [path, respond] of ROUTES) {
    const match = path.exec(asked.url.pathname);
    if (!match) continue;
    const answered = respond(world, asked, decodeURIComponent(match[1] ?? ''));
    return {
      ...answered,
      headers: { 'ratelimit-limit': '960', 'ratelimit-remaining': '959', 'ratelimit-reset': '60', ...answered.headers },
    };
  }
  return refuse(404, asked);
}

/** A 429 comes without headers, as it may; a test adds `ratelimit-reset` where it wants one. */
function refuse(status: number, asked: Asked): Answer {
  const [code, message] = ERRORS[status] ?? [2000, 'Internal Server Error'];
  const about = status === 401 ? [`The ${asked.headers.authorization ? 'credentials are' : 'Authorization header is'} not accepted.`] : [];
  return refusal(status, code, message, about);
}

const ERRORS: Readonly<Record<number, readonly [code: number, message: string]>> = {
  400: [2002, 'Arguments Caused Error'],
  401: [2006, 'Authentication failed'],
  402: [2014, 'Account does not have the ability to perform this action'],
  403: [2010, 'Access Denied'],
  404: [2100, 'Not Found'],
  405: [2100, 'Method Not Allowed'],
  408: [2016, 'Request took too long'],
  429: [2020, 'Rate Limit Exceeded'],
};

function ok(key: string, value: unknown): Answer {
  return { status: 200, body: { [key]: value } };
}

/** By id or by number. */
function withIncident(world: World, id: string, respond: (incident: WorldIncident) => Answer): Answer {
  const found = knownIncidents(world).find((incident) => incident.id === id || String(incident.number) === id);
  return found ? respond(found) : refusal(404, 5001, 'Incident Not Found');
}

const SORTED_BY: Readonly<Record<string, (incident: WorldIncident) => number>> = {
  created_at: ({ created_at }) => Date.parse(created_at),
  incident_number: ({ number }) => number,
};

function listIncidents(world: World, asked: Asked): Answer {
  const range = incidentRange(asked, world.pagerduty.time_zone, world.now);
  const zone = zoneOf(asked, 'UTC');
  if (isRefusal(range)) return range;
  if (isRefusal(zone)) return zone;
  const [field = 'created_at', direction = 'asc'] = (asked.url.searchParams.get('sort_by') ?? 'created_at:asc').split(':');
  const by = SORTED_BY[field];
  if (!by) return refusal(400, 2001, 'Invalid Input Provided', [`Sort by ${field} is not known.`]);
  const services = listOf(asked, 'service_ids');
  const statuses = listOf(asked, 'statuses');
  const found = knownIncidents(world)
    .filter(({ created_at }) => isWithin(Date.parse(created_at), range))
    .filter(({ service }) => services.length === 0 || services.includes(service))
    .toSorted((a, b) => (by(a) - by(b)) * (direction === 'desc' ? -1 : 1))
    .filter((incident) => statuses.length === 0 || statuses.includes(statusOf(world, incident)));
  return pageOf(asked, 'incidents', found, (incident) => incidentOf(world, incident, listOf(asked, 'include'), zone));
}

/** Kept by `is_overview`: the changes of an incident's course, without whom it told. */
const OVERVIEW: ReadonlySet<string> = new Set([
  'trigger',
  'acknowledge',
  'unacknowledge',
  'assign',
  'escalate',
  'delegate',
  'annotate',
  'resolve',
]);

/** Newest first; in the account's own zone unless another is asked for. */
function listEntries(world: World, asked: Asked, incidents: readonly WorldIncident[]): Answer {
  const zone = zoneOf(asked, world.pagerduty.time_zone);
  const range: Range | Answer = rangeOf(asked, world.pagerduty.time_zone);
  if (isRefusal(zone)) return zone;
  if (isRefusal(range)) return range;
  const view = { zone, channels: listOf(asked, 'include').includes('channels') };
  const overview = asked.url.searchParams.get('is_overview') === 'true';
  const found = incidents
    .flatMap((incident) => writtenEntries(world, incident).map((written) => ({ incident, written })))
    .filter(({ written }) => isWithin(written.ms, range) && (!overview || OVERVIEW.has(written.entry.type)))
    .toSorted((a, b) => a.written.ms - b.written.ms)
    .toReversed();
  return pageOf(asked, 'log_entries', found, ({ incident, written }) => logEntry(world, incident, written, view));
}

function showEntry(world: World, asked: Asked, id: string): Answer {
  const zone = zoneOf(asked, world.pagerduty.time_zone);
  if (isRefusal(zone)) return zone;
  for (const incident of knownIncidents(world)) {
    const written = writtenEntries(world, incident).find(({ index }) => entryId(incident, index) === id);
    const channels = listOf(asked, 'include').includes('channels');
    if (written) return ok('log_entry', logEntry(world, incident, written, { zone, channels }));
  }
  return refusal(404, 5001, 'Log Entry Not Found');
}

/** The same service's incidents of the six months before; the likeness is the world's order. */
function pastIncidents(world: World, asked: Asked, incident: WorldIncident): Answer {
  const limit = Number(asked.url.searchParams.get('limit') ?? 5);
  const began = Date.parse(incident.created_at);
  const found = (incident.past_incidents ?? []).flatMap((id, index) => {
    const past = knownIncidents(world).find((other) => other.id === id && began - Date.parse(other.created_at) <= SIX_MONTHS_MS);
    if (!past) return [];
    const { title, created_at } = past;
    return [{ incident: { id, created_at, self: `https://api.pagerduty.com/incidents/${id}`, title }, score: 46.8249 - 8 * index }];
  });
  return { status: 200, body: { past_incidents: found.slice(0, limit), total: found.length, limit } };
}

/** Newest first; neither limit nor offset is told back. */
function listChangeEvents(world: World, asked: Asked): Answer {
  const range = utcRange(asked);
  if (isRefusal(range)) return range;
  const found = world.pagerduty.change_events
    .filter(({ at }) => Date.parse(at) <= Date.parse(world.now) && isWithin(Date.parse(at), range))
    .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
  return pageOf(asked, 'change_events', found, changeEventOf, { echo: false });
}

function showService(world: World, _asked: Asked, id: string): Answer {
  const found = world.pagerduty.services.find((service) => service.id === id);
  return found ? ok('service', serviceOf(world, found)) : refusal(404, 2100, 'Not Found');
}

function showUser(world: World, _asked: Asked, id: string): Answer {
  const found = world.people.find(({ pagerduty }) => pagerduty === id);
  return found ? ok('user', userOf(world, found)) : refusal(404, 2100, 'Not Found');
}

function isRefusal(value: Range | Answer | string): value is Answer {
  return typeof value === 'object' && 'status' in value;
}
