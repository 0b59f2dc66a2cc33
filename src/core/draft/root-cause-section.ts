import type { Change } from '../analysis/changes.ts';
import type { Suspect } from '../analysis/suspects.ts';
import type { Citations } from '../citation.ts';
import { otherOwner } from '../ownership.ts';
import { durationMs } from '../time.ts';
import { atStart } from './at-start.ts';
import { citeKey, joinCites, say } from './cite.ts';
import { dependenciesAtStart } from './dependency-alarms.ts';
import { formatLength } from './durations.ts';
import { findFixes, firstSuspect } from './fixes.ts';
import { isCalm } from './known.ts';
import { compare, type Material, nameOf } from './material.ts';
import type { Block, Cited, Section } from './model.ts';
import { carriedBy, citeChange, citePulls, filesText, patchBlock } from './patches.ts';
import { citeReading, coverageKey, holesOf, whyUnweighed } from './reading.ts';
import { wordReason } from './reason-words.ts';
import { changeName, endWordOf } from './sentences.ts';
import { capitalOf, countOf, listOf, numberOf, quoteOf, whenOf } from './words.ts';

/** Changes shown with their reasons; the rest is counted, and stands in the JSON. */
const SHOWN = 3;

/** Changes ranked by reasons. No single cause is named: that is for people, who are asked. */
export function rootCauseSection(material: Material): Section {
  const { suspects } = material.analysis;
  const shown = suspects.slice(0, SHOWN).flatMap((suspect) => toSuspect(suspect, material));
  return {
    key: 'root_cause',
    heading: 'Root cause: suspects, ranked',
    blocks: [
      introduction(material),
      ...atStart(material),
      ...dependenciesAtStart(material),
      ...shown,
      ...judgments(material),
      ...rest(material),
      ...older(material),
      ...diffOfFirst(material),
      ...holes(material),
    ],
  };
}

function introduction(material: Material): Block {
  const { suspects, suspectVerdict } = material.analysis;
  const { suspect_score } = material.theCase.policy;
  const cites = citeReading(material, 'changes');
  const passing = suspects.filter(({ score }) => score >= suspect_score).length;
  const threshold = `the score of ${numberOf(suspect_score)} that makes a suspect`;
  const weighed = `${countOf(suspects.length, 'change')} ${suspects.length === 1 ? 'was' : 'were'} weighed`;
  const verdicts = {
    suspect: `${weighed}, and ${numberOf(passing)} ${passing === 1 ? 'reaches' : 'reach'} ${threshold}.`,
    none: noneOf(material, threshold),
    unknown: isCalm(material)
      ? 'Nothing shows an impact, so no change was weighed.'
      : `Whether a change is a suspect is unknown: ${whyUnweighed(material)}.`,
  };
  const sentences: readonly [Cited, Cited] = [
    say('No single cause is named here: failures like this come from several factors together.', cites),
    say(verdicts[suspectVerdict], cites),
  ];
  // Where nothing shows an impact there is no cause to speak of.
  return { kind: 'prose', key: 'root_cause.verdict', sentences: isCalm(material) ? [sentences[1]] : sentences };
}

/** Two that fit alike share what speaks for either: then the reader hears of both, and not that nothing was found. */
function noneOf({ analysis, theCase }: Material, threshold: string): string {
  const [first, second, ...others] = analysis.suspects;
  if (!first) return 'The record holds no change that could be a suspect.';
  if (!second) return `The record names no suspect: the one change that was weighed does not reach ${threshold}.`;
  if (first.score + second.score >= theCase.policy.suspect_score && second.score >= first.score / 2) {
    return `The first two changes reach the score of ${numberOf(theCase.policy.suspect_score)} only together; the record does not tell them apart.`;
  }
  return `The record names no suspect: none of ${countOf(others.length + 2, 'change')} reaches ${threshold}.`;
}

