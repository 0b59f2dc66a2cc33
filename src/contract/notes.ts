import type { CheckReport, Kit } from './connector.ts';

/** What lets us write beside a vendor's record: a token of its own, since the one that reads may only read. */
export interface NoteAccess {
  /** The environment variable that holds the token. */
  readonly token_env: string;
  readonly token_type?: 'token' | 'bearer';
  /** Whose name the note stands under, as the vendor knows them: an e-mail address. */
  readonly from?: string;
}

/** Writes notes of ours to incidents of one source. */
export interface NoteWriter {
  /**
   * Writes the text to the incident with that id of the vendor, unless a note with just that text stands there already, and says
   * which. Who does not know whether an earlier call arrived may call again. Throws SourceError.
   */
  write(incident: string, text: string, signal: AbortSignal): Promise<'written' | 'stood'>;
  /** Whether it may write, by a call that writes nothing; the missing permission by name. */
  check(signal: AbortSignal): Promise<CheckReport['checks'][number]>;
}

/** What a connector has whose vendor takes notes. It makes the writer and asks nothing. */
export interface NoteTaker<Config> {
  open(config: Config, access: NoteAccess, kit: Kit): NoteWriter;
}
