import { endNamed, startNamed } from './counted-from.ts';
import { findLengths, type StatedLength } from './lengths.ts';
import type { Part } from './reader.ts';
import type { Role } from './roles.ts';
import { findStamps } from './stamps.ts';
import { type StatedSpan, spanAround, spanBeside, spanNext } from './stated-spans.ts';

/** What a stated length is the length of. */
export type Quantity =
  | 'time_to_detect'
  | 'time_to_acknowledge'
  | 'time_to_repair'
  | 'time_to_resolve'
  | 'time_to_recover'
  | 'reversal'
  | 'impact'
  | 'cadence'
  | 'between'
  | 'span'
  /** So long after another entry: "recovered 5 minutes after the rollback". */
  | 'since';

/** A length of time that a document claims of its incident. */
export interface Claim {
  readonly line: number;
  /** The sentence or line that it stands in. */
  readonly text: string;
  readonly quantity: Quantity;
  readonly length: StatedLength;
  /** The words around the length that say what it is of: a sentence may state several. */
  readonly about: string;
  /** The two times that go with it: "25 minutes (14:32 - 14:57 UTC)". */
  readonly span?: StatedSpan;
  /** The entries from which it says it is counted: "within 10 minutes of the alarm". */
  readonly start?: readonly Role[];
  /** Of one that is nothing but so long after another: the entries that it ends with. */
  readonly end?: readonly Role[];
  /** Why it may differ from the times honestly: it says that it counts only certain hours. */
  readonly isPartial: boolean;
}

/** Which entries may be the two ends of a quantity, the usual first. */
export const ENDS: Readonly<Partial<Record<Quantity, { readonly from: readonly Role[]; readonly to: readonly Role[] }>>> = {
  time_to_detect: { from: ['started', 'change'], to: ['detected', 'acknowledged', 'declared'] },
  time_to_acknowledge: { from: ['detected', 'declared'], to: ['acknowledged'] },
  time_to_repair: { from: ['started', 'detected', 'declared', 'acknowledged'], to: ['repaired', 'reversed', 'resolved'] },
  time_to_resolve: { from: ['started', 'detected', 'declared'], to: ['resolved'] },
  time_to_recover: { from: ['started', 'detected', 'declared', 'change'], to: ['repaired', 'reversed', 'resolved'] },
  impact: { from: ['started', 'detected', 'declared', 'change'], to: ['repaired', 'reversed', 'resolved'] },
  reversal: { from: ['reversal'], to: ['reversed', 'repaired'] },
};

/** By the words around a length; the first that fits. A length of which none fits is not of the incident: tests ran for five minutes. */
const QUANTITIES: readonly (readonly [pattern: RegExp, quantity: Quantity])[] = [
  [/\b(?:time[- ]to[- ]detect(?:ion)?|TTD|MTTD)\b/i, 'time_to_detect'],
  [/\b(?:time[- ]to[- ](?:ack(?:nowledge(?:ment)?)?|respond|response)|TTA|MTTA)\b/i, 'time_to_acknowledge'],
  [/\b(?:time[- ]to[- ](?:repair|mitigat(?:e|ion)|fix)|M?TTM)\b/i, 'time_to_repair'],
  [/\b(?:time[- ]to[- ]resol(?:ve|ution)|TTR|MTTR)\b/i, 'time_to_resolve'],
  [/\b(?:time[- ]to[- ](?:recover(?:y)?|restore))\b/i, 'time_to_recover'],
  [
    /\bdetect(?:ed|ion)\b|\bto (?:detect|notice)\b|\b(?:alert|alarm)(?:s|ed)?\b.{0,16}\b(?:fired|triggered|went off|came)\b/i,
    'time_to_detect',
  ],
  [/\b(?:roll(?:ed)?[- ]?back|revert(?:ed)?)\b(?! decision).{0,32}\b(?:took|takes|in|within|completed?|lasted)\b/i, 'reversal'],
  [
    /\b(?:outage|downtime|disruption|impact|incident|degradation|unavailab(?:le|ility))\b.{0,60}\b(?:for|lasted|lasting|of|took|duration)\b|\b(?:down|offline|unavailable|degraded) for\b|\b(?:unable to|could not) \w+(?: \w+)? for\b|^\W*(?:total )?(?:duration|downtime|outage|dauer|durée)(?![\p{L}])/iu,
    'impact',
  ],
];
const CADENCE = /\b(?:updat(?:e[sd]?|ing)|post(?:ed|s)?|communicat|status|inform)/i;
const PARTIAL =
  /\b(?:support|business|working|office) (?:hours|days|time)\b|\bexcluding\b|\bnot counting\b|\bonly counting\b|\bduring (?:support|business|working|office)\b/i;
