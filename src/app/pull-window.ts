import { atMost } from '../contract/calls.ts';
import type { PullReport, PullRequested } from './app.ts';
import { writeBundle } from './bundle.ts';
import type { AppDeps } from './deps.ts';
import { gatherCase } from './draft.ts';
import { nextAsks } from './plan.ts';
import { seriesWindows } from './plan-alarms.ts';
import { caseOf, type PlanState } from './plan-case.ts';
import type { Ask } from './ports.ts';
import { isPartial, takeSnapshot } from './snapshot.ts';
import { startState } from './start.ts';
import { withTold } from './told.ts';

/** Nobody waits for a pull as for a draft: a list of a thousand pages takes what the vendor's budget makes it take. */
const QUESTION_MS = 6 * 3_600_000;

/** The evidence of a window into the store: the same questions that a draft of it asks. */
export async function pullWindow(deps: AppDeps, request: PullRequested): Promise<PullReport> {
  const { window, service, dryRun } = request;
  const now = deps.clock.now();
  const start = startState(deps, { select: { kind: 'window', window, ...(service !== undefined && { service }) } }, now);
  if (dryRun)
    return { streams: firstAsks(start).map((ask) => estimate(deps, ask)), perMetric: perMetric(deps, start), partial: false, bundle: '' };
  const { gathered, run } = await gatherCase(deps, { ...request, questionMs: QUESTION_MS }, start);
  const input = { settings: deps.settings, authors: undefined, asOf: undefined, takenAt: now, engine: deps.engine, lastEdit: 0 };
  const snapshot = await withTold(deps, { ...takeSnapshot(gathered, deps.sources, input), run }, undefined);
  const bundle = request.bundle
    ? writeBundle({ snapshot, records: await deps.evidence.read(snapshot.evidence, run), purged: [], edits: [], redacted: false })
    : '';
  return {
    streams: gathered.answers.map(({ ask, pulled, evidence }) => ({ ...estimate(deps, ask), records: evidence.length, pulled })),
    partial: isPartial(snapshot),
    bundle,
  };
}

/** What is asked before anything is known: the incidents of the window, and its lists. */
function firstAsks(start: PlanState): readonly Ask[] {
  const records = nextAsks(start);
  return [...records, ...nextAsks({ ...start, asked: records })];
}

/** A metric of a minute's period over its two windows, at every source that charges for metrics. */
function perMetric(deps: AppDeps, start: PlanState): PullReport['perMetric'] & {} {
  const theCase = caseOf({ ...start, asked: nextAsks(start) });
  if (!theCase) return [];
  const { around, baseline } = seriesWindows(start, theCase);
  return start.sources.flatMap(({ name: source, streams }) => {
    if (!streams.includes('series')) return [];
    const ask = { source, stream: 'series', scope: {} };
    const key = `${source}/metric:NAMESPACE/METRIC#Average`;
    const told = [
      estimate(deps, { ...ask, window: around, keys: [`${key}@60`] }),
      estimate(deps, { ...ask, window: baseline, keys: [`${key}@300`] }),
    ];
    const usd = told.reduce((sum, one) => sum + (one.usd ?? 0), 0);
    return usd > 0 ? [{ source, requests: told.reduce((sum, { requests }) => sum + requests, 0), usd }] : [];
  });
}

function estimate({ sources, clock }: AppDeps, ask: Ask): PullReport['streams'][number] {
  const { source, stream } = ask;
  const request = { ...ask, now: clock.now(), calls: atMost(Number.MAX_SAFE_INTEGER), signal: new AbortController().signal };
  const { requests, usd } = sources
    .connectorOf(source)
    ?.streams.find(({ spec }) => spec.id === stream)
    ?.estimate(request) ?? { requests: 0 };
  return { source, stream, requests, records: 0, ...(usd !== undefined && { usd }) };
}
