import { findDepartures } from '../../src/core/analysis/departures.ts';
import { instantAt } from '../../src/core/time.ts';
import { shareFigure } from './onset-score.ts';
import type { Figure, Part } from './part.ts';
import { alarmSide, type Column, PETSHOP, PETSHOP_PERIOD_MS, petshopSeries, readNormal } from './petshop-data.ts';

const ROWS_AN_HOUR = 3_600_000 / PETSHOP_PERIOD_MS;

/** Quiet days cut into windows, each scanned alone: what is found there is false, as far as nobody knows of a fault. */
export const falseOnsets: Part = {
  name: 'false-onsets',
  needs: PETSHOP,
  run: async () => [24, 2].flatMap((hours) => figuresOf(hours)),
};

interface Cut {
  readonly service: string;
  readonly isTarget: boolean;
  readonly key: string;
  readonly onsets: number;
}

function figuresOf(hours: number): readonly Figure[] {
  const rows = hours * ROWS_AN_HOUR;
  const cuts = [...readNormal()].flatMap(([scenario, { columns, startsMs }]) => {
    const firsts = Array.from({ length: Math.floor(startsMs.length / rows) }, (_, at) => at * rows);
    return firsts.flatMap((first) => columns.flatMap((column) => cutOf(column, startsMs, first, rows, `${scenario}@${first}`)));
  });
  const targets = cuts.filter(({ isTarget }) => isTarget);
  const base = { task: 'false onset', data: `${PETSHOP} noissue, windows of ${hours} h` };
  const reach = 'under 5 of 100 windows';
  return [
    windowsFigure(
      { ...base, figure: 'one series, the targets of the faults', reach },
      targets.map(({ onsets }) => onsets),
      hours,
    ),
    windowsFigure(
      { ...base, figure: 'one series, all nodes', reach },
      cuts.map(({ onsets }) => onsets),
      hours,
    ),
  ];
}

function windowsFigure(base: Pick<Figure, 'task' | 'data' | 'figure' | 'reach'>, onsets: readonly number[], _hours: number): Figure {
  return shareFigure(base, onsets.filter((one) => one > 0).length, onsets.length, (value) => value < 0.05);
}

function cutOf(column: Column, startsMs: readonly number[], first: number, rows: number, window: string): readonly Cut[] {
  const starts = startsMs.slice(first, first + rows);
  const values = column.values.slice(first, first + rows);
  const until = instantAt((starts.at(-1) ?? 0) + PETSHOP_PERIOD_MS);
  const series = petshopSeries({ ...column, values }, starts);
  const answer = findDepartures({ series, alarm: alarmSide(column), from: instantAt(starts[0] ?? 0), until });
  if ('found' in answer) return [];
  const isTarget = column.service === 'PetSite' && column.statistic === 'Average';
  return [{ service: column.service, isTarget, key: `${window} ${column.service}`, onsets: answer.length }];
}
