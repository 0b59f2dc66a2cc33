import { resolve } from 'node:path';
import type { Context, Opened } from './io.ts';

interface ConfigFlag {
  readonly config?: string;
}

/** `hindcast migrate`: brings the store's schema up to date, which opening it does. */
export async function runMigrate(context: Context, flags: ConfigFlag): Promise<number> {
  return await withUpkeep(context, flags, async (upkeep) => {
    context.io.out(`the store is up to date: schema ${await upkeep.schema()}\n`);
  });
}

/** `hindcast backup FILE`. */
export async function runBackup(context: Context, file: string, flags: ConfigFlag): Promise<number> {
  return await withUpkeep(context, flags, async (upkeep) => {
    await upkeep.backup(resolve(context.io.cwd, file));
    context.io.out(`backup written to ${file}\n`);
  });
}

type Upkeep = Awaited<ReturnType<NonNullable<Opened['upkeep']>>>;

async function withUpkeep({ open }: Context, { config }: ConfigFlag, act: (upkeep: Upkeep) => Promise<void>): Promise<number> {
  const opened = await open({ offline: true, ...(config !== undefined && { config }) });
  try {
    if (!opened.upkeep) throw new Error('opened without its store');
    await act(await opened.upkeep());
    return 0;
  } finally {
    await opened.close();
  }
}
