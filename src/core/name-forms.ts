import { type Form, isSpaceless, wordsOf } from './names.ts';

/** Words that are given names too: alone they are replaced nowhere, since "Mark it as done in May" names nobody. */
const COMMON = new Set(
  `will mark may grace art bill rob sue pat chase drew jack rose faith hope joy dean frank grant miles rich ray max min page chance
   dawn summer april june august jan gene guy hunter case early long young white black brown green king prince cook baker cloud
   stone field fields price day west north south east rivers brook lake hill banks wood woods rock short small little major minor sharp
   state power best good strong swift string list map set key code core data base log stack root main test host port node pool cache
   deploy release branch sandy ruby perl java crystal julia elm`.split(/\s+/),
);

/** Words that no human name holds: an account called "Platform On-Call" is a team's. */
const IMPERSONAL = new Set(
  `team bot admin oncall on call service support ops devops sre platform engineer engineering database system user account prod
   production staging api app web alerts alert monitor monitoring integration automation github actions slack ci cd the of and`.split(
    /\s+/,
  ),
);

/** What begins a family name and does not stand for it alone. */
const PARTICLES = new Set('o d van der den de la le du von zu bin ibn al el di da do dos das del della st mac mc ter ten'.split(' '));

/** Letters that are written out where a keyboard lacks them. */
const WRITTEN_OUT: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', å: 'aa', ø: 'oe' };

/**
 * The ways to write one person, by all that the sources call them: full names both ways round, glued, with initials, with
 * `ö` written `oe`; handles; the local parts of their addresses that hold their name; and the parts of a name that is a human's.
 */
export function formsOf(names: readonly string[], replacement: string): readonly Form[] {
  const called = names.filter((name) => !name.includes('@'));
  const spelled = [...new Set(called.flatMap((name) => [name, writtenOut(name)]))].map(wordsOf);
  const known = spelled.flat().filter((word) => word.length >= 3);
  const handles = names.filter((name) => name.includes('@')).flatMap((address) => handleOf(address, known) ?? []);
  const parts = called.flatMap(spacelessParts);
  return [...spelled.flatMap((words) => formsOfName(words)), ...parts, ...handles].map((form) => ({ ...form, replacement }));
}

/**
 * A family and a given name in a script that puts no spaces between words: by the space that an account's name often has; without one
 * two and two characters, as most Japanese names, or one and two, as most Chinese and Korean ones. One character alone names nobody.
 */
function spacelessParts(name: string): readonly Spelling[] {
  const characters = wordsOf(name);
  if (characters.length < 2 || !characters.every(isSpaceless)) return [];
  const [family, ...given] = name
    .normalize('NFC')
    .trim()
    .split(/[\s\u3000・]+/u)
    .map(wordsOf);
  const parts =
    given.length > 0 ? [family ?? [], given.flat()] : (HALVES[characters.length] ?? []).map(([from, to]) => characters.slice(from, to));
  return parts.filter(({ length }) => length >= 2).map((words) => ({ words, writing: 'any' }));
}

const HALVES: Readonly<Record<number, readonly (readonly [number, number])[]>> = {
  3: [[1, 3]],
  4: [
    [0, 2],
    [2, 4],
  ],
};

type Spelling = Omit<Form, 'replacement'>;

function writtenOut(name: string): string {
  return name
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[äöüåø]/g, (letter) => WRITTEN_OUT[letter] ?? letter);
}

/** `jane.doe` of `jane.doe@acme.example`. One word is a handle only where a name of the person is in it: `billing@…` is nobody's. */
function handleOf(address: string, known: readonly string[]): Spelling | undefined {
  const words = wordsOf((address.split('@')[0] ?? '').replace(/^\d+\+|\+.*$/g, ''));
  const [only = ''] = words;
  if (words.length === 0 || words.some((word) => IMPERSONAL.has(word))) return undefined;
  if (words.length > 1) return words.join('').length >= 6 ? { words, writing: 'any' } : undefined;
  return known.some((word) => only.includes(word)) ? { words, writing: isUnusual(only) ? 'any' : 'mention' } : undefined;
}

function formsOfName(words: readonly string[]): readonly Spelling[] {
  const [first] = words;
  if (first === undefined) return [];
  if (words.length === 1) return [{ words, writing: isUnusual(first) ? 'any' : 'mention' }];
  if (words.every(isSpaceless)) return [{ words, writing: 'any' }];
  const writing = words.every((word) => COMMON.has(word)) ? 'capitalized' : 'any';
  const whole: Spelling = { words, writing };
  if (words.some((word) => IMPERSONAL.has(word) || /\d/.test(word))) return [whole];
  const { given, family } = partsOf(words);
  const last = family.at(-1) ?? '';
  return [
    whole,
    { words: [...family, ...given], writing },
    { words: [first, ...family], writing },
    { words: [...family, first], writing },
    ...gluedOf(given, family, writing),
    ...initialsOf(given, family),
    ...(given.length > 1 ? [{ words: given, writing: 'prose' } as const] : []),
    ...(family.length > 1 ? [{ words: family, writing: 'prose' } as const] : []),
    ...[first, last].map((word): Spelling => ({ words: [word], writing: writingOf(word) })),
  ];
}

