import { AppError } from '../app/errors.ts';
import type { Context } from './io.ts';

/** `hindcast bundle export ID`: the evidence of the newest draft as one JSONL file. */
export async function runBundleExport(
  { io, open }: Context,
  id: string,
  flags: { readonly roles?: boolean; readonly out?: string; readonly config?: string },
): Promise<number> {
  const { app, close } = await open({
    select: id,
    offline: true,
    existing: true,
    ...(flags.config !== undefined && { config: flags.config }),
  });
  try {
    const text = await app.exportBundle(id, { roles: flags.roles === true });
    if (flags.out === undefined) io.out(text);
    else io.writeFile(flags.out, text);
    if (flags.roles) io.err('names are roles in this bundle: it cannot be verified against the original\n');
    return 0;
  } finally {
    await close();
  }
}

/** `hindcast bundle import FILE`: checks every hash, and keeps it apart from live incidents. */
export async function runBundleImport({ io, open }: Context, file: string, flags: { readonly config?: string }): Promise<number> {
  const { app, close } = await open({ bundle: true, ...(flags.config !== undefined && { config: flags.config }) });
  try {
    const { root, draftId, incident } = await app.importBundle(io.readFile(file));
    io.out(`imported as ${incident}\nroot ${root}\ndraft ${draftId}\n`);
    io.err(`the file agrees with itself; that does not say who made it. Draft it with: hindcast draft --offline ${incident}\n`);
    return 0;
  } finally {
    await close();
  }
}

/** `hindcast reproduce`: rebuilds from stored evidence, with no connector opened, and compares bytes. Exit 5 where they differ. */
export async function runReproduce(
  { io, open }: Context,
  id: string | undefined,
  flags: { readonly bundle?: string; readonly config?: string },
): Promise<number> {
  if ((id === undefined) === (flags.bundle === undefined)) {
    throw new AppError('usage', 'say what to reproduce: the id of an incident or of a draft, or --bundle FILE, and not both');
  }
  const { app, close } = await open({
    bundle: flags.bundle !== undefined,
    offline: true,
    existing: true,
    ...(id !== undefined && { select: id }),
    ...(flags.config !== undefined && { config: flags.config }),
  });
  try {
    const { draftId, same, detail } =
      flags.bundle === undefined ? await app.reproduce(id ?? '') : await app.reproduceBundle(io.readFile(flags.bundle));
    io.out(`${same ? 'reproduced' : 'NOT reproduced'} ${draftId}\n${detail}\n`);
    return same ? 0 : 5;
  } finally {
    await close();
  }
}
