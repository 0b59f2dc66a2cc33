import type { EvidenceId } from './evidence.ts';
import type { Instant, Moment } from './time.ts';

declare const brand: unique symbol;
/** `source/stream/key#type`: readable in a log, unique because keys are unique in a stream. */
export type EventId = string & { readonly [brand]: 'EventId' };

/** What the source's clock marked. Without it two true timestamps look like a contradiction. */
export type TimeMeaning = 'occurred' | 'started' | 'ended' | 'recorded' | 'published' | 'asserted';

/** Who did it, as far as the record says: a person, a program, or somebody of whom it does not tell which. */
export interface Actor {
  readonly kind: 'person' | 'automation' | 'unknown';
  /** The source's own id of the person, `pagerduty:user:PXPGF42`: roles hang on it, names change and repeat. */
  readonly id?: string;
  readonly name?: string;
  /** Its account has a name like a program's, and nobody said which it is: set by `assemble`, which alone sees names. */
  readonly mayBeAutomation?: true;
}

/** From this event back to the bytes: evidence, place in it, text as found, code that read it. */
export interface Provenance {
  readonly source: string;
  readonly stream: string;
  readonly nativeId: string;
  readonly evidence: EvidenceId;
  readonly pointer: string;
  readonly originalTime: string;
  readonly normalizer: string;
}

/** From a derived event to what it was computed from. Its id is `derived/<rule>/<subject>#<type>`, so a better estimate keeps it. */
export interface Derivation {
  readonly rule: string;
  readonly from: readonly [EvidenceId, ...EvidenceId[]];
}

interface Common<Attributes> {
  readonly id: EventId;
  readonly time: Moment;
  readonly timeMeaning: TimeMeaning;
  /** From when anyone could have known: a datapoint's start + period; else the source's stamp. */
  readonly knowableAt: Instant;
  /** The source's own order among equal instants; taken from the record. */
  readonly sequence?: number;
  readonly actor?: Actor;
  readonly url?: string;
  /** What may own it: `pagerduty/service:PAPI001`, `github/repo:acme/api@production`. */
  readonly belongsTo: readonly string[];
  /** Shared keys such as `sha:9f2c…` or `alarm:arn…`: the only thing that ties events of two sources. */
  readonly correlationKeys: readonly string[];
  readonly attributes: Attributes;
}

/** One member for each type, so that Extract finds it: a member with a union in `type` makes EventOf<…> `never`. */
type Recorded<Type extends string, Attributes> = Type extends string
  ? Common<Attributes> & { readonly type: Type; readonly provenance: Provenance }
  : never;
type Derived<Type extends string, Attributes> = Type extends string
  ? Common<Attributes> & { readonly type: Type; readonly provenance: Derivation }
  : never;

interface Incident {
  readonly 'incident.id': string;
}
interface Response extends Incident {
  readonly 'responder.id'?: string;
  /** Whom `responder.id` means, set by `assemble`: a role, or a name where the policy prints names. No connector sets it. */
  readonly 'responder.name'?: string;
  /** The source's own word of how a notification fared: `success`. */
  readonly 'notification.status'?: string;
  /** The way that a notification took: `push`, `phone`, `sms`, `email`. */
  readonly 'notification.channel'?: string;
  /** The vendor's own sentence: it may be quoted once names are turned into roles, and is never parsed. */
  readonly 'source.summary'?: string;
}
interface Escalation extends Response {
  /** Nobody answered in time, a person handed it on, or an integration did. */
  readonly 'escalation.cause'?: 'timeout' | 'person' | 'automation';
}
interface Closing extends Response {
  /** Nobody closed it: its clock ran out, the source did it of itself, or a monitor reported through an integration of the service. */
  readonly 'closing.cause'?: 'timeout' | 'auto' | 'integration';
}
interface Unanswered extends Response {
  /** Everybody whom the policy names was called and nobody answered: it begins again, or it ends. */
  readonly 'escalation.outcome': 'repeated' | 'exhausted';
}
interface Snooze extends Response {
  readonly 'snooze.seconds'?: number;
}
interface Merged extends Response {
  /** The key of the incident that this one was merged into, where the entry says it. */
  readonly 'merged.into'?: string;
}
interface Ranking extends Response {
  /** What changed, by the source's words; absent is the priority. */
  readonly 'change.field'?: 'priority' | 'urgency';
  readonly 'change.from'?: string;
  readonly 'change.to'?: string;
}
interface Deployment {
  readonly 'deployment.id': string;
  readonly 'deployment.environment.name': string;
  /** Whether users meet it, where its creator said so and the name does not: it counts before the name. */
  readonly 'deployment.environment.production'?: boolean;
  /** Absent where a record names the deployment and not what it deploys (a status of GitHub's): joined by the `deployment:` key. */
  readonly 'vcs.ref.head.revision'?: string;
  /** The tag or branch that was asked for, as people say it: `v2.3.4`. */
  readonly 'vcs.ref.head.name'?: string;
  /** What its creator called the work: `deploy`, `deploy:migrations`, `rollback`. */
  readonly 'deployment.task'?: string;
  /** Its creator's own words: they may be quoted once names are turned into roles, and are never parsed for times. */
  readonly 'deployment.description'?: string;
  /** What was said of this one state of it, such as the share of the traffic that it has now: `canary at 25 %`. */
  readonly 'deployment.status.description'?: string;
}
interface Merge {
  readonly 'vcs.change.id': string;
  readonly 'vcs.ref.head.revision': string;
  /** The branch that it was merged into. */
  readonly 'vcs.ref.base.name'?: string;
}
interface Rewrite {
  /** The branch. */
  readonly 'vcs.ref.head.name': string;
  /** What it pointed to before. */
  readonly 'vcs.ref.base.revision': string;
  /** What it points to since. */
  readonly 'vcs.ref.head.revision': string;
}
interface Alert {
  readonly 'alert.rule': string;
  /** What the rule compared with when it fired, where the source still says: the rule may have been edited since. */
  readonly 'alert.threshold'?: number;
  /** Start of the first period that the rule looked at. */
  readonly 'alert.evaluated_from'?: Instant;
  /** The values that the rule looked at when it fired, `[start in ms since 1970, value]`, oldest first: read again later they may differ. */
  readonly 'alert.datapoints'?: readonly (readonly [number, number])[];
  /** How long each of those periods is. */
  readonly 'alert.period_ms'?: number;
}
interface Metric {
  readonly 'metric.name': string;
  /** Absent where what happened is that points stopped. */
  readonly 'metric.value'?: number;
  /** Absent for anomaly bands and composite alarms. */
  readonly 'metric.threshold'?: number;
}
interface Text {
  readonly text: string;
}
interface Asserted {
  readonly reason: string;
  readonly author: string;
}

