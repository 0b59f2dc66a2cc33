import { type CheckReport, type Json, type NoteTaker, type NoteWriter, SourceError } from '../../src/contract/index.ts';
import { openPagerDuty, type PagerDuty } from './client.ts';
import type { PagerDutyConfig } from './config.ts';
import { isUnknown } from './errors.ts';

/** No incident is called so: what is written to it is written nowhere. */
const NO_INCIDENT = 'HINDCASTCHECKSNOTES';

/** Two clients of one account: the source's own token reads, the note's token writes, and both are in one budget. */
export const noteTaker: NoteTaker<PagerDutyConfig> = {
  open: (config, { token_env, token_type = 'token', from }, kit) =>
    writerOf(openPagerDuty(config, kit), openPagerDuty({ ...config, token_env, token_type }, kit), from),
};

function writerOf(reading: PagerDuty, writing: PagerDuty, from: string | undefined): NoteWriter {
  const create = (incident: string, content: string, signal: AbortSignal) =>
    writing.create(`/incidents/${incident}/notes`, 'note', { note: { content } }, from, signal);
  return {
    write: async (incident, text, signal) => {
      const standing = await reading.read(`/incidents/${incident}/notes`, 'notes', {}, signal);
      if (contentsOf(standing).includes(text)) return 'stood';
      await create(incident, text, signal);
      return 'written';
    },
    check: async (signal) => {
      try {
        await create(NO_INCIDENT, 'Hindcast looks whether it may write notes.', signal);
        return MAY;
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        const detail = `no note can be written (\`webhooks.pagerduty.note\`): ${error.message}`;
        // "No such incident" is what PagerDuty says to whoever may write.
        return isUnknown(error) ? MAY : { name: 'note', ok: false, detail };
      }
    },
  };
}

const MAY: CheckReport['checks'][number] = { name: 'note', ok: true, detail: 'notes can be written' };

function contentsOf(notes: Json): readonly string[] {
  if (!Array.isArray(notes)) throw new SourceError('unexpected_response', 'the notes of an incident came as no list');
  return notes.flatMap((note: Json) => {
    const content = typeof note === 'object' && note !== null && 'content' in note ? note['content'] : undefined;
    return typeof content === 'string' ? [content.trim()] : [];
  });
}
