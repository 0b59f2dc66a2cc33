/** Words that carry no fact: where only these differ, nothing does. What says an order or a bound (`from`, `after`) is not among them. */
const HARMLESS: ReadonlySet<string> = new Set(
  (
    'a an the and of in on at by for with was were is are be been being it its this that these those as had has have having then so we our us they their ' +
    'them which who also just again already here there only very'
  ).split(' '),
);

/** Words of one line mean the same here. */
const SYNONYMS: readonly (readonly string[])[] = [
  ['fire', 'trigger', 'ring', 'rang', 'alarm', 'alert', 'go', 'went', 'off', 'page'],
  ['acknowledg', 'ack', 'acknowledgement', 'answer', 'pick', 'took', 'take'],
  ['close', 'resolv', 'end', 'out', 'shut'],
  ['open', 'creat', 'declar', 'rais'],
  ['page', 'call', 'notify', 'notifi', 'alert'],
  ['degrad', 'impair', 'affect', 'fail', 'down', 'unhealthy'],
  ['start', 'begin', 'began', 'begun', 'initiat', 'kick', 'onset'],
  ['finish', 'complet', 'end', 'done', 'conclud'],
  ['deploy', 'releas', 'ship', 'roll', 'rollout', 'live', 'push'],
  ['normal', 'recover', 'recovery', 'healthy', 'return', 'back', 'restor'],
  ['rollback', 'revert', 'roll', 'back', 'taken', 'take', 'undo', 'undid'],
  ['incident', 'outage', 'it'],
  ['service', 'system', 'api'],
  ['errors', 'error', 'failure'],
  ['post', 'publish', 'sent', 'send', 'went', 'out'],
  ['infer', 'estimat', 'deriv'],
  ['moment', 'time', 'point'],
  ['come', 'came', 'arriv', 'took', 'take', 'follow', 'happen'],
  ['first', 'initial'],
  ['until', 'to', 'till'],
  ['from', 'between', 'since'],
  ['within', 'inside', 'under', 'below'],
  ['over', 'above', 'outside', 'beyond'],
  ['update', 'post', 'messag'],
  ['left', 'leave', 'exceed'],
  ['target', 'goal', 'objective'],
  ['show', 'say', 'see', 'seen', 'saw'],
];

