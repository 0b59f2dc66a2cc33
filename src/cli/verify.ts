import { AppError } from '../app/errors.ts';
import { verifyDocuments } from '../app/verify.ts';
import type { Draft } from '../core/draft/model.ts';
import { readVersion } from '../platform/package-root.ts';
import { renderFindings, renderFindingsJson, renderSarif } from '../render/findings.ts';
import type { Context } from './io.ts';

export interface VerifyFlags {
  readonly format: 'table' | 'json' | 'sarif';
  /** The incident whose stored draft the documents are held against. */
  readonly incident?: string;
  readonly bundle?: string;
  readonly config?: string;
}

/**
 * `hindcast verify FILE…`: checks any post-mortem against itself; with `--incident` or `--bundle` against the record, too. By itself it
 * needs no configuration and no account, and no source is ever asked. Exit 5 where anything is found, however surely, that the
 * document does not explain itself.
 */
export async function runVerify(context: Context, files: readonly string[], flags: VerifyFlags): Promise<number> {
  if (files.length === 0) throw new AppError('usage', 'say which post-mortem: hindcast verify FILE.md');
  if (flags.incident !== undefined && flags.bundle !== undefined) {
    throw new AppError('usage', 'hold a document against an incident or against a bundle: --incident and --bundle exclude each other');
  }
  if (flags.config !== undefined && flags.incident === undefined) throw new AppError('usage', '--config goes with --incident');
  const { io } = context;
  const documents = files.map((path) => ({ path, text: io.readFile(path) }));
  const checked = verifyDocuments(documents, await draftFor(context, flags));
  const written = {
    table: () => renderFindings(checked),
    json: () => renderFindingsJson(checked),
    sarif: () => renderSarif(checked, readVersion()),
  };
  io.out(written[flags.format]());
  return checked.some(({ findings }) => findings.some(({ verdict }) => verdict === 'wrong')) ? 5 : 0;
}

/** The draft that the documents are held against; nothing where only their own words count. */
async function draftFor({ io, open }: Context, { incident, bundle, config }: VerifyFlags): Promise<Draft | undefined> {
  if (incident === undefined && bundle === undefined) return undefined;
  const { app, close } = await open({
    bundle: bundle !== undefined,
    offline: true,
    existing: true,
    ...(incident !== undefined && { select: incident }),
    ...(config !== undefined && { config }),
  });
  try {
    const { draft } = bundle === undefined ? await app.stored(incident ?? '') : await app.draftBundle(io.readFile(bundle));
    return draft;
  } finally {
    await close();
  }
}
