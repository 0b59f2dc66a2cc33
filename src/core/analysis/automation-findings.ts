import type { Case } from '../case.ts';
import type { RecordedEvent } from '../events.ts';
import { orderEvents } from '../timeline/order.ts';
import type { Finding } from './analyze.ts';
import { isOfIncident } from './joined.ts';

/** What a person does in the course of an incident, and from which times are taken. */
const DEEDS: ReadonlySet<RecordedEvent['type']> = new Set([
  'incident.triggered',
  'incident.acknowledged',
  'incident.resolved',
  'note.added',
  'message.posted',
  'status.published',
]);

/**
 * Accounts that acted in the incident and have a name like a program's, each once by its first deed. They count as people, since a name
 * proves nothing: who runs the account can say it in `people`.
 */
export function automationFindings(theCase: Case): readonly Finding[] {
  const own = orderEvents(theCase.events.filter((event) => DEEDS.has(event.type) && isOfIncident(event, theCase)));
  const first = new Map(
    own.toReversed().flatMap((event) => (event.actor?.mayBeAutomation ? [[event.actor.id ?? '', event] as const] : [])),
  );
  return [...first.values()]
    .toReversed()
    .map(({ id, actor }) => ({ code: 'actor_may_be_automation', subject: actor?.name ?? 'someone', cites: [{ event: id }] }));
}
