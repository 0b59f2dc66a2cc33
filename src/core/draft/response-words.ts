import type { Finding } from '../analysis/analyze.ts';
import { say } from './cite.ts';
import { formatSpan } from './durations.ts';
import { type Material, nameOf } from './material.ts';
import type { Cited } from './model.ts';
import { quoteOf } from './words.ts';

interface Telling {
  readonly subject: string;
  /** The length of the finding; empty where it has none. */
  readonly length: string;
  /** The type of the event that it cites first, where that is an event. */
  readonly by: string | undefined;
}

/** Longest text of another's that such a sentence carries. */
const QUOTED = 120;

/** Findings about the course of the response, as one sentence each. */
export const RESPONSE_WORDS = {
  alarm_slow: ({ subject, length }) => `Alarm ${nameOf(subject)} fired ${length} later than the values of its metric allowed.`,
  alarm_missing: ({ subject }) => `No alarm fired, and none that was read watches ${nameOf(subject)}, which left its normal.`,
  alarm_silent: ({ subject }) => `No alarm fired, though the metric of alarm ${nameOf(subject)} left its normal.`,
  page_delayed: ({ subject, length }) => `The page came ${length} after alarm ${nameOf(subject)} fired, over its target.`,
  unanswered_at_first: ({ length }) =>
    length === ''
      ? 'Nobody answered the first call.'
      : `Nobody answered the first call; the acknowledgement came ${length} after the page.`,
  reversal_late: ({ subject, length, by }) => `${spokenOf(subject, by)} ${length} before the reversal started.`,
  grew_after_reversal: ({ subject }) => `${nameOf(subject)} went further from its normal after the reversal had ended.`,
  known_before_alarm: ({ subject, length, by }) =>
    `${KNOWN_BY.get(by ?? '') ?? 'It was written of'} ${length} before alarm ${nameOf(subject)} fired.`,
  impact_outlasted_record: ({ length }) => `The incident was closed ${length} before the service was normal again.`,
  closed_in_impact: ({ subject, length }) =>
    `The incident was closed while ${nameOf(subject)} was out of its normal; it was last seen so ${length} later.`,
  alarm_fired_again: ({ subject, length }) => `Alarm ${nameOf(subject)} fired again ${length} after the incident was closed.`,
  record_outlasted_impact: ({ length }) => `The incident was closed ${length} after the service was normal again.`,
} as const satisfies Readonly<Partial<Record<Finding['code'], (telling: Telling) => string>>>;

const KNOWN_BY: ReadonlyMap<string, string> = new Map([
  ['incident.triggered', 'A person opened the incident'],
  ['note.added', 'A note on the incident was written'],
  ['message.posted', 'A message on the incident was posted'],
  ['milestone.asserted', 'People knew, as one of them stated,'],
  ['event.asserted', 'People knew, as one of them stated,'],
  ['status.published', 'A status update was posted'],
]);

function spokenOf(subject: string, by: string | undefined): string {
  if (by === 'suspect.judged') return 'A person confirmed the suspect';
  return by === undefined ? `Revert ${quoteOf(subject, QUOTED)} was merged` : `${quoteOf(subject, QUOTED)} was written`;
}

/** The findings that are put into words under what went wrong. */
export type ResponseCode = keyof typeof RESPONSE_WORDS;

/** Such a finding in words. */
export interface Responded {
  readonly code: ResponseCode;
  readonly what: Cited;
}

/** Every such finding of the case in words, in the order of the findings. */
export function respondedOf({ analysis, events }: Pick<Material, 'analysis' | 'events'>): readonly Responded[] {
  return analysis.findings.flatMap(({ code, subject, span, cites }): readonly Responded[] => {
    if (!isResponse(code)) return [];
    const [first] = cites;
    const by = 'event' in first ? events.get(first.event)?.type : undefined;
    return [{ code, what: say(RESPONSE_WORDS[code]({ subject, by, length: span ? formatSpan(span) : '' }), cites) }];
  });
}

function isResponse(code: Finding['code']): code is ResponseCode {
  return Object.hasOwn(RESPONSE_WORDS, code);
}
