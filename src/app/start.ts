import type { Draft } from '../core/draft/model.ts';
import type { Instant } from '../core/time.ts';
import { answerStored } from './answer.ts';
import type { DraftRequest, Select } from './app.ts';
import type { AppDeps } from './deps.ts';
import { AppError } from './errors.ts';
import { planServices, planSources } from './gather.ts';
import { nextAsks } from './plan.ts';
import { type PlanSelect, type PlanState, wantedIncidents } from './plan-case.ts';
import { incidentKeyOf, parseWindowId, windowId } from './select.ts';

/** Drafts that are looked through at a time. */
const PAGE = 50;

type Asked = Pick<DraftRequest, 'select' | 'with' | 'asOf' | 'window' | 'related'>;

/** Where the plan starts from. Throws AppError('usage') for an id, a service or a time that cannot be meant. */
export function startState(deps: AppDeps, request: Asked, now: Instant): PlanState {
  const { settings, sources } = deps;
  const { asOf, window, related = true } = request;
  if (asOf !== undefined && asOf > now) throw new AppError('usage', `${asOf} lies in the future: as of then nothing is known`);
  return {
    select: readSelect(deps, request),
    until: asOf ?? now,
    ...(asOf !== undefined && { isLookBack: true }),
    ...(window && { window }),
    related,
    policy: settings.policy,
    services: planServices(settings.services, sources),
    sources: planSources(sources),
    alarmSources: {},
    asked: [],
    read: [],
  };
}

function readSelect(deps: AppDeps, { select, with: others = [] }: Asked): PlanSelect {
  const meant: Select = select.kind === 'incident' ? (parseWindowId(select.id) ?? select) : select;
  const keyOf = (id: string) => incidentKeyOf(id, incidentSources(deps));
  if (meant.kind === 'incident') return { kind: 'incident', keys: [keyOf(meant.id), ...others.map(keyOf)] };
  if (others.length > 0) throw new AppError('usage', 'a window takes the incidents inside it: further ones go with an incident id');
  const { window, service } = meant;
  if (window.from >= window.to) throw new AppError('usage', `the window ends at ${window.to}, before it begins at ${window.from}`);
  const known = deps.settings.services.map(({ name }) => name);
  if (service !== undefined && !known.includes(service)) {
    throw new AppError('usage', `no service ${JSON.stringify(service)} is configured: ${known.join(', ') || 'there are none'}`);
  }
  return { kind: 'window', window, ...(service !== undefined && { service }) };
}

function incidentSources({ sources }: AppDeps): readonly string[] {
  return planSources(sources)
    .filter(({ streams }) => streams.includes('incidents'))
    .map(({ name }) => name);
}

/**
 * The key that a case is filed under: its first incident's, or the window's id. A number is looked up in what was read or
 * drafted before; where it never was it stays a number, which nothing is filed under.
 */
export async function caseKey(deps: AppDeps, start: PlanState): Promise<string> {
  const { select } = start;
  if (select.kind === 'window') return windowId(select.window, select.service);
  const [key] = select.keys;
  const [, source, number] = /^(.*)\/incident:(\d+)$/.exec(key) ?? [];
  if (source === undefined) return key;
  const asks = nextAsks({ ...start, select: { kind: 'incident', keys: [key] } });
  const answers = await Promise.all(asks.map((ask) => answerStored(deps, undefined, ask)));
  const found = wantedIncidents({ ...start, read: answers.flatMap(({ read }) => read) })[0] ?? key;
  return found === key ? ((await findByNumber(deps, source, Number(number))) ?? key) : found;
}

/** The key of a drafted incident with this number; its drafts say their numbers. */
async function findByNumber({ drafts }: AppDeps, source: string, number: number): Promise<string | undefined> {
  for (let before: string | undefined; ; ) {
    const page = await drafts.listIncidents({ limit: PAGE, ...(before !== undefined && { before }) });
    for (const { draftId, snapshot } of page) {
      const [first] = snapshot.incidents;
      if (snapshot.origin !== undefined || !first.startsWith(`${source}/`)) continue;
      const draft: Draft | undefined = JSON.parse((await drafts.findRendered(draftId)) ?? 'null') ?? undefined;
      if (draft?.case.incidents[0].number === number) return first;
    }
    before = page.at(-1)?.draftId;
    if (page.length < PAGE) return undefined;
  }
}
