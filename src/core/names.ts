/**
 * How a known person is written in free text, found in one pass: the text is read word by word, and each word is looked
 * up by its folded form, so the cost grows with the text and not with the number of people.
 */

/** The words of a text or a name. Where a script puts no spaces between words, each of its characters counts as one. */
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}])[\p{L}\p{M}\p{N}])+/gu;

/** A character that is a word of its own. */
const SPACELESS = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]$/u;

/** What may stand between two words of one name: `Jean-Luc`, `O'Brien`, `jane_doe`, `Doe, Jane`, `J. Doe`, `J.-L. Doe`. */
const BETWEEN = /^(?:[\s\u00a0]{1,2}|[-'’._,]|[.,][\s\u00a0]|\.-)$/u;

/** Whether a word is a character of a script without spaces: a name of such characters is found inside a run of others. */
export function isSpaceless(word: string): boolean {
  return SPACELESS.test(word);
}

/** Letters that Unicode does not decompose, as people type them without. */
const PLAIN: Readonly<Record<string, string>> = { ß: 'ss', ø: 'o', ł: 'l', đ: 'd', æ: 'ae', œ: 'oe', ı: 'i' };

/** Lower case, without diacritics: `José` and `JOSE` fold alike. */
export function fold(text: string): string {
  if (/^[\w@.-]*$/.test(text)) return text.toLowerCase();
  const bare = text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    // Else a syllable of Hangul is three letters.
    .normalize('NFC')
    .toLowerCase();
  return bare.replace(/[ßøłđæœı]/g, (letter) => PLAIN[letter] ?? letter);
}

/** The folded words of a name: `Jean-Luc Picard` has three. */
export function wordsOf(name: string): readonly string[] {
  return (name.match(WORD) ?? []).map(fold);
}

/**
 * How a name must be written to be meant: a full name or a handle counts in any case; a first name in prose in any case
 * and in code with a capital; a short one with a capital always (`sam deploy` is a tool, `Sam` is a person); and what is a
 * common word too, only behind an `@`.
 */
export type Writing = 'any' | 'prose' | 'capitalized' | 'mention';
const STRICTNESS = { any: 0, prose: 1, capitalized: 2, mention: 3 } as const satisfies Record<Writing, number>;

/** One way of writing one person. */
export interface Form {
  readonly words: readonly string[];
  readonly writing: Writing;
  readonly replacement: string;
}

/** Forms by their first folded word, longest first. */
export type FormIndex = ReadonlyMap<string, readonly Form[]>;

/** Indexes forms. Of two forms with equal words that mean different people, neither can be told: they read "someone". */
export function indexForms(forms: readonly Form[]): FormIndex {
  const known = new Map<string, Form>();
  for (const form of forms) {
    const key = form.words.join(' ');
    const other = known.get(key);
    if (key === '') continue;
    const writing = other && STRICTNESS[other.writing] < STRICTNESS[form.writing] ? other.writing : form.writing;
    const replacement = other && other.replacement !== form.replacement ? SOMEONE : form.replacement;
    known.set(key, { words: form.words, writing, replacement });
  }
  const index = Map.groupBy(known.values(), ({ words }) => words[0] ?? '');
  for (const [first, list] of index)
    index.set(
      first,
      list.toSorted((a, b) => b.words.length - a.words.length),
    );
  return index;
}

/** What stands for a person whom no role can be given. */
export const SOMEONE = 'someone';

interface Word {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Compared with every form that begins alike. */
  readonly folded: string;
}

/**
 * Where a text stands: in code only what is written as a name counts; in the name of a branch, where people write their own
 * handles in lower case and with hyphens, everything that can be one.
 */
export type Place = 'prose' | 'code' | 'branch';

/** Puts replacements in place of the forms that the index knows. */
export function replaceForms(text: string, index: FormIndex, place: Place): string {
  if (index.size === 0) return text;
  const words = wordsIn(text);
  const parts: string[] = [];
  let done = 0;
  for (let at = 0; at < words.length; ) {
    const found = formAt(text, words, at, index, place);
    const first = words[at];
    const last = found ? words[at + found.length - 1] : undefined;
    if (found && first && last) {
      parts.push(text.slice(done, first.start), found.form.replacement);
      done = last.end;
    }
    at += found ? found.length : 1;
  }
  return done === 0 ? text : parts.join('') + text.slice(done);
}

function wordsIn(text: string): readonly Word[] {
  const words: Word[] = [];
  for (const { index: start, 0: own } of text.matchAll(WORD)) words.push({ start, end: start + own.length, text: own, folded: fold(own) });
  return words;
}

/** The longest form that begins at a word, and how many words of the text it takes. */
function formAt(text: string, words: readonly Word[], at: number, index: FormIndex, place: Place) {
  const first = words[at];
  if (!first) return undefined;
  for (const form of index.get(first.folded) ?? []) {
    const length = lengthOf(text, words, at, form);
    if (length > 0 && isWritten(text, words.slice(at, at + length), form, place)) return { form, length };
  }
  return undefined;
}

/** How many words of the text a form takes from here; 0 where it does not stand. A middle initial may stand inside it. */
function lengthOf(text: string, words: readonly Word[], at: number, { words: wanted }: Form): number {
  let length = 1;
  for (const word of wanted.slice(1)) {
    const next = words[at + length];
    const hasInitial = next !== undefined && next.text.length === 1 && !isSpaceless(next.text) && next.folded !== word;
    if (hasInitial) length += 1;
    const own = words[at + length];
    if (own?.folded !== word) return 0;
    for (const place of hasInitial ? [length - 1, length] : [length]) if (!joins(text, words[at + place - 1], words[at + place])) return 0;
    length += 1;
  }
  return length;
}

function joins(text: string, before: Word | undefined, after: Word | undefined): boolean {
  if (!before || !after) return false;
  const between = text.slice(before.end, after.start);
  return between === '' ? isSpaceless(before.text) && isSpaceless(after.text) : BETWEEN.test(between);
}

function isWritten(text: string, own: readonly Word[], { words, writing }: Form, place: Place): boolean {
  const [first] = own;
  const last = own.at(-1);
  if (!first || !last) return false;
  // `will/fix-pool` is the branch of somebody called Will; `fix-will-retry` need not be.
  if (place === 'branch') return writing !== 'mention' || words.length > 1 || (first.start === 0 && text[last.end] === '/');
  if (writing === 'mention') return false;
  const strict = writing === 'capitalized' || (writing === 'prose' && place === 'code');
  if (strict && !own.every((word) => isCapitalized(word.text))) return false;
  // `jsmith-test-bucket` is a resource, not a person.
  return words.length > 1 || !(/[-_]/.test(text[last.end] ?? '') || /[-_]/.test(text[first.start - 1] ?? ''));
}

/** `Jane`, `J`; of a name in capitals, a shorter part stands beside a longer one, so `JANE` alone is none. */
function isCapitalized(word: string): boolean {
  return /^\p{Lu}[\p{Ll}\p{M}]*$/u.test(word.normalize('NFC'));
}

/** The form that these words are, whole. */
export function formOf(words: readonly string[], index: FormIndex): Form | undefined {
  return index
    .get(words[0] ?? '')
    ?.find((form) => form.words.length === words.length && form.words.every((word, at) => word === words[at]));
}