/** What turns a sentence round: the poles of each axis, and the words that stand for them, by their stems. */
const AXES: readonly (readonly (readonly string[])[])[] = [
  [
    ['start', 'began', 'begin', 'begun', 'launch', 'initiat'],
    ['finish', 'complet', 'end', 'conclud', 'done'],
  ],
  [
    ['before', 'earlier', 'prior', 'preced'],
    ['after', 'later', 'follow'],
  ],
  [
    ['above', 'over', 'exceed', 'higher', 'outside', 'beyond'],
    ['below', 'under', 'lower', 'within', 'inside'],
  ],
  [
    ['rise', 'rose', 'climb', 'increas', 'grew', 'grow'],
    ['fall', 'fell', 'drop', 'decreas', 'shrank'],
  ],
  [
    ['fire', 'breach'],
    ['recover', 'ok', 'normal', 'clear'],
  ],
  [
    ['fail', 'failur', 'unsuccessful'],
    ['succeed', 'succeeded', 'success', 'successful', 'successfully'],
  ],
  [['primary'], ['secondary'], ['database']],
  [['acknowledg', 'acknowledgement', 'ack'], ['escalat', 'escalation'], ['snooz']],
  [['confirm'], ['reject', 'rul']],
  [['same'], ['another', 'other', 'different']],
  [
    ['full', 'fully', 'complete', 'whole'],
    ['partial', 'partly', 'incomplete', 'part'],
  ],
  [
    ['observ', 'measur'],
    ['infer', 'estimat', 'guess'],
  ],
  [['first'], ['second'], ['third'], ['last']],
  [
    ['highest', 'longest', 'most', 'max'],
    ['lowest', 'shortest', 'least', 'min'],
  ],
  [['open'], ['close', 'shut'], ['reopen']],
];
const NEGATION = /^(?:not|no|never|none|nobody|nothing|without|cannot|neither|nor|hardly|\w+n[’']t)$/;
/** A word of this kind is a meaning of its own: leaving it out changes what is said. */
const QUALIFIER =
  /^(?:not|no|never|none|nobody|nothing|without|cannot|neither|nor|hardly|partial|partly|inferred|unknown|may|might|almost|nearly|\w+n[’']t)$/;
/** So long a text is compared by its facts only. */
const MOST_WORDS = 400;

/** The words of a text, in lower case, each number as `#`. */
function wordsIn(text: string): readonly string[] {
  return (
    text
      .toLowerCase()
      .replaceAll('’', "'")
      .match(/[\p{L}\p{N}](?:[\p{L}\p{N}'_./:#%-]*[\p{L}\p{N}%])?/gu) ?? []
  ).map((word) => (/^[v#]?\d[\d.,:%–-]*$/.test(word) ? '#' : word));
}

/** Without the endings that a verb or a plural takes: enough to see `fires` and `fired` as one. */
function stemOf(word: string): string {
  return word
    .replace(/(?:'s|s')$/, '')
    .replace(/(?<=..)(?:ing|ed|es|s|e)$/, '')
    .replace(/([bdgmnprt])\1$/, '$1');
}

interface Hunk {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** What the wording of `theirs` makes otherwise than ours, in a sentence; nothing where it says the same in other words. */
export function wordingDifference(theirs: string, ours: string): string | undefined {
  const [a, b] = [wordsIn(theirs), wordsIn(ours)];
  if (a.length === 0 || b.length === 0) return undefined;
  const hunks = a.length <= MOST_WORDS && b.length <= MOST_WORDS ? hunksOf(a, b).map(meaningful).filter(isChange) : undefined;
  if (hunks && hunks.length === 0) return undefined;
  const more = (pattern: RegExp) => a.filter((word) => pattern.test(word)).length - b.filter((word) => pattern.test(word)).length;
  const turned = { negated: more(NEGATION) > 0, unqualified: more(QUALIFIER) < 0 };
  const few = hunks !== undefined && hunks.length <= 2 && hunks.every(({ added, removed }) => added.length + removed.length <= 6);
  if (few)
    for (const hunk of hunks) {
      const said = hunkDifference(hunk, hunks.length === 1, turned);
      if (said !== undefined) return said;
    }
  const negation = turned.negated ? a.find((word) => NEGATION.test(word)) : undefined;
  return axisDifference(a, b) ?? (negation === undefined ? undefined : `The record does not say "${negation}".`);
}

function meaningful({ added, removed }: Hunk): Hunk {
  const left = (words: readonly string[]) => words.filter((word) => !HARMLESS.has(word) && word !== '#');
  return { added: left(added), removed: left(removed) };
}

function isChange({ added, removed }: Hunk): boolean {
  return added.length + removed.length > 0;
}

/** One place where the words differ: another word in place of ours, or a word that turns the sentence round put in or left out. */
function hunkDifference(
  { added, removed }: Hunk,
  isOnly: boolean,
  turned: { readonly negated: boolean; readonly unqualified: boolean },
): string | undefined {
  if (turned.negated && added.some((word) => NEGATION.test(word))) return `The record does not say "${added.join(' ')}".`;
  if (turned.unqualified && removed.some((word) => QUALIFIER.test(word))) return `The record says "${removed.join(' ')}".`;
  if (added.length === 0 || removed.length === 0 || !isOnly || added.length > 3 || removed.length > 3) return undefined;
  const fresh = added.filter((word) => !removed.some((own) => isSynonym(word, own)));
  const gone = removed.filter((own) => !added.some((word) => isSynonym(word, own)));
  return fresh.length === 0 || gone.length === 0 ? undefined : `The record says "${removed.join(' ')}", not "${added.join(' ')}".`;
}

function isSynonym(a: string, b: string): boolean {
  const [x, y] = [stemOf(a), stemOf(b)];
  if (x === y) return true;
  if (poleOf(x, y)) return false;
  return SYNONYMS.some((group) => {
    const stems = group.map(stemOf);
    return stems.includes(x) && stems.includes(y);
  });
}

/** Whether two words are opposite poles of one axis. */
function poleOf(a: string, b: string): boolean {
  return AXES.some((poles) => {
    const [x, y] = [a, b].map((word) => poles.findIndex((words) => words.some((one) => stemOf(one) === word)));
    return x !== undefined && y !== undefined && x >= 0 && y >= 0 && x !== y;
  });
}

/** More of one pole and less of its opposite than ours. */
function axisDifference(theirs: readonly string[], ours: readonly string[]): string | undefined {
  const [a, b] = [theirs.map(stemOf), ours.map(stemOf)];
  for (const poles of AXES) {
    const more = poles.map((words) => {
      const stems = new Set(words.map(stemOf));
      return a.filter((word) => stems.has(word)).length - b.filter((word) => stems.has(word)).length;
    });
    const [gained, lost] = [more.findIndex((count) => count > 0), more.findIndex((count) => count < 0)];
    if (gained >= 0 && lost >= 0) return `The record says "${wordFor(poles[lost], ours)}", not "${wordFor(poles[gained], theirs)}".`;
  }
  return undefined;
}

function wordFor(pole: readonly string[] | undefined, words: readonly string[]): string {
  const stems = new Set((pole ?? []).map(stemOf));
  return words.find((word) => stems.has(stemOf(word))) ?? pole?.[0] ?? '';
}

/** Where two lists of words differ, by their longest common part (Wagner and Fischer 1974). */
function hunksOf(a: readonly string[], b: readonly string[]): readonly Hunk[] {
  const width = b.length + 1;
  const common = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const [down = 0, right = 0, next = 0] = [common[(i + 1) * width + j], common[i * width + j + 1], common[(i + 1) * width + j + 1]];
      common[i * width + j] = a[i] === b[j] ? next + 1 : Math.max(down, right);
    }
  }
  const hunks: { added: string[]; removed: string[] }[] = [];
  let isOpen = false;
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      isOpen = false;
      i += 1;
      j += 1;
      continue;
    }
    if (!isOpen) hunks.push({ added: [], removed: [] });
    isOpen = true;
    const hunk = hunks.at(-1);
    if (j >= b.length || (i < a.length && (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0)))
      hunk?.added.push(a[i++] ?? '');
    else hunk?.removed.push(b[j++] ?? '');
  }
  return hunks;
}
