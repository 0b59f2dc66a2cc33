import type { Change } from '../analysis/changes.ts';
import type { EventOf, EventType, TimelineEvent } from '../events.ts';
import { otherOwner } from '../ownership.ts';
import type { Instant } from '../time.ts';
import type { TimelineEntry } from '../timeline/entry.ts';
import { wordOver } from './alarm-words.ts';
import { numberIn, targetOf, wordBulk } from './bulk-words.ts';
import { isUndelivered, wasCalled } from './called.ts';
import { formatLength, MILESTONE_WORDS } from './durations.ts';
import { type DeploymentEvent, factsOf, isDeployment, nameOf, type Voice } from './material.ts';
import { wordBreached, wordRecovered } from './metric-words.ts';
import { isToldToPager, settingChange, settingChanged } from './setting-words.ts';
import { wordSpan } from './span-words.ts';
import { capitalOf, numberOf, quoteOf, stampOf } from './words.ts';

/** One sentence for each type of event, made from type, actor and attributes alone: a vendor's own summary may hold a name. */
const SENTENCES = {
  'change.merged': (event) => `Pull request ${nameOf(event.attributes['vcs.change.id'])} was merged.`,
  'branch.force_pushed': (event, { whoIs }) => {
    const { 'vcs.ref.head.name': branch, 'vcs.ref.base.revision': before, 'vcs.ref.head.revision': after } = event.attributes;
    return `The history of ${nameOf(branch)} was rewritten${by(event, whoIs)}: ${nameOf(before.slice(0, 7))} to ${nameOf(after.slice(0, 7))}.`;
  },
  'release.published': (event) => `Release ${nameOf(event.attributes['release.tag'])} was published.`,
  'deployment.started': (event, material) => {
    const reversal = reversalOf(event, material);
    return reversal
      ? `${reversal} started.`
      : `Deployment${ofWhat(event, material)}${placeOf(event, material)} started${hasEnd(event, material) ? '' : '; the record holds no end of it'}.`;
  },
  'deployment.succeeded': (event, material) => {
    const reversal = reversalOf(event, material);
    return reversal
      ? `${reversal} finished.`
      : isNameless(event, material)
        ? `Deployment${ofWhat(event, material)}${placeOf(event, material)} finished${startOf(event, material)}.`
        : `${deployed(event, material)} deployed${placeOf(event, material)}${startOf(event, material)}.`;
  },
  'deployment.failed': (event, material) => {
    const reversal = reversalOf(event, material);
    return reversal
      ? `${reversal} failed.`
      : `Deployment${ofWhat(event, material)}${placeOf(event, material)} failed${startOf(event, material)}.`;
  },
  'flag.changed': ({ attributes }) =>
    `Flag ${nameOf(attributes.key)} was ${attributes.value === '' ? 'changed' : `set to ${quoteOf(attributes.value, 80)}`}.`,
  'config.changed': (event) =>
    isToldToPager(event)
      ? `Change by ${nameOf(event.attributes.key)}: ${quoteOf(event.attributes.value, 120)}`
      : `${settingChanged(event.attributes)}.`,
  'metric.breached': wordBreached,
  'metric.recovered': wordRecovered,
  'alert.fired': ({ attributes }) => {
    const threshold = attributes['alert.threshold'];
    return `Alarm ${nameOf(attributes['alert.rule'])} fired${threshold === undefined ? '' : `; its threshold was ${numberOf(threshold)}`}.`;
  },
  // Only the monitor knows that the alarm is over; a pager's record tells that its own copy was closed, often by a person.
  'alert.resolved': wordOver,
  'alert.data_lost': ({ attributes }) =>
    `Alarm ${nameOf(attributes['alert.rule'])} was on and lost its data: whether it was still on is not known.`,
  'alert.suppressed': ({ attributes }) => `Alarm ${nameOf(attributes['alert.rule'])} was suppressed.`,
  'incident.triggered': (event, material) =>
    isFirst(event, material) ? openedOf(event, material) : `A further alert joined ${incidentOf(event, material, 'the')}.`,
  'incident.acknowledged': (event, material) => did(event, material, 'acknowledged'),
  'incident.unacknowledged': (event, material) => `The acknowledgement of ${incidentOf(event, material, 'the')} ended.`,
  'incident.ack_lapsed': (event, material) =>
    `The acknowledgement of ${incidentOf(event, material, 'the')} lapsed, since it was handed on.`,
  'incident.escalated': (event, material) => `${incidentOf(event, material)} was escalated${recipient(event, material)}.`,
  'incident.reassigned': (event, material) => `${incidentOf(event, material)} was assigned${recipient(event, material)}.`,
  'incident.delegated': (event, material) => `${incidentOf(event, material)} was delegated${recipient(event, material)}.`,
  'incident.unanswered': (event, material) => {
    const after = event.attributes['escalation.outcome'] === 'repeated' ? 'the calls began again' : 'the calls ended';
    return `Nobody on the escalation policy answered for ${incidentOf(event, material, 'the')}: ${after}.`;
  },
  'incident.snoozed': (event, material) => {
    const seconds = event.attributes['snooze.seconds'];
    return did(event, material, 'snoozed').replace(/\.$/, seconds === undefined ? '.' : ` for ${formatLength(seconds * 1000)}.`);
  },
  'incident.merged': (event, material) => {
    const target = targetOf(event, material);
    return `${incidentOf(event, material)} was merged into ${target === undefined ? 'another' : `incident ${numberIn(material, target)}`}.`;
  },
  'incident.priority_updated': (event, material) => {
    const { 'change.field': field = 'priority', 'change.from': from, 'change.to': to } = event.attributes;
    const change = `${from === undefined ? '' : ` from ${nameOf(from)}`}${to === undefined ? '' : ` to ${nameOf(to)}`}`;
    return `The ${field} of ${incidentOf(event, material, 'the')} was changed${change}.`;
  },
  'incident.resolved': wordClosed,
  'incident.reopened': (event, material) => did(event, material, 'reopened'),
  'responder.requested': (_, material) => `A further responder was asked to join${afterService(material)}.`,
  'responder.notified': (event, { whoIs }) => {
    const who = capitalOf(responder(event, whoIs) ?? 'a responder');
    return isUndelivered(event) ? `A notification of ${who} failed.` : `${who} was notified.`;
  },
  'responder.joined': (event, { whoIs }) => `${capitalOf(responder(event, whoIs) ?? 'a responder')} joined.`,
  'responder.declined': (event, { whoIs }) => `${capitalOf(responder(event, whoIs) ?? 'a responder')} declined to join.`,
  'status.published': ({ attributes }) => {
    // Most posts begin with their own state; saying it twice helps no one.
    const stated = attributes.text.trimStart().toLowerCase().startsWith(attributes.state);
    return `Status update${stated ? '' : ` (${attributes.state})`}: ${quoteOf(attributes.text)}`;
  },
  'note.added': (event, { whoIs }) => `Note${by(event, whoIs)}: ${quoteOf(event.attributes.text)}`,
  'message.posted': (event, { whoIs }) => `Message${by(event, whoIs)}: ${quoteOf(event.attributes.text)}`,
  'milestone.asserted': ({ attributes }) =>
    `A person stated this time for the ${milestoneName(attributes.milestone)}: ${quoteOf(attributes.reason)}`,
  'event.asserted': ({ attributes }) => `A person added: ${quoteOf(attributes.text)} Reason given: ${quoteOf(attributes.reason)}`,
  'suspect.judged': ({ attributes }) => `A person ${attributes.verdict} a suspect: ${quoteOf(attributes.reason)}`,
} as const satisfies { readonly [Type in EventType]: (event: EventOf<Type>, material: Voice) => string };

