/** What a pull request's own words say of others in its repository. */
export interface References {
  /** The number of the pull request that it takes back. */
  readonly reverts?: number;
  /** The commit that it takes back. */
  readonly revertsRevision?: string;
  /** Numbers of the issues and pull requests that it names, in order, without its own. */
  readonly mentions: readonly number[];
}

const MAX_MENTIONS = 50;

/**
 * Reads the conventions of the Revert button (`Reverts acme/api#12`), of `git revert` (`This reverts commit <sha>.`) and of a
 * title (`Revert "Cache profiles (#12)"`). People can edit all of them: what is not said is not guessed.
 */
export function referencesOf(repository: string, number: number, title: string, body: string): References {
  const reverts = revertedNumber(repository, title, body);
  const revision = /\bThis reverts commit ([0-9a-f]{40})\b/i.exec(body)?.[1]?.toLowerCase();
  const own = new RegExp(
    `(?:^|[^\\w/#&])(?:${escaped(repository)}#|GH-|#)(\\d{1,9})\\b|/${escaped(repository)}/(?:pull|issues)/(\\d{1,9})\\b`,
    'gi',
  );
  const numbers = [...`${title}\n${body}`.matchAll(own)].map(([, short, long]) => Number(short ?? long));
  const mentions = [...new Set(numbers)].filter((other) => other !== number).slice(0, MAX_MENTIONS);
  return { ...(reverts !== undefined && { reverts }), ...(revision !== undefined && { revertsRevision: revision }), mentions };
}

function revertedNumber(repository: string, title: string, body: string): number | undefined {
  const button = new RegExp(`^\\s*Reverts (?:${escaped(repository)})?#(\\d{1,9})\\b`, 'im').exec(body)?.[1];
  // The squashed title carries its number inside the quotes; one after them is the revert's own. `Revert "Revert "… (#12)""` and
  // `Reapply "… (#12)"` bring #12 back: what they take back is the revert, whose number only the body tells.
  const quoted = /^Revert "(?:.*)\(#(\d{1,9})\)"(?:\s*\(#\d{1,9}\))?\s*$/i.exec(title)?.[1];
  const found = button ?? quoted;
  return found === undefined ? undefined : Number(found);
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
