import { DatabaseSync } from 'node:sqlite';
import { CONNECTORS } from '../../connectors/index.ts';
import type { Logged } from '../../demo/standins/server.ts';
import type { Ask } from '../../src/app/ports.ts';
import { atMost } from '../../src/contract/calls.ts';
import type { Instant } from '../../src/core/time.ts';

/** A call as a stand-in logged it, under the name of the source that made it. */
export interface Made extends Logged {
  readonly source: string;
}

/** Which call is of which streams, and in which round the plan asks for it (`src/app/plan.ts`). */
const KINDS: readonly { readonly calls: RegExp; readonly streams: string; readonly round: number }[] = [
  { calls: /^pagerduty \/incidents\/[^/]+$/, streams: 'incidents', round: 1 },
  { calls: /^pagerduty \/incidents$/, streams: 'incidents', round: 2 },
  { calls: /^pagerduty \/(?:incidents\/[^/]+\/)?log_entries$/, streams: 'log_entries', round: 2 },
  { calls: /^pagerduty \/incidents\/[^/]+\/alerts$/, streams: 'alerts', round: 2 },
  { calls: /^pagerduty \/incidents\/[^/]+\/notes$/, streams: 'notes', round: 2 },
  { calls: /^pagerduty \/incidents\/[^/]+\/past_incidents$/, streams: 'past_incidents', round: 2 },
  { calls: /^pagerduty \/incidents\/[^/]+\/related_incidents$/, streams: 'related_incidents', round: 2 },
  { calls: /^pagerduty \/analytics\/raw\/incidents\//, streams: 'analytics', round: 2 },
  { calls: /^pagerduty \/change_events$/, streams: 'change_events', round: 2 },
  { calls: /^aws-prod DescribeAlarm(?:s|History)$/, streams: 'alarms alarm_history', round: 2 },
  { calls: /^aws-prod ListMetrics$/, streams: 'metrics', round: 3 },
  { calls: /^aws-prod GetMetricData$/, streams: 'series', round: 3 },
  { calls: /^github \/graphql$/, streams: 'deployments', round: 2 },
  { calls: /^github \/repos\/[^/]+\/[^/]+(?:\/activity)?$/, streams: 'pushes', round: 2 },
  { calls: /^github \/repos\/[^/]+\/[^/]+\/releases$/, streams: 'releases', round: 2 },
  { calls: /^github \/repos\/[^/]+\/[^/]+\/pulls$/, streams: 'changes', round: 2 },
  { calls: /^github \/repos\/[^/]+\/[^/]+\/compare\//, streams: 'comparisons', round: 3 },
  { calls: /^github \/repos\/[^/]+\/[^/]+\/commits\/[^/]+\/pulls$/, streams: 'changes', round: 3 },
];

const lineOf = ({ source, path, target }: Made) => `${source} ${target ?? path}`;
const kindOf = (made: Made) => KINDS.find(({ calls }) => calls.test(lineOf(made)));

/**
 * The rounds that the log shows. Pull requests of a deployed revision are of the third; those of a commit that no comparison ends
 * with were named by one, so they are of the fourth.
 */
export function roundsIn(log: readonly Made[]): number {
  const heads = new Set(log.map(({ path }) => /\/compare\/.*\.\.\.([^/]+)$/.exec(path)?.[1]));
  const rounds = log.map((made) => {
    const commit = /\/commits\/([^/]+)\/pulls$/.exec(made.path)?.[1];
    return commit !== undefined && !heads.has(commit) ? 4 : kindOf(made)?.round;
  });
  return new Set(rounds).size;
}

/** Pages of the longest list: calls that differ in nothing but where they go on. */
export function longestList(log: readonly Made[]): number {
  const lists = Map.groupBy(log, (made) => `${lineOf(made)} ${withoutPlace(made.query)} ${withoutPlace(made.body ?? '')}`);
  return Math.max(...[...lists.values()].map(({ length }) => length));
}

function withoutPlace(question: string): string {
  return question.replace(/([?&])(?:page|offset|after|cursor)=[^&]*/g, '$1').replace(/"(?:NextToken|cursor)":"[^"]*",?/g, '');
}

/** Calls that no question of the plan needs: of no stream, made twice, or more than the plan's questions come to. */
export function unneededIn(log: readonly Made[], store: string, now: Instant): readonly string[] {
  const stray = log.filter((made) => kindOf(made) === undefined).map((made) => `${lineOf(made)}: of no stream`);
  const once = Map.groupBy(log, (made) => `${lineOf(made)}${made.query} ${made.body ?? ''}`);
  const twice = [...once].filter(([, { length }]) => length > 1).map(([line]) => `${line}: asked twice`);
  const needed = neededBy(store, now);
  const byStreams = Map.groupBy(log, (made) => `${made.source} ${kindOf(made)?.streams}`);
  const more = [...byStreams].flatMap(([name, { length }]) => {
    const [source, ...streams] = name.split(' ');
    const most = streams.reduce((sum, stream) => sum + (needed.get(`${source} ${stream}`) ?? 0), 0);
    return length > most ? [`${name}: ${length} calls, and the plan needs ${most}`] : [];
  });
  return [...stray, ...twice, ...more];
}

/** By source and stream, what the plan's questions of the last run come to, as each stream counts its own calls; from the store. */
function neededBy(store: string, now: Instant): ReadonlyMap<string, number> {
  const db = new DatabaseSync(store, { readOnly: true });
  const rows = db.prepare('select ask from pull where run_id = (select max(id) from run)').all();
  db.close();
  const needed = new Map<string, number>();
  for (const row of rows) {
    const ask: Ask = JSON.parse(String(row['ask']));
    const stream = CONNECTORS.flatMap(({ streams }) => streams).find(({ spec }) => spec.id === ask.stream);
    const request = { ...ask, now, calls: atMost(Number.MAX_SAFE_INTEGER), signal: new AbortController().signal };
    const name = `${ask.source} ${ask.stream}`;
    needed.set(name, (needed.get(name) ?? 0) + (stream?.estimate(request).requests ?? 0));
  }
  return needed;
}
