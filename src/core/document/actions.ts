import type { DocumentFinding } from './finding.ts';
import type { Part } from './reader.ts';
import { findStamps } from './stamps.ts';

const HEADING = /\b(?:action items?|actions|follow[- ]?ups?|next steps|to[- ]?dos?|remediation|corrective)\b/i;
const OWNER_HEAD = /\b(?:owner|assignee|assigned|who|responsible|team|dri)\b/i;
const DATE_HEAD = /\b(?:due|date|deadline|when|by|eta|target)\b/i;
const ACTION_HEAD = /\b(?:action|task|item|what|description|issue)\b/i;
const OWNER_WORDS =
  /(?:^|[\s(])@[\w-]+|\((?:owner:? ?)?[A-Z][\w .'-]+\)|\b(?:owner|assignee|assigned to|responsible)\s*[:=]?\s*\S+|^[A-Z][\w-]+(?: and [A-Z][\w-]+)? (?:will|to)\b/;
const DONE = /✅|\b(?:done|completed?|fixed|merged|resolved|closed|shipped)\b|^\s*~~/i;
const EMPTY = /^(?:\W*|tbd|tbc|todo|none|n\/?a|unassigned|\?+|to fill)$/i;
/** Who follows a ticket finds its owner and date there. */
const TICKET = /\b(?:[A-Z]{2,10}-\d+|T\d{4,})\b|\/(?:issues|pull|browse|merge_requests)\/|#\d+/;

/** "Paused ingestion", "Increased the timeout": told as done. */
const DONE_ALREADY = /^\W*(?:[A-Z][a-z]+ed|Wrote|Built|Made|Rebuilt|Set up)\b(?! to\b)/;
/** Of a list that keeps owners or days elsewhere one finding is enough. */
const LEAST_TOGETHER = 3;

/** What is to be done with no one to do it, or no day to have it done by. What is done, or has a ticket, needs neither. */
export function actionFindings(parts: readonly Part[]): readonly DocumentFinding[] {
  const actions = parts.filter(({ under, isHead }) => !isHead && under.some((heading) => HEADING.test(heading)));
  const items = actions.filter(({ kind, depth }) => kind === 'item' && depth === 0);
  const lists = Map.groupBy(items, ({ under }) => under.join(' / '));
  return [...actions.filter(({ kind }) => kind === 'row').flatMap(rowFindings), ...[...lists.values()].flatMap(listFindings)];
}

/** Where no item of a list has what is missing, the list is told once, at its first. */
function listFindings(items: readonly Part[]): readonly DocumentFinding[] {
  const findings = items.flatMap(itemFindings);
  const open = new Set(findings.map(({ line }) => line)).size;
  return [...Map.groupBy(findings, ({ kind }) => kind).values()].flatMap((missing) => {
    const [first] = missing;
    if (!first || missing.length < LEAST_TOGETHER || missing.length < open) return missing;
    const follows = first.kind === 'action_without_owner' ? 'names who does it' : 'names a day to have it done by';
    return [{ ...first, follows: `None of ${missing.length} actions in this list ${follows}.` }];
  });
}

function rowFindings({ cells = [], heads = [], line, text, links }: Part): readonly DocumentFinding[] {
  const at = (pattern: RegExp) => heads.findIndex((head) => pattern.test(head));
  const [owner, date] = [at(OWNER_HEAD), at(DATE_HEAD)];
  const what = cells[at(ACTION_HEAD)] ?? cells[0] ?? '';
  if (EMPTY.test(what) || (owner < 0 && date < 0 && !HEADING.test(heads.join(' ')))) return [];
  return missing(what, line, {
    hasOwner: owner >= 0 && !EMPTY.test(cells[owner] ?? ''),
    hasDate: date >= 0 && !EMPTY.test(cells[date] ?? ''),
    isDone: DONE.test(text) || isTicket(text, links),
    sure: 'certain',
  });
}

function itemFindings({ text, line, checked, links }: Part): readonly DocumentFinding[] {
  if (text.trim() === '' || text.trim().endsWith(':')) return [];
  return missing(text, line, {
    hasOwner: OWNER_WORDS.test(text),
    hasDate: findStamps(text).some(({ day }) => day !== undefined),
    isDone: checked === true || DONE.test(text) || DONE_ALREADY.test(text) || isTicket(text, links),
    sure: 'possible',
  });
}

interface Held {
  readonly hasOwner: boolean;
  readonly hasDate: boolean;
  readonly isDone: boolean;
  readonly sure: DocumentFinding['sure'];
}

function missing(stated: string, line: number, { hasOwner, hasDate, isDone, sure }: Held): readonly DocumentFinding[] {
  if (isDone) return [];
  return [
    ...(hasOwner
      ? []
      : [{ line, kind: 'action_without_owner' as const, stated, follows: 'Nobody is named to do it.', sure, verdict: 'wrong' as const }]),
    ...(hasDate
      ? []
      : [
          {
            line,
            kind: 'action_without_date' as const,
            stated,
            follows: 'No day is named to have it done by.',
            sure,
            verdict: 'wrong' as const,
          },
        ]),
  ];
}

function isTicket(text: string, links: readonly string[]): boolean {
  return TICKET.test(text) || links.some((link) => TICKET.test(link));
}
