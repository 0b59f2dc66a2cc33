import { between, epochMs } from '../time.ts';
import type { Finding, Phase } from './analyze.ts';
import { METRICS, type Milestone, type MilestoneName, type Milestones } from './metrics.ts';

/** The course of an incident, and what each stretch is called by where it begins. */
const COURSE = [
  ['suspect_deployed', 'latent'],
  ['impact_started', 'undetected'],
  ['detected', 'unpaged'],
  ['paged', 'unanswered'],
  ['acknowledged', 'diagnosis'],
  ['mitigated', 'repair'],
  ['recovered', 'closing'],
  ['resolved', undefined],
] as const satisfies readonly (readonly [MilestoneName, Phase['name'] | undefined])[];

/** Closing a record is bookkeeping: before the recovery it contradicts nothing, and has a finding of its own. */
const CLOSING: MilestoneName = 'resolved';

type Known = Extract<Milestone, { readonly known: true }>;

/**
 * The phases between the known milestones, by their times: contiguous, not overlapping, summing to the whole. A milestone that
 * is unknown, or earlier than one before it in the course, joins its two neighbors: the phase keeps the name of its beginning
 * and says by `from` and `to` how far it reaches.
 */
export function phasesOf(milestones: Milestones): readonly Phase[] {
  const phases: Phase[] = [];
  let here: { readonly name: MilestoneName; readonly phase: Phase['name'] | undefined; readonly at: Known } | undefined;
  for (const [name, phase] of COURSE) {
    const milestone = milestones[name];
    if (!milestone.known || (here && milestone.time.at < here.at.time.at)) continue;
    if (here?.phase && epochMs(milestone.time.at) > epochMs(here.at.time.at)) {
      phases.push({ name: here.phase, from: here.name, to: name, starts: here.at.time, ends: milestone.time });
    }
    here = { name, phase, at: milestone };
  }
  return phases;
}

/** One finding for each pair of a metric or of two neighbors in the course whose end certainly lies before its start. */
export function inversionsOf(milestones: Milestones): readonly Finding[] {
  const neighbors = COURSE.slice(1)
    .map(([to], index) => ({ from: COURSE[index]?.[0] ?? to, to }))
    .filter(({ to }) => to !== CLOSING);
  const pairs = new Map([...neighbors, ...Object.values(METRICS)].map(({ from, to }) => [`${to} before ${from}`, { from, to }]));
  return [...pairs].flatMap(([subject, { from, to }]) => {
    const start = milestones[from];
    const end = milestones[to];
    if (!start.known || !end.known || from === to || between(start.time, end.time).maxMs >= 0) return [];
    const [first] = start.cites;
    return [
      {
        code: 'milestones_inverted',
        subject,
        cites: [{ event: first }, ...[...start.cites.slice(1), ...end.cites].map((event) => ({ event }))],
      },
    ];
  });
}
