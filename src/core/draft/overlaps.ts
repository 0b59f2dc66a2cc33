import { alarmsByKey } from '../analysis/apart.ts';
import { isMergedInto } from '../merges.ts';
import { ownerNameOf } from '../ownership.ts';
import { epochMs } from '../time.ts';
import { formatLength } from './durations.ts';
import { type FactOf, factsOf, type Material, nameOf } from './material.ts';
import { listOf, quoteOf, stampOf } from './words.ts';

/** Another incident that ran at the same time, with what it has to do with this one and how both become one draft. */
export function wordOverlap(key: string, material: Material): string {
  const fact = factsOf(material, 'incident').find((one) => one.key === key);
  const id = key.split('/incident:')[1] ?? key;
  if (!fact) return `Another incident overlaps this one: ${nameOf(key)}. Add it by --with ${id} if it is the same outage.`;
  const name = fact.number === undefined ? id : `#${fact.number}`;
  const late = wordLateMerge(fact, name, id, material);
  if (late !== undefined) return late;
  const mergedAway = new Map(factsOf(material, 'incident').map((one) => [one.key, one.mergedInto]));
  if (isMergedInto(material.theCase.incidents, fact.mergedInto, mergedAway)) {
    const told = `Another incident was merged into this one: ${name} ${quoteOf(fact.title, 160)}${spanOf(fact, material)}.`;
    return `${told} What its own record tells from before is not read here: add it by --with ${id}.`;
  }
  const text = `Another incident overlaps this one: ${name} ${quoteOf(fact.title, 160)}${spanOf(fact, material)}.`;
  return `${text} ${reasonOf(fact, material)} Add it by --with ${id} if it is the same outage.`;
}

/** That one of the two had been closed for long when the other began, and was merged with it all the same. */
function wordLateMerge(fact: FactOf<'incident'>, name: string, id: string, material: Material): string | undefined {
  const { incidents } = material.theCase;
  const own = factsOf(material, 'incident').filter(({ key }) => incidents.includes(key));
  const into = own.find(({ mergedLateInto }) => mergedLateInto === fact.key);
  const from = own.find(({ key }) => key === fact.mergedLateInto);
  const [closed, began] = into ? [fact.resolvedAt, into.triggeredAt] : [from?.resolvedAt, fact.triggeredAt];
  if ((!into && !from) || closed === undefined || began === undefined) return undefined;
  const length = formatLength(epochMs(began) - epochMs(closed));
  const told = into
    ? `This incident was merged into ${name} ${quoteOf(fact.title, 160)}, which had closed ${length} before it began.`
    : `Incident ${name} ${quoteOf(fact.title, 160)} was merged into this one, which had closed ${length} before that began.`;
  return `${told} The two are kept apart, and its times are not read here: add it by --with ${id} if it is the same outage.`;
}

function spanOf({ triggeredAt, resolvedAt }: FactOf<'incident'>, { day }: Material): string {
  if (!triggeredAt) return '';
  const from = `, opened ${stampOf(triggeredAt, day)}`;
  return resolvedAt ? `${from}, closed ${stampOf(resolvedAt, day)}` : from;
}

function reasonOf({ key, belongsTo }: FactOf<'incident'>, { theCase }: Material): string {
  const { services, subject, incidents } = theCase;
  const alarmsOf = alarmsByKey(theCase);
  const isShared = incidents.some((own) => !alarmsOf(own).isDisjointFrom(alarmsOf(key)));
  const alarm = isShared ? 'an alarm that this one names too' : `an alarm of ${listOf(subject.map(nameOf))}`;
  const owner = ownerNameOf(belongsTo, services);
  if (owner === undefined) return `It names ${alarm}.`;
  if (subject.includes(owner)) return `It is of the same service, ${nameOf(owner)}.`;
  const users = services
    .filter(({ name, dependsOn }) => subject.includes(name) && dependsOn.includes(owner))
    .map(({ name }) => nameOf(name));
  if (users.length === 0) return `It is of ${nameOf(owner)}, and names ${alarm}.`;
  return `It is of ${nameOf(owner)}, which ${listOf(users)} ${users.length === 1 ? 'depends' : 'depend'} on.`;
}
