/** What a change event's own sentence says of a rollout, where its details and links are silent. */
export interface Spoken {
  /** A full or short hash, in lower case. */
  readonly revision?: string;
  /** A version: `v2.3.4`. */
  readonly name?: string;
}

const ROLLED_OUT = /\b(?:deploy(?:s|ed|ing|ment)?|releas(?:e|es|ed|ing)|roll(?:s|ed|ing)?[ -]?(?:out|back)|rollout|rollback|shipped)\b/i;
/** Seven digits or more, with a letter and a figure among them: no plain number, no word, no part of a longer name. */
const HASH = /(?<![\w-])(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}(?![\w-])/gi;
const VERSION = /(?<![\w.-])v?\d+\.\d+\.\d+(?:-[\w.]+)?(?![\w-]|\.\d)/gi;
const TOWARDS = /\bto\s+(?:the\s+)?(?:commit|revision|version|release|tag)?\s*$/i;
const ROLLOUT = String.raw`\b(?:deploy(?:ment|ing)?|release|rollout|rollback|roll(?:ing)?[ -](?:out|back))\b`;
/** The rest of a clause: a dot inside a version ends none. */
const CLAUSE = String.raw`(?:[^.;:!]|[.:](?=\S)){0,80}`;
/** After it a word is said of the rollout, and not of what was rolled out: `failed payments`, `queued jobs`. */
const SAID_OF_IT = String.raw`\s*(?:$|[.,;:!)(]|(?:on|in|at|after|with|due|by|for|to|from)\b)`;
/** That it did not work out: `Rollback of checkout failed`, and not `deployed the fix for failed payments`. */
const FAILED = new RegExp(
  String.raw`${ROLLOUT}${CLAUSE}\b(?:failed|aborted|cancell?ed|timed out)${SAID_OF_IT}|\bfail(?:ed|ure)? to (?:deploy|release|roll)\b`,
  'i',
);
/** That it has begun, or will: `Deployment of 41b7c2d started`, `Starting the rollback of checkout`. */
const BEGUN = new RegExp(
  String.raw`${ROLLOUT}${CLAUSE}\b(?:started|starting|begun|began|in progress|queued)${SAID_OF_IT}|\b(?:start(?:ed|ing|s)|beg(?:inning|an|un|ins)|queu(?:ed|ing))\s+(?:(?:the|a|an|to|of|new|our)\s+){0,2}${ROLLOUT}`,
  'i',
);
const OVER = /\b(?:finished|completed?|succeeded|successful(?:ly)?|done|ended)\b/i;

/** Whether a text says that something was rolled out or back. */
export function saysRolledOut(text: string): boolean {
  return ROLLED_OUT.test(text);
}

/** Whether it says that a rollout began, and not that it is over, too. */
export function saysBegun(text: string): boolean {
  return BEGUN.test(text) && !OVER.test(text);
}

export function saysFailed(text: string): boolean {
  return FAILED.test(text);
}

/**
 * The commit or the version that a sentence on a rollout names. Of several (`from 9f2c1ab to 41b7c2d`) the one that it leads to; where it does not say
 * which, none: a guess would be worse.
 */
export function spokenIn(text: string): Spoken {
  if (!saysRolledOut(text)) return {};
  const revision = theOne(text, HASH)?.toLowerCase();
  const name = theOne(text, VERSION);
  return { ...(revision !== undefined && { revision }), ...(name !== undefined && { name }) };
}

function theOne(text: string, pattern: RegExp): string | undefined {
  const found = [...text.matchAll(pattern)];
  if (new Set(found.map(([match]) => match.toLowerCase())).size === 1) return found[0]?.[0];
  const led = found.filter(({ index }) => TOWARDS.test(text.slice(0, index)));
  return led.length === 1 ? led[0]?.[0] : undefined;
}
