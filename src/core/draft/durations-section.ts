import { seenInstead } from '../analysis/disputes.ts';
import { METRICS, type MetricName } from '../analysis/metrics.ts';
import { citeEvidence, joinCites, say } from './cite.ts';
import { formatLength, formatMetric, labelOf, MILESTONE_WORDS } from './durations.ts';
import { firstSuspect } from './fixes.ts';
import { citeDuration, known } from './known.ts';
import { type FactOf, factsOf, type Material, nameOf } from './material.ts';
import type { Block, Section } from './model.ts';
import { citeReading, type Matter } from './reading.ts';
import { numberOf, whenOf } from './words.ts';

const NAMES = Object.keys(METRICS) as readonly MetricName[];

/** Where an end that is missing would have been seen. */
const SEEN_IN = {
  suspect_deployed: 'changes',
  reversal_started: 'changes',
  reversed: 'changes',
  impact_started: 'metrics',
  mitigated: 'metrics',
  recovered: 'metrics',
  detected: 'alarms',
  paged: 'response',
  acknowledged: 'response',
  communicated: 'response',
  resolved: 'response',
} as const satisfies Record<keyof typeof MILESTONE_WORDS, Matter>;

/** Every duration with both of its ends in its name, then what the source measured itself, then what does not fit. */
export function durationsSection(material: Material): Section {
  return {
    key: 'durations',
    heading: 'Durations',
    blocks: [...NAMES.map((name) => toMetric(name, material)), ...references(material), ...misfits(material), ...disputes(material)],
  };
}

function toMetric(name: MetricName, material: Material): Block {
  const { durations, milestones } = material.analysis;
  const metric = durations[name];
  const cites =
    metric.status === 'unknown'
      ? citeReading(material, SEEN_IN[metric.missing[0] ?? METRICS[name].to])
      : citeDuration(material, metric.cites);
  return { kind: 'metric', key: `durations.${name}`, label: labelOf(name, milestones), value: formatMetric(metric, milestones), cites };
}

/** Durations that a source computes between the same two ends, by the name that it gives them. */
const COUNTERPARTS: Readonly<Record<string, MetricName>> = {
  seconds_to_first_ack: 'time_to_acknowledge',
  seconds_to_resolve: 'time_to_resolve',
};

/**
 * What a source computed itself keeps the source's own names: its engagement and mobilization are not our milestones. Where its
 * figure lies outside the bounds of ours, a sentence says so.
 */
function references(material: Material): readonly Block[] {
  const { incidents } = material.theCase;
  const facts = factsOf(material, 'reference').filter(({ key }) => incidents.includes(key));
  return facts.flatMap((fact) => {
    const isFirst = fact.key === incidents[0];
    const name = fact.metric.replaceAll(/[^a-z0-9_]/gi, '_');
    const whose = isFirst ? '' : ` for ${nameOf(fact.key.split('/incident:')[1] ?? fact.key)}`;
    const block: Block = {
      kind: 'metric',
      key: `durations.reference.${name}${isFirst ? '' : `.${fact.key.replaceAll(/[^a-z0-9_]/gi, '_')}`}`,
      label: `As ${sourceOf(fact)} computed it${whose}: ${nameOf(fact.metric)}`,
      value: formatLength(fact.seconds * 1000),
      cites: citeEvidence(fact.evidence),
    };
    return [block, ...difference(material, fact, name)];
  });
}

/** Of a case of one incident alone: with several, our ends may be another incident's. */
function difference(material: Material, fact: FactOf<'reference'>, key: string): readonly Block[] {
  const name = Object.hasOwn(COUNTERPARTS, fact.metric) ? COUNTERPARTS[fact.metric] : undefined;
  if (name === undefined || material.theCase.incidents.length !== 1) return [];
  const ours = material.analysis.durations[name];
  if (ours.status !== 'measured' && ours.status !== 'indistinct') return [];
  const theirs = fact.seconds * 1000;
  if (theirs >= ours.span.minMs && theirs <= ours.span.maxMs) return [];
  const [least, most] = [ours.span.minMs, ours.span.maxMs].map((ms) => numberOf(ms / 1000));
  const text =
    `${sourceOf(fact)} computed ${numberOf(fact.seconds)} s where the times in this document allow ${least} to ${most} s ` +
    `(${METRICS[name].label}): the two count from or to different moments.`;
  const cites = joinCites(citeEvidence(fact.evidence), citeDuration(material, ours.cites));
  return [{ kind: 'caveat', key: `durations.differs.${key}`, what: say(text, cites) }];
}

function sourceOf({ key }: FactOf<'reference'>): string {
  return nameOf(key.split('/')[0] ?? 'the source');
}

/** Ends that come in the wrong order give no duration that anyone should quote. */
function misfits(material: Material): readonly Block[] {
  const inverted = NAMES.filter((name) => material.analysis.durations[name].status === 'inverted');
  return inverted.flatMap((name) => {
    const metric = material.analysis.durations[name];
    if (metric.status !== 'inverted') return [];
    const { from, to } = METRICS[name];
    const told = `By the record, the ${MILESTONE_WORDS[to]} came before the ${MILESTONE_WORDS[from]}; one of the two times needs a look.`;
    const text = innocent(name, material) ?? told;
    return [{ kind: 'caveat', key: `durations.misfit.${name}`, what: say(text, joinCites(citeDuration(material, metric.cites))) }];
  });
}

/** A person's time that the record speaks against: both sides in one place, each with what it rests on. The durations use the person's. */
function disputes(material: Material): readonly Block[] {
  const { findings } = material.analysis;
  return findings.flatMap(({ code, subject, cites }): readonly Block[] => {
    const name = NAMED.find((one) => one === subject);
    const stated = name && known(material, name);
    if (code !== 'milestone_disputed' || !name || !stated) return [];
    const seen = seenInstead(stated);
    const isMetric = seen?.cites.some((id) => material.events.get(id)?.type.startsWith('metric.')) ?? true;
    const source = isMetric ? 'the metrics' : 'the record';
    const against = seen
      ? `${source} ${isMetric ? 'put' : 'puts'} it ${whenOf(seen.time, material.day)}`
      : 'the metrics were not normal by then';
    const text = `Disagreement on the ${MILESTONE_WORDS[name]}: a person puts it ${whenOf(stated.time, material.day)}, ${against}.`;
    return [{ kind: 'caveat', key: `durations.disputed.${name}`, what: say(`${text} The durations use the person's time.`, cites) }];
  });
}

const NAMED = Object.keys(MILESTONE_WORDS).filter((name): name is keyof typeof MILESTONE_WORDS => Object.hasOwn(MILESTONE_WORDS, name));

/** Ends that may well come in that order: errors that stop a rollout half way, and an alarm slower than the impact was long. */
function innocent(name: MetricName, material: Material): string | undefined {
  const detected = known(material, 'detected');
  if (!detected) return undefined;
  if (name === 'detection_to_recovery' && material.analysis.durations.time_to_recover.status === 'measured') {
    return 'The detection came after the recovery: the impact was over by then.';
  }
  const began = name === 'deployment_to_detection' ? firstSuspect(material)?.began : undefined;
  return began && began.at < detected.time.at ? 'The detection came while the suspect deployment was still being rolled out.' : undefined;
}
