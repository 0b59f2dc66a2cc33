import { wordNote } from '../core/own-note.ts';
import { addMs } from '../core/time.ts';
import type { Drafted } from './app.ts';
import type { AppDeps } from './deps.ts';
import { AppError } from './errors.ts';
import { pathIdOf } from './select.ts';
import { draftIdOf } from './snapshot.ts';
import type { DueNote } from './webhook-ports.ts';

/** A call has half a minute, and there are two of them behind the budget. */
const DEADLINE_MS = 2 * 60_000;
/** Longer than that: what died on the way is another's, and by then its call has arrived or never will. */
const TAKEN_MS = 5 * 60_000;
const TRIES = 8;
/** Before the second try, doubled for each further one: the last is more than a day after the first. */
const FIRST_PAUSE_MS = 10 * 60_000;

/**
 * Makes the note of a draft due that a webhook brought about, where the configuration asks for notes: one a draft, however often it is
 * made. People's words do not make it another draft here, since the note is about what the sources told.
 *
 * @param incident `SOURCE~ID`, as it was delivered
 */
export async function makeNoteDue({ settings, notes, clock }: AppDeps, incident: string, { snapshot }: Drafted): Promise<void> {
  if (settings.webhooks?.pagerduty?.note === undefined) return;
  await notes.add({ draft: draftIdOf({ ...snapshot, lastEdit: 0 }), incident: pathIdOf(incident) }, clock.now());
}

/** Writes the note that is due longest, where there is one. What it comes to is told by the log and by the incident's own answer. */
export async function writeDueNote(deps: AppDeps, signal?: AbortSignal): Promise<boolean> {
  const { clock, notes, settings } = deps;
  if (settings.webhooks?.pagerduty?.note === undefined) return false;
  const due = await notes.take(clock.now(), addMs(clock.now(), TAKEN_MS), addMs(clock.now(), FIRST_PAUSE_MS * 2 ** TRIES));
  if (!due) return false;
  try {
    const came = await writeNote(deps, due, signal);
    await notes.end(due.draft, 'written');
    deps.log.info({ incident: due.incident, draftId: due.draft, came }, 'note written');
  } catch (error) {
    await putOff(deps, due, error);
  }
  return true;
}

async function writeNote(deps: AppDeps, { incident, draft }: DueNote, signal?: AbortSignal): Promise<'written' | 'stood'> {
  const [source = '', id = ''] = incident.split('~');
  const writer = deps.sources.noteWriter(source);
  if (!writer) throw new AppError('config', `no notes are configured for ${source}`);
  const link = deps.settings.webhooks?.pagerduty?.note?.link.replace(/\/+$/, '') ?? '';
  const limit = AbortSignal.any([AbortSignal.timeout(DEADLINE_MS), ...(signal ? [signal] : [])]);
  return await writer.write(id, wordNote(`${link}/incidents/${incident}/draft`, draft), limit);
}

/** It never fails the draft: that stands. Who stops the process takes nothing from the note: it is due again at once. */
async function putOff({ clock, notes, log }: AppDeps, { draft, incident, attempt }: DueNote, error: unknown): Promise<void> {
  const reason = error instanceof Error ? error.message : String(error);
  const isStopped = error instanceof AppError && error.code === 'interrupted';
  const isLast = attempt >= TRIES && !isStopped;
  if (isLast) await notes.end(draft, 'failed', reason);
  else await notes.postpone(draft, addMs(clock.now(), isStopped ? 0 : FIRST_PAUSE_MS * 2 ** (attempt - 1)), reason);
  log[isStopped ? 'info' : 'error']({ incident, draftId: draft, attempt, isLast, error }, 'note not written');
}
