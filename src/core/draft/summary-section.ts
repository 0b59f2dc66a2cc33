import type { Citations } from '../citation.ts';
import { addMs, between, durationMs, type Instant, type Window } from '../time.ts';
import { notTaken, wasCalled } from './called.ts';
import { citeEvidence, citeMilestone, joinCites, say } from './cite.ts';
import { formatLength, formatMetric } from './durations.ts';
import { wordReversal } from './ending.ts';
import { farApart } from './impact-voices.ts';
import { isCalm, type Known, known } from './known.ts';
import { type Material, nameOf } from './material.ts';
import type { Block, Cited, Section } from './model.ts';
import { citeChange } from './patches.ts';
import { citeReading, coverageKey, holesOf, wasRead, whyUnweighed } from './reading.ts';
import { changeName, endWordOf } from './sentences.ts';
import { capitalOf, countOf, dayOf, listOf, pairOf, periodOf, stampsFrom, startOf, untilOf, whenOf } from './words.ts';

/** Words of a sentence. */
const LONGEST = 25;

/** What happened, in at most five sentences that a reader outside the team understands. */
export function summarySection(material: Material): Section {
  // Each sentence goes on from the day of the one before, so their order is that of the calls.
  const stamp = stampsFrom(material.day);
  const [first, ...rest] = [
    whatHappened(material, stamp),
    ...(known(material, 'impact_started')?.basis === 'inferred' ? farApart(material) : []),
    ...cameBack(material, stamp),
    ...response(material, stamp),
    ...(isCalm(material) ? [] : [suspicion(material, stamp)]),
    ...ending(material, stamp),
  ];
  const prose: Block = { kind: 'prose', key: 'summary.what', sentences: [first, ...rest] };
  return { key: 'summary', heading: 'Summary', blocks: [prose, ...partial(material)] };
}

type Stamped = (at: Instant) => string;

function whatHappened(material: Material, stamp: Stamped): Cited {
  const { analysis } = material;
  const start = known(material, 'impact_started');
  const end = known(material, 'recovered');
  if (!start) return withoutImpact(material, stamp);
  const metric = analysis.durations.time_to_recover;
  const length = formatMetric(metric, analysis.milestones);
  const day = dayOf(start.time.at);
  const from = startOf(start.time, start.basis === 'asserted' || start.rule === 'start_stated_in_a_status_update');
  const cites = citeMilestone(start);
  const { service, was, hasBeen } = degraded(material);
  const by = isScanned(material, start) ? 'by a scan of its metrics, ' : '';
  const on = `On ${day}, ${by}`;
  if (end && metric.status === 'indistinct') {
    const window = { from: addMs(start.time.at, -start.time.minusMs), to: addMs(end.time.at, end.time.plusMs) };
    const text = `${on}${service} ${was} degraded between ${pairOf(window.from, window.to, material.day, 'and')} UTC; the metric is too coarse to say for how long.`;
    return say(text, joinCites(cites, citeMilestone(end)));
  }
  if (end && metric.status === 'inverted') {
    const late = untilOf(end.time, stamp).replace(/^\S+/, '$& UTC');
    const text = `${on}${service} ${was} degraded. By the record, the recovery at ${late} came before the start of the impact at ${from}.`;
    return say(text, joinCites(cites, citeMilestone(end)));
  }
  if (end) {
    const until = untilOf(end.time, stamp).replace(/^\S+/, '$& UTC');
    const whole = `${on}${service} ${was} degraded from ${from} to ${until}`;
    // With both bounds of its length the sentence would be too long to read in one breath.
    const text = `${whole}, for ${length}`.split(' ').length > LONGEST ? `${whole}. That is ${length}.` : `${whole}, for ${length}.`;
    return say(text, joinCites(cites, citeMilestone(end)));
  }
  const { recovered } = analysis.milestones;
  if (!recovered.known && recovered.notBefore) {
    const stable = formatLength(durationMs(material.theCase.policy.stable_for));
    const calm = `the metrics have been normal since ${stamp(recovered.notBefore.at)}, not yet for ${stable}`;
    return say(`${on}${service} ${was} degraded from ${from} UTC; ${calm}.`, joinCites(cites, citeReading(material, 'metrics')));
  }
  if (metric.status === 'running')
    return say(`${capitalOf(`${by}${service}`)} ${hasBeen} degraded since ${from} UTC on ${day}: ${length}.`, cites);
  return say(
    `${on}${service} ${was} degraded from ${from} UTC on; ${whyEndless(material, start)}.`,
    joinCites(cites, citeReading(material, 'metrics')),
  );
}

