import type { TimelineEvent } from '../events.ts';
import { citeMilestone, joinCites, say } from './cite.ts';
import { known } from './known.ts';
import type { Material, Voice } from './material.ts';
import type { Cited } from './model.ts';
import { citeReading } from './reading.ts';
import type { ResponseCode } from './response-words.ts';

const ASSIGNED: ReadonlySet<TimelineEvent['type']> = new Set(['incident.reassigned', 'incident.escalated', 'incident.delegated']);

/** Whether a notification's own status says that it did not go out. Its words are not documented: what they do not deny went out. */
export function isUndelivered({ attributes }: TimelineEvent): boolean {
  const status = new Map<string, unknown>(Object.entries(attributes)).get('notification.status');
  return typeof status === 'string' && /fail|error|undeliver|reject|bounce/i.test(status);
}

/**
 * Whether the record shows that a page reached anyone: a person took the incident, or a notification went out, or, where the
 * record holds no notification at all, somebody was assigned. Of one incident where its key is given, else of any of the case.
 */
export function wasCalled({ courseOf, theCase }: Pick<Voice, 'courseOf' | 'theCase'>, incident?: string): boolean {
  const own = (incident === undefined ? theCase.incidents : [incident]).flatMap(courseOf);
  if (own.some(({ type, actor }) => type === 'incident.acknowledged' && actor?.kind === 'person')) return true;
  const notified = own.filter(({ type }) => type === 'responder.notified');
  if (notified.length > 0) return notified.some((event) => !isUndelivered(event));
  return own.some(({ type }) => ASSIGNED.has(type));
}

/** What the record shows to have gone wrong, beside missed targets. */
export interface Seen {
  readonly key: 'no_alarm' | `no_alarm.${number}` | 'not_called' | 'not_taken' | 'no_status' | 'handed_on' | 'reopened' | 'failed_rollback';
  readonly what: Cited;
  /** The finding that it tells. */
  readonly code?: ResponseCode;
}

/** A page that reached nobody, or that nobody took before the incident was closed. */
export function notTaken(material: Material): readonly Seen[] {
  const paged = known(material, 'paged');
  const { acknowledged } = material.analysis.milestones;
  if (!paged || acknowledged.known || acknowledged.why !== 'not_seen') return [];
  const cites = joinCites(citeMilestone(paged), citeReading(material, 'response'));
  if (!wasCalled(material)) return [{ key: 'not_called', what: say('The record shows nobody whom the page reached.', cites) }];
  return [{ key: 'not_taken', what: say('No person acknowledged the page.', cites) }];
}
