import type { Case } from '../case.ts';
import { clockOf } from '../clocks.ts';
import type { EventType, TimelineEvent } from '../events.ts';
import { between } from '../time.ts';
import type { TimelineEntry } from '../timeline/entry.ts';
import type { Finding } from './analyze.ts';
import type { Skew } from './skew.ts';

/** A relay mostly takes up to a minute and a half, and stamps are cut to the second: what is further apart than this a reader should know. */
const APART_MS = 120_000;

/** What two sources tell at one moment each, as a sentence names it. What began, was asked for or was taken up may have several moments. */
const NAMES: Readonly<Partial<Record<EventType, string>>> = {
  'deployment.succeeded': 'the end of a deployment',
  'deployment.failed': 'the failure of a deployment',
  'alert.fired': 'the firing of an alarm',
};

/**
 * Happenings of the case's services that two clocks stamped further apart than a relay takes: they are one row, which stands at the time of
 * the source nearest to the truth, and a reader would never see the other. Where the clocks were measured to differ, that is told instead.
 */
export function twinFindings(timeline: readonly TimelineEntry[], theCase: Case, clocks: readonly Skew[]): readonly Finding[] {
  return timeline.flatMap((entry): readonly Finding[] => {
    const { event, corroboratedBy, belongs, kind } = entry;
    const name = NAMES[event.type];
    if (kind === 'span' || name === undefined || !theCase.subject.includes(belongs.service)) return [];
    const other = corroboratedBy.find((one) => one.type === event.type && isApart(event, one) && !isMeasured(event, one, clocks));
    if (!other) return [];
    const subject = `${name} at ${stampOf(event)} and at ${stampOf(other)}`;
    return [{ code: 'clocks_disagree', subject, span: between(event.time, other.time), cites: [{ event: event.id }, { event: other.id }] }];
  });
}

function isApart(a: TimelineEvent, b: TimelineEvent): boolean {
  if ('rule' in a.provenance || 'rule' in b.provenance || clockOf(a.provenance) === clockOf(b.provenance)) return false;
  const { minMs, maxMs } = between(a.time, b.time);
  return minMs > APART_MS || maxMs < -APART_MS;
}

/** Whether the two clocks are known to differ, so that one finding speaks for all their twins. */
function isMeasured(a: TimelineEvent, b: TimelineEvent, clocks: readonly Skew[]): boolean {
  if ('rule' in a.provenance || 'rule' in b.provenance) return false;
  const pair = [clockOf(a.provenance), clockOf(b.provenance)];
  return clocks.some((skew) => {
    const isPair = pair.includes(skew.clock) && pair.includes(skew.against);
    return isPair && skew.measurable && (skew.minMs > 0 || skew.maxMs < 0);
  });
}

/** `14:15 by github`: the minute as its source has it. */
function stampOf({ time, provenance }: TimelineEvent): string {
  return `${time.at.slice(11, 16)} by ${'source' in provenance ? clockOf(provenance) : 'the draft'}`;
}
