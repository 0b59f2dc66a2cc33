import type { Claim } from './claims.ts';
import { checkClaim, inWords } from './durations.ts';
import type { DocumentFinding } from './finding.ts';
import type { Happening } from './happenings.ts';
import { isStated, type StatedLength } from './lengths.ts';
import { rolesOf } from './roles.ts';

/** What two claims must both be of before they can disagree. */
type Subject = 'detection' | 'acknowledgement' | 'repair' | 'resolution' | 'recovery' | 'whole';

/** Only what is said so plainly that no other length is meant. */
const SUBJECTS: readonly (readonly [pattern: RegExp, subject: Subject])[] = [
  [/\btime[- ]to[- ]detect(?:ion)?\b|\bM?TTD\b|\b(?:alert|alarm)s? (?:fired|triggered|went off)\b/i, 'detection'],
  [/\btime[- ]to[- ](?:ack(?:nowledge(?:ment)?)?|respon(?:d|se))\b|\bM?TTA\b/i, 'acknowledgement'],
  [/\btime[- ]to[- ](?:repair|mitigat(?:e|ion)|fix)\b|\bTTM\b/i, 'repair'],
  [/\btime[- ]to[- ]resol(?:ve|ution)\b|\bM?TTR\b/i, 'resolution'],
  [/\btime[- ]to[- ](?:recover(?:y)?|restore)\b/i, 'recovery'],
  [/^\W*(?:total )?(?:duration|downtime)\b|\b(?:complete|full|total) (?:outage|downtime)\b.{0,40}\bfor\b/i, 'whole'],
];
/** From where a length is counted, where the document says. */
const STARTS: readonly (readonly [pattern: RegExp, start: string])[] = [
  [/\b(?:after|from|since|between)\b[^.]{0,24}\b(?:deploy\w*|release|merge|change|roll-?out)\b|\bdeployment to\b/i, 'change'],
  [/\b(?:after|from|since|between)\b[^.]{0,24}\b(?:start|beginning|onset|impact|fault)\b/i, 'impact'],
  [/\b(?:after|from|since|between)\b[^.]{0,24}\b(?:page|alert|alarm|detection)\b/i, 'page'],
];
const LABEL = /^\W*(?:total )?(?:duration|downtime)\b/i;
/** A document that states one quantity so often is of several incidents, or of several services. */
const MOST_OF_ONE = 3;

interface Stated {
  readonly claim: Claim;
  readonly subject: Subject;
  readonly start: string | undefined;
}

/**
 * Two stated lengths of the same thing that differ, each pair once, in the line of the second. Where one says from where it counts
 * and the other does not, they may both be right: then the document's own times must speak against the other one, too.
 */
export function disagreementFindings(claims: readonly Claim[], happenings: readonly Happening[]): readonly DocumentFinding[] {
  const stated = claims.flatMap((claim) => statedOf(claim));
  return [...Map.groupBy(stated, ({ subject }) => subject).values()].flatMap((group) => {
    if (group.length > MOST_OF_ONE) return [];
    return group.flatMap((later, index) => {
      const earlier = group.slice(0, index).find((one) => disagree(one, later, happenings));
      return earlier ? [findingOf(earlier.claim, later.claim)] : [];
    });
  });
}

function statedOf(claim: Claim): readonly Stated[] {
  if (claim.isPartial || claim.quantity === 'cadence') return [];
  const subject = claim.quantity === 'between' ? betweenSubject(claim) : SUBJECTS.find(([pattern]) => pattern.test(claim.about))?.[1];
  const start = STARTS.find(([pattern]) => pattern.test(claim.about))?.[1];
  return subject ? [{ claim, subject, start }] : [];
}

/** "17 minutes between deploy and alert" is a time to detection. */
function betweenSubject({ text, length }: Claim): Subject | undefined {
  const [, first = '', second = ''] = /between\b(.+?)\band\b(.+)$/i.exec(text.slice(length.to)) ?? [];
  const [from, to] = [rolesOf(first), rolesOf(second)];
  return (from.has('change') || from.has('started')) && to.has('detected') ? 'detection' : undefined;
}

function disagree(a: Stated, b: Stated, happenings: readonly Happening[]): boolean {
  if (a.claim.line === b.claim.line || isAlike(a.claim.length, b.claim.length)) return false;
  // Two labels stand in two lists: of several services, or of several times.
  if (a.subject === 'whole' && LABEL.test(a.claim.about) === LABEL.test(b.claim.about)) return false;
  if (a.start === b.start) return true;
  if (a.start !== undefined && b.start !== undefined) return false;
  const open = a.start === undefined ? a.claim : b.claim;
  return checkClaim(open, happenings).verdict === 'wrong';
}

function isAlike(a: StatedLength, b: StatedLength): boolean {
  const half = a.halfStepMs + b.halfStepMs;
  return Math.abs(a.ms - b.ms) <= half || isStated(a, b.ms, b.halfStepMs) || isStated(b, a.ms, a.halfStepMs);
}

function findingOf(earlier: Claim, later: Claim): DocumentFinding {
  return {
    line: later.line,
    kind: 'durations_disagree',
    stated: later.text,
    follows: `Line ${earlier.line} says ${inWords(earlier.length.ms)} of the same: “${earlier.text.trim()}”`,
    sure: 'likely',
    verdict: 'wrong',
  };
}