function toSuspect(suspect: Suspect, material: Material): readonly Block[] {
  const change = material.changes.get(suspect.change);
  if (!change) return [];
  const end = change.ended
    ? `${endWordOf(change, 'brief')} ${whenOf(change.ended, material.day)}`
    : `started ${whenOf(change.began, material.day)}, with no end in the record`;
  const called = changeName(change, material);
  const owner = otherOwner(change.belongs);
  const isNamed = owner !== undefined && `${called} `.includes(` of ${nameOf(owner)} `);
  const why =
    change.belongs.service === 'unmapped'
      ? 'no service claims it'
      : isNamed || !('why' in change.belongs)
        ? ''
        : nameOf(change.belongs.why);
  const name = `${capitalOf(called)}${why && ` (${why})`}`;
  const headline = say(`${name}, ${end}: score ${scoreOf(suspect)} of 1.`, citeChange(change, material));
  const sorted = suspect.reasons.toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  const side = (against: boolean) => sorted.filter(({ weight }) => weight < 0 === against);
  const reasons = [...side(false), ...side(true)].flatMap((reason): readonly Cited[] => {
    const words = wordReason(reason, suspect, change, material);
    if (words === undefined) return [];
    return [say(reason.weight < 0 ? `Against it: ${words}.` : `${capitalOf(words)}.`, citeReason(reason.cites, change, material))];
  });
  const sentences: readonly [Cited, ...Cited[]] = [headline, ...reasons, ...contents(change, material)];
  return [{ kind: 'prose', key: `root_cause.suspect.${keyPart(suspect.change)}`, sentences }];
}

/** No evidence makes a change impossible or certain, and two decimals would say so. */
function scoreOf({ score }: Suspect): string {
  return score < 0.005 ? 'under 0.01' : score >= 0.995 ? 'over 0.99' : score.toFixed(2);
}

/** What a reason adds to the headline, beside the end of the change itself. */
function citeReason(cites: Citations, change: Change, material: Material): Citations {
  const own = new Set(change.cites.map(citeKey));
  const [first, last] = citeChange(change, material);
  return joinCites(
    [last ?? first],
    cites.filter((cite) => !own.has(citeKey(cite))),
  );
}

/** What the change carried: its pull requests, and its files where the policy lets them be named. */
function contents(change: Change, material: Material): readonly Cited[] {
  const sentences: Cited[] = [];
  const [first, ...others] = change.pullRequests.slice(0, 5);
  if (first) {
    const pulls = [first, ...others];
    const more = change.pullRequests.length - pulls.length;
    const names = pulls.map(({ number, title }) => `#${number} ${quoteOf(title, 120)}`);
    const text = `It carries ${listOf([...names, ...(more > 0 ? [countOf(more, 'further pull request')] : [])])}.`;
    const links = pulls.map(({ number, url }) => ({ text: `#${number}`, url }));
    sentences.push(say(text, citePulls(change, material) ?? citeChange(change, material), links));
  }
  const carried = carriedBy(change, material);
  const files = carried?.files ?? change.files.map((path) => ({ path }));
  if (files.length > 0 && material.theCase.draft.code !== 'none') {
    const atLeast = carried?.filesCut ? 'at least ' : '';
    sentences.push(say(`It touches ${atLeast}${filesText(files)}.`, carried?.cites ?? citeChange(change, material)));
  }
  return sentences;
}

/** Who said of a change that it was it or was not, and why: shown wherever the change stands in the ranking, or if it has no place there. */
function judgments(material: Material): readonly Block[] {
  const said = [...material.events.values()].filter((event) => event.type === 'suspect.judged');
  const last = new Map(said.toSorted((a, b) => compare(a.time.at, b.time.at)).map((event) => [event.attributes.change, event]));
  return [...last].map(([key, event]) => {
    const { verdict, reason } = event.attributes;
    const change = material.changes.get(key);
    const who = event.actor?.name ?? material.whoIs(event.actor?.id);
    const text = `${capitalOf(who ? nameOf(who) : 'a person')} ${verdict} the ${change ? changeName(change, material) : `change ${nameOf(key)}`}: ${quoteOf(reason)}${/[.!?]$/.test(reason.trim()) ? '' : '.'}`;
    return { kind: 'caveat', key: `root_cause.judged.${keyPart(key)}`, what: say(text, [{ event: event.id }]) };
  });
}

