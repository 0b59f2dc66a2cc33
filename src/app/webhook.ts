import { addMs, durationMs } from '../core/time.ts';
import type { App, DraftRequest } from './app.ts';
import type { AppDeps } from './deps.ts';
import { AppError } from './errors.ts';
import { makeNoteDue, writeDueNote } from './notes.ts';
import type { DueDraft } from './webhook-ports.ts';

/** What a vendor said has happened. It is a hint: what the draft rests on is read from the vendor's API. */
export interface Delivery {
  /** The configured source that the incident is of. */
  readonly source: string;
  /** The event's own id: a repeated one does nothing. */
  readonly event: string;
  /** `incident.resolved`; nothing comes of any other. */
  readonly type: string;
  /** The vendor's id of the incident. */
  readonly incident: string;
}

/** What became of it: `repeated` and `ignored` wrote nothing. */
export type Received = 'due' | 'repeated' | 'ignored';

/**
 * Makes two drafts of a resolved incident due: one once it has settled, and one when nothing can be added to its last window any
 * more. Throws AppError('usage') where the id is none.
 */
export async function receive({ settings, clock, deliveries }: AppDeps, { source, event, type, incident }: Delivery): Promise<Received> {
  if (type !== 'incident.resolved') return 'ignored';
  if (!/^[A-Za-z0-9]{1,100}$/.test(incident)) throw new AppError('usage', 'the event names no incident');
  const now = clock.now();
  const { settle, windows } = settings.policy;
  const after = [...new Set([durationMs(settle), durationMs(windows.after)])];
  const drafts = after.map((ms) => ({ incident: `${source}~${incident}`, at: addMs(now, ms) }));
  return (await deliveries.note(`${source} ${event}`, now, drafts)) ? 'due' : 'repeated';
}

/** Who has not said for so long that the draft is still being made has died: it is due again. */
const TAKEN_MS = 3 * 60_000;
const TRIES = 8;
/** Before the second try, doubled for each further one: the last is more than a day after the first. */
const FIRST_PAUSE_MS = 10 * 60_000;

/** One that ends its process each time must not end every other for ever; each taking counts, whatever came of it. */
const TAKINGS = 20;

/** Makes the draft that is due longest, where there is one. A source that does not answer is asked again later. */
export async function draftDue(deps: AppDeps, draft: App['draft'], signal?: AbortSignal): Promise<boolean> {
  const { clock, deliveries, log } = deps;
  const due = await takeDue(deps);
  if (!due) return false;
  const { no, incident, attempt } = due;
  const held = hold(deps, due);
  const request: DraftRequest = {
    select: { kind: 'incident', id: incident },
    refresh: true,
    onlyIfChanged: true,
    signal: AbortSignal.any([held.lost, ...(signal ? [signal] : [])]),
  };
  try {
    const drafted = await draft(request);
    const { draftId, partial } = drafted;
    // Before it is done: who dies between the two makes it again.
    await makeNoteDue(deps, incident, drafted);
    await deliveries.done(no);
    log.info({ incident, draftId, partial }, 'due draft made');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (held.lost.aborted) {
      log.warn({ incident, attempt }, 'due draft lost');
      return true;
    }
    // Who stops the process takes nothing from the draft: it is due again at once.
    const isStopped = error instanceof AppError && error.code === 'interrupted';
    const isLast = attempt >= TRIES || (error instanceof AppError && error.code === 'unknown_incident');
    const pause = isStopped ? 0 : FIRST_PAUSE_MS * 2 ** (attempt - 1);
    await (isLast && !isStopped ? deliveries.done(no) : deliveries.postpone(no, addMs(clock.now(), pause), reason));
    log[isStopped ? 'info' : 'error']({ incident, attempt, isLast, error }, 'due draft not made');
  } finally {
    await held.release();
  }
  return true;
}

async function takeDue(deps: AppDeps): Promise<DueDraft | undefined> {
  const { clock, deliveries, log } = deps;
  const now = clock.now();
  const due = await deliveries.take(now, addMs(now, TAKEN_MS), addMs(now, longestWaitMs(deps)));
  if (!due || due.attempt <= TAKINGS) return due;
  await deliveries.done(due.no);
  log.error({ incident: due.incident, attempt: due.attempt }, 'due draft given up: its process ended each time');
  return await takeDue(deps);
}

/** Nothing is put off further: for what is to come after the incident, or for the pause before the last try. */
function longestWaitMs({ settings }: AppDeps): number {
  const { settle, windows } = settings.policy;
  return Math.max(durationMs(settle), durationMs(windows.after), FIRST_PAUSE_MS * 2 ** TRIES);
}

/** Says again and again that the draft is being made. `lost` is aborted where somebody else has it. */
function hold({ clock, deliveries }: AppDeps, due: DueDraft): { readonly lost: AbortSignal; release(): Promise<void> } {
  const [lost, ended] = [new AbortController(), new AbortController()];
  const beat = async () => {
    while (!ended.signal.aborted) {
      await clock.sleep(TAKEN_MS / 3, ended.signal).catch(() => undefined);
      if (ended.signal.aborted) return;
      // A store that is away for a moment tells nothing about who has it.
      const isOurs = await deliveries.keep(due, addMs(clock.now(), TAKEN_MS)).catch(() => true);
      if (!isOurs) return lost.abort(new AppError('interrupted', 'another process makes the draft'));
    }
  };
  const beating = beat();
  return {
    lost: lost.signal,
    release: async () => {
      ended.abort();
      await beating;
    },
  };
}

/** How often it is looked whether a draft is due. */
const LOOK_MS = 5_000;

/**
 * Makes what is due until it is told to stop, drafts and their notes; what is under way then is finished or due again. Throws
 * AppError('config') where the token of the notes is missing.
 */
export async function keepDrafting(deps: AppDeps, draft: App['draft'], signal: AbortSignal): Promise<void> {
  deps.sources.noteWriter(deps.settings.webhooks?.pagerduty?.source ?? '');
  const make = async () => {
    const isDrafted = await draftDue(deps, draft, signal);
    return (await writeDueNote(deps, signal)) || isDrafted;
  };
  while (!signal.aborted) {
    const made = await make().catch((error: unknown) => {
      deps.log.error({ error }, 'due drafts cannot be read');
      return false;
    });
    if (!made) await deps.clock.sleep(LOOK_MS, signal).catch(() => undefined);
  }
}
