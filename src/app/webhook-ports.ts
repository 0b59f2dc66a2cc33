import type { NoteAccess } from '../contract/notes.ts';
import type { Instant } from '../core/time.ts';

/** A draft that an event made due. */
export interface DueDraft {
  readonly no: number;
  /** `SOURCE~ID`. */
  readonly incident: string;
  /** From 1; a process that died at it counts. */
  readonly attempt: number;
}

/** What vendors delivered, and the drafts that are due since: a restart loses none. */
export interface Deliveries {
  /** Notes an event and what it makes due, in one step. False, with nothing written, where it was noted before. */
  note(event: string, at: Instant, drafts: readonly { readonly incident: string; readonly at: Instant }[]): Promise<boolean>;
  /**
   * The draft that is due longest, taken until then: nobody else gets it before, nor another one of the same incident. What is put
   * off beyond `latest`, further than anything can be, was written before the clock was set back, and is due.
   */
  take(now: Instant, until: Instant, latest?: Instant): Promise<DueDraft | undefined>;
  /** Holds it until then; false where somebody else has it since. */
  keep(due: DueDraft, until: Instant): Promise<boolean>;
  done(no: number): Promise<void>;
  postpone(no: number, at: Instant, reason: string): Promise<void>;
}

/** A note that is to be written to the incident of a draft. */
export interface DueNote {
  readonly draft: string;
  /** `SOURCE~ID`. */
  readonly incident: string;
  /** From 1; a process that died at it counts. */
  readonly attempt: number;
}

/** What came of an incident's last note. */
export interface NoteState {
  readonly draft: string;
  readonly state: 'due' | 'written' | 'failed';
  /** Why it is not written, or was not at the last try. */
  readonly reason?: string;
}

/** The notes that go back to incidents: one a draft, kept for good, so that no draft writes a second one. */
export interface Notes {
  /** Nothing where the draft has one, in whatever state. */
  add(note: Pick<DueNote, 'draft' | 'incident'>, at: Instant): Promise<void>;
  /** The note that is due longest, taken until then: nobody else gets it before. `latest` as of a due draft. */
  take(now: Instant, until: Instant, latest?: Instant): Promise<DueNote | undefined>;
  end(draft: string, state: 'written' | 'failed', reason?: string): Promise<void>;
  postpone(draft: string, at: Instant, reason: string): Promise<void>;
  newest(incident: string): Promise<NoteState | undefined>;
}

/** What the configuration says of the webhooks of one source. */
export interface WebhookSettings {
  readonly source: string;
  readonly secrets_env: string;
  /** Absent where no note goes back. `link` is where people reach this API. */
  readonly note?: NoteAccess & { readonly link: string };
}

/** Who a webhook is of, and what its events may be signed with: several while a secret is exchanged. */
export interface WebhookSecrets {
  readonly source: string;
  readonly secrets: readonly string[];
}
