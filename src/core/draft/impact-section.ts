import type { ImpactVoice } from '../analysis/impact-voices.ts';
import type { Citation, Citations } from '../citation.ts';
import { between } from '../time.ts';
import { citeEvent, citeMilestone, joinCites, say } from './cite.ts';
import { boundOf, formatMetric, formatSpan, labelOf } from './durations.ts';
import { voices } from './impact-voices.ts';
import { citeDuration, isCalm, type Known, known } from './known.ts';
import { type Material, nameOf } from './material.ts';
import type { Block, Cited, Section } from './model.ts';
import { method } from './onset-method.ts';
import { citeReading, coverageKey, holesOf, wasRead } from './reading.ts';
import { seriesNames } from './series-names.ts';
import { capitalOf, countOf, listOf, numberOf, roundedOf } from './words.ts';

/** How long, how much, and how sure: whom it touched and what it cost only people know, and is asked below. */
export function impactSection(material: Material): Section {
  return {
    key: 'impact',
    heading: 'Impact',
    blocks: [
      ...duration(material),
      ...size(material),
      ...uncounted(material),
      ...returned(material),
      ...basis(material),
      ...voices(material),
      ...method(material),
      ...holes(material),
    ],
  };
}

function duration(material: Material): readonly Block[] {
  const { durations, milestones } = material.analysis;
  const name = durations.time_to_recover.status === 'unknown' ? 'time_to_resolve' : 'time_to_recover';
  const metric = durations[name];
  if (metric.status === 'unknown') return [];
  const value = metric.status === 'indistinct' ? `at most ${boundOf(metric.span.maxMs)}` : formatMetric(metric, milestones);
  const label = name === 'time_to_recover' ? 'Duration of the impact: start of the impact to recovery' : labelOf(name);
  return [{ kind: 'metric', key: 'impact.duration', label, value, cites: citeDuration(material, metric.cites) }];
}

/** Chunks of one metric are named by the departure that was computed from them: five hashes tell a reader less than one event. */
function foldChunks(cites: Citations, { ours }: Material): Citations {
  const isIn = (from: readonly string[], cite: Citation) => 'evidence' in cite && from.includes(cite.evidence);
  const departure = ours.find(({ event: { type, provenance } }) => {
    const from = 'rule' in provenance ? provenance.from : [];
    return type === 'metric.breached' && isIn(from, cites[0]);
  });
  if (!departure || !('rule' in departure.event.provenance)) return cites;
  const { from } = departure.event.provenance;
  return joinCites(citeEvent(departure.event), cites.filter((cite) => !isIn(from, cite)).slice(0, 1));
}

function size(material: Material): readonly Block[] {
  const { impactSize } = material.analysis;
  if (!impactSize) return [];
  const { value, min, max, cites, unit, countedBy, soFar, fewer } = impactSize;
  const bounds = min === max ? '' : ` (${numberOf(roundedOf(min, Math.floor))}–${numberOf(roundedOf(max, Math.ceil))})`;
  const counted = material.analysis.impactSeries.find(({ key }) => key === impactSize.key);
  const metric = counted ? seriesNames(material.analysis.impactSeries)(counted) : nameOf(impactSize.metric);
  return [
    {
      kind: 'metric',
      key: 'impact.size',
      label: `${countedBy === undefined ? `${metric} ${fewer ? 'below' : 'above'} normal` : `${capitalOf(unit)} above normal, by ${metric} and ${nameOf(countedBy)}`}, ${soFar ? 'start of the impact to the last value read' : 'start of the impact to recovery'}`,
      value: `about ${numberOf(roundedOf(value))} ${unit}${fewer ? ' fewer' : ''}${soFar ? ' so far' : ''}${bounds}`,
      cites: foldChunks(cites, material),
    },
  ];
}

/** One region's errors are not all errors: a reader must not take the size of one series for the whole. */
function uncounted({ analysis: { impactSize } }: Material): readonly Block[] {
  if (!impactSize?.uncounted) return [];
  const others = countOf(impactSize.uncounted, 'more series', 'more series');
  const text = `${capitalOf(others)} of ${nameOf(impactSize.metric)} left normal too and ${impactSize.uncounted === 1 ? 'is' : 'are'} not counted here, since the series may overlap.`;
  return [{ kind: 'caveat', key: 'impact.uncounted', what: say(text, impactSize.cites) }];
}

