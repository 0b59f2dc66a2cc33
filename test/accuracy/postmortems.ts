import { type Analysis, analyze } from '../../src/core/analysis/analyze.ts';
import { share } from './intervals.ts';
import type { Figure, Part } from './part.ts';
import { toCase } from './postmortems/case.ts';
import { type Group, instantOf, type Label, type LabelledChange, readLabels } from './postmortems/labels.ts';

/** What was said of one labelled incident: by the ranking, and by the two simple rules. */
interface Answer {
  readonly label: Label;
  /** Names of changes, the likeliest first. */
  readonly ranked: readonly string[];
  readonly verdict: Analysis['suspectVerdict'];
  readonly score: number;
  readonly last?: string;
  readonly nearest?: string;
}

const DATA = { strict: 'post-mortems with two changes and a reversal', near: 'post-mortems with one change and a reversal' } as const;

/** The ranking on incidents of real post-mortems, labelled by hand; reported whatever it is, tuned on by nobody. */
export const postmortems: Part = {
  name: 'postmortems',
  run: async () => (['strict', 'near'] as const).flatMap(figuresOf),
};

function figuresOf(group: Group): readonly Figure[] {
  const answers = readLabels(group).map(answerOf);
  const blamed = answers.filter(({ label }) => label.guilty.length > 0);
  const unnamed = answers.filter(({ label }) => label.guilty.length === 0);
  const innocent = unnamed.filter(({ label }) => label.trigger === undefined);
  const contested = blamed.filter(({ label }) => begunBefore(label).length > 1);
  const setOff = answers.filter(({ label }) => (label.trigger ?? []).length > 0);
  const of = (figure: string, of: readonly Answer[], holds: (answer: Answer) => boolean) => shareOf(DATA[group], figure, of, holds);
  return [
    of('top-1', blamed, ({ label, ranked }) => isGuilty(label, ranked[0])),
    of('top-3', blamed, ({ label, ranked }) => ranked.slice(0, 3).some((name) => isGuilty(label, name))),
    of('first and called a suspect', blamed, ({ label, ranked, verdict }) => verdict === 'suspect' && isGuilty(label, ranked[0])),
    of('rule "last before the alarm"', blamed, ({ label, last }) => isGuilty(label, last)),
    of('rule "nearest to onset"', blamed, ({ label, nearest }) => isGuilty(label, nearest)),
    ...(contested.length > 0
      ? [
          of('top-1 where several began in the day before the alarm', contested, ({ label, ranked }) => isGuilty(label, ranked[0])),
          of('there by the rule "last before the alarm"', contested, ({ label, last }) => isGuilty(label, last)),
        ]
      : []),
    ...(unnamed.length > 0 ? [of('called a suspect where the document names no change', unnamed, isBlaming)] : []),
    ...(innocent.length > 0 ? [of('the same where no change set it off either', innocent, isBlaming)] : []),
    ...(setOff.length > 0
      ? [of('first is what set it off', setOff, ({ label, ranked }) => label.trigger?.includes(ranked[0] ?? '') === true)]
      : []),
    ...answers.map(lineOf),
  ];
}

function shareOf(data: string, figure: string, answers: readonly Answer[], holds: (answer: Answer) => boolean): Figure {
  const { value, low, high } = share(answers.filter(holds).length, answers.length);
  return { task: 'suspects', data, figure, value: value.toFixed(2), n: answers.length, interval: `${low.toFixed(2)}, ${high.toFixed(2)}` };
}

function isBlaming({ verdict }: Answer): boolean {
  return verdict === 'suspect';
}

function isGuilty({ guilty }: Label, name: string | undefined): boolean {
  return name !== undefined && guilty.includes(name);
}

function answerOf(label: Label): Answer {
  const { suspects, suspectVerdict } = analyze(toCase(label));
  const ranked = suspects.map(({ change }) => /change-\d+$/.exec(change)?.[0] ?? 'an earlier release');
  const last = lastBeforeAlarm(label)?.name;
  const nearest = nearestToOnset(label)?.name;
  const said = { label, ranked, verdict: suspectVerdict, score: suspects[0]?.score ?? 0 };
  return { ...said, ...(last && { last }), ...(nearest && { nearest }) };
}

/** Of what had begun when the alarm came, the last; a reversal counts like any other. */
function lastBeforeAlarm({ changes, alarm, offset }: Label): LabelledChange | undefined {
  const known = instantOf(alarm.at, offset);
  return changes.findLast(({ at }) => instantOf(at, offset) <= known);
}

/** What a ranking has to tell apart: all that began within the look-back of a day. */
function begunBefore({ changes, alarm, offset }: Label): readonly LabelledChange[] {
  const known = Date.parse(instantOf(alarm.at, offset));
  return changes.filter(({ at }) => {
    const age = known - Date.parse(instantOf(at, offset));
    return age >= 0 && age <= 86_400_000;
  });
}

/** Of what takes nothing back, the one whose end lies nearest to the onset that the ranking knew, before or after. */
function nearestToOnset({ changes, impact, alarm, offset }: Label): LabelledChange | undefined {
  const onset = Date.parse(instantOf((impact?.basis === 'metric' ? impact : alarm).at, offset));
  const distance = ({ at, until = at }: LabelledChange) => Math.abs(Date.parse(instantOf(until, offset)) - onset);
  return changes.filter(({ reverses }) => reverses === undefined).toSorted((a, b) => distance(a) - distance(b))[0];
}

/** One incident in one line: where the guilty change came, or what was blamed where there is none. */
function lineOf({ label, ranked, verdict, score }: Answer): Figure {
  const [first = 'nothing listed'] = ranked;
  const place = ranked.findIndex((name) => isGuilty(label, name)) + 1;
  const said = `${first} ${score.toFixed(2)}, ${verdict}`;
  const wanted = label.guilty.length === 0 ? `none${label.trigger ? `, set off by ${label.trigger}` : ''}` : label.guilty.join(' or ');
  const rank = label.guilty.length === 0 ? '-' : place > 0 ? `${place}` : 'not listed';
  return { task: 'suspects', data: label.document, figure: `rank ${rank}; wanted ${wanted}; first`, value: said, n: label.changes.length };
}
