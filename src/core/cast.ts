import type { Actor, RecordedEvent } from './events.ts';
import { remembered } from './remembered.ts';

/** Who does what in a case's events, as one pass over them shows it. */
export interface Cast {
  /** By id, everybody who acts or is called, with every name that they act under. */
  readonly named: ReadonlyMap<string, ReadonlySet<string>>;
  /** Whoever acts in an incident, by first action; then whom they call. Each once. */
  readonly responders: Iterable<string>;
  /** The events of each incident that was asked for. */
  readonly courses: readonly (readonly RecordedEvent[])[];
  /** What changed code or what runs. */
  readonly changes: readonly RecordedEvent[];
}

const OF_INCIDENT = ['incident.', 'responder.', 'note.', 'status.'] as const;

/** What is asked of the type of an event. */
interface Kind {
  readonly isOfIncident: boolean;
  readonly isChange: boolean;
}

function kindOf(type: string): Kind {
  return {
    isOfIncident: OF_INCIDENT.some((kind) => type.startsWith(kind)),
    isChange: type === 'change.merged' || type === 'branch.force_pushed' || type.startsWith('deployment.'),
  };
}

/** Reads the cast of events in the timeline's order. `incidents` are those whose course is wanted. */
export function castOf(ordered: readonly RecordedEvent[], incidents: readonly string[]): Cast {
  const kinds = remembered(kindOf);
  const courses = new Map(incidents.map((key): [string, RecordedEvent[]] => [key, []]));
  const people = startPeople();
  const changes: RecordedEvent[] = [];
  for (const event of ordered) {
    const kind = kinds(event.type);
    people.see(event, kind.isOfIncident);
    if (kind.isChange) changes.push(event);
    for (const key of event.correlationKeys) {
      const course = courses.get(key);
      if (course && course.at(-1) !== event) course.push(event);
    }
  }
  return { ...people.seen(), changes, courses: incidents.map((key) => courses.get(key) ?? []) };
}

interface People {
  see(event: RecordedEvent, isOfIncident: boolean): void;
  seen(): Pick<Cast, 'named' | 'responders'>;
}

function startPeople(): People {
  const named = new Map<string, Set<string>>();
  const namesOf = (id: string) => named.get(id) ?? named.set(id, new Set()).get(id);
  const acting = new Set<string>();
  const called = new Set<string>();
  // A hundred thousand events share a few actors, and what is the same object says nothing new.
  const known = { in: new Set<Actor>(), out: new Set<Actor>() };
  const act = ({ kind, id, name }: Actor, isOfIncident: boolean) => {
    if (kind !== 'person' || id === undefined) return;
    if (id !== '') namesOf(id)?.add(name ?? '');
    if (isOfIncident) acting.add(id);
  };
  return {
    see: ({ actor, attributes }, isOfIncident) => {
      const met = isOfIncident ? known.in : known.out;
      if (actor && !met.has(actor)) {
        met.add(actor);
        act(actor, isOfIncident);
      }
      const id = (attributes as { readonly 'responder.id'?: string })['responder.id'];
      if (id === undefined) return;
      if (id !== '') namesOf(id);
      if (isOfIncident) called.add(id);
    },
    seen: () => ({ named, responders: acting.union(called) }),
  };
}

/** Who acts in these events of an incident, by first action; then whom they call. Each once. */
export function respondersOf(events: readonly RecordedEvent[]): Iterable<string> {
  return castOf(events, []).responders;
}