/** The sentence of one entry; of a span it counts what the row stands for. */
export function sentenceOf(entry: TimelineEntry, material: Voice): string {
  // The table has a sentence for each type, which the compiler checks above but cannot follow through the look-up.
  const word = SENTENCES[entry.event.type] as (event: TimelineEvent, material: Voice) => string;
  const sentence = word(entry.event, material);
  if (entry.kind === 'single') return sentence;
  return wordBulk(entry, material) ?? wordSpan(entry, sentence, stampIn(material));
}

function openedOf(event: EventOf<'incident.triggered'>, material: Voice): string {
  const who = event.actor?.kind === 'person' ? (event.actor.name ?? material.whoIs(event.actor.id)) : undefined;
  if (who === undefined) return `${incidentOf(event, material)} was opened${callOf(event, material, 'and the on-call paged')}.`;
  return `${capitalOf(nameOf(who))} opened ${incidentOf(event, material, 'the')}${callOf(event, material, 'and paged the on-call')}.`;
}

function callOf({ correlationKeys }: TimelineEvent, material: Voice, called: string): string {
  const own = correlationKeys.find((key) => key.includes('/incident:'));
  return wasCalled(material, own) ? ` ${called}` : '; the record shows nobody whom the page reached';
}

/** How a change of each kind ends; what takes no time has no end. */
const ENDS = {
  deployment: { brief: 'finished', whole: 'finished' },
  release: { brief: 'published', whole: 'was published' },
  merge: { brief: 'merged', whole: 'was merged' },
  flag: { brief: 'made', whole: 'was made' },
  config: { brief: 'made', whole: 'was made' },
} as const satisfies Record<Change['kind'], { readonly brief: string; readonly whole: string }>;

