import { isFinished, type JobService } from '../app/backfill.ts';
import type { Backfill, BackfillOutcome } from '../app/backfill-ports.ts';
import { AppError } from '../app/errors.ts';
import type { Context, Opened } from './io.ts';
import { formatTable } from './table.ts';
import { parseWindow } from './times.ts';

export interface BackfillFlags {
  readonly from?: string;
  readonly to?: string;
  readonly service?: string;
  readonly config?: string;
}

/** How often a terminal is told how far it is. */
const TOLD_MS = 2_000;

/** Opens the store and its queue. */
export async function openJobs(
  { open }: Pick<Context, 'open'>,
  { config }: { readonly config?: string },
  serves = false,
): Promise<{ readonly opened: Opened; readonly service: JobService; readonly close: () => Promise<void> }> {
  const opened = await open({ ...(serves && { serves: true }), ...(config !== undefined && { config }) });
  try {
    if (!opened.service) throw new Error('opened without jobs');
    return { opened, service: await opened.service(), close: opened.close };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** `hindcast backfill`: submits it, or goes on with the unfinished one of the same window, and works until it is done. */
export async function runBackfill(context: Context, flags: BackfillFlags): Promise<number> {
  const { io } = context;
  const window = parseWindow(flags.from, flags.to, io.now());
  const { service, close } = await openJobs(context, flags);
  try {
    const { id } = await service.backfills.submit({ window, ...(flags.service !== undefined && { service: flags.service }) });
    return await workOn(context, service, id);
  } finally {
    await close();
  }
}

/** `hindcast backfill status [N]`. */
export async function runStatus(context: Context, number: string | undefined, flags: { readonly config?: string }): Promise<number> {
  const { service, close } = await openJobs(context, flags);
  try {
    if (number !== undefined) context.io.out(formatBackfill(await service.backfills.find(readNumber(number))));
    else context.io.out(formatList(await service.backfills.newest(50)));
    return 0;
  } finally {
    await close();
  }
}

/** `hindcast backfill retry N` works on what failed until it is done; `cancel N` leaves what nobody has begun. */
export async function runChange(
  context: Context,
  verb: 'retry' | 'cancel',
  number: string,
  flags: { readonly config?: string },
): Promise<number> {
  const id = readNumber(number);
  const { service, close } = await openJobs(context, flags);
  try {
    if (verb === 'retry') {
      await service.backfills.retry(id);
      return await workOn(context, service, id);
    }
    context.io.out(formatBackfill(await service.backfills.cancel(id)));
    return 0;
  } finally {
    await close();
  }
}

async function workOn({ io }: Context, { backfills, work }: JobService, id: number): Promise<number> {
  io.err(`backfill ${id}: \`hindcast backfill status ${id}\` tells how far it is\n`);
  const told = new Set<string>();
  const tell = async () => {
    const now = await backfills.find(id);
    const lines = [estimateOf(now), `${lineOf(now)}\n`].filter((line) => line !== '' && !told.has(line));
    for (const line of lines) told.add(line);
    io.err(lines.join(''));
  };
  const timer = io.isTerminal ? setInterval(() => void tell().catch(() => undefined), TOLD_MS) : undefined;
  try {
    await work(io.signal, async () => isFinished(await backfills.find(id)));
  } finally {
    clearInterval(timer);
  }
  const done = await backfills.find(id);
  if (!isFinished(done))
    throw new AppError(
      'interrupted',
      `interrupted; run the same command again to go on, or let a \`hindcast worker\` finish backfill ${id}`,
    );
  io.out(formatBackfill(done));
  return exitOf(done);
}

/** Nothing could be written, something is missing, or all is well. */
function exitOf({ state, items, listing }: Backfill): number {
  const outcomes = outcomesOf({ items, listing });
  const failed = items.filter((item) => item.state === 'failed').length;
  if (state === 'failed' || (failed > 0 && failed === outcomes.length)) return 4;
  return failed > 0 || (listing?.gaps.length ?? 0) > 0 || outcomes.some(({ partial }) => partial) ? 3 : 0;
}

function readNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new AppError('usage', `${JSON.stringify(text)} is not the number of a backfill: \`hindcast backfill status\` lists them`);
}

function outcomesOf({ items, listing }: { readonly items: Backfill['items']; readonly listing: Backfill['listing'] }) {
  const had = (listing?.already ?? []).map((one) => ({ ...one, state: 'had a draft' }));
  return [...items, ...had].toSorted((a, b) => (a.began < b.began ? 1 : -1));
}

/** One line: how far it is. */
function lineOf({ id, state, reason, items, listing }: Backfill): string {
  if (state === 'failed') return `backfill ${id} failed: ${reason}`;
  if (!listing) return `backfill ${id}: ${state === 'cancelled' ? 'cancelled before its incidents were listed' : 'listing the incidents'}`;
  const count = (wanted: string) => items.filter((item) => item.state === wanted).length;
  const all = [
    [count('drafted'), 'drafted'],
    [listing.already.length, 'had a draft already'],
    [count('waiting'), 'waiting'],
    [count('failed'), 'failed'],
    [count('cancelled'), 'cancelled'],
  ] as const;
  const told = all.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  return `backfill ${id}: ${items.length + listing.already.length} drafts, of them ${told.join(', ') || 'none'}`;
}

function formatList(all: readonly Backfill[]): string {
  return all.length === 0 ? 'There is no backfill yet.\n' : all.map((one) => `${windowOf(one)}  ${lineOf(one)}\n`).join('');
}

function windowOf({ request }: Backfill): string {
  return `${request.window.from.slice(0, 10)} to ${request.window.to.slice(0, 10)}${request.service === undefined ? '' : `, ${request.service}`}`;
}

function formatBackfill(backfill: Backfill): string {
  const { takenAt, listing } = backfill;
  const rows = outcomesOf({ items: backfill.items, listing }).map((one) => [
    one.keys.map((key) => key.replace('/incident:', '/')).join(' + '),
    one.began,
    one.state,
    one.draftId?.slice(0, 19) ?? '',
    noteOf(one),
  ]);
  const gaps = (listing?.gaps ?? []).map(({ detail }) => `not listed: ${detail}\n`);
  return [
    `${lineOf(backfill)}\n`,
    `${windowOf(backfill)}, as of ${takenAt}\n`,
    estimateOf(backfill),
    ...gaps,
    ...(rows.length > 0 ? [formatTable(['incident', 'began', 'state', 'draft', 'note'], rows)] : []),
  ].join('');
}

/** How many calls the drafts take in all, and how long the budgets make that last; nothing once all of them are made. */
function estimateOf({ items, listing }: Backfill): string {
  const estimate = (listing?.estimate ?? []).map(({ source, calls, minutes }) => `${source} ${calls} calls, ${minutes} min`);
  const waits = items.some(({ state }) => state === 'waiting');
  return waits && estimate.length > 0 ? `by the budgets about: ${estimate.join('; ')}\n` : '';
}

function noteOf({ reason, taken, partial }: BackfillOutcome): string {
  const notes = [reason ?? '', taken ? `retention had taken part of ${taken.join(', ')}` : '', partial && !taken ? 'partial' : ''];
  return notes.filter((note) => note !== '').join('; ');
}