/** That it was not the end: the impact came back while the incident went on. */
function cameBack(material: Material, stamp: Stamped): readonly Cited[] {
  const { impactReturns: [first, ...more] = [] } = material.analysis;
  if (!first) return [];
  const last = more.at(-1) ?? first;
  const { was, hasBeen } = degraded(material);
  const subject = was === 'were' ? 'They' : 'It';
  const day = stamp(last.time.at).slice('00:00'.length);
  const from = `from ${startOf(last.time)}${day}`;
  const span = last.until ? `${from} to ${untilOf(last.until, stamp)}` : `${from} on`;
  const times = more.length === 0 ? `again ${span}` : `${countOf(more.length + 1, 'more time')}, the last ${span}`;
  const cites = joinCites(first.cites, ...more.map((one) => one.cites));
  if (!last.until && material.incident?.status === 'open')
    return [say(`${subject} ${hasBeen} degraded again since ${startOf(last.time)}${day}.`, cites)];
  const { resolved } = material.analysis.milestones;
  const isLate = more.length === 0 && resolved.known && between(resolved.time, last.time).minMs > 0;
  const late = isLate ? ', after the incident was closed' : '';
  return [say(`${subject} ${was} degraded ${times}${late}.`, isLate ? joinCites(cites, citeMilestone(resolved)) : cites)];
}

/** Whether only a scan tells of the impact: no alarm vouches for it, and a reader of this alone must know. */
function isScanned({ analysis }: Material, { basis, cites: [first] }: Known): boolean {
  const voice = analysis.impactSeries.find(({ cites: [cite] }) => 'event' in cite && cite.event === first);
  return basis !== 'asserted' && voice?.scan !== undefined;
}

/** Those whose metric departed, of several: another's page does not say that its users felt anything. */
function degraded({ ours, theCase, service }: Material): { readonly service: string; readonly was: string; readonly hasBeen: string } {
  const departed = new Set(ours.flatMap(({ event, belongs }) => (event.type === 'metric.breached' ? [belongs.service] : [])));
  const names = departed.size > 0 ? theCase.subject.filter((name) => departed.has(name)) : theCase.subject;
  if (names.length > 1) return { service: `the services ${listOf(names.map(nameOf))}`, was: 'were', hasBeen: 'have been' };
  const [name] = names;
  return { service: name === undefined ? service : `the service ${nameOf(name)}`, was: 'was', hasBeen: 'has been' };
}

/** An end that is not there is only missed where metrics were read in whole. */
function whyEndless(material: Material, start: Known): string {
  const { recovered } = material.analysis.milestones;
  if (!wasRead(material, 'metrics')) return 'no metric was read that would show its end';
  if (!recovered.known && recovered.why === 'not_covered') return 'gaps in the metrics hide its end';
  return material.events.get(start.cites[0])?.type === 'metric.breached' ? 'no recovery was seen' : 'no metric shows its end';
}

/** No metric tells when users were affected, so the record of the incident is all that can be said. */
function withoutImpact(material: Material, stamp: Stamped): Cited {
  const { analysis, incident, service } = material;
  const { milestones, durations } = analysis;
  const paged = known(material, 'paged') ?? known(material, 'detected');
  if (material.quiet) return withoutPage(material.quiet, material);
  const name = incident?.number === undefined ? 'an incident' : `incident #${incident.number}`;
  const links = incident?.number !== undefined && incident.url ? [{ text: `#${incident.number}`, url: incident.url }] : [];
  if (!paged) {
    const cites = incident ? citeEvidence(incident.evidence) : citeReading(material, 'response');
    return say(`The record holds ${name} of the service ${service}, and no time of it could be read.`, cites, links);
  }
  const start = `On ${dayOf(paged.time.at)} at ${stamp(paged.time.at).slice(0, 5)} UTC, ${name} of the service ${service} was opened`;
  const metric = durations.time_to_resolve;
  const length = formatMetric(metric, milestones);
  const closed = known(material, 'resolved');
  if (closed) return say(`${start} and closed after ${length}.`, joinCites(citeMilestone(paged), citeMilestone(closed)), links);
  if (metric.status === 'running') return say(`${start} and is still open: ${length}.`, citeMilestone(paged), links);
  return say(`${start}.`, citeMilestone(paged), links);
}