const NOT_THIS =
  /\b(?:tests?|timeouts?|ttl|intervals?|retention|cron|schedul(?:e|ed) (?:every|for)|should|would|could|will|extend|limit(?:ed)? to|after which|window of|per month|per year)\b/i;
/** What is aimed at is no claim; the length beside it may be one. */
const AIM = /\b(?:goals?|targets?|objectives?|thresholds?|budgets?|SLA|SLO|maximum|limits?|criteri(?:on|a))\b(?:\W{1,3}\w+){0,2}\W*$/i;
/**
 * "30 minutes ago" tells a moment, and so do "deployed 8 days before" and "it finished 50 min before it was detected"; "86 min so far" will
 * be more, and "within 1 s of each other" says that two moments cannot be told apart.
 */
const OTHERWISE = /^\s*(?:(?:ago|earlier|later|so far|of each other)\b|before(?=\s*(?:[.,;)]|$)| it was\b))/i;
/** Nobody posts more often. */
const LEAST_CADENCE_MS = 60_000;
const NOT_UNDER = /\b(?:action items?|actions|follow[- ]?ups?|next steps|prevention|lessons?|related|coverage|sources)\b/i;

/** The lengths of time that a document claims of its incident, in its order. What is asked for or planned is no claim. */
export function findClaims(parts: readonly Part[]): readonly Claim[] {
  return parts.flatMap((part) => {
    if (part.kind === 'code' || part.under.some((heading) => NOT_UNDER.test(heading))) return [];
    return part.text.split('\n').flatMap((text, index) => {
      const sentences = sentencesOf(text);
      return sentences.flatMap((sentence, at) => claimsIn(sentence, sentences[at + 1], part.line + index));
    });
  });
}

function sentencesOf(text: string): readonly string[] {
  return text.split(/(?<=[.!?])\s+(?=[A-Z“"(])/);
}

/** What runs on for longer than this is no sentence. */
const LONGEST_SENTENCE = 2_000;
/** Where another clause begins, another thing is told of. */
const CLAUSE = /;|[.!?]\s|,\s(?:so|and|but|which|while|when)\b/i;
/** So far behind a length stands what it is of. */
const BEHIND = 40;

function claimsIn(text: string, next: string | undefined, line: number): readonly Claim[] {
  if (text.length > LONGEST_SENTENCE) return [];
  const stamps = clocksIn(text);
  const lengths = findLengths(text);
  return lengths.flatMap((length, index): readonly Claim[] => {
    const after = text.slice(length.to, Math.min(lengths[index + 1]?.from ?? text.length, length.to + BEHIND));
    const said = { before: text.slice(lengths[index - 1]?.to ?? 0, length.from), behind: after.split(CLAUSE)[0] ?? '' };
    const about = `${said.before} ${said.behind}`;
    const beside = spanBeside(text, length, stamps);
    const quantity = beside ? 'span' : quantityOf(text, length, said);
    const start = startNamed(said.behind);
    const common = { line, text, length, about, isPartial: PARTIAL.test(text) };
    if (!quantity) {
      const end = start && isOpen(text, said) ? endNamed(said.before) : undefined;
      return start && end ? [{ ...common, quantity: 'since', start, end }] : [];
    }
    const span =
      beside ?? (quantity === 'impact' ? (spanAround(text, length, stamps) ?? (next && spanNext(next, clocksIn(next)))) : undefined);
    return [{ ...common, quantity, ...(span && { span }), ...(start && quantity in ENDS && { start }) }];
  });
}

function clocksIn(text: string): ReturnType<typeof findStamps> {
  return text.length > LONGEST_SENTENCE ? [] : findStamps(text).filter(({ minute }) => minute !== undefined);
}

interface Said {
  /** From the length before, or from the start of the sentence. */
  readonly before: string;
  /** As far as the next length, or the end of the clause. */
  readonly behind: string;
}

/** Nothing where it is asked for, aimed at, or a moment. */
function isOpen(text: string, { before, behind }: Said): boolean {
  return !NOT_THIS.test(text) && !AIM.test(before) && !OTHERWISE.test(behind);
}

function quantityOf(text: string, { isCadence, ms, to }: StatedLength, said: Said): Quantity | undefined {
  if (isCadence) return CADENCE.test(text) && ms >= LEAST_CADENCE_MS ? 'cadence' : undefined;
  if (!isOpen(text, said)) return undefined;
  if (/^\W*between\b.+\band\b/i.test(text.slice(to))) return 'between';
  // What stands before the length says what it is of; else the words directly behind it do.
  const of = (words: string) => QUANTITIES.find(([pattern]) => pattern.test(words))?.[1];
  return of(said.before) ?? of(`${said.before} ${said.behind}`);
}
