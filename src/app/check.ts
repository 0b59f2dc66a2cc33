import type { AnyConnector, CheckReport } from '../contract/connector.ts';
import { SourceError } from '../contract/errors.ts';
import type { Json } from '../core/evidence.ts';
import { addMs, type Instant } from '../core/time.ts';
import type { SourceChecked } from './app.ts';
import type { AppDeps } from './deps.ts';
import { AppError } from './errors.ts';
import { BY_CHOICE, choiceOf } from './plan.ts';
import type { Settings } from './ports.ts';

const DEADLINE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * Every configured source by the calls that a pull makes: reachable or not, permissions by name, its clock beside ours.
 * What fails is a line of the answer, not an error. Throws AppError('config') where no source is configured or a secret is missing.
 */
export async function checkSources(deps: AppDeps, signal?: AbortSignal): Promise<readonly SourceChecked[]> {
  const { names } = deps.sources;
  if (names.length === 0) throw new AppError('config', 'no source is configured: set PAGERDUTY_TOKEN, or name sources in hindcast.yaml');
  const opened = names.map((name) => deps.sources.open(name));
  return await Promise.all(opened.map(({ name }) => checkSource(deps, name, signal)));
}

/** What the configuration names beside sources: a template that no draft could be arranged by is found here, not after an incident. */
export async function checkSettings({ template }: Pick<Settings, 'template'>): Promise<CheckReport['checks']> {
  if (!template) return [];
  const { templateProblem } = await import('../render/template.ts');
  const problem = templateProblem(template);
  return [{ name: 'draft.template', ok: problem === undefined, detail: problem ?? `${template.main} can be used` }];
}

async function checkSource({ sources, settings, log, clock }: AppDeps, name: string, signal?: AbortSignal): Promise<SourceChecked> {
  const { connector, client } = sources.open(name);
  const scopes = settings.services.flatMap(({ owns }): readonly Json[] => (owns[name] === undefined ? [] : [owns[name]]));
  const limit = AbortSignal.any([AbortSignal.timeout(DEADLINE_MS), ...(signal ? [signal] : [])]);
  try {
    const [report, noted] = await Promise.all([connector.check(client, scopes, limit), sources.noteWriter(name)?.check(limit)]);
    // A connector may word an abort as one more failed line.
    if (signal?.aborted) throw interrupted();
    // A connector that tells what it keeps by itself is not said again.
    const isTold = report.checks.some(({ name: check }) => check === 'retention');
    // A draft is made without its note, but who asked for notes gets none.
    const checks = [...report.checks, ...(noted ? [noted] : []), ...(isTold ? [] : keptBy(connector, scopes, clock.now()))];
    return { source: name, connector: connector.id, report: { ...report, checks }, ok: checks.every(({ ok, extra }) => ok || extra) };
  } catch (error) {
    if (signal?.aborted) throw interrupted();
    if (!(error instanceof SourceError) && !limit.aborted) throw error;
    log.warn({ source: name, error }, 'source check failed');
    const detail = error instanceof SourceError ? error.message : `no answer within ${DEADLINE_MS / 1000} s`;
    return { source: name, connector: connector.id, report: { checks: [{ name: 'reachable', ok: false, detail }] }, ok: false };
  }
}

/** How far back each list that a vendor forgets still reaches: an incident from before cannot be read in full any more. */
function keptBy({ streams }: AnyConnector, scopes: readonly Json[], now: Instant): CheckReport['checks'] {
  return streams.flatMap(({ spec: { id, retentionDays } }) => {
    if (retentionDays === undefined || (BY_CHOICE.has(id) && !scopes.some((scope) => choiceOf(scope) === id))) return [];
    const oldest = addMs(now, -retentionDays * DAY_MS).slice(0, 'YYYY-MM-DD'.length);
    return [{ name: `${id} kept`, ok: true, detail: `for ${retentionDays} days: from ${oldest} on` }];
  });
}

function interrupted(): AppError {
  return new AppError('interrupted', 'interrupted before every source was checked; run the same command again');
}
