import { analyze } from '../../src/core/analysis/analyze.ts';
import type { Milestone, MilestoneName } from '../../src/core/analysis/metrics.ts';
import type { Case } from '../../src/core/case.ts';
import type { RecordedEvent } from '../../src/core/events.ts';
import { instant, WINDOWS, windowOf } from './events.ts';
import { errorsAt, SAMPLE_EVENTS, sampleCase } from './sample-case.ts';

/** A milestone of the sample, some of which is otherwise. */
export function find(name: MilestoneName, overrides: Partial<Case> = {}): Milestone {
  return analyze(sampleCase(overrides)).milestones[name];
}

/** The same where it must be known. Throws what was said instead. */
export function known(name: MilestoneName, overrides: Partial<Case> = {}) {
  const milestone = find(name, overrides);
  if (!milestone.known) throw new Error(`${name}: ${milestone.why}, ${milestone.wanted}`);
  return milestone;
}

/** The sample without some of its events, and with others. */
export function eventsBut(drop: (event: RecordedEvent) => boolean, ...added: readonly RecordedEvent[]): Pick<Case, 'events'> {
  return { events: [...SAMPLE_EVENTS.filter((event) => !drop(event)), ...added] };
}

/** Whether an event is of one of these types. */
export const is =
  (...types: readonly RecordedEvent['type'][]) =>
  (event: RecordedEvent) =>
    types.includes(event.type);

/** The sample as it stood while it was open. */
export function openAt(at: string, ...dropped: readonly RecordedEvent['type'][]): Partial<Case> {
  const now = instant(at);
  return {
    now,
    windows: { ...WINDOWS, incident: windowOf('12:33', at) },
    events: SAMPLE_EVENTS.filter((event) => event.time.at < now && !dropped.includes(event.type)),
    series: [errorsAt(60, '2024-01-14T14:33:00Z', `2024-01-15T${at}:00Z`)],
  };
}