/** A recovery that did not last: what is counted up to it is not the whole. */
function returned(material: Material): readonly Block[] {
  const { impactReturns: [first] = [] } = material.analysis;
  const recovered = known(material, 'recovered');
  if (!first || !recovered) return [];
  const gap = formatSpan(between(recovered.time, first.time));
  const text = `${nameOf(first.metric)} left its normal range again ${gap} after the recovery. Lengths and sizes are counted to that first recovery.`;
  return [{ kind: 'caveat', key: 'impact.returned', what: say(text, joinCites(first.cites, citeMilestone(recovered))) }];
}

/** What the start of the impact rests on; a guess from the alarm's metric is called one. */
function basis(material: Material): readonly Block[] {
  const start = known(material, 'impact_started');
  if (!start) return [{ kind: 'prose', key: 'impact.basis', sentences: [withoutStart(material)] }];
  return [{ kind: 'prose', key: 'impact.basis', sentences: basisOf(start, material) }];
}

function basisOf(start: Known, material: Material): readonly [Cited, ...Cited[]] {
  const voice = material.analysis.impactSeries.find(({ cites: [cite] }) => 'event' in cite && cite.event === start.cites[0]);
  const cites = citeMilestone(start);
  if (start.basis !== 'asserted' && voice?.scan) return scanned(voice, voice.scan, cites, material);
  return [say(basisText(start, material), cites)];
}

/** Nothing that fired named the metric: a reader must know that it is a scan that says so, and of what. */
function scanned(voice: ImpactVoice, { watchedBy }: NonNullable<ImpactVoice['scan']>, cites: Citations, material: Material) {
  const isFired = material.ours.some(({ event }) => event.type === 'alert.fired');
  const hasSilent = material.analysis.impactSeries.some(({ alarm }) => alarm !== undefined);
  const named = hasSilent ? 'No metric of the alarms shows it' : 'No alert names a metric that was read';
  const why = isFired ? named : 'No alarm that was read fired';
  const watched = watchedBy === undefined ? 'No alarm that was read watches it' : `Alarm ${nameOf(watchedBy)} watches it and did not fire`;
  const alarms = citeReading(material, wasRead(material, 'alarms') ? 'alarms' : 'response');
  return [
    say(
      `${why}, so the impact start is inferred from ${nameOf(voice.metric)}, by a scan of ${material.theCase.subject.length > 1 ? "the services' own" : "the service's own"} series.`,
      joinCites(cites, alarms),
    ),
    say(`${watched}. A scan is weaker evidence than an alarm: hold it against the graph.`, joinCites(cites, alarms)),
  ] as const;
}

function basisText({ basis, cites: [first] }: Known, { analysis, events }: Material): string {
  if (basis === 'asserted') return 'A person stated when the impact started.';
  const event = events.get(first);
  const type = event?.type;
  if (type === 'alert.fired') {
    return 'The impact start is inferred from the values that the alarm itself saw when it fired: the first of them beyond its threshold. No metric that is read for the impact shows it, so a slower rise before is not ruled out.';
  }
  if (event?.type !== 'metric.breached') return 'The impact start is inferred from what a status update says; no metric shows it.';
  const voice = analysis.impactSeries.find(({ cites: [cite] }) => 'event' in cite && cite.event === first);
  const metric = voice ? nameOf(voice.metric) : 'a metric';
  const did = event.attributes['metric.value'] === undefined ? 'stopped reporting' : 'left its normal range';
  if (basis === 'observed') return `The impact starts where ${metric}, which the policy names as impact, ${did}.`;
  const watched = voice?.alarm === undefined ? ' of the fired alarms' : `, the metric of alarm ${nameOf(voice.alarm)}`;
  return `The impact start is inferred from ${metric}${watched}: the first moment at which it ${did}.`;
}

function withoutStart(material: Material) {
  if (!wasRead(material, 'metrics')) {
    return say('The record does not show when the impact started, since no metric was read.', citeReading(material, 'metrics'));
  }
  if (isCalm(material)) return say('The metrics that were read show no impact.', citeReading(material, 'metrics'));
  return say('The metrics that were read do not show when the impact started.', citeReading(material, 'metrics'));
}

function holes(material: Material): readonly Block[] {
  const lines = holesOf(material, 'metrics');
  const keys = [...new Set(lines.map(coverageKey))];
  const [first, ...rest] = keys.map((coverage) => ({ coverage }));
  if (!first) return [];
  const text = `Start, end and size may move: ${listOf(keys)} could not be read in full, in ${countOf(gapsOf(lines), 'part')}.`;
  return [{ kind: 'caveat', key: 'impact.gaps', what: say(text, joinCites([first], rest)) }];
}

function gapsOf(lines: readonly { readonly gaps: readonly unknown[] }[]): number {
  return lines.reduce((sum, { gaps }) => sum + Math.max(1, gaps.length), 0);
}
