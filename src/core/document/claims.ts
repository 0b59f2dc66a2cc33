import { findLengths, type StatedLength } from './lengths.ts';
import type { Part } from './reader.ts';
import type { Role } from './roles.ts';
import { findStamps, type Stamp } from './stamps.ts';

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
  | 'span';

/** A length of time that a document claims of its incident. */
export interface Claim {
  readonly line: number;
  /** The sentence or line that it stands in. */
  readonly text: string;
  readonly quantity: Quantity;
  readonly length: StatedLength;
  /** The two times that stand beside it: "25 minutes (14:32 - 14:57 UTC)". */
  readonly span?: readonly [Stamp, Stamp];
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
  [/\b(?:time[- ]to[- ](?:repair|mitigat(?:e|ion)|fix)|TTM)\b/i, 'time_to_repair'],
  [/\b(?:time[- ]to[- ]resol(?:ve|ution)|TTR|MTTR)\b/i, 'time_to_resolve'],
  [/\b(?:time[- ]to[- ](?:recover(?:y)?|restore))\b/i, 'time_to_recover'],
  [/\bdetect(?:ed|ion)\b|\b(?:alert|alarm)(?:s|ed)?\b.{0,16}\b(?:fired|triggered|went off|came)\b/i, 'time_to_detect'],
  [/\b(?:roll(?:ed)?[- ]?back|revert(?:ed)?)\b(?! decision).{0,32}\b(?:took|takes|in|within|completed?|lasted)\b/i, 'reversal'],
  [
    /\b(?:outage|downtime|disruption|impact|incident|degradation|unavailab(?:le|ility))\b.{0,60}\b(?:for|lasted|lasting|of|took|duration)\b|\b(?:down|offline|unavailable|degraded) for\b|^\W*(?:total )?(?:duration|downtime|outage)\b/i,
    'impact',
  ],
];
const CADENCE = /\b(?:updat(?:e[sd]?|ing)|post(?:ed|s)?|communicat|status|inform)/i;
const PARTIAL =
  /\b(?:support|business|working|office) (?:hours|days|time)\b|\bexcluding\b|\bnot counting\b|\bonly counting\b|\bduring (?:support|business|working|office)\b/i;
const NOT_THIS =
  /\b(?:tests?|timeouts?|ttl|intervals?|retention|cron|schedul(?:e|ed) (?:every|for)|should|would|could|will|extend|limit(?:ed)? to|after which|window of|per month|per year|SLA|SLO|target)\b/i;
const NOT_UNDER = /\b(?:action items?|actions|follow[- ]?ups?|next steps|prevention|lessons?|related|coverage|sources)\b/i;

/** The lengths of time that a document claims of its incident, in its order. What is asked for or planned is no claim. */
export function findClaims(parts: readonly Part[]): readonly Claim[] {
  return parts.flatMap((part) => {
    if (part.kind === 'code' || part.under.some((heading) => NOT_UNDER.test(heading))) return [];
    return part.text.split('\n').flatMap((text, index) => sentencesOf(text).flatMap((sentence) => claimsIn(sentence, part.line + index)));
  });
}

function sentencesOf(text: string): readonly string[] {
  return text.split(/(?<=[.!?])\s+(?=[A-Z“"(])/);
}

/** What runs on for longer than this is no sentence. */
const LONGEST_SENTENCE = 2_000;

function claimsIn(text: string, line: number): readonly Claim[] {
  if (text.length > LONGEST_SENTENCE) return [];
  const stamps = findStamps(text).filter(({ minute }) => minute !== undefined);
  return findLengths(text).flatMap((length) => {
    const span = spanBeside(text, length, stamps);
    const quantity = quantityOf(text, length, span !== undefined);
    return quantity ? [{ line, text, quantity, length, isPartial: PARTIAL.test(text), ...(span && { span }) }] : [];
  });
}

function quantityOf(text: string, { isCadence, from, to }: StatedLength, hasSpan: boolean): Quantity | undefined {
  if (isCadence) return CADENCE.test(text) ? 'cadence' : undefined;
  if (hasSpan) return 'span';
  if (NOT_THIS.test(text)) return undefined;
  if (/^\W*between\b.+\band\b/i.test(text.slice(to))) return 'between';
  // What stands before the length, and the words directly behind it, say what it is of.
  const around = `${text.slice(0, from)} ${text.slice(to, to + 40)}`;
  return QUANTITIES.find(([pattern]) => pattern.test(around))?.[1];
}

/** "(14:32 - 14:57)" or "from 14:32 to 14:57" within a few words of the length. */
function spanBeside(text: string, { from, to }: StatedLength, stamps: readonly Stamp[]): readonly [Stamp, Stamp] | undefined {
  for (const [index, first] of stamps.entries()) {
    const second = stamps[index + 1];
    const isJoined = second && /^\W*(?:-|–|—|to|until|till|and|through)\W*$/i.test(text.slice(first.to, second.from));
    // "from 14:25–14:30 to 14:50": the first two are the bounds of one moment.
    const before = stamps[index - 1];
    const isBounds = before !== undefined && /^[-–—]$/.test(text.slice(before.to, first.from).trim());
    if (!isJoined || isBounds) continue;
    const gap = first.from >= to ? text.slice(to, first.from) : text.slice(second.to, from);
    if (/^[\s,(]*(?:\(|from|between|,|for|[a-z]{0,8} ?)?[\s,(]*(?:from|between|for|UTC)?[\s,(]*$/i.test(gap)) return [first, second];
  }
  return undefined;
}
