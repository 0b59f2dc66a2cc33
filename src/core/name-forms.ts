import { type Form, wordsOf } from './names.ts';

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

/** The ways to write one person: full names both ways round, handles, and the parts of a name that is a human's. */
export function formsOf(names: readonly string[], replacement: string): readonly Form[] {
  return names.filter((name) => !name.includes('@')).flatMap((name) => formsOfName(wordsOf(name), replacement));
}

function formsOfName(words: readonly string[], replacement: string): readonly Form[] {
  const [first, ...others] = words;
  const last = others.at(-1);
  if (first === undefined) return [];
  if (last === undefined) return [{ words, writing: isUnusual(first) ? 'any' : 'mention', replacement }];
  const whole: Form[] = [
    { words, writing: 'any', replacement },
    { words: [last, ...words.slice(0, -1)], writing: 'capitalized', replacement },
  ];
  if (words.some((word) => IMPERSONAL.has(word) || /\d/.test(word))) return whole.slice(0, 1);
  // `J. Doe` is Jane Doe; with her last name alone replaced, the initial would stay.
  const initial: Form = { words: [first.charAt(0), last], writing: 'capitalized', replacement };
  const initials = COMMON.has(last) ? [] : [initial];
  return [...whole, ...initials, ...[first, last].map((word): Form => ({ words: [word], writing: writingOf(word), replacement }))];
}

/** A handle may stand bare only where it can be nothing else. */
function isUnusual(handle: string): boolean {
  return handle.length >= 4 && !COMMON.has(handle) && !IMPERSONAL.has(handle);
}

function writingOf(part: string): Form['writing'] {
  if (part.length < 3 || COMMON.has(part)) return 'mention';
  return part.length === 3 ? 'capitalized' : 'prose';
}

/** Two words with capitals behind a word that a person follows; a third one makes it a product's name. */
const NAMED =
  /(?<!\p{L})(?:[Ww]ith|[Bb]y|[Ff]rom|[Cc][Cc]|[Tt]hanks|[Tt]hanks to|[Aa]sked|[Pp]aged|[Cc]alled|[Pp]inged|[Tt]old|(?:[Aa]ssigned|[Ee]scalated|[Hh]anded) to) (\p{Lu}\p{Ll}{1,30}(?:[-'’]\p{Lu}\p{Ll}{1,30})?) ((?:\p{Lu}['’])?\p{Lu}\p{Ll}{1,30}(?:[-'’]\p{Lu}\p{Ll}{1,30})?)(?![\p{L}-]| \p{Lu})/gu;

/** Words of products and places that stand with capitals in prose. */
const PLACES = new Set(
  `amazon google azure microsoft data web relic new load balancer error rate high low elastic kubernetes postgres redis kafka west east
   north south virginia oregon ireland america europe asia january february march april june july september october november december
   monday tuesday wednesday thursday friday saturday sunday cloudflare datadog grafana prometheus jira terraform lambda`.split(/\s+/),
);

/**
 * Names that stand in prose although nobody known is meant: conservative, since each becomes a finding that a person must
 * look at. Takes text in which known people were replaced.
 */
export function unplacedNamesIn(text: string): readonly string[] {
  return Array.from(text.matchAll(NAMED), ([, first = '', last = '']) => ({ name: `${first} ${last}`, words: wordsOf(`${first} ${last}`) }))
    .filter(({ words }) => !words.some((word) => PLACES.has(word) || IMPERSONAL.has(word)))
    .map(({ name }) => name);
}
