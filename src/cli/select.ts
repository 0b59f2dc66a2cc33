import type { Drafted, DraftRequest } from '../app/app.ts';
import { AppError } from '../app/errors.ts';
import type { Context, Opened } from './io.ts';
import { withProgress } from './progress.ts';
import { parseTime, parseWindow } from './times.ts';

/** The flags that say which case is meant, and how far it may look. */
export interface SelectFlags {
  readonly from?: string;
  readonly to?: string;
  readonly service?: string;
  readonly bundle?: string;
  readonly config?: string;
  readonly asOf?: string;
  readonly with?: readonly string[];
  readonly related?: boolean;
  readonly author?: readonly string[];
  readonly offline?: boolean;
  readonly refresh?: boolean;
}

/** Exactly one of an id, a window and a bundle. Throws AppError('usage') otherwise. */
function checkSelect(id: string | undefined, flags: SelectFlags): void {
  const isWindow = flags.from !== undefined || flags.to !== undefined;
  const given = [id !== undefined, isWindow, flags.bundle !== undefined].filter(Boolean).length;
  if (given === 0) {
    // Both flags take all words up to the next flag, the id too.
    const taken = (flags.author ?? flags.with) && '; it goes before --author and --with, which take every word after them';
    throw new AppError(
      'usage',
      `say which incident: its id, its number or its PagerDuty URL; or --from T --to T; or --bundle FILE${taken ?? ''}`,
    );
  }
  if (given > 1) throw new AppError('usage', 'an incident id, --from/--to and --bundle exclude each other: give one of them');
  if (flags.bundle !== undefined && (flags.with ?? flags.author ?? flags.refresh) !== undefined) {
    throw new AppError('usage', 'a bundle is drafted as it was pinned: --with, --author and --refresh do not go with --bundle');
  }
  if (flags.offline && flags.refresh)
    throw new AppError('usage', '--offline asks no source and --refresh asks them again: give one of them');
  if (flags.author?.some((name) => name.trim() === '')) throw new AppError('usage', '--author is empty: give a name');
  if (flags.service !== undefined && !isWindow) throw new AppError('usage', '--service goes with --from and --to');
}

/** Makes the draft that the flags ask for, closes what it opened, and lets `use` work on both while they are open. */
export async function withDraft<T>(
  { io, open }: Context,
  id: string | undefined,
  flags: SelectFlags,
  use: (drafted: Drafted, opened: Opened) => T | Promise<T>,
): Promise<T> {
  checkSelect(id, flags);
  const request = readRequest(id, flags, io.now());
  const opened = await open({
    ...(flags.config !== undefined && { config: flags.config }),
    ...(id !== undefined && { select: id }),
    bundle: flags.bundle !== undefined,
    ...(flags.offline && { offline: true }),
    ...((flags.offline || flags.bundle !== undefined) && { existing: true }),
  });
  try {
    const drafted =
      flags.bundle === undefined
        ? await withProgress(io, 'reading', (onProgress) => opened.app.draft({ ...request, signal: io.signal, onProgress }))
        : await opened.app.draftBundle(io.readFile(flags.bundle), request.asOf);
    return await use(drafted, opened);
  } finally {
    await opened.close();
  }
}

function readRequest(id: string | undefined, flags: SelectFlags, now: ReturnType<Context['io']['now']>): DraftRequest {
  const select =
    id === undefined
      ? flags.bundle === undefined
        ? ({
            kind: 'window',
            window: parseWindow(flags.from, flags.to, now),
            ...(flags.service !== undefined && { service: flags.service }),
          } as const)
        : ({ kind: 'incident', id: '' } as const)
      : ({ kind: 'incident', id } as const);
  return {
    select,
    ...(flags.with && { with: flags.with }),
    ...(flags.related === false && { related: false }),
    ...(flags.asOf !== undefined && { asOf: parseTime(flags.asOf, now, '--as-of') }),
    ...(flags.author && { authors: flags.author }),
    ...(flags.offline && { offline: true }),
    ...(flags.refresh && { refresh: true }),
  };
}
