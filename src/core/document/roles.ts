/** What an entry of a timeline is in the course of an incident, as far as its own words say. */
export type Role =
  | 'change'
  | 'started'
  | 'detected'
  | 'declared'
  | 'acknowledged'
  | 'reversal'
  | 'reversed'
  | 'repaired'
  | 'resolved'
  | 'status';

/**
 * An entry may be several: "All systems recovered, incident closed". A label of a list of key events says exactly one, so a
 * whole entry that is a label is asked first.
 */
const LABELS: readonly (readonly [pattern: RegExp, role: Role])[] = [
  [/^(?:fault|outage|impact|incident|problem|disruption)?\s*(?:occur(?:s|red)|start(?:s|ed)?(?: time)?|beg(?:ins|an|in))$/i, 'started'],
  [/^(?:first )?detect(?:ed|ion)$|^team (?:first )?aware$|^(?:first )?(?:noticed|reported)$/i, 'detected'],
  [/^(?:incident )?(?:is )?declared$/i, 'declared'],
  [/^(?:incident )?acknowledged$/i, 'acknowledged'],
  [/^(?:incident )?(?:repaired|mitigated|fixed|restored)(?: declared)?$/i, 'repaired'],
  [/^(?:incident )?(?:is )?(?:resolved|closed|ended?)(?: declared)?$/i, 'resolved'],
];

const WORDS: readonly (readonly [pattern: RegExp, role: Role])[] = [
  [
    /\b(?:deploy(?:ed|s|ment|ing)?|released?|merged?|roll(?:ed)?[- ]?out|upgraded?|migrat(?:ed|ion)|pushed|applied|config(?:uration)? change)\b/i,
    'change',
  ],
  [
    /\b(?:outage|impact|errors?|problem|issue|incident|disruption|failures?)\b.{0,24}\b(?:starts?|started|begins?|began)\b|\bgo(?:es)? down\b|\bfully down\b/i,
    'started',
  ],
  [
    /\b(?:detect(?:ed|ion|s)|alert(?:s|ed|ing)?|alarms?|page[ds]?\b|paging|notified|noticed?s?|notices|aware|reports?|reported|monitoring (?:shows|fires)|icinga|pingdom|pagerduty)\b/i,
    'detected',
  ],
  [
    /\bincident\b.{0,20}\b(?:declared|is declared|opened|created|called)\b|\b(?:declar(?:e|ed|es)|opens?|opened) (?:an |the )?incident\b/i,
    'declared',
  ],
  [/\back(?:nowledge[sd]?|ed|s)?\b/i, 'acknowledged'],
  [/\b(?:roll(?:ed|ing)?[- ]?back|revert(?:ed|s|ing)?|undo(?:ne)?)\b/i, 'reversal'],
  [
    /\b(?:roll(?:ed)?[- ]?back|revert)\b.{0,24}\b(?:complete[ds]?|done|finished|deployed|applied|succeeded)\b|\b(?:rolled back|reverted)\b/i,
    'reversed',
  ],
  [
    /\b(?:repaired|mitigat(?:ed|ion)|fixed|fix (?:is )?(?:applied|deployed|merged|pushed)|restored|recover(?:ed|y|s|ing)|back (?:up|online|to normal)|returning to normal|operational|healthy again|up again)\b/i,
    'repaired',
  ],
  [
    /\b(?:resolved|closed|all clear|all systems recovered|incident (?:is )?over|end of (?:the )?(?:incident|outage)|outage (?:ends|ended|is over)|fully recovered|back to normal)\b/i,
    'resolved',
  ],
  [
    /\bstatus (?:page|update)|\b(?:posted|tweeted|announce[ds]?|communicat(?:ed|ion)|comms|users? (?:were )?informed|customers? (?:were )?informed|banner)\b/i,
    'status',
  ],
];

/** What the words of an entry make it; none where they say nothing of the kind. */
export function rolesOf(text: string): ReadonlySet<Role> {
  const label = LABELS.find(([pattern]) => pattern.test(text.trim().replace(/[.:!]+$/, '')));
  if (label) return new Set([label[1]]);
  return new Set(WORDS.filter(([pattern]) => pattern.test(text)).map(([, role]) => role));
}

/** Whether the entry is nothing but a label: then it says its role for certain. */
export function isLabel(text: string): boolean {
  return LABELS.some(([pattern]) => pattern.test(text.trim().replace(/[.:!]+$/, '')));
}
