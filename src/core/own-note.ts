/**
 * The note that goes back to the incident of a draft. It names the draft, so that one draft writes one note whoever dies on the way,
 * and it is made to be known again: where the incident is read anew, our own words are no responder's.
 *
 * @param link where the draft is read
 * @param draftId `sha256:` and 64 hex digits
 */
export function wordNote(link: string, draftId: string): string {
  return `${OPENING}${link} (${draftId})`;
}

const OPENING = 'Hindcast drafted the post-mortem of this incident: ';

/** Whether the whole of a text is such a note. One that somebody wrote around it, a quotation for instance, is theirs. */
export function isOwnNote(text: string): boolean {
  return text.startsWith(OPENING) && /^http[^\n]{1,2000} \(sha256:[0-9a-f]{64}\)\s*$/.test(text.slice(OPENING.length));
}
