import type { Ask } from '../../src/app/ports.ts';
import { DEFAULT_DRAFT, DEFAULT_POLICY } from '../../src/core/analysis/policy.ts';
import type { Snapshot } from '../../src/core/case.ts';
import { addMs, type Instant, type Window } from '../../src/core/time.ts';
import { instant, pulledOf, WINDOWS } from '../support/events.ts';

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
  return {
    incidents: [incident],
    windows: { ...WINDOWS, incident: windowFrom(from) },
    evidence: [],
    coverage: [pulledOf('pagerduty', 'log_entries')],
    lastEdit: 0,
    takenAt: instant('16:00'),
    engine: 'hindcast/0.1.0',
    policy: DEFAULT_POLICY,
    services: [{ name: 'api', owns: { pagerduty: { service_ids: ['PAPI001'] } }, depends_on: [] }],
    people: [],
    draft: DEFAULT_DRAFT,
    normalizers: { pagerduty: 'pagerduty/1' },
    ...more,
  };
}
