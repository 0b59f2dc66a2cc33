/** How far a text says that something is on, of 1: "turned on for 25 %", "enabled for everyone", "Jane turned off the flag new-cache". */
export function switchedIn(text: string): number | undefined {
  if (NOT_DONE.test(text)) return undefined;
  const share = percentIn(text);
  const [isOn, isOff] = [ON.test(text), OFF.test(text)];
  if (isOn && isOff) return undefined;
  if (!isOn && !isOff) return HANDED_OUT.test(text) ? share : undefined;
  // "Turned off for 10 %" does not say what the others have.
  if (isOff) return share === undefined || share === 0 || share === 1 ? 0 : undefined;
  return share ?? 1;
}

/** Whether a text speaks of something that was turned on or off at all, done or not. */
export function saysSwitched(text: string): boolean {
  return ON.test(text) || OFF.test(text) || (HANDED_OUT.test(text) && PERCENT.test(text));
}

const PERCENT = /(?:^|[^\d.])(\d{1,3}(?:\.\d+)?)\s?(?:%|percent\b|per cent\b)/i;
/** "From 5% to 25%", "5 % -> 25 %": what it was is no share that it has. */
const PERCENT_BEFORE =
  /(?:\bfrom\s+)?\d{1,3}(?:\.\d+)?\s?(?:%|percent\b|per cent\b)?\s*(?:\bto\b|->|=>|→)\s*(?=\d{1,3}(?:\.\d+)?\s?(?:%|percent\b|per cent\b))/i;
/** A share of a thing that is handed out by shares: "Set flag new-cart to 25 %", "new-cart: rollout 25%". */
const HANDED_OUT = /\b(?:flag|feature|toggle|experiment|roll-?out)s?\b/i;
/** "Flag new-cart on for 25 %", "Feature new-cart: off". */
const said = (state: 'on' | 'off') => `\\b(?:flag|feature|toggle|experiment)\\b[^.]*\\s${state}(?=\\s+(?:for|at|to)\\b|[\\s.!]*$)`;
const MOVED = '(?:turn(?:ed|s|ing)?|switch(?:ed|es|ing)?|toggl(?:ed|es|ing)|flip(?:ped|s|ping)?)';
/** "Turned on the flag", "turned the flag on": a few words may stand between. */
const ON = new RegExp(
  `\\b${MOVED}(?:\\s+\\S+){0,6}?\\s+on\\b|\\b(?:re-?)?enabl(?:ed|es|ing)\\b|\\b(?:re-?)?activat(?:ed|es|ing)\\b|\\b(?:ramped|rolled out|opened|released)\\b.*(?:%|percent|\\bto (?:everyone|everybody|all\\b))|${said('on')}`,
  'i',
);
const OFF = new RegExp(
  `\\b${MOVED}(?:\\s+\\S+){0,6}?\\s+off\\b|\\bdisabl(?:ed|es|ing)\\b|\\bdeactivat(?:ed|es|ing)\\b|\\bkilled\\b|\\b(?:set|ramped|turned|dialed|reduced|down)\\b[^.]*\\bto 0+(?:\\.0+)?\\s?(?:%|percent)|${said('off')}`,
  'i',
);
/** It says that it was not done, or not yet. */
const NOT_DONE =
  /\b(?:not|never|fail(?:ed|s)? to|could ?n[o']t|can ?n[o']t|will|would|should|planned|scheduled|pending|proposed|requested|to be (?:turned|switched|enabled|disabled))\b|n't\b/i;

/** The share that a text names in percent, of 1. */
export function percentIn(text: string): number | undefined {
  const percent = Number(PERCENT.exec(text.replace(PERCENT_BEFORE, ' '))?.[1] ?? Number.NaN);
  return percent <= 100 ? percent / 100 : undefined;
}

/** Whether two texts name one thing: the same names as code has them, `new-cache`; where neither has one, the same words. */
export function isOneSubject(one: string, other: string): boolean {
  const [a, b] = [subjectOf(one), subjectOf(other)];
  return a.size > 0 && a.size === b.size && [...a].every((word) => b.has(word));
}

/** What is quoted is a name, and so is what has a sign within or letters of both cases: `new_cache`, `newCache`, `search.v2`. */
const QUOTED = /[`"“'‘]([^`"”'’]{2,80})[`"”'’]/g;
const CODED = /^(?=.*[a-z])[\w]+(?:[-_./:]\w+)+$|^[a-z]+\d*[A-Z]\w*$/;
/** Words of the switching itself, and of for whom. */
const PLAIN = new Set(
  (
    'a an the was were is are been has have to for from of in on off at by with now again back and flag flags feature features toggle toggles ' +
    'switch experiment setting gate everyone everybody all user users customer customers traffic request requests percent per cent ' +
    'rollout updated update changed increased decreased raised lowered turned turn turns turning switched switches switching toggled toggles flipped flips enabled enables enabling reenabled re activated activates ' +
    'disabled disables deactivated deactivates killed set ramped up down rolled out opened released reduced dialed production prod'
  ).split(' '),
);

/** The names in a text that say what was switched. */
function subjectOf(text: string): ReadonlySet<string> {
  const quoted = [...text.matchAll(QUOTED)].flatMap(([, name]) => name ?? []);
  if (quoted.length > 0) return new Set(quoted.map((name) => name.toLowerCase()));
  const words = text.split(/[\s,;()]+/).map((word) => word.replace(/^[^\w]+|[^\w]+$/g, ''));
  const coded = words.filter((word) => CODED.test(word));
  if (coded.length > 0) return new Set(coded.map((name) => name.toLowerCase()));
  const plain = text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '' && !/^\d+$/.test(word) && !PLAIN.has(word));
  return new Set(plain);
}