/** What a change did at its end: behind a comma (`brief`), or behind `which` (`whole`). What was turned up step by step was made at no one time. */
export function endWordOf({ outcome, kind, steps = [] }: Pick<Change, 'outcome' | 'kind' | 'steps'>, form: 'brief' | 'whole'): string {
  if (outcome !== 'failed' && (kind === 'flag' || kind === 'config') && steps.length > 1) return 'ended';
  return outcome === 'failed' ? 'failed' : ENDS[kind][form];
}

/** `deployment of v2.3.4 to production`, `rollback to v2.3.3`, `release v2.3.4`: how a sentence names a change. */
export function changeName(change: Change, voice: Pick<Voice, 'revisionName' | 'theCase' | 'events' | 'analysis'>): string {
  const { revisionName, theCase, events } = voice;
  const revision = change.revision ? revisionName(change.revision.to) : undefined;
  const [pull] = change.pullRequests;
  const what = `${revision ?? (pull ? `#${pull.number}` : ownName(change.key.split('/deployment:')[1] ?? change.key))}${ofService(change, theCase)}`;
  if (change.reverses !== undefined && change.kind === 'deployment') {
    // An earlier revision carries nothing new; a revert is a pull request of its own.
    const where = isOneOfSeveral(change, voice) ? ` in ${nameOf(change.environment ?? '')}` : '';
    return change.pullRequests.length === 0
      ? `rollback to ${what}${where}`
      : `deployment of the revert in ${what}${where && `, ${where.trim()}`}`;
  }
  const place = change.environment === undefined ? '' : ` to ${nameOf(change.environment)}`;
  const kinds = { deployment: `deployment of ${what}${place}`, release: `release ${what}`, merge: `merge of ${what}` };
  return change.kind === 'flag' || change.kind === 'config' ? settingChange(change, events) : kinds[change.kind];
}

/** Whether the same went back in another environment, too: then each says in which. */
function isOneOfSeveral({ environment, revision, reverses }: Change, { analysis }: Pick<Voice, 'analysis'>): boolean {
  if (environment === undefined || reverses === undefined) return false;
  return analysis.changes.some(
    (other) => other.reverses !== undefined && other.environment !== environment && other.revision?.to === revision?.to,
  );
}

function reversalOf(event: DeploymentEvent, material: Voice): string | undefined {
  const change = material.changeOf(event);
  return change?.reverses === undefined ? undefined : capitalOf(changeName(change, material));
}

/** ` of v2.3.4`; of a deployment of which nobody said what it carries its own name, as a build's. */
function ofWhat(event: DeploymentEvent, material: Voice): string {
  return `${isNameless(event, material) ? '' : ' of'} ${deployed(event, material)}`;
}

function deployed(event: DeploymentEvent, material: Voice): string {
  const name = shippedBy(event, material);
  const change = material.changeOf(event);
  const what = name === undefined ? ownName(event.attributes['deployment.id']) : material.revisionName(name);
  return `${what}${change ? ofService(change, material.theCase) : ''}`;
}

function isNameless(event: DeploymentEvent, material: Voice): boolean {
  return shippedBy(event, material) === undefined;
}

/** A status names its deployment and not what it deploys: the change that joins the two knows. A commit says more than a branch. */
function shippedBy(event: DeploymentEvent, { changeOf }: Voice): string | undefined {
  const { attributes } = event;
  return attributes['vcs.ref.head.revision'] ?? changeOf(event)?.revision?.to ?? attributes['vcs.ref.head.name'];
}

/** A deployment's own name: of one that is called by its page's address, as a Jenkins build, the path (`job/api/412`). */
function ownName(id: string): string {
  const path = URL.canParse(id) ? new URL(id).pathname.replaceAll(/^\/+|\/+$/g, '') : '';
  return nameOf(path === '' ? id : path);
}

