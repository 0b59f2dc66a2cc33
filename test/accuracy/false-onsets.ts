import { findDepartures, type ScanQuestion } from '../../src/core/analysis/departures.ts';
import { findServiceDepartures } from '../../src/core/analysis/service-departures.ts';
import { instantAt } from '../../src/core/time.ts';
import { inventedImpacts, scannedImpacts } from './invented-impacts.ts';
import { shareFigure } from './onset-score.ts';
import type { Figure, Part } from './part.ts';
import { alarmSide, PETSHOP, PETSHOP_PERIOD_MS, petshopSeries, readNormal, type Table } from './petshop-data.ts';

const ROWS_AN_HOUR = 3_600_000 / PETSHOP_PERIOD_MS;

/**
 * Quiet days cut into windows, each scanned alone: what is found there is false, as far as nobody knows of a fault. A series is
 * one column; a service is all columns of a node together. The targets are the two series on which the data set judges its
 * faults, and the service they belong to; all nodes are every node of the graph, those of the cloud vendor among them.
 *
 * The targets' eight days hold one find: on 2023-09-07 at 01:50 the front end's availability, else 99.9 to 100 %, was 98.7 and then
 * 96.9 %. Nobody injected a fault, but requests did fail, twenty deviations out: no rule for outages should be deaf to that. Windows
 * moved by an hour each find this one dip again and nothing else (14 of 104), so that shifting draws no new evidence.
 */
export const falseOnsets: Part = {
  name: 'false-onsets',
  needs: PETSHOP,
  run: async (seed) => [...[24, 2].flatMap((hours) => [...figuresOf(hours), ...inventedImpacts(hours)]), ...scannedImpacts(seed)],
};

interface Cut {
  readonly service: string;
  readonly isTarget: boolean;
  /** Whether anything could be read from it, and whether something was found. */
  readonly isRead: boolean;
  readonly isFalse: boolean;
}

const TARGET_SERVICE = 'PetSite';
const REACH = 'under 5 of 100 windows';

function figuresOf(hours: number): readonly Figure[] {
  const rows = hours * ROWS_AN_HOUR;
  const windows = [...readNormal().values()].flatMap((table) =>
    Array.from({ length: Math.floor(table.startsMs.length / rows) }, (_, at) => questionsOf(table, at * rows, rows)),
  );
  const series = windows.flatMap((window) => window.map((one) => cutOfSeries(one)));
  const services = windows.flatMap((window) => [...Map.groupBy(window, ({ service }) => service).values()].map((all) => cutOfService(all)));
  const base = { task: 'false onset', data: `${PETSHOP} noissue, windows of ${hours} h` };
  return [
    windowsFigure(
      { ...base, figure: 'one series, the targets of the faults' },
      series.filter(({ isTarget }) => isTarget),
    ),
    windowsFigure({ ...base, figure: 'one series, all nodes' }, series),
    windowsFigure(
      { ...base, figure: `a service, ${TARGET_SERVICE}` },
      services.filter(({ service }) => service === TARGET_SERVICE),
    ),
    windowsFigure({ ...base, figure: 'a service, all nodes' }, services),
  ];
}

function windowsFigure(base: Pick<Figure, 'task' | 'data' | 'figure'>, cuts: readonly Cut[]): Figure {
  const read = cuts.filter(({ isRead }) => isRead);
  return shareFigure({ ...base, reach: REACH }, read.filter(({ isFalse }) => isFalse).length, read.length, (value) => value < 0.05);
}

interface Asked {
  readonly service: string;
  readonly isTarget: boolean;
  readonly question: ScanQuestion;
}

function questionsOf({ columns, startsMs }: Table, first: number, rows: number): readonly Asked[] {
  const starts = startsMs.slice(first, first + rows);
  const from = instantAt(starts[0] ?? 0);
  const until = instantAt((starts.at(-1) ?? 0) + PETSHOP_PERIOD_MS);
  return columns.map((column) => ({
    service: column.service,
    isTarget: column.service === TARGET_SERVICE && column.statistic === 'Average',
    question: {
      series: petshopSeries({ ...column, values: column.values.slice(first, first + rows) }, starts),
      alarm: alarmSide(column),
      from,
      until,
    },
  }));
}

function cutOfSeries({ service, isTarget, question }: Asked): Cut {
  const answer = findDepartures(question);
  return { service, isTarget, isRead: !('found' in answer), isFalse: !('found' in answer) && answer.length > 0 };
}

function cutOfService(all: readonly Asked[]): Cut {
  const { departures, refused } = findServiceDepartures(all.map(({ question }) => question));
  const service = all[0]?.service ?? '';
  return { service, isTarget: service === TARGET_SERVICE, isRead: refused.length < all.length, isFalse: departures.length > 0 };
}
