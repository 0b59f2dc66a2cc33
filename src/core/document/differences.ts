import type { Part } from './reader.ts';
import { rolesOf } from './roles.ts';

/** What two tellings of one thing say differently, in words for a finding; nothing where only the wording differs. */
export function differenceOf(part: Part, ours: Part): string | undefined {
  const [theirs, own] = [part.cells ?? [part.text], ours.cells ?? [ours.text]];
  if (part.text === ours.text) return undefined;
  if (part.cells && theirs.length === own.length) return firstOf(theirs.map((cell, at) => differenceIn(cell, own[at] ?? '')));
  return differenceIn(part.text, ours.text);
}

function firstOf(found: readonly (string | undefined)[]): string | undefined {
  return found.find((difference) => difference !== undefined);
}

function differenceIn(theirs: string, own: string): string | undefined {
  if (theirs === own) return undefined;
  return firstOf([
    different('number', numbersIn(theirs), numbersIn(own)),
    different('name', namesIn(theirs), namesIn(own)),
    quoteDifference(theirs, own),
    different('direction', meaningsIn(theirs), meaningsIn(own)),
    roleDifference(theirs, own),
  ]);
}

/** What is stated and not in the record; a person may leave things out, but not add them unseen. */
function different(what: string, theirs: readonly string[], own: readonly string[]): string | undefined {
  const left = [...own];
  const extra = theirs.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  const [first] = extra;
  if (first === undefined) return undefined;
  const [instead] = left;
  if (what === 'direction')
    return instead === undefined ? `The record does not say "${first}".` : `The record says "${instead}", not "${first}".`;
  return instead === undefined ? `The record has no ${what} ${first} here.` : `The record says ${instead}, not ${first}.`;
}

/** Times, dates, counts, shares and versions, each with what makes it one: `14:32`, `125,000`, `2.5`, `v2.3.4`. */
function numbersIn(text: string): readonly string[] {
  return [...text.matchAll(/(?<![\p{L}\d])[#v]?\d+(?:[.,:]\d+)*(?![\p{L}])/gu)].map(([number]) =>
    number.replaceAll(/(?<=\d),(?=\d{3}\b)/g, ''),
  );
}

/** Words that name a thing of a machine: they hold a capital inside, a digit, an underscore, a slash, or dashes. */
function namesIn(text: string): readonly string[] {
  const words = withoutLinks(text).match(/[\p{L}\p{N}][\p{L}\p{N}_./@-]*[\p{L}\p{N}]/gu) ?? [];
  return words
    .filter((word) => /\p{Ll}\p{Lu}|_|\/|@|\p{L}\d|\d\p{L}|\p{L}-\p{L}.*[-\d]|^[a-z]+-[A-Z]/u.test(word) && !/^\d+[a-z]{1,3}$/.test(word))
    .map((word) => word.toLowerCase());
}

function withoutLinks(text: string): string {
  return text.replaceAll(/https?:\/\/\S+/g, ' ');
}

/** What is quoted is evidence: its words are not ours to change. */
function quoteDifference(theirs: string, own: string): string | undefined {
  const kept = quotesIn(own);
  const changed = quotesIn(theirs).find((quote) => !kept.includes(quote));
  if (changed === undefined || kept.length === 0) return undefined;
  return `The record quotes “${kept.find((quote) => quote[0] === changed[0]) ?? kept[0]}”.`;
}

function quotesIn(text: string): readonly string[] {
  return [...text.matchAll(/“([^”]*)”/g)].map(([, quote = '']) => quote.replaceAll(/\s+/g, ' ').trim());
}

/** Words that turn a sentence round when they change: each with what it stands for, so that a synonym is no difference. */
const MEANINGS: readonly (readonly [pattern: RegExp, meaning: string])[] = [
  [/^(?:not|no|never|none|nobody|nothing|without|cannot|neither|nor|n't)$|n't$/, 'not'],
  [/^(?:above|over|exceeded?|higher|rose|risen|climbed|increased?|up)$/, 'above'],
  [/^(?:below|under|lower|fell|fallen|dropped|decreased?|down)$/, 'below'],
  [/^(?:before|earlier|prior|preceded)$/, 'before'],
  [/^(?:after|later|followed|since)$/, 'after'],
  [/^(?:started|began|begun|starts|begins|opened|triggered|launched)$/, 'started'],
  [/^(?:finished|ended|completed?|closed|over|done|concluded)$/, 'finished'],
  [/^(?:fired|alarmed|breached|left)$/, 'fired'],
  [/^(?:ok|recovered|normal|healthy|back)$/, 'normal'],
  [/^(?:failed|failure|unsuccessful)$/, 'failed'],
  [/^(?:succeeded|success|successful|successfully)$/, 'succeeded'],
  [/^(?:primary)$/, 'primary'],
  [/^(?:secondary)$/, 'secondary'],
  [/^(?:database)$/, 'database'],
  [/^(?:acknowledged|acked|answered)$/, 'acknowledged'],
  [/^(?:escalated|escalation)$/, 'escalated'],
  [/^(?:confirmed|confirms)$/, 'confirmed'],
  [/^(?:rejected|rejects|ruled)$/, 'rejected'],
  [/^(?:all|every|whole|entire)$/, 'all'],
  [/^(?:same)$/, 'same'],
  [/^(?:other|another|different)$/, 'another'],
  [/^(?:complete|full|fully)$/, 'complete'],
  [/^(?:partial|partly|incomplete)$/, 'partial'],
  [/^(?:observed|measured)$/, 'observed'],
  [/^(?:inferred|estimated|guessed)$/, 'inferred'],
];

function meaningsIn(text: string): readonly string[] {
  const words = text.toLowerCase().match(/[a-z]+(?:['’]t)?/g) ?? [];
  return words.flatMap((word) => MEANINGS.find(([pattern]) => pattern.test(word.replace('’', "'")))?.[1] ?? []);
}

function roleDifference(theirs: string, own: string): string | undefined {
  const kept = rolesOf(own);
  const added = [...rolesOf(theirs)].find((role) => !kept.has(role));
  return added === undefined || kept.size === 0 ? undefined : `The record tells of something else here: “${own}”`;
}
