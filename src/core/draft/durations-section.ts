import { METRICS, type MetricName } from '../analysis/metrics.ts';
import { citeEvidence, joinCites, say } from './cite.ts';
import { formatLength, formatMetric, labelOf, MILESTONE_WORDS } from './durations.ts';
import { citeDuration } from './known.ts';
import { factsOf, type Material, nameOf } from './material.ts';
import type { Block, Section } from './model.ts';
import { citeReading, type Matter } from './reading.ts';

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
    blocks: [...NAMES.map((name) => toMetric(name, material)), ...references(material), ...misfits(material)],
  };
}

function toMetric(name: MetricName, material: Material): Block {
  const { durations, milestones } = material.analysis;
  const metric = durations[name];
  const cites =
    metric.status === 'unknown'
      ? citeReading(material, SEEN_IN[metric.missing[0] ?? METRICS[name].to])
      : citeDuration(material, metric.cites);
  return { kind: 'metric', key: `durations.${name}`, label: labelOf(name), value: formatMetric(metric, milestones), cites };
}

/** PagerDuty's own figures keep PagerDuty's own names: its engagement and mobilization are not our milestones. */
function references(material: Material): readonly Block[] {
  const facts = factsOf(material, 'reference').filter(({ key }) => material.theCase.incidents.includes(key));
  return facts.map(({ metric, seconds, key, evidence }) => ({
    kind: 'metric',
    key: `durations.reference.${metric.replaceAll(/[^a-z0-9_]/gi, '_')}`,
    label: `As ${nameOf(key.split('/')[0] ?? 'the source')} computed it: ${nameOf(metric)}`,
    value: formatLength(seconds * 1000),
    cites: citeEvidence(evidence),
  }));
}

/** Ends that come in the wrong order give no duration that anyone should quote. */
function misfits(material: Material): readonly Block[] {
  const inverted = NAMES.filter((name) => material.analysis.durations[name].status === 'inverted');
  return inverted.flatMap((name) => {
    const metric = material.analysis.durations[name];
    if (metric.status !== 'inverted') return [];
    const { from, to } = METRICS[name];
    const text = `By the record, the ${MILESTONE_WORDS[to]} came before the ${MILESTONE_WORDS[from]}; one of the two times is not what it seems.`;
    return [{ kind: 'caveat', key: `durations.misfit.${name}`, what: say(text, joinCites(citeDuration(material, metric.cites))) }];
  });
}
