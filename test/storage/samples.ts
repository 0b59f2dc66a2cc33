import type { Ask } from '../../src/app/ports.ts';
import type { Snapshot } from '../../src/core/case.ts';
import { addMs, type Instant, type Window } from '../../src/core/time.ts';
import { instant, snapshotOf, WINDOWS } from '../support/events.ts';

export const NOON = instant('12:00');

/** Two hours from there. */
export function windowFrom(from: Instant): Window {
  return { from, to: addMs(from, 2 * 3_600_000) };
}

export function ask(more: Partial<Ask> = {}): Ask {
  return {
    source: 'pagerduty',
    stream: 'log_entries',
    window: WINDOWS.incident,
    keys: ['pagerduty/incident:PABC'],
    scope: { service_ids: ['PAPI001'] },
    ...more,
  };
}

/** A snapshot of an incident whose window begins there. */
export function snapshotFrom(incident: string, from: Instant, more: Partial<Snapshot> = {}): Snapshot {
  return snapshotOf({ incidents: [incident], windows: { ...WINDOWS, incident: windowFrom(from) }, ...more });
}
