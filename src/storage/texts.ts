/**
 * A text as every engine keeps it: PostgreSQL's have no U+0000, and SQLite measures no further than to it. Evidence, edits and
 * snapshots are stored as JSON, which writes it as an escape, so that nothing of them is changed here.
 */
export function keptText(text: string): string {
  return text.includes('\u0000') ? text.replaceAll('\u0000', '\ufffd') : text;
}
