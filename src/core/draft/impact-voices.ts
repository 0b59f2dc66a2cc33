import type { ImpactVoice } from '../analysis/impact-voices.ts';
import { epochMs } from '../time.ts';
import { say } from './cite.ts';
import { formatLength } from './durations.ts';
import { type Material, nameOf } from './material.ts';
import type { Block, Cited } from './model.ts';
import { countOf, oneLine, whenOf } from './words.ts';

/** So many of the others are told: the JSON has all. */
const MOST_TOLD = 4;

/** Which of several series left its normal first, and what the others said. One that shows the start is named where that is told. */
export function voices({ analysis, day }: Material): readonly Block[] {
  const [first, ...others] = analysis.impactSeries;
  if (!first || (first.departed && others.length === 0)) return [];
  const nameAs = namesOf(analysis.impactSeries);
  const count = countOf(others.length + 1, 'series', 'series');
  const lead = first.departed
    ? say(`Of ${count}, ${nameAs(first)} left its normal first, ${whenOf(first.departed, day)}.`, first.cites)
    : say(`None of ${count} shows when the impact started.`, first.cites);
  const rest = first.departed ? others : analysis.impactSeries;
  const told = rest.slice(0, MOST_TOLD).map((one) => (one.departed ? tellLater(one, first, nameAs) : tellSilent(one, nameAs)));
  const left = rest[MOST_TOLD];
  const more = left ? [say(`${countOf(rest.length - MOST_TOLD, 'more is', 'more are')} in the JSON.`, left.cites)] : [];
  const [only] = others.length === 0 ? told : [];
  return [{ kind: 'prose', key: 'impact.series', sentences: only ? [only] : [lead, ...told, ...more] }];
}

type NameAs = (voice: ImpactVoice) => string;

function tellLater(voice: ImpactVoice, first: ImpactVoice, nameAs: NameAs): Cited {
  const later = voice.departed && first.departed ? epochMs(voice.departed.at) - epochMs(first.departed.at) : 0;
  const when = later > 0 ? `${formatLength(later)} later` : 'in the same period';
  return say(`${nameAs(voice)} left its own ${when}.`, voice.cites);
}

function tellSilent(voice: ImpactVoice, nameAs: NameAs): Cited {
  const { reason, detail } = voice.silent ?? { reason: 'no_departure' as const, detail: '' };
  // The chunks of a series are many: the first of them names it.
  const [cite] = voice.cites;
  if (reason === 'no_departure') return say(`${nameAs(voice)} did not leave its normal.`, [cite]);
  return say(`${nameAs(voice)} does not show when: ${oneLine(detail)}.`, [cite]);
}

/** The metric's own name; of two with one name the values of their dimensions too. */
function namesOf(all: readonly ImpactVoice[]): NameAs {
  const shortOf = ({ metric }: ImpactVoice) => nameOf(metric);
  const counts = Map.groupBy(all, shortOf);
  return (voice) => {
    const short = shortOf(voice);
    const places = Object.values(voice.dimensions).join(', ');
    return (counts.get(short)?.length ?? 0) > 1 && places !== '' ? `${short} (${nameOf(places)})` : short;
  };
}
