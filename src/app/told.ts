import type { Snapshot } from '../core/case.ts';
import { canonical } from '../core/digest.ts';
import type { EvidenceId } from '../core/evidence.ts';
import type { Instant, Window } from '../core/time.ts';
import { openCircuit } from './circuit.ts';
import type { AppDeps } from './deps.ts';
import { interpret } from './interpret.ts';
import type { Ask } from './ports.ts';
import { type Answered, pullAsk } from './pull.ts';
import { toJson } from './snapshot.ts';

/** The stream of a told source that numbers come in: they are read as far back as any series of the case. */
const SERIES = 'series';

/**
 * The snapshot with what people and files told of its case, as far as it was told by `asOf`: pulled from the store like any
 * source, with no vendor asked. A source that told nothing of this case is not in it, so a statement about one incident
 * changes no draft of another. What the snapshot held of told sources before is read anew: the newest telling counts. Of a
 * bundle nothing is added, only what `asOf` had not heard is left out.
 */
export async function withTold(deps: AppDeps, snapshot: Snapshot, asOf: Instant | undefined): Promise<Snapshot> {
  const base = await withoutTold(deps, snapshot, asOf);
  if (snapshot.origin !== undefined) return base;
  const answers = await askTold(deps, snapshot, asOf);
  if (answers.length === 0) return base;
  const newest = new Map(answers.flatMap(({ evidence }) => evidence).map(({ object, id }) => [object, id]));
  const names = [...new Set(answers.filter(({ evidence }) => evidence.length > 0).map(({ ask }) => ask.source))];
  const normalizers = names.map((name) => [name, deps.sources.connectorOf(name)?.normalizer ?? ''] as const);
  const place = ({ source, stream }: { readonly source: string; readonly stream: string }) => `${source}/${stream}`;
  const lines = new Map([...base.coverage, ...answers.map(({ pulled }) => pulled)].map((line) => [canonical(toJson(line)), line]));
  return {
    ...base,
    evidence: [...new Set([...base.evidence, ...newest.values()])].toSorted(),
    coverage: [...lines.values()].toSorted((a, b) => (place(a) < place(b) ? -1 : 1)),
    normalizers: Object.fromEntries([...Object.entries(base.normalizers), ...normalizers].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** The snapshot without its told sources; of a bundle's, which cannot be asked again, without what was told after `asOf`. */
async function withoutTold({ sources, evidence }: AppDeps, snapshot: Snapshot, asOf: Instant | undefined): Promise<Snapshot> {
  const { normalizers, origin, coverage } = snapshot;
  const told = new Map(
    Object.entries(normalizers).flatMap(([name, normalizer]) => {
      const connector = sources.connectorOf(name, normalizer);
      return connector?.told ? [[name, connector] as const] : [];
    }),
  );
  if (told.size === 0 || (origin !== undefined && asOf === undefined)) return snapshot;
  const dropped = new Set<EvidenceId>();
  // Of all bodies only those that were told are looked into, and none is held.
  for await (const batch of evidence.batches(snapshot.evidence, snapshot.run)) {
    for (const record of batch) {
      const connector = told.get(record.source);
      if (connector && (origin === undefined || isLater(interpret(record, connector).events, asOf))) dropped.add(record.id);
    }
  }
  const left = snapshot.evidence.filter((id) => !dropped.has(id));
  if (origin !== undefined) return { ...snapshot, evidence: left };
  return {
    ...snapshot,
    evidence: left,
    coverage: coverage.filter(({ source }) => !told.has(source)),
    normalizers: Object.fromEntries(Object.entries(normalizers).filter(([name]) => !told.has(name))),
  };
}

function isLater(events: readonly { readonly knowableAt: Instant }[], asOf: Instant | undefined): boolean {
  return asOf !== undefined && events.length > 0 && events.every(({ knowableAt }) => knowableAt > asOf);
}

/** What each told source has of the case. The same code pulls it that pulls a vendor. */
async function askTold(deps: AppDeps, snapshot: Snapshot, asOf: Instant | undefined): Promise<readonly Answered[]> {
  const asks = await toldAsks(deps, snapshot);
  if (asks.length === 0) return [];
  const { clock, evidence, log, sources } = deps;
  const now = clock.now();
  const pull = { clock, evidence, log, run: await evidence.startRun(now), now, circuit: openCircuit() };
  const answers = await Promise.all(
    asks.map(async (ask) =>
      isHidden(ask.source, sources) ? await answerHidden(deps, ask) : await pullAsk(pull, sources.open(ask.source), ask),
    ),
  );
  return answers.map((answer) => heardBy(answer, asOf)).filter(({ evidence: found, pulled }) => found.length + pulled.gaps.length > 0);
}

/** The configuration has since given the name to a vendor: what files told under it cannot be told apart from that vendor's. */
function isHidden(source: string, { connectorOf }: AppDeps['sources']): boolean {
  return connectorOf(source)?.told === undefined;
}

async function answerHidden({ evidence }: AppDeps, ask: Ask): Promise<Answered> {
  const { source, stream, window } = ask;
  const { length } = await evidence.told(ask);
  const detail = `${length} imported records of ${source} are not shown: the configuration now calls another source so. Import them under another name`;
  const gaps = length > 0 ? [{ window, reason: 'unsupported' as const, detail }] : [];
  return { ask, pulled: { source, stream, need: 'extra', window, status: 'failed', gaps }, evidence: [], read: [] };
}

async function toldAsks({ evidence, sources }: AppDeps, { incidents, windows }: Snapshot): Promise<readonly Ask[]> {
  const asks: Ask[] = [];
  for (const { source, connector: id } of await evidence.toldSources()) {
    sources.tell(source, id);
    for (const { spec } of sources.connectors.find((connector) => connector.id === id)?.streams ?? []) {
      const isOfIncident = spec.windowField === 'keys';
      const window = isOfIncident
        ? windows.incident
        : spec.id === SERIES
          ? spanOf(Object.values(windows))
          : spanOf([windows.incident, windows.changes]);
      asks.push({ source, stream: spec.id, window, keys: isOfIncident ? incidents : [], scope: {} });
    }
  }
  return asks;
}

function spanOf(windows: readonly Window[]): Window {
  const from = windows.map((window) => window.from).toSorted()[0];
  const to = windows
    .map((window) => window.to)
    .toSorted()
    .at(-1);
  if (!from || !to) throw new RangeError('a case has windows');
  return { from, to };
}

/** Without the records whose every happening was told, or became known, after `asOf`: no window reached further then. */
function heardBy(answer: Answered, asOf: Instant | undefined): Answered {
  if (asOf === undefined) return answer;
  const { window } = answer.pulled;
  const pulled = { ...answer.pulled, window: { ...window, to: window.to < asOf ? window.to : asOf } };
  const later = new Set<EvidenceId>(
    answer.read.flatMap(({ events }) => (isLater(events, asOf) ? events.flatMap(({ provenance }) => provenance.evidence) : [])),
  );
  return { ...answer, pulled, evidence: answer.evidence.filter(({ id }) => !later.has(id)) };
}
