import type { ImpactVoice } from '../analysis/impact-voices.ts';
import { epochMs } from '../time.ts';
import { joinCites, say } from './cite.ts';
import { formatLength } from './durations.ts';
import { type Material, nameOf } from './material.ts';
import type { Block, Cited } from './model.ts';
import { type NameAs, seriesNames } from './series-names.ts';
import { capitalOf, countOf, listOf, oneLine, whenOf } from './words.ts';

/** So many of the others are told: the JSON has all. */
const MOST_TOLD = 4;
/** Words that the names of a list may take of a sentence. */
const MOST_WORDS = 14;

/** Which of several series left its normal first, and what the others said. One that shows the start is named where that is told. */
export function voices(material: Material): readonly Block[] {
  return [...askedVoices(material), ...besideVoices(material)];
}

/** What the service's own metrics did beside those of its alarms: said, and no date is made of it. */
function besideVoices({ analysis, day, theCase }: Material): readonly Block[] {
  const beside = analysis.impactSeries.filter(({ isBeside }) => isBeside);
  const nameAs = seriesNames(analysis.impactSeries);
  const left = beside.flatMap(({ departed, ...voice }) => {
    const [cite] = voice.cites;
    return departed ? [say(`${capitalOf(nameAs(voice))}, on which no alarm fired, left its normal ${whenOf(departed, day)}.`, [cite])] : [];
  });
  const [first, ...rest] = [
    ...left.slice(0, MOST_TOLD),
    ...tellStill(beside.filter(isStill), nameAs, theCase.subject.length > 1),
    ...tellMore([...beside.filter(isLater).slice(MOST_TOLD), ...beside.filter(isOdd)]),
  ];
  return first ? [{ kind: 'prose', key: 'impact.beside', sentences: [first, ...rest] }] : [];
}

function askedVoices({ analysis, day, theCase }: Material): readonly Block[] {
  const impactSeries = analysis.impactSeries.filter(({ isBeside }) => !isBeside);
  const [first, ...others] = impactSeries;
  if (!first || (first.departed && others.length === 0)) return [];
  const nameAs = seriesNames(analysis.impactSeries);
  const count = countOf(others.length + 1, 'series', 'series');
  const lead = first.departed
    ? say(`Of ${count}, ${nameAs(first)} left its normal first, ${whenOf(first.departed, day)}.`, first.cites)
    : say(`None of ${count} shows when the impact started.`, first.cites);
  const rest = first.departed ? others : impactSeries;
  const [left = [], still = [], odd = []] = [isLater, isStill, isOdd].map((isSo) => rest.filter(isSo));
  const each = [
    ...left.slice(0, MOST_TOLD).map((one) => tellLater(one, first, nameAs)),
    ...tellStill(still, nameAs, theCase.subject.length > 1),
    ...odd.slice(0, Math.max(0, MOST_TOLD - left.length)).map((one) => tellOdd(one, nameAs)),
  ];
  const more = tellMore([...left, ...odd].slice(MOST_TOLD));
  const [only] = others.length === 0 ? each : [];
  return [{ kind: 'prose', key: 'impact.series', sentences: only ? [only] : [lead, ...each, ...more] }];
}

/** That there are more than were told: nothing is cut in silence. */
function tellMore(untold: readonly ImpactVoice[]): readonly Cited[] {
  const [first] = untold;
  return first ? [say(`${countOf(untold.length, 'more is', 'more are')} in the JSON.`, first.cites)] : [];
}

const isLater = ({ departed }: ImpactVoice): boolean => departed !== undefined;
const isStill = ({ silent }: ImpactVoice): boolean => silent?.reason === 'no_departure';
const isOdd = (voice: ImpactVoice): boolean => !isLater(voice) && !isStill(voice);

/**
 * All series that did not leave their normal, of each service in one sentence, as many by name as read well. One that an alarm watches was
 * asked about the time before that fired: what it did later is nothing of this start.
 */
function tellStill(still: readonly ImpactVoice[], nameAs: NameAs, areServicesNamed: boolean): readonly Cited[] {
  const serviceOf = ({ scan }: ImpactVoice) => (areServicesNamed ? (scan?.service ?? '') : '');
  const groups = [...Map.groupBy(still, serviceOf).values()].flatMap((own) => [
    ...Map.groupBy(own, ({ alarm }) => alarm !== undefined).values(),
  ]);
  return groups.flatMap((own) => {
    const [service, hasAlarm] = [own.map(serviceOf)[0] ?? '', own.some(({ alarm }) => alarm !== undefined)];
    // The chunks of a series are many: the first of them names it.
    const [cite, ...cites] = own.map((voice) => voice.cites[0]);
    const all = [...new Set(own.map(nameAs))];
    const names = firstWords(all);
    const more = all.length - names.length;
    const who = listOf([...names, ...(more > 0 ? [countOf(more, 'other', 'others')] : [])]);
    const of = service === '' ? '' : ` of ${nameOf(service)}`;
    const [their, alarm] = all.length === 1 ? ['its', 'its alarm'] : ['their', 'their alarms'];
    const until = hasAlarm ? ` before ${alarm} fired` : '';
    return cite ? [say(`${who}${of} did not leave ${their} normal${until}.`, joinCites([cite], cites))] : [];
  });
}

/** The first names, as many as a sentence carries; never none. */
function firstWords(names: readonly string[]): readonly string[] {
  const wordsTo = (at: number) => names.slice(0, at + 1).flatMap((name) => name.split(' ')).length;
  return names.filter((_, at) => at === 0 || (at < MOST_TOLD && wordsTo(at) <= MOST_WORDS));
}

function tellLater(voice: ImpactVoice, first: ImpactVoice, nameAs: NameAs): Cited {
  const later = voice.departed && first.departed ? epochMs(voice.departed.at) - epochMs(first.departed.at) : 0;
  const when = later > 0 ? `${formatLength(later)} later` : 'in the same period';
  return say(`${nameAs(voice)} left its own ${when}.`, voice.cites);
}

/** Series that left their normal so far apart are told in the summary, too: the first may be a sign, and no user's impact. */
const FAR_APART_MS = 1_800_000;

/** That the start is that of one series, and that another left its normal long after it. */
export function farApart({ analysis }: Material): readonly Cited[] {
  const impactSeries = analysis.impactSeries.filter(({ isBeside }) => !isBeside);
  const [first, ...others] = impactSeries.filter(isLater);
  const last = others.at(-1);
  if (!first?.departed || !last?.departed) return [];
  const apartMs = epochMs(last.departed.at) - epochMs(first.departed.at);
  if (apartMs < FAR_APART_MS) return [];
  const nameAs = seriesNames(analysis.impactSeries);
  const text = `${capitalOf(nameAs(first))} left its normal first; ${nameAs(last)} did ${formatLength(apartMs)} later.`;
  return [say(text, joinCites(first.cites, last.cites))];
}

function tellOdd(voice: ImpactVoice, nameAs: NameAs): Cited {
  const { detail } = voice.silent ?? { detail: '' };
  const [cite] = voice.cites;
  return say(`${nameAs(voice)} does not show when: ${oneLine(detail)}.`, [cite]);
}