function rest(material: Material): readonly Block[] {
  const below = material.analysis.suspects.slice(SHOWN).flatMap(({ change }) => material.changes.get(change) ?? []);
  const [first, ...others] = below.map((change) => citeChange(change, material));
  if (!first) return [];
  const text = `${countOf(others.length + 1, 'further change')} with a lower score ${others.length === 0 ? 'is' : 'are'} in the JSON.`;
  return [{ kind: 'caveat', key: 'root_cause.rest', what: say(text, joinCites(first, ...others.slice(0, 2))) }];
}

/** Where nothing passes, what lies before the look-back is worth a look: a slow leak may be days old. */
function older(material: Material): readonly Block[] {
  const { analysis, theCase, changes } = material;
  const weighed = new Set(analysis.suspects.map(({ change }) => change));
  const { from } = theCase.windows.changes;
  const left = [...changes.values()].filter(({ key, began, ended }) => !weighed.has(key) && (ended ?? began).at < from);
  const [first, ...others] = left.toReversed().map((change) => citeChange(change, material));
  if (!first || analysis.suspectVerdict === 'suspect' || isCalm(material)) return [];
  const count = `${countOf(others.length + 1, 'change')} of more than ${formatLength(durationMs(theCase.policy.windows.changes_before))} before`;
  const text = others.length === 0 ? `${count} was not weighed; it is in the JSON.` : `${count} were not weighed; they are in the JSON.`;
  return [{ kind: 'caveat', key: 'root_cause.older', what: say(text, joinCites(first, ...others.slice(0, 2))) }];
}

/** The diff of the first suspect, where there is one and its comparison was read. */
function diffOfFirst(material: Material): readonly Block[] {
  const change = firstSuspect(material);
  const carried = change && carriedBy(change, material);
  if (!change || !carried) return [];
  // A long comparison holds much that is beside the point; what the fix mends is not.
  const mended = new Set(findFixes(change, material)[0]?.files.map(({ path }) => path));
  const files = carried.files.toSorted((a, b) => Number(mended.has(b.path)) - Number(mended.has(a.path)));
  const blocks = patchBlock('root_cause.diff', files, {
    url: urlOf(change, material),
    cites: carried.cites,
    code: material.theCase.draft.code,
  });
  if (!carried.filesCut || blocks.length === 0) return blocks;
  const what = say('The source sent only a part of the changed files.', carried.cites);
  return [...blocks, { kind: 'caveat', key: 'root_cause.files_cut', what }];
}

/** The pull request where it is the only one, else the deployment that carried all of them. */
function urlOf(change: Change, { events }: Material): string {
  const [pull, ...others] = change.pullRequests;
  if (pull && others.length === 0) return pull.url;
  const told = change.cites.flatMap((cite) => ('event' in cite ? (events.get(cite.event) ?? []) : []));
  return told.find(({ url }) => url !== undefined)?.url ?? pull?.url ?? '';
}

function holes(material: Material): readonly Block[] {
  const keys = [...new Set(holesOf(material, 'changes').map(coverageKey))];
  const [first, ...others] = keys.map((coverage) => ({ coverage }));
  if (!first) return [];
  const text = `The ranking may change: ${listOf(keys)} could not be read in full, so a change may be missing.`;
  return [{ kind: 'caveat', key: 'root_cause.gaps', what: say(text, joinCites([first], others)) }];
}

/** A change's key as part of a block's key: what a comment or a URL could misread is replaced. */
function keyPart(key: string): string {
  return key.replaceAll(/[^A-Za-z0-9_.:/@#]+/g, '_').replaceAll('--', '_');
}
