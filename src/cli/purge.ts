import type { PurgeReport } from '../app/purge.ts';
import type { Context } from './io.ts';
import { withProgress } from './progress.ts';
import { formatTable } from './table.ts';

export interface PurgeFlags {
  readonly dryRun?: boolean;
  readonly format: 'table' | 'json';
  readonly config?: string;
}

/** `hindcast purge`: what `storage.keep_evidence` no longer keeps goes now, for who runs neither `serve` nor `worker`. No source is asked. */
export async function runPurge({ io, open }: Context, { dryRun, format, config }: PurgeFlags): Promise<number> {
  const { app, close } = await open({ offline: true, existing: true, ...(config !== undefined && { config }) });
  try {
    const report = await withProgress(io, dryRun ? 'looking' : 'purging', () =>
      app.purge({ signal: io.signal, ...(dryRun && { dryRun: true }) }),
    );
    io.out(format === 'json' ? `${JSON.stringify({ dryRun: dryRun === true, ...report }, null, 2)}\n` : formatReport(report));
    if (report.unswept !== undefined)
      io.err(`hindcast: files beside the store may still tell what was purged: ${report.unswept}; run the same command again\n`);
    return 0;
  } finally {
    await close();
  }
}

function formatReport({ keepEvidence, before, records, drafts, streams }: PurgeReport): string {
  const rule = `kept for ${keepEvidence}, so what nobody read since ${before}`;
  if (!streams) return `${rule} was purged: ${counted(records, 'record')}; ${counted(drafts, 'draft')} kept as made\n`;
  const rows = streams.map((one) => [one.stream, `${one.records}`]);
  const table = rows.length > 0 ? formatTable(['stream', 'records'], rows) : '';
  return `${table}${rule} would be purged: ${counted(records, 'record')}; ${counted(drafts, 'draft')} kept as made\nNothing was purged.\n`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
