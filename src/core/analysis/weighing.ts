import type { Case } from '../case.ts';
import type { Citation, Citations } from '../citation.ts';
import type { EventId, EventOf, RecordedEvent } from '../events.ts';
import { addMs, type Instant, type Moment } from '../time.ts';
import { compare } from '../timeline/order.ts';
import type { Change } from './changes.ts';
import type { Cleared } from './clearing.ts';
import type { Departure } from './onset.ts';
import type { ReasonCode } from './suspect-weights.ts';

/** What is known of the impact when its suspects are looked for. */
export interface Impact {
  /** When it most likely began; absent where nothing shows it. */
  readonly started?: Moment;
  /** When it was known at the latest: it had begun by then. */
  readonly known?: Moment;
  /** What says so. */
  readonly cites: readonly Citation[];
  readonly departures: readonly Departure[];
  /** What tells each of them: the event of its departure, then that of its recovery where it came back. */
  readonly told?: ReadonlyMap<Departure, Citations>;
  /** When it most likely was over: whether that was before or after something else is what is asked of it. */
  readonly recovery?: Moment;
  /** When it first came back after that, while the incident went on; absent where it did not. */
  readonly returned?: Moment;
  /** Where no metric shows how it went: when its alarms had gone back to normal. */
  readonly cleared?: Cleared;
  /** Of a case of several services, the impact of each whose metric departed: a change is weighed against its own service's. */
  readonly byService?: ReadonlyMap<string, Impact>;
}

/** All that a change is weighed against. */
export interface Weighing {
  readonly changes: readonly Change[];
  readonly theCase: Case;
  readonly impact: Impact;
  readonly judgments: ReadonlyMap<string, EventOf<'suspect.judged'>>;
  /** The events that changes cite: whose they are, and what they say. */
  readonly events: ReadonlyMap<EventId, RecordedEvent>;
  /** The changes that are weighed: what all of them share tells none from another. */
  readonly weighed: readonly Change[];
}

/** A reason and how far it holds: 1 in full, less where the bounds of its times or the strength of what was seen only allow a part. */
export interface Ground {
  readonly code: ReasonCode;
  readonly share: number;
  readonly cites: Citations;
}

/** The latest instant at which the impact can have begun. */
export function boundOf({ started, known }: Impact): Instant | undefined {
  const bounds = [started, known].flatMap((moment) => (moment ? [latestOf(moment)] : []));
  return bounds.toSorted(compare)[0];
}

/** The latest that a moment may be. */
export function latestOf({ at, plusMs }: Moment): Instant {
  return addMs(at, plusMs);
}
