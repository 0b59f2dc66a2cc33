import { setFlagsFromString } from 'node:v8';
import type { PullReport } from '../app/app.ts';
import type { Context } from './io.ts';
import { withProgress } from './progress.ts';
import { formatTable } from './table.ts';
import { parseWindow } from './times.ts';

export interface PullFlags {
  readonly from?: string;
  readonly to?: string;
  readonly service?: string;
  readonly out?: string;
  readonly dryRun?: boolean;
  readonly config?: string;
}

/** `hindcast pull`: the evidence of a window into the store, and into a file where one is named. */
export async function runPull({ io, open }: Context, flags: PullFlags): Promise<number> {
  // What a page leaves behind is garbage at once; by its own measure the engine would keep hundreds of megabytes of it.
  setFlagsFromString('--optimize-for-size');
  const window = parseWindow(flags.from, flags.to, io.now());
  if (flags.out !== undefined && !flags.dryRun) io.checkWritable(flags.out);
  const { app, close } = await open(flags.config === undefined ? {} : { config: flags.config });
  try {
    const report = await withProgress(io, 'reading', (onProgress) =>
      app.pull({
        window,
        signal: io.signal,
        ...(flags.service !== undefined && { service: flags.service }),
        ...(flags.dryRun && { dryRun: true }),
        ...(flags.out !== undefined && { bundle: true }),
        onProgress,
      }),
    );
    io.out(formatReport(report, flags.dryRun === true));
    if (flags.out !== undefined && !flags.dryRun) {
      io.writeFile(flags.out, report.bundle);
      io.err(`evidence written to ${flags.out}\n`);
    }
    return report.partial ? 3 : 0;
  } finally {
    await close();
  }
}

function formatReport({ streams, perMetric = [] }: PullReport, isDryRun: boolean): string {
  if (isDryRun) {
    const rows = streams.map(({ source, stream, requests, usd }) => [
      `${source}/${stream}`,
      `${requests}`,
      usd === undefined ? '' : `$${usd.toFixed(4)}`,
    ]);
    const calls = streams.reduce((sum, { requests }) => sum + requests, 0);
    const usd = streams.reduce((sum, stream) => sum + (stream.usd ?? 0), 0);
    const note = 'Nothing was asked. What the first answers name (series, statuses, comparisons) comes on top.\n';
    const each = perMetric.map(
      (metric) =>
        `Each metric of an alarm that moved adds up to ${metric.requests} calls to ${metric.source}/series, and $${metric.usd.toFixed(5)}.\n`,
    );
    return [formatTable(['stream', 'calls', 'cost'], [...rows, ['total', `${calls}`, `$${usd.toFixed(4)}`]]), note, ...each].join('');
  }
  const rows = streams.map(({ source, stream, records, pulled }) => [
    `${source}/${stream}`,
    `${records}`,
    pulled?.status ?? '',
    pulled?.gaps.map(({ reason, detail }) => `${reason}: ${detail}`).join('; ') ?? '',
  ]);
  return formatTable(['stream', 'records', 'status', 'gaps'], rows);
}
