import type { Change } from '../analysis/changes.ts';
import type { Moment } from '../time.ts';
import { citeEvent, citeEvidence, joinCites, say } from './cite.ts';
import { type Fix, findFixes, firstSuspect, reversalOf } from './fixes.ts';
import type { Material } from './material.ts';
import type { Block, Cited, Section } from './model.ts';
import { citeChange, patchBlock } from './patches.ts';
import { citeReading, linesOf, wasRead } from './reading.ts';
import { changeName } from './sentences.ts';
import { capitalOf, pairOf, quoteOf, whenOf } from './words.ts';

/** What reversed the suspect, and what mends it for good. */
export function codeFixSection(material: Material): Section {
  const suspect = firstSuspect(material);
  const blocks = suspect ? [...reversal(suspect, material), ...fixes(suspect, material)] : [];
  return { key: 'code_fix', heading: 'Appendix: code fix', blocks };
}

function reversal(suspect: Change, material: Material): readonly Block[] {
  const change = reversalOf(suspect, material);
  if (!change) return [];
  const { began, ended } = change;
  const name = capitalOf(changeName(change, material));
  const text =
    ended && change.outcome === 'succeeded'
      ? `${name} reversed the suspect${spanOf(began, ended, material.day)}.`
      : `${name} was to reverse the suspect: it started ${whenOf(began, material.day)}${ended ? ` and failed ${whenOf(ended, material.day)}` : ', and the record holds no end of it'}.`;
  return [{ kind: 'prose', key: 'code_fix.reversal', sentences: [say(text, citeChange(change, material))] }];
}

function fixes(suspect: Change, material: Material): readonly Block[] {
  const [fix] = findFixes(suspect, material);
  if (!fix) return nothing(material);
  const { fact, mergedAt, names, files, shared, deployed } = fix;
  const cites = citeFix(fix);
  const why = names.length > 0 ? `names #${names[0]}` : 'touches the same files';
  const text = `#${fact.number} ${quoteOf(fact.title, 120)} was merged ${whenOf({ at: mergedAt, minusMs: 0, plusMs: 0 }, material.day)} and ${why}.`;
  const links = [{ text: `#${fact.number}`, url: fact.url }, ...linksOf(suspect, names)];
  const absent = say('The record shows no deployment of it.', citeReading(material, 'changes'));
  const sentences: readonly [Cited, ...Cited[]] = [say(text, cites, links), ...(deployed ? [] : [absent])];
  return [
    { kind: 'prose', key: 'code_fix.pull_request', sentences },
    ...patchBlock('code_fix.diff', files, { url: fact.url, cites, code: material.theCase.draft.code, matters: shared }),
  ];
}

/** The merge, and the record of the pull request where that is another. */
export function citeFix({ fact, merge }: Fix) {
  if (!merge) return citeEvidence(fact.evidence);
  const isSame = 'evidence' in merge.provenance && merge.provenance.evidence === fact.evidence;
  return joinCites(citeEvent(merge), isSame ? [] : citeEvidence(fact.evidence));
}

function linksOf(suspect: Change, names: readonly number[]) {
  return suspect.pullRequests.filter(({ number }) => number === names[0]).map(({ number, url }) => ({ text: `#${number}`, url }));
}

function nothing(material: Material): readonly Block[] {
  // An absence is only stated of what was read in whole.
  if (!wasRead(material, 'pulls') || linesOf(material, 'pulls').some(({ status }) => status !== 'complete')) return [];
  const text = 'The record shows no later pull request that names the suspect or touches its files.';
  return [{ kind: 'prose', key: 'code_fix.none', sentences: [say(text, citeReading(material, 'pulls'))] }];
}

/** `, from 14:45 to 14:47`; of a flag that is switched, ` at 14:46`. */
function spanOf(began: Moment, ended: Moment, day: string): string {
  return began.at === ended.at ? ` ${whenOf(began, day)}` : `, from ${pairOf(began.at, ended.at, day, 'to')}`;
}
