import type { Milestone, MilestoneName } from '../analysis/metrics.ts';
import type { Citations } from '../citation.ts';
import { addMs } from '../time.ts';
import { citeEvidence, citeIds, citeMilestone, joinCites, say } from './cite.ts';
import { formatMetric } from './durations.ts';
import { type Material, nameOf } from './material.ts';
import type { Block, Cited, Section } from './model.ts';
import { citeChange } from './patches.ts';
import { citeReading, coverageKey, holesOf, wasRead } from './reading.ts';
import { changeName } from './sentences.ts';
import { clockOf, countOf, dayOf, latestOf, listOf, rangeOf, rowTimeOf, whenOf } from './words.ts';

export type Known = Extract<Milestone, { readonly known: true }>;

/** The milestone, where it is known. */
export function known({ analysis }: Pick<Material, 'analysis'>, name: MilestoneName): Known | undefined {
  const milestone = analysis.milestones[name];
  return milestone.known ? milestone : undefined;
}

/** What happened, in at most five sentences that a reader outside the team understands. */
export function summarySection(material: Material): Section {
  const [first, ...rest] = [whatHappened(material), ...response(material), suspicion(material), ...ending(material)];
  const prose: Block = { kind: 'prose', key: 'summary.what', sentences: [first ?? whatHappened(material), ...rest] };
  return { key: 'summary', heading: 'Summary', blocks: [prose, ...partial(material)] };
}

function whatHappened(material: Material): Cited {
  const { analysis, service } = material;
  const start = known(material, 'impact_started');
  const end = known(material, 'recovered');
  if (!start) return withoutImpact(material);
  const metric = analysis.durations.time_to_recover;
  const length = formatMetric(metric, analysis.milestones);
  const day = dayOf(start.time.at);
  const from = rowTimeOf(start.time, start.time.at.slice(0, 10));
  const cites = citeMilestone(start);
  if (end && metric.status === 'indistinct') {
    const window = { from: addMs(start.time.at, -start.time.minusMs), to: addMs(end.time.at, end.time.plusMs) };
    const text = `On ${day}, the service ${service} was degraded within ${rangeOf(window, material.day)} UTC; the metric is too coarse to say for how long.`;
    return say(text, joinCites(cites, citeMilestone(end)));
  }
  if (end) {
    const until = end.time.at.startsWith(material.day) ? clockOf(end.time.at) : `${dayOf(end.time.at)}, ${clockOf(end.time.at)}`;
    const text = `On ${day}, the service ${service} was degraded from ${from} to ${until} UTC, for ${length}.`;
    return say(text, joinCites(cites, citeMilestone(end)));
  }
  if (metric.status === 'running') {
    return say(`The service ${service} has been degraded since ${from} UTC on ${day}: ${length}.`, cites);
  }
  const text = `On ${day}, the service ${service} was degraded from ${from} UTC on; no recovery was seen.`;
  return say(text, joinCites(cites, citeReading(material, 'metrics')));
}

/** No metric tells when users were affected, so the record of the incident is all that can be said. */
function withoutImpact(material: Material): Cited {
  const { analysis, incident, service } = material;
  const { milestones, durations } = analysis;
  const paged = known(material, 'paged') ?? known(material, 'detected');
  const name = incident?.number === undefined ? 'an incident' : `incident #${incident.number}`;
  const links = incident?.number !== undefined && incident.url ? [{ text: `#${incident.number}`, url: incident.url }] : [];
  if (!paged) {
    const cites = incident ? citeEvidence(incident.evidence) : citeReading(material, 'response');
    return say(`The record holds ${name} of the service ${service}, and no time of it could be read.`, cites, links);
  }
  const start = `On ${dayOf(paged.time.at)} at ${clockOf(paged.time.at)} UTC, ${name} of the service ${service} was opened`;
  const metric = durations.time_to_resolve;
  const length = formatMetric(metric, milestones);
  const closed = known(material, 'resolved');
  if (closed) return say(`${start} and closed after ${length}.`, joinCites(citeMilestone(paged), citeMilestone(closed)), links);
  if (metric.status === 'running') return say(`${start} and is still open: ${length}.`, citeMilestone(paged), links);
  return say(`${start}.`, citeMilestone(paged), links);
}

