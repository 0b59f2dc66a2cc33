import { alikeness, LEAST_ALIKE, wordsOf } from './matching.ts';
import type { Part } from './reader.ts';
import { rolesOf } from './roles.ts';
import { factsIn, isSameFact, type StatedFact } from './stated-facts.ts';
import { wordingDifference } from './wording.ts';

/** What two tellings of one thing say differently. */
export interface Difference {
  /** In words, for a finding. */
  readonly follows: string;
  /** `differs`: another value in place of ours; `adds`: one that the record has nowhere. */
  readonly how: 'differs' | 'adds';
  /** A number that stands where ours is another is certain; a word may be a synonym that we do not know. */
  readonly sure: 'certain' | 'likely' | 'possible';
}

/** Every fact that the record states anywhere: a person may bring one of them to another sentence. */
export type KnownFacts = Readonly<Record<StatedFact['kind'], readonly StatedFact[]>>;

/** The facts of all parts of a draft. */
export function knownFacts(parts: readonly Part[]): KnownFacts {
  const by = Map.groupBy(
    parts.flatMap(({ text }) => factsIn(text)),
    ({ kind }) => kind,
  );
  const of = (kind: StatedFact['kind']) => [...new Map((by.get(kind) ?? []).map((fact) => [fact.shown, fact])).values()];
  return { time: of('time'), day: of('day'), length: of('length'), number: of('number'), name: of('name') };
}

/** What a part says otherwise than the draft's in its place; nothing where only the wording differs. */
export function differenceOf(part: Part, ours: Part, known: KnownFacts): Difference | undefined {
  const [theirs, own] = [plainOf(part.text), plainOf(ours.text)];
  if (theirs === own) return undefined;
  return (
    exchanged(theirs, own) ??
    factDifference(theirs, own, known) ??
    quoteDifference(theirs, own) ??
    byWording(theirs, own) ??
    (part.kind === 'row' ? roleDifference(theirs, own) : undefined)
  );
}

/** Notes whose list was left behind, and quotes of another keyboard, are no difference. */
export function plainOf(text: string): string {
  return text
    .replaceAll(/ ?\[\^\d+\]/g, '')
    .replaceAll(/[“”]|"/g, '"')
    .replaceAll('’', "'")
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** The same words with other numbers: the one that stands in place of ours. */
function exchanged(theirs: string, own: string): Difference | undefined {
  const number = /\d+(?:[.,:]\d+)*/g;
  if (theirs.replaceAll(number, '#') !== own.replaceAll(number, '#')) return undefined;
  const [a, b] = [theirs.match(number) ?? [], own.match(number) ?? []];
  const at = a.findIndex((value, index) => value !== b[index]);
  if (at < 0) return undefined;
  return { follows: `The record says ${b[at]}, not ${a[at]}.`, how: 'differs', sure: 'certain' };
}

const KINDS = ['time', 'day', 'length', 'number', 'name'] as const satisfies readonly StatedFact['kind'][];

function factDifference(theirs: string, own: string, known: KnownFacts): Difference | undefined {
  const [stated, recorded] = [factsIn(theirs), factsIn(own)];
  for (const kind of KINDS) {
    const of = (facts: readonly StatedFact[]) => facts.filter((fact) => fact.kind === kind);
    const found = difference(of(stated), of(recorded), known[kind]);
    if (found) return found;
  }
  return undefined;
}

/** A person may leave facts out, and bring others of the record; not put another in the place of ours, nor one that the record has not. */
function difference(theirs: readonly StatedFact[], own: readonly StatedFact[], known: readonly StatedFact[]): Difference | undefined {
  const left = [...own];
  const extra = theirs.filter((fact) => {
    const exact = left.findIndex((one) => one.shown === fact.shown);
    const at = exact >= 0 ? exact : left.findIndex((one) => isSameFact(fact, one));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  const surplus = Math.max(0, theirs.length - own.length);
  const added = extra.filter((fact) => known.some((one) => isSameFact(fact, one))).slice(0, surplus);
  const [first] = extra.filter((fact) => !added.includes(fact));
  const [instead] = left;
  if (!first) return undefined;
  // A word that looks like a name may be a person's own: only one in the place of ours is told.
  if (instead === undefined)
    return first.kind === 'name' ? undefined : { follows: `The record has no ${first.shown} here.`, how: 'adds', sure: 'possible' };
  return { follows: `The record says ${instead.shown}, not ${first.shown}.`, how: 'differs', sure: 'likely' };
}

/** What is quoted is evidence: its words are not ours to change. */
function quoteDifference(theirs: string, own: string): Difference | undefined {
  const quoted = (text: string) => [...text.matchAll(/"([^"]*)"/g)].map(([, quote = '']) => quote.trim());
  const kept = quoted(own);
  const changed = quoted(theirs).find((quote) => !kept.some((one) => one === quote || one.includes(quote)));
  if (changed === undefined || kept.length === 0) return undefined;
  const [first] = changed;
  return { follows: `The record quotes “${kept.find((quote) => quote[0] === first) ?? kept[0]}”.`, how: 'differs', sure: 'likely' };
}

/** Sentence by sentence, each beside the one of ours that it shares most words with. */
function byWording(theirs: string, own: string): Difference | undefined {
  const ours = sentencesOf(own);
  for (const sentence of sentencesOf(theirs)) {
    const words = wordsOf(sentence);
    const nearest = ours.map((one) => ({ one, alike: coverage(words, wordsOf(one)) })).toSorted((a, b) => b.alike - a.alike)[0];
    const follows = nearest && nearest.alike >= LEAST_ALIKE ? wordingDifference(sentence, nearest.one) : undefined;
    if (follows !== undefined) return { follows, how: 'differs', sure: 'possible' };
  }
  return undefined;
}

/** A person's short sentence may be a clause of ours. */
function coverage(theirs: ReadonlySet<string>, own: ReadonlySet<string>): number {
  const shared = [...theirs].filter((word) => own.has(word)).length;
  return Math.max(alikeness(theirs, own), shared >= 3 ? (0.8 * shared) / theirs.size : 0);
}

/** A row that tells of one kind of thing where ours tells of another. */
function roleDifference(theirs: string, own: string): Difference | undefined {
  const [stated, recorded] = [rolesOf(theirs), rolesOf(own)];
  const isOther = stated.size > 0 && recorded.size > 0 && [...stated].every((role) => !recorded.has(role));
  return isOther ? { follows: `The record tells of something else here: “${own}”`, how: 'differs', sure: 'possible' } : undefined;
}

function sentencesOf(text: string): readonly string[] {
  return text.split(/(?<=[.;?!])\s+(?=[\p{Lu}\p{N}"])/u);
}
