import { actionFindings } from './actions.ts';
import { blameFindings } from './blame.ts';
import { type Claim, findClaims } from './claims.ts';
import { contextOf } from './context.ts';
import { durationFindings } from './durations.ts';
import type { DocumentFinding } from './finding.ts';
import { findHappenings, type Happening } from './happenings.ts';
import { orderFindings } from './order.ts';
import { placeholderFindings } from './placeholders.ts';
import { type Part, readDocument } from './reader.ts';
import { nameFindings } from './role-names.ts';

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
 */
export function verifyDocument(text: string, name = ''): Verified {
  const parts = readDocument(text);
  const happenings = findHappenings(parts, contextOf(parts, name));
  const claims = findClaims(parts);
  const findings = [
    ...durationFindings(claims, happenings),
    ...orderFindings(happenings),
    ...placeholderFindings(parts),
    ...actionFindings(parts),
    ...blameFindings(parts),
    ...nameFindings(parts),
  ].toSorted((a, b) => a.line - b.line);
  return { parts, happenings, claims, findings };
}