/** How it became known and who took it: alarm, page, acknowledgement, as far as each is known. */
function response(material: Material): readonly Cited[] {
  const { events, day } = material;
  const detected = known(material, 'detected');
  const paged = known(material, 'paged');
  const acknowledged = known(material, 'acknowledged');
  const event = detected && events.get(detected.cites[0]);
  const parts: string[] = [];
  const cites: Citations[] = [];
  const add = (text: string, milestone: Known) => {
    parts.push(text);
    cites.push(citeMilestone(milestone));
  };
  if (detected && event?.type === 'alert.fired')
    add(`alarm ${nameOf(event.attributes['alert.rule'])} fired ${whenOf(detected.time, day)}`, detected);
  else if (detected && detected.time.at !== paged?.time.at) add(`it was detected ${whenOf(detected.time, day)}`, detected);
  if (paged) add(`the on-call was paged ${whenOf(paged.time, day)}`, paged);
  if (acknowledged) add(`the page was acknowledged ${whenOf(acknowledged.time, day)}`, acknowledged);
  const [first, ...rest] = cites;
  if (!first) return [];
  const text = listOf(parts);
  return [say(`${text.charAt(0).toUpperCase()}${text.slice(1)}.`, joinCites(first, ...rest))];
}

function suspicion(material: Material): Cited {
  const { analysis, changes, day } = material;
  const [suspect] = analysis.suspects;
  const change = suspect && changes.get(suspect.change);
  if (analysis.suspectVerdict === 'suspect' && change) {
    const end = change.ended ? `, which finished ${whenOf(change.ended, day)}` : '';
    return say(`The first suspect is the ${changeName(change, material)}${end}.`, citeChange(change, material));
  }
  if (analysis.suspectVerdict === 'none') return say('No change in the record passes as a suspect.', citeReading(material, 'changes'));
  const why = wasRead(material, 'changes') ? 'the changes could not all be read' : 'no changes were read';
  return say(`Whether a change set it off is unknown, since ${why}.`, citeReading(material, 'changes'));
}

function ending(material: Material): readonly Cited[] {
  const { day } = material;
  const reversed = known(material, 'reversed');
  const recovered = known(material, 'recovered');
  const resolved = known(material, 'resolved');
  const sentences: Cited[] = [];
  if (reversed) {
    const after = recovered ? `, and the service was normal ${latestOf(recovered.time, day)}` : '';
    const cites = joinCites(citeMilestone(reversed), recovered ? citeMilestone(recovered) : []);
    const what = material.analysis.suspectVerdict === 'suspect' ? 'It' : 'A change';
    sentences.push(say(`${what} was taken back ${whenOf(reversed.time, day)}${after}.`, cites));
  }
  if (resolved && known(material, 'impact_started')) {
    sentences.push(say(`The incident was closed ${whenOf(resolved.time, day)}.`, citeMilestone(resolved)));
  }
  return sentences;
}

/** A draft from a part of the record says so where it is read first. */
function partial(material: Material): readonly Block[] {
  const matters = ['response', 'alarms', 'metrics', 'changes'] as const;
  const keys = [...new Set(matters.flatMap((matter) => holesOf(material, matter).map(coverageKey)))];
  const [first, ...rest] = keys.map((coverage) => ({ coverage }));
  if (!first) return [];
  const text = `This draft is partial: ${countOf(keys.length, 'needed stream')} could not be read in full (${listOf(keys)}).`;
  return [{ kind: 'caveat', key: 'summary.partial', what: say(text, joinCites([first], rest)) }];
}

/** The citations of a duration, else of what was read. */
export function citeDuration(material: Material, cites: readonly Known['cites'][number][]): Citations {
  return citeIds(cites, citeReading(material, 'response'));
}
