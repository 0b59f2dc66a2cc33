import type { SummaryBy } from '../core/summary.ts';
import { renderSummary, type SummaryFormat } from '../render/summary.ts';
import type { Context } from './io.ts';
import { parseWindow } from './times.ts';

export interface SummaryFlags {
  readonly from?: string;
  readonly to?: string;
  readonly by?: SummaryBy;
  readonly format: SummaryFormat;
  readonly config?: string;
}

/** `hindcast summary`: durations over the drafted incidents that began in a window. No source is asked. */
export async function runSummary({ io, open }: Context, { from, to, by, format, config }: SummaryFlags): Promise<number> {
  const window = parseWindow(from, to, io.now());
  const { app, close } = await open({ offline: true, existing: true, ...(config !== undefined && { config }) });
  try {
    io.out(renderSummary(await app.summary({ window, ...(by !== undefined && { by }) }), format));
    return 0;
  } finally {
    await close();
  }
}
