import { analyze } from '../../src/core/analysis/analyze.ts';
import type { Case } from '../../src/core/case.ts';
import { epochMs, instantAt } from '../../src/core/time.ts';
import { caseOf, coverageLineOf, eventOf, incidentFactOf } from '../support/events.ts';
import { randomOf } from '../support/random.ts';
import { shareFigure } from './onset-score.ts';
import type { Figure } from './part.ts';
import { PETSHOP, PETSHOP_PERIOD_MS, type PetshopIssue, petshopSeries, readIssues, readNormal, type Table } from './petshop-data.ts';

const HOUR_MS = 3_600_000;
/** What a draft reads before the window or the incident, as `policy.windows` has it; the data reach two days in all. */
const BEFORE_HOURS = 24;
const BEFORE_ROWS = (BEFORE_HOURS * HOUR_MS) / PETSHOP_PERIOD_MS;
const NEAR_MS = 600_000;

/**
 * The whole of the scan where no alarm fired, on quiet days: how often a case of a service, with all seven series of a node and no
 * alarm to say which side is bad, is given an `impact_started`. Once for windows that somebody asked about, and once for incidents that
 * a person opened at the end of one, with nothing in the metrics. Each window has the day before it, as a draft reads it.
 */
export function inventedImpacts(hours: number): readonly Figure[] {
  const cases = [...readNormal().values()].flatMap((table) => windowsOf(table, hours).flatMap((fromMs) => casesOf(table, fromMs, hours)));
  const base = { task: 'invented impact', data: `${PETSHOP} noissue, windows of ${hours} h`, reach: 'under 5 of 100 windows' };
  const shareOf = (figure: string, which: keyof Pair) => {
    const read = cases.map((pair) => analyze(pair[which])).filter(({ impactSeries }) => impactSeries.some(isRead));
    const given = read.filter(({ milestones }) => milestones.impact_started.known);
    return shareFigure({ ...base, figure }, given.length, read.length, (value) => value < 0.05);
  };
  return [
    shareOf('a start is given to a quiet window of a service', 'quiet'),
    shareOf('a start is given to an incident opened at its end', 'opened'),
  ];
}

/** The other side of it: faults of the same data, each behind a day of quiet, and an incident that a person opened 25 minutes in. */
export function scannedImpacts(seed: number): readonly Figure[] {
  const starts = readIssues().flatMap((issue) => {
    const table = tableOf(issue, randomOf(seed + issue.truthMs / 1000));
    const last = table?.startsMs.at(-1);
    if (!table || last === undefined) return [];
    const [pair] = casesOf(table, last + PETSHOP_PERIOD_MS - HOUR_MS, 1);
    return pair ? [{ issue, start: analyze(pair.opened).milestones.impact_started }] : [];
  });
  const near = starts.filter(({ issue, start }) => start.known && Math.abs(epochMs(start.time.at) - issue.truthMs) <= NEAR_MS);
  const base = { task: 'scanned impact', data: `${PETSHOP}, the service of each fault behind a quiet day` };
  return [
    shareFigure({ ...base, figure: 'a start is given' }, starts.filter(({ start }) => start.known).length, starts.length),
    shareFigure({ ...base, figure: 'a start within 10 min' }, near.length, starts.length),
  ];
}

function isRead({ departed, silent }: { readonly departed?: unknown; readonly silent?: { readonly reason: string } }): boolean {
  return departed !== undefined || silent?.reason === 'no_departure' || silent?.reason === 'apart';
}

/** The target's service with the issue's rows behind a day of quiet rows of its scenario; nothing where that has no quiet days. */
function tableOf({ scenario, target, table }: PetshopIssue, random: () => number): Table | undefined {
  const quiet = readNormal().get(scenario);
  if (!quiet) return undefined;
  const from = Math.floor(random() * (quiet.startsMs.length - BEFORE_ROWS + 1));
  const columns = table.columns.flatMap((own) => {
    const before = quiet.columns.find(
      ({ service, metric, statistic }) => service === own.service && metric === own.metric && statistic === own.statistic,
    );
    if (own.service !== target.service || !before) return [];
    return [{ ...own, values: [...before.values.slice(from, from + BEFORE_ROWS), ...own.values] }];
  });
  const firstMs = (table.startsMs[0] ?? 0) - BEFORE_ROWS * PETSHOP_PERIOD_MS;
  return { columns, startsMs: Array.from({ length: BEFORE_ROWS + table.startsMs.length }, (_, at) => firstMs + at * PETSHOP_PERIOD_MS) };
}

interface Pair {
  readonly quiet: Case;
  readonly opened: Case;
}

function windowsOf({ startsMs }: Table, hours: number): readonly number[] {
  const fromMs = (startsMs[0] ?? 0) + BEFORE_HOURS * HOUR_MS;
  const count = Math.floor(((startsMs.at(-1) ?? 0) - fromMs) / (hours * HOUR_MS));
  return Array.from({ length: count }, (_, at) => fromMs + at * hours * HOUR_MS);
}

/** A case of each node of the table, of what lies before the window's end. */
function casesOf({ columns, startsMs }: Table, fromMs: number, hours: number): readonly Pair[] {
  const untilMs = fromMs + hours * HOUR_MS;
  const starts = startsMs.filter((ms) => ms < untilMs);
  const [day, from, until] = [instantAt(fromMs - BEFORE_HOURS * HOUR_MS), instantAt(fromMs), instantAt(untilMs)];
  return [...Map.groupBy(columns, ({ service }) => service)].map(([name, own]) => {
    const common: Partial<Case> = {
      series: own.map((column) => petshopSeries({ ...column, values: column.values.slice(0, starts.length) }, starts)),
      services: [{ name, owns: [`petshop/metric:${name}/*`, 'pagerduty/service:PAPI001'], dependsOn: [] }],
      subject: [name],
      now: until,
      takenAt: until,
      windows: { incident: { from, to: until }, changes: { from: day, to: until }, baseline: { from: day, to: from } },
      coverage: [coverageLineOf('petshop', 'alarm_history'), coverageLineOf('petshop', 'series')],
    };
    const events = [eventOf('incident.triggered', until)];
    const facts = [incidentFactOf({ status: 'open', triggeredAt: until })];
    return {
      quiet: caseOf({ ...common, incidents: [`w~${from}~${until}`], asked: { from, to: until }, facts: [], events: [] }),
      opened: caseOf({ ...common, events, facts }),
    };
  });
}
