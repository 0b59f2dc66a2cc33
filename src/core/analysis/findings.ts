import type { Case } from '../case.ts';
import { ownerOf } from '../ownership.ts';
import { compare } from '../timeline/order.ts';
import type { Finding } from './analyze.ts';
import { eventsOf, incidentSpan } from './joined.ts';
import type { Milestones } from './metrics.ts';
import { inversionsOf } from './phases.ts';

/** What a person should look at before the draft is sent, each with its evidence. */
export function findingsOf(theCase: Case, milestones: Milestones): readonly Finding[] {
  return [...inversionsOf(milestones), ...overlaps(theCase), ...unknownNames(theCase), ...emptySources(theCase)];
}

/** Other incidents of our services that were triggered while this one ran: perhaps pages of one outage (`--with`). */
function overlaps({ services, subject, facts, events, ...rest }: Case): readonly Finding[] {
  const theCase = { services, subject, facts, events, ...rest };
  const { from, to } = incidentSpan(theCase);
  const triggers = eventsOf(events, 'incident.triggered').filter(({ time }) => time.at >= from && time.at <= to);
  return facts
    .filter((fact) => fact.kind === 'incident' && !theCase.incidents.includes(fact.key))
    .filter((fact) => fact.kind === 'incident' && !('why' in ownerOf(fact.belongsTo, services, subject)))
    .filter(({ key }) => triggers.some(({ correlationKeys }) => correlationKeys.includes(key)))
    .toSorted((a, b) => compare(a.key, b.key))
    .map(({ key, evidence }) => ({ code: 'incident_overlaps', subject: key, cites: [{ evidence }] }));
}

/** Each name once, with every place where it stands. */
function unknownNames({ unplacedNames }: Case): readonly Finding[] {
  const ordered = unplacedNames.toSorted(
    (a, b) => compare(a.name, b.name) || compare(a.evidence, b.evidence) || compare(a.pointer, b.pointer),
  );
  return [...Map.groupBy(ordered, ({ name }) => name)].flatMap(([name, places]): readonly Finding[] => {
    const [first, ...rest] = places.map(({ evidence, pointer }) => ({ evidence, pointer }));
    return first ? [{ code: 'name_unknown', subject: name, cites: [first, ...rest] }] : [];
  });
}

/** A needed stream that answered in full and gave nothing: right for a quiet service, and the sign of a wrong scope. An extra one's hint says it all. */
function emptySources({ coverage }: Case): readonly Finding[] {
  return coverage
    .filter(({ need, status, records }) => status === 'complete' && records === 0 && need === 'needed')
    .map(({ source, stream }) => `${source}/${stream}`)
    .toSorted(compare)
    .map((line) => ({ code: 'source_empty', subject: line, cites: [{ coverage: line }] }));
}
