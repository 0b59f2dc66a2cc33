import type { Role } from './roles.ts';

/** What stands behind a length, and from which entry it is counted then: "within 10 minutes of the alarm", "5 minutes after the deploy". */
const STARTS: readonly (readonly [noun: string, roles: readonly Role[]])[] = [
  ['alarm|alert|page|pages|detection|report', ['detected', 'declared']],
  ['acknowledge?ment|ack', ['acknowledged']],
  ['deploy(?:ment)?|release|roll-?out|merge|upgrade|migration', ['change']],
  ['impact|outage|errors|incident', ['started']],
  ['declaration', ['declared']],
  ['roll-?back|revert|reversal', ['reversal', 'reversed']],
];
const BEHIND = STARTS.map(([noun, roles]) => ({
  pattern: new RegExp(
    `^\\s*(?:of|after|from|following|since)\\s+(?:(?:the|its|our|that|a|an)\\s+)?(?:(?:first|initial|original)\\s+)?(?:(?:start|beginning|onset|time) of (?:the )?)?(?:${noun})\\b(?!\\s+(?:was|were|had)\\s+(?:not|only))`,
    'i',
  ),
  roles,
}));

/** What came so long after it, by the words before the length. */
const ENDS: readonly (readonly [pattern: RegExp, roles: readonly Role[]])[] = [
  [/\b(?:roll(?:ed|ing)?[- ]?back|revert(?:ed)?|backed out|taken back)\b/gi, ['reversed', 'repaired']],
  [/\b(?:acknowledg\w*|ack(?:ed|'d)?|picked up)\b/gi, ['acknowledged']],
  [/\b(?:recover(?:ed|y)|mitigat(?:ed|ion)|restored|repaired|fixed|back to normal|healthy)\b/gi, ['repaired', 'reversed', 'resolved']],
  [/\b(?:resolved|closed)\b/gi, ['resolved', 'repaired']],
  [/\b(?:alarms?|alerts?|paged?|detected|detection|noticed)\b/gi, ['detected', 'declared', 'acknowledged']],
];

/** The entries from which a length is counted, where the words behind it name them. */
export function startNamed(behind: string): readonly Role[] | undefined {
  return BEHIND.find(({ pattern }) => pattern.test(behind))?.roles;
}

/** The entries that the words before a length tell of: of several the last. */
export function endNamed(before: string): readonly Role[] | undefined {
  const found = ENDS.map(([pattern, roles]) => ({ at: [...before.matchAll(pattern)].at(-1)?.index ?? -1, roles }));
  return found.filter(({ at }) => at >= 0).toSorted((a, b) => b.at - a.at)[0]?.roles;
}