/** Given names and the family name, which may have words before its last: `van der Berg`, `O'Brien`. */
function partsOf(words: readonly string[]): { readonly given: readonly string[]; readonly family: readonly string[] } {
  let start = words.length - 1;
  while (start > 1 && PARTICLES.has(words[start - 1] ?? '')) start -= 1;
  return { given: words.slice(0, start), family: words.slice(start) };
}

/** `janeDoe`, `DoeJane`, `jdoe`, `OBrien`: what code and accounts make of a name. A short one may be a word of its own. */
function gluedOf(given: readonly string[], family: readonly string[], writing: Form['writing']): readonly Spelling[] {
  const [first = ''] = given;
  const name = family.join('');
  const glued = [`${given.join('')}${name}`, `${first}${name}`, `${name}${first}`, `${name}${given.join('')}`];
  const account = `${first.charAt(0)}${name}`;
  return [
    ...glued
      .filter((word) => word.length >= 6)
      .map((word): Spelling => ({ words: [word], writing: writing === 'any' ? 'any' : 'mention' })),
    { words: [account], writing: name.length >= 5 && isUnusual(account) && !COMMON.has(name) ? 'any' : 'mention' },
    ...(family.length > 1
      ? [
          { words: [name], writing: writingOf(name) },
          { words: [...given, name], writing: 'any' as const },
        ]
      : []),
  ];
}

/** `J. Doe` is Jane Doe; with her last name alone replaced, the initial would stay. */
function initialsOf(given: readonly string[], family: readonly string[]): readonly Spelling[] {
  if (family.every((word) => COMMON.has(word))) return [];
  const initials = given.map((word) => word.charAt(0));
  return [
    { words: [...initials.slice(0, 1), ...family], writing: 'capitalized' },
    { words: [...initials, ...family], writing: 'capitalized' },
  ];
}

/** A handle may stand bare only where it can be nothing else. */
function isUnusual(handle: string): boolean {
  return handle.length >= 4 && !COMMON.has(handle) && !IMPERSONAL.has(handle);
}

function writingOf(part: string): Form['writing'] {
  if (part.length < 3 || COMMON.has(part)) return 'mention';
  return part.length === 3 ? 'capitalized' : 'prose';
}

/** A given and a family name: two words with capitals; a third one makes it a product's name. */
const FULL = String.raw`\p{Lu}\p{Ll}{1,30}(?:[-'’]\p{Lu}\p{Ll}{1,30})? (?:\p{Lu}['’])?\p{Lu}\p{Ll}{1,30}(?:[-'’]\p{Lu}\p{Ll}{1,30})?`;

/** Behind a word that a person follows. */
const NAMED = new RegExp(
  String.raw`(?<!\p{L})(?:[Ww]ith|[Bb]y|[Ff]rom|[Cc][Cc]|[Tt]hanks|[Tt]hanks to|[Aa]sk(?:ed)?|[Cc]ontact|[Pp]aged|[Cc]alled|[Pp]inged|[Tt]old|(?:[Aa]ssigned|[Ee]scalated|[Hh]anded) to) (${FULL})(?![\p{L}-]| \p{Lu})`,
  'gu',
);

/** Before what only a person does. */
const ACTING = new RegExp(
  String.raw`(?<![\p{L}-]|\p{Lu}\p{Ll}{0,30} )(${FULL}) (?:rang|said|says|asked|joined|called|phoned|took|found|confirmed|noticed|looked|wrote|saw|suggested|thinks|decided|agreed|is (?:looking|checking|on)|(?:restarted|killed|merged|reverted|deployed|paged|rolled back) (?:it|the|both|all|them))(?!\p{L})`,
  'gu',
);

/** A given name alone, behind a word that little else follows. */
const GIVEN =
  /(?<!\p{L})(?:[Tt]hanks to|[Tt]hanks|[Cc]ontact|[Aa]sk(?:ed)?|[Pp]ing(?:ed)?|[Cc][Cc]|[Tt]old) (\p{Lu}\p{Ll}{2,30})(?![\p{L}-]| \p{Lu})/gu;

/** Words of products and places that stand with capitals in prose. */
const PLACES = new Set(
  `amazon google azure microsoft data web relic new load balancer error rate high low elastic kubernetes postgres redis kafka west east
   north south virginia oregon ireland america europe asia january february march april june july september october november december
   monday tuesday wednesday thursday friday saturday sunday cloudflare datadog grafana prometheus jira terraform lambda everyone everybody all customer customers finance
   legal security sales marketing networking storage infrastructure payments billing management the this that these those our your their
   for about whether if slackbot jenkins argo vault consul nomad`.split(/\s+/),
);

/** Words of the roles that stand in place of people, which may begin a sentence. */
const ROLES = new Set('someone primary secondary responder author deployer pusher'.split(' '));

/**
 * Names that stand in prose although nobody known is meant: conservative, since each becomes a finding that a person must
 * look at. Takes text in which known people were replaced.
 */
export function unplacedNamesIn(text: string): readonly string[] {
  const found = [NAMED, ACTING, GIVEN].flatMap((pattern) =>
    Array.from(text.matchAll(pattern), ({ index, 1: name = '' }) => ({ index, name })),
  );
  const names = found
    .filter(({ name }) => !wordsOf(name).some((word) => PLACES.has(word) || IMPERSONAL.has(word) || ROLES.has(word)))
    .toSorted((a, b) => a.index - b.index)
    .map(({ name }) => name);
  return [...new Set(names)];
}
