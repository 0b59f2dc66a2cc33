/**
 * How a known person is written in free text, found in one pass: the text is read word by word, and each word is looked
 * up by its folded form, so the cost grows with the text and not with the number of people.
 */

/** The words of a text or a name; `_` belongs to one, since handles hold it. */
const WORD = /[\p{L}\p{M}\p{N}_]+/gu;

/** What may stand between two words of one name: `Jean-Luc`, `O'Brien`, `Doe, Jane`, `J. Doe`. */
const BETWEEN = /^(?:[\s\u00a0]{1,2}|[-'’.]|[.,][\s\u00a0])$/u;

/** Letters that Unicode does not decompose, as people type them without. */
const PLAIN: Readonly<Record<string, string>> = { ß: 'ss', ø: 'o', ł: 'l', đ: 'd', æ: 'ae', œ: 'oe', ı: 'i' };

/** Lower case, without diacritics: `José` and `JOSE` fold alike. */
export function fold(text: string): string {
  if (/^[\w@.-]*$/.test(text)) return text.toLowerCase();
  const bare = text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
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
}

/** Puts replacements in place of the forms that the index knows. `code` is stricter: only what is written as a name. */
export function replaceForms(text: string, index: FormIndex, code: boolean): string {
  if (index.size === 0) return text;
  const words = wordsIn(text);
  const parts: string[] = [];
  let done = 0;
  for (let at = 0; at < words.length; ) {
    const form = formAt(text, words, at, index, code);
    const first = words[at];
    const last = form ? words[at + form.words.length - 1] : undefined;
    if (form && first && last) {
      parts.push(text.slice(done, first.start), form.replacement);
      done = last.end;
    }
    at += form ? form.words.length : 1;
  }
  return done === 0 ? text : parts.join('') + text.slice(done);
}

function wordsIn(text: string): readonly Word[] {
  const words: Word[] = [];
  for (const match of text.matchAll(WORD)) words.push({ start: match.index, end: match.index + match[0].length, text: match[0] });
  return words;
}

function formAt(text: string, words: readonly Word[], at: number, index: FormIndex, code: boolean): Form | undefined {
  const first = words[at];
  if (!first) return undefined;
  return index.get(fold(first.text))?.find((form) => {
    const own = words.slice(at, at + form.words.length);
    return (
      own.length === form.words.length &&
      own.every((word, place) => fold(word.text) === form.words[place] && (place === 0 || joins(text, words[at + place - 1], word))) &&
      isWritten(text, own, form, code)
    );
  });
}

function joins(text: string, before: Word | undefined, after: Word): boolean {
  return before !== undefined && BETWEEN.test(text.slice(before.end, after.start));
}

function isWritten(text: string, own: readonly Word[], { words, writing }: Form, code: boolean): boolean {
  const [first] = own;
  const last = own.at(-1);
  if (!first || !last || writing === 'mention') return false;
  const strict = writing === 'capitalized' || (writing === 'prose' && code);
  if (strict && !/^\p{Lu}[\p{Ll}\p{M}]*$/u.test(first.text.normalize('NFC'))) return false;
  // `jsmith-test-bucket` is a resource, not a person.
  return words.length > 1 || (text[last.end] !== '-' && text[first.start - 1] !== '-');
}

/** The form that these words are, whole. */
export function formOf(words: readonly string[], index: FormIndex): Form | undefined {
  return index
    .get(words[0] ?? '')
    ?.find((form) => form.words.length === words.length && form.words.every((word, at) => word === words[at]));
}
