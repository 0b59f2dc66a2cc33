import { actionFindings } from './actions.ts';
import { blameFindings } from './blame.ts';
import { type Claim, findClaims } from './claims.ts';
import { contextOf } from './context.ts';
import { compareWithCourse, supportOf } from './course.ts';
import { disagreementFindings } from './disagreements.ts';
import { durationFindings } from './durations.ts';
import type { DocumentFinding } from './finding.ts';
import { findHappenings, type Happening } from './happenings.ts';
import { orderFindings } from './order.ts';
import { placeholderFindings } from './placeholders.ts';
import { type Part, readDocument } from './reader.ts';
import { compareWithDraft, type DocumentRecord, isOurs } from './record.ts';
import { retoldFindings } from './retold.ts';
import { nameFindings } from './role-names.ts';
import { twoClockFindings } from './two-clocks.ts';

/** A post-mortem as it was understood: its parts, its timeline, what it claims, and what a reader should look at. */
export interface Verified {
  readonly parts: readonly Part[];
  readonly happenings: readonly Happening[];
  readonly claims: readonly Claim[];
  /** By line. */
  readonly findings: readonly DocumentFinding[];
}

/**
 * Checks any post-mortem against itself: what it claims against its own timeline, the order of that, what a template left, actions
 * that nobody owns, and words that blame. `name` is the file's: it may say the day. Pure, and in proportion to the text.
 * With `record` it is held against that as well: a draft of ours part by part, and what stands in it as the record has it is not
 * looked at further; any other document by what it tells and claims of the incident's course.
 */
export function verifyDocument(text: string, name = '', record?: DocumentRecord): Verified {
  const parts = readDocument(text);
  const happenings = findHappenings(parts, contextOf(parts, name));
  const claims = findClaims(parts);
  const own = [
    ...durationFindings(claims, happenings),
    ...disagreementFindings(claims, happenings),
    ...orderFindings(happenings),
    ...retoldFindings(happenings),
    ...twoClockFindings(parts),
    ...placeholderFindings(parts),
    ...actionFindings(parts),
    ...blameFindings(parts),
    ...nameFindings(parts),
  ];
  const read = { parts, happenings, claims, findings: own };
  const findings = record ? withRecord(read, record) : own;
  return { ...read, findings: findings.toSorted((a, b) => a.line - b.line) };
}

function withRecord({ parts, happenings, claims, findings }: Verified, record: DocumentRecord): readonly DocumentFinding[] {
  const own = findings.map((finding) => borneOut(finding, claims, record));
  if (!isOurs(parts, record)) {
    const found = new Set(own.filter(({ kind }) => CLAIMED.has(kind)).map(({ line }) => line));
    const course = compareWithCourse(happenings, claims, record.course);
    // What the document's own times contradict needs no second finding.
    return [...own, ...course.filter(({ kind, line }) => !CLAIMED.has(kind) || !found.has(line))];
  }
  const { findings: differing, asRecorded } = compareWithDraft(parts, record);
  const lines = new Set([...asRecorded].flatMap(({ line, text }) => text.split('\n').map((_, index) => line + index)));
  const named = new Set(differing.map(({ line }) => line));
  // That a changed time stands out of order, or fits no length, follows from what is told of it already.
  return [...differing, ...own.filter(({ line, kind }) => !lines.has(line) && !(named.has(line) && FOLLOWING.has(kind)))];
}

/** A claim that the document's own times do not show, and the record does, is explained. */
function borneOut(finding: DocumentFinding, claims: readonly Claim[], { course }: DocumentRecord): DocumentFinding {
  const { kind, line, stated, sure } = finding;
  if ((kind !== 'duration_contradicted' && kind !== 'claim_unsupported') || sure === 'certain') return finding;
  const claim = claims.find((one) => one.line === line && one.text === stated);
  const support = claim && supportOf(claim, course);
  return support === undefined ? finding : { ...finding, follows: `${finding.follows} ${support}`, verdict: 'explained' };
}

const FOLLOWING: ReadonlySet<DocumentFinding['kind']> = new Set([
  'order_wrong',
  'midnight_slip',
  'zone_slip',
  'clocks_disagree',
  'duration_contradicted',
]);
const CLAIMED: ReadonlySet<DocumentFinding['kind']> = new Set(['duration_contradicted', 'claim_unsupported', 'differs_from_record']);