/** Nobody was paged, and no metric left its normal: that is all that there is to say, by what was read. */
function withoutPage(quiet: Window, material: Material): Cited {
  const pages = wasRead(material, 'response') ? `no incident of ${material.service} was opened` : 'no pages were read';
  const metrics = wasRead(material, 'metrics')
    ? 'The metrics that were read show no impact.'
    : 'No metric was read that would show an impact.';
  const cites = joinCites(citeReading(material, 'response'), citeReading(material, 'metrics'));
  return say(`In the window of ${periodOf(quiet)}, ${pages}. ${metrics}`, cites);
}

/** How it became known and who took it: alarm, page, acknowledgement, as far as each is known. */
function response(material: Material, stamp: Stamped): readonly Cited[] {
  const { events } = material;
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
    add(`alarm ${nameOf(event.attributes['alert.rule'])} fired ${whenOf(detected.time, stamp)}`, detected);
  else if (detected && detected.time.at !== paged?.time.at) add(`it was detected ${whenOf(detected.time, stamp)}`, detected);
  if (paged) add(`${pagedBy(paged, material)} ${whenOf(paged.time, stamp)}`, paged);
  if (acknowledged) add(`the page was acknowledged ${whenOf(acknowledged.time, stamp)}`, acknowledged);
  const [first, ...rest] = cites;
  if (!first) return [];
  const [missed] = notTaken(material);
  const tail = missed ? `; ${missed.what.text.charAt(0).toLowerCase()}${missed.what.text.slice(1)}` : '.';
  return [say(`${capitalOf(listOf(parts))}${tail}`, joinCites(first, ...rest, missed?.what.cites ?? []))];
}

/** A person who opens the incident knew before any alarm: by the role, where it is known. */
function pagedBy({ cites: [first] }: Known, material: Material): string {
  const actor = material.events.get(first)?.actor;
  const who = actor?.kind === 'person' ? (actor.name ?? material.whoIs(actor.id)) : undefined;
  if (who !== undefined) return `${nameOf(who)} opened the incident`;
  return wasCalled(material) ? 'the on-call was paged' : 'the incident was opened';
}

function suspicion(material: Material, stamp: Stamped): Cited {
  const { analysis, changes } = material;
  const [suspect] = analysis.suspects;
  const change = suspect && changes.get(suspect.change);
  if (analysis.suspectVerdict === 'suspect' && change) {
    const end = change.ended
      ? `, which ${endWordOf(change, 'whole')} ${whenOf(change.ended, stamp)}`
      : `, which started ${whenOf(change.began, stamp)}`;
    return say(`The first suspect is the ${changeName(change, material)}${end}.`, citeChange(change, material));
  }
  if (analysis.suspectVerdict === 'none') return say('No change in the record passes as a suspect.', citeReading(material, 'changes'));
  return say(`Whether a change set it off is unknown, since ${whyUnweighed(material)}.`, citeReading(material, 'changes'));
}

function ending(material: Material, stamp: Stamped): readonly Cited[] {
  const reversal = wordReversal(material, stamp);
  const resolved = known(material, 'resolved');
  if (!resolved || !known(material, 'impact_started')) return reversal;
  const { length } = material.theCase.incidents;
  const what = length === 1 ? 'The incident' : `The last of ${countOf(length, 'incident')}`;
  const recovered = known(material, 'recovered');
  // Told after the recovery, though it came before.
  const was = recovered && between(recovered.time, resolved.time).maxMs < 0 ? 'had been' : 'was';
  const closing = material.events.get(resolved.cites[0]);
  const isTimeout = closing?.type === 'incident.resolved' && closing.attributes['closing.cause'] === 'timeout';
  const by = isTimeout ? ', by its auto-resolve timeout' : '';
  return [...reversal, say(`${what} ${was} closed ${whenOf(resolved.time, stamp)}${by}.`, citeMilestone(resolved))];
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
