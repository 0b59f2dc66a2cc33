/** Which block of a draft a line is, what we had generated for it, and which edits its author had seen. */
export interface Mark {
  readonly key: string;
  /** The first 40 bits of the digest of the generated text, as ten hex digits. */
  readonly digest: string;
  /** The number of the last edit that the document held; 0 where there was none. */
  readonly lastEdit: number;
}

/** An editor that wraps lines may break it at a space, and in a quote the next line begins with `>`. */
const MARK = /<!--[\s>]{1,20}([^\s>]+)[\s>]{1,20}([0-9a-f]{10})[\s>]{1,20}e(\d+)[\s>]{1,20}-->/;

/** What a mark holds of a digest. */
export function markDigest(digest: string): string {
  return digest.slice('sha256:'.length).slice(0, 10);
}

/** The mark as it stands at the end of a block's own line: `<!-- t.4k2m9x7qpd 9f3a1c22b0 e17 -->`. */
export function writeMark({ key, digest, lastEdit }: Mark): string {
  const name = key.replaceAll('%', '%25').replaceAll('--', '%2D%2D').replaceAll('>', '%3E').replaceAll(/\s/g, '%20');
  return `<!-- ${name} ${digest} e${lastEdit} -->`;
}

/** Whether a comment is a mark of ours. */
export function isMark(comment: string): boolean {
  return MARK.exec(comment)?.[0] === comment;
}

/** The mark in a block's source, and the source without it. A comment of another form is no mark and stays. */
export function readMark(source: string): { readonly mark: Mark | undefined; readonly source: string } {
  const found = MARK.exec(source);
  const [whole, name = '', digest = '', lastEdit = '0'] = found ?? [];
  if (!found || whole === undefined) return { mark: undefined, source };
  const key = keyOf(name);
  const rest = `${source.slice(0, found.index).trimEnd()}${source.slice(found.index + whole.length)}`;
  return { mark: { key, digest, lastEdit: Number(lastEdit) }, source: rest };
}

/** The keys of all marks in a text. */
export function markKeys(text: string): readonly string[] {
  return Array.from(text.matchAll(new RegExp(MARK, 'g')), ([, name = '']) => keyOf(name));
}

function keyOf(name: string): string {
  return name.replaceAll('%20', ' ').replaceAll('%3E', '>').replaceAll('%2D', '-').replaceAll('%25', '%');
}