/** What a record tells to have happened: type, time and attributes (house.md, "Events"). */
export type RecordedEvent =
  | Recorded<'change.merged', Merge>
  | Recorded<'branch.force_pushed', Rewrite>
  | Recorded<'release.published', { readonly 'release.tag': string }>
  | Recorded<'deployment.started' | 'deployment.succeeded' | 'deployment.failed', Deployment>
  | Recorded<'flag.changed' | 'config.changed', { readonly key: string; readonly value: string }>
  | Recorded<'alert.fired' | 'alert.resolved' | 'alert.suppressed' | 'alert.data_lost', Alert>
  | Recorded<
      | 'incident.triggered'
      | 'incident.acknowledged'
      | 'incident.unacknowledged'
      | 'incident.reassigned'
      | 'incident.delegated'
      | 'incident.reopened',
      Response
    >
  | Recorded<'incident.resolved', Closing>
  | Recorded<'incident.escalated', Escalation>
  | Recorded<'incident.unanswered', Unanswered>
  | Recorded<'incident.snoozed', Snooze>
  | Recorded<'incident.merged', Merged>
  | Recorded<'incident.priority_updated', Ranking>
  | Recorded<'responder.requested' | 'responder.notified' | 'responder.joined' | 'responder.declined', Response>
  | Recorded<'status.published', Text & { readonly state: 'investigating' | 'identified' | 'monitoring' | 'resolved' }>
  | Recorded<'note.added' | 'message.posted', Text>
  | Recorded<'milestone.asserted', Asserted & { readonly milestone: string }>
  | Recorded<'event.asserted', Asserted & Text>
  | Recorded<'suspect.judged', Asserted & { readonly change: string; readonly verdict: 'confirmed' | 'rejected' }>;

/** What the analysis found in a series: it names its rule in place of a record. */
export type DerivedEvent = Derived<'metric.breached' | 'metric.recovered', Metric> | Derived<'incident.ack_lapsed', Incident>;

/** Whatever may stand in a timeline. */
export type TimelineEvent = RecordedEvent | DerivedEvent;

/** The name of a type that records tell. */
export type RecordedType = RecordedEvent['type'];

/** The name of a type that may stand in a timeline. */
export type EventType = TimelineEvent['type'];

/** The events of some types, by name. */
export type EventOf<Type extends EventType> = Extract<TimelineEvent, { readonly type: Type }>;

type Seed<Event> = Event extends RecordedEvent
  ? Omit<Event, 'id' | 'sequence' | 'provenance'> & {
      /** Names the happening inside its stream; stable when the record is edited. */
      readonly key: string;
      readonly pointer: string;
      readonly originalTime: string;
    }
  : never;

/** What a connector may say happened. Identity, order and provenance are stamped by the core, so none can be forged. */
export type EventSeed = Seed<RecordedEvent>;

/** The id of a happening that one record tells: `source/stream/key#type`. */
export function recordedId(source: string, stream: string, key: string, type: RecordedType): EventId {
  // Joined, not added up: a text that was added up is kept as its parts too, a hundred thousand times.
  return [source, '/', stream, '/', key, '#', type].join('') as EventId;
}

/** The id of a derived event: `derived/<rule>/<subject>#<type>`, so that a better estimate keeps it. */
export function derivedId(rule: string, subject: string, type: DerivedEvent['type']): EventId {
  return `derived/${rule}/${subject}#${type}` as EventId;
}