/** Whether the deployment that began here is known to have ended. */
function hasEnd(event: DeploymentEvent, { changeOf, events }: Voice): boolean {
  const id = event.attributes['deployment.id'];
  const change = changeOf(event);
  if (change) return change.ended !== undefined;
  return [...events.values()].some(
    (other) => isDeployment(other) && other.type !== 'deployment.started' && other.attributes['deployment.id'] === id,
  );
}

/** ` to production`; nothing where the sender did not say where to. */
function placeOf(event: DeploymentEvent, { changeOf }: Voice): string {
  const environment = event.attributes['deployment.environment.name'] || changeOf(event)?.environment;
  return environment ? ` to ${nameOf(environment)}` : '';
}

/** Of several services each change says whose it is, and so does one of another service. */
function ofService({ belongs }: Change, { subject }: Voice['theCase']): string {
  const other = otherOwner(belongs);
  if (other !== undefined) return ` of ${nameOf(other)}`;
  return subject.length > 1 && !('why' in belongs) ? ` of ${nameOf(belongs.service)}` : '';
}

function startOf(event: DeploymentEvent, material: Voice): string {
  const change = material.changeOf(event);
  const stamp = stampIn(material);
  const start = change && stamp(change.began.at);
  return start === undefined || start === stamp(event.time.at) ? '' : ` (started ${start})`;
}

function stampIn({ stamp, day }: Voice): (at: Instant) => string {
  return stamp ?? ((at) => stampOf(at, day));
}

/** The one incident of a case needs no number; of several each row says which. */
function incidentOf({ attributes }: TimelineEvent, material: Voice, article: 'the' | 'The' = 'The'): string {
  const id = 'incident.id' in attributes ? attributes['incident.id'] : '';
  // A window that never paged may hold incidents that began before it: each is named.
  const [first, ...others] = material.theCase.incidents;
  if (others.length === 0 && (id === '' || first.endsWith(`/incident:${id}`))) return `${article} incident`;
  const fact = factsOf(material, 'incident').find(({ key }) => key.endsWith(`/incident:${id}`));
  const start = article === 'The' ? 'Incident' : 'incident';
  return fact?.number === undefined ? `${start} ${nameOf(id)}` : `${start} #${fact.number}`;
}

function isFirst(event: EventOf<'incident.triggered'>, { firstTriggerOf }: Voice): boolean {
  const first = firstTriggerOf(event.attributes['incident.id']);
  return first === undefined || first.id === event.id;
}

/** Who or what closed it: a clock and the service's own name are nobody. */
function wordClosed(event: EventOf<'incident.resolved'>, material: Voice): string {
  const cause = event.attributes['closing.cause'];
  const closed = `${incidentOf(event, material)} was closed`;
  if (cause === 'timeout') return `${closed} by its auto-resolve timeout.`;
  if (cause === 'auto') return `${closed} automatically.`;
  const service = event.actor?.name;
  if (cause === 'integration') return `${closed} by an integration${service === undefined ? '' : ` of the service ${nameOf(service)}`}.`;
  return did(event, material, 'closed');
}

function did(event: TimelineEvent, material: Voice, verb: string): string {
  const who = event.actor?.name ?? material.whoIs(event.actor?.id);
  if (who !== undefined) return `${capitalOf(nameOf(who))} ${verb} ${incidentOf(event, material, 'the')}.`;
  return `${incidentOf(event, material)} was ${verb}.`;
}

function by({ actor }: TimelineEvent, whoIs: Voice['whoIs']): string {
  const who = actor?.name ?? whoIs(actor?.id);
  return who === undefined ? '' : ` by ${nameOf(who)}`;
}

type Responding = EventOf<
  'incident.escalated' | 'incident.reassigned' | 'incident.delegated' | 'responder.notified' | 'responder.joined' | 'responder.declined'
>;

function recipient(event: Responding, { whoIs }: Voice): string {
  const who = responder(event, whoIs);
  return who === undefined ? '' : ` to ${who}`;
}

function responder({ attributes }: Responding, whoIs: Voice['whoIs']): string | undefined {
  const name = attributes['responder.name'];
  return name === undefined ? whoIs(attributes['responder.id']) : nameOf(name);
}

function afterService({ theCase }: Voice): string {
  return theCase.incidents.length > 1 ? ' one of the incidents' : '';
}

function milestoneName(name: string): string {
  return Object.hasOwn(MILESTONE_WORDS, name) ? MILESTONE_WORDS[name as keyof typeof MILESTONE_WORDS] : nameOf(name);
}
