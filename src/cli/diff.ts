import { renderComparison } from '../render/comparison.ts';
import type { Context } from './io.ts';

export interface DiffFlags {
  readonly from?: string;
  readonly to?: string;
  readonly format: 'table' | 'json';
  readonly config?: string;
}

/** `hindcast diff ID`: what moved between two drafts; without flags between the newest one and the one before it. */
export async function runDiff({ io, open }: Context, id: string, { from, to, format, config }: DiffFlags): Promise<number> {
  const { app, close } = await open({ select: id, offline: true, existing: true, ...(config !== undefined && { config }) });
  try {
    const comparison = await app.compare(id, { ...(from !== undefined && { from }), ...(to !== undefined && { to }) });
    io.out(format === 'json' ? `${JSON.stringify(comparison, null, 2)}\n` : renderComparison(comparison));
    return 0;
  } finally {
    await close();
  }
}
