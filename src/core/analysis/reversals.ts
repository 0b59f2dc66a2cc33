import type { Fact } from '../facts.ts';
import { comparisonOf, type PullFact, pullsOf, pullsWith } from './change-facts.ts';
import type { Change } from './changes.ts';
import { isTakingBack, saysBack } from './settings.ts';
import { isOneSubject, saysSwitched, switchedIn } from './switches.ts';

/** A change with what only its making needs: which system and repository it is of, and the commits it brought. */
export interface Candidate {
  readonly change: Change;
  readonly source: string;
  readonly repository?: string;
  readonly commits: readonly string[];
  /** Of a flag or a configuration: what was set, and to what. */
  readonly setting?: { readonly key: string; readonly value: string };
  /** Its own task or description says so. */
  readonly isCalledRollback?: boolean;
  /** Only another system heard of it: the repository that it names, what it belongs to there, and its own words. */
  readonly heard?: { readonly repository?: string; readonly place?: string; readonly text?: string };
}

/** Whether two changes follow each other in one place and environment. */
function isSameLane({ change: a }: Candidate, { change: b }: Candidate): boolean {
  return a.place !== undefined && a.place === b.place && a.environment === b.environment;
}

/** What a change takes back, by its key, and how: an earlier revision is out again, or a new one carries a revert. */
export interface TakenBack {
  readonly key: string;
  readonly by: 'redeployment' | 'revert' | 'setting';
}

/**
 * The change that this one takes back, or nothing. Either an earlier revision is deployed again, one that ran in
 * the same place before what it replaces (GitHub has no flag for it), that the comparison calls an ancestor, or whose
 * deployment calls itself a rollback; or the change brings a revert of what an earlier one brought. Deploying what had been taken back once more is
 * ahead of what it replaces, and no reversal. `earlier` are the changes that began before, oldest first.
 */
export function reversedBy(candidate: Candidate, earlier: readonly Candidate[], facts: readonly Fact[]): TakenBack | undefined {
  const reset = resetOf(candidate, earlier);
  if (reset !== undefined) return { key: reset, by: 'setting' };
  const recalled = recalledBy(candidate, earlier);
  if (recalled !== undefined) return { key: recalled, by: 'setting' };
  const lane = earlier.filter((other) => isSameLane(other, candidate));
  const replaced = redeployed(candidate, lane, facts);
  if (replaced !== undefined) return { key: replaced, by: 'redeployment' };
  const undone = reverted(candidate, lane, facts);
  return undone === undefined ? undefined : { key: undone, by: 'revert' };
}

/** The change of the same flag or configuration whose value this one takes back: by its words, or by what was set before it. */
function resetOf({ change, source, setting }: Candidate, earlier: readonly Candidate[]): string | undefined {
  if (!setting) return undefined;
  const lane = earlier.filter(
    (other) => other.source === source && other.change.kind === change.kind && other.setting?.key === setting.key,
  );
  const isSwitch = change.kind === 'config' && saysSwitched(setting.value) && !saysBack(setting.value);
  if (isSwitch) return switchedBack(setting.value, lane, change.belongs.service)?.change.key;
  const owned = lane.filter((other) => other.change.belongs.service === change.belongs.service && !other.change.reverses);
  const value = (one: Candidate | undefined) => one?.setting?.value ?? '';
  // One key may stand for all that a tool applies: the one whose words are the most alike is meant.
  const said = owned.toReversed().toSorted((a, b) => alike(value(b), setting.value) - alike(value(a), setting.value))[0];
  const last = owned.at(-1);
  const isRestored = owned.slice(0, -1).some((one) => value(one) === setting.value) && value(last) !== setting.value;
  if (last && isRestored) return last.change.key;
  return said && isTakingBack(setting.value, value(said)) ? said.change.key : undefined;
}

/**
 * The last change that said of the same thing that it was on, where these words say that it is off, or on for fewer. A tool that tells the
 * pager of all its flags has one key for them, so that only their names tell one from another.
 */
function switchedBack(words: string, lane: readonly Candidate[], service: string): Candidate | undefined {
  const to = switchedIn(words);
  if (to === undefined) return undefined;
  const last = lane.findLast(
    ({ change, setting }) => change.belongs.service === service && setting !== undefined && isOneSubject(setting.value, words),
  );
  const from = last?.setting && switchedIn(last.setting.value);
  return from !== undefined && to < from ? last : undefined;
}

/** Whether a pager's sentence says that its subject went back, and not that it might. */
export function saysWentBack(text: string): boolean {
  return RECALL.test(text) || /\brolled[ -]?back (?:to|from)\b/i.test(text);
}

/** How a sentence begins that says that a service went back: "Rolled back checkout", "Automatic rollback of acme/checkout". */
const RECALL = /^(?:\W*(?:auto(?:mat(?:ic|ed|ically))?|emergency|manual(?:ly)?)\b)?\W*(?:roll(?:ed|ing)?[ -]?back|revert(?:ed|ing)?)\b/i;

/**
 * A pager's change event that names no commit and says that the service went back takes back the last rollout of it. Words alone are
 * weak: it must belong to that service, say that the service or its repository itself went back, and there must be one place only from
 * which it is rolled out.
 */
function recalledBy({ change, setting }: Candidate, earlier: readonly Candidate[]): string | undefined {
  if (!setting || change.kind !== 'config' || 'why' in change.belongs || !RECALL.test(setting.value)) return undefined;
  const { service } = change.belongs;
  const own = earlier.filter((other) => other.change.kind === 'deployment' && other.change.belongs.service === service);
  const [place, ...others] = new Set(own.map((other) => `${other.change.place ?? ''}@${other.change.environment ?? ''}`));
  const last = own.at(-1);
  if (place === undefined || others.length > 0 || !last || last.isCalledRollback) return undefined;
  const said = `${wordsIn(setting.value.replace(RECALL, '')).replace(OBJECT, '')} `;
  const names = [service, ...(last.repository === undefined ? [] : [last.repository, last.repository.split('/').at(-1) ?? service])];
  const behind = names.flatMap((name) => (said.startsWith(`${wordsIn(name)} `) ? [said.slice(wordsIn(name).length).trim()] : []));
  return behind.some((words) => WHY.test(words) || (WHERE.test(words) && !NOT_DONE.test(words))) ? last.change.key : undefined;
}

/** What may stand behind the name: its deployment, nothing, or where and when it went back. A noun makes it a part of the service: "api pool size". */
const WHERE =
  /^(?:(?:deployment|deploy|release|service)(?: |$))*(?:$|(?:to|from|in|on|at|by|version|revision|release|completed?|done|finished|succeeded)\b)/;
const WHY = /^(?:after|because|due|since|for)\b/;
/** How a sentence ends that says that it did not go back, or not yet. */
const NOT_DONE = /\b(?:failed|aborted|cancell?ed|requested|planned|approved|pending|scheduled|proposed)$/;

/** What may stand between "rolled back" and the name: the thing that went back is the service itself, not a setting of it. */
const OBJECT = /^(?:(?:of|the|a|deployment|deploy|release|version|service) )*/;

function wordsIn(text: string): string {
  return text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .join(' ')
    .trim();
}

function alike(a: string, b: string): number {
  const words = new Set(a.toLowerCase().split(/\W+/));
  return b
    .toLowerCase()
    .split(/\W+/)
    .filter((word) => words.has(word)).length;
}

function redeployed(candidate: Candidate, lane: readonly Candidate[], facts: readonly Fact[]): string | undefined {
  const { change, source, repository, isCalledRollback } = candidate;
  const replaced = lane.findLast((other) => !isVainTry(other.change, change))?.change;
  const to = change.revision?.to;
  const from = replaced?.revision?.to;
  if (!replaced || (to !== undefined && to === from)) return undefined;
  if (isCalledRollback) return replaced.key;
  if (!to || !from) return undefined;
  const comparison = repository === undefined ? undefined : comparisonOf(facts, source, repository, from, to);
  if (comparison?.status === 'behind') return replaced.key;
  if (comparison?.status === 'ahead') return undefined;
  const ran = lane.some((other) => other.change.outcome === 'succeeded' && other.change.revision?.to === to);
  return ran ? replaced.key : undefined;
}

/** A rollback that failed, or that never said how it ended, before the next one to the same revision: what it was for is out still. */
function isVainTry({ reverses, outcome, revision }: Change, next: Change): boolean {
  if (reverses === undefined) return false;
  return outcome === 'failed' || (outcome === 'running' && revision !== undefined && revision.to === next.revision?.to);
}

function reverted({ source, repository, commits }: Candidate, lane: readonly Candidate[], facts: readonly Fact[]): string | undefined {
  if (!repository) return undefined;
  const pulls = pullsOf(facts, source, repository);
  const reverts = pullsWith(pulls, commits).flatMap(({ reverts, revertsRevision }) => reverts ?? revertsRevision ?? []);
  const taken = reverts.flatMap((name) => revisionsNamed(name, pulls));
  return lane.findLast((other) => other.commits.some((commit) => taken.includes(commit)))?.change.key;
}

/** A revert names a commit, or a pull request by number: `9f2c…`, `#1234`, `acme/api#1234`, `github/pull:acme/api#1234`. */
function revisionsNamed(name: string, pulls: readonly PullFact[]): readonly string[] {
  const number = /#?(\d{1,9})$/.exec(name)?.[1];
  const pull = pulls.find(({ revisions }) => revisions.includes(name)) ?? pulls.find((one) => `${one.number}` === number);
  return pull ? [name, ...pull.revisions] : [name];
}

/**
 * Every change that a reversal takes back: what `reverses` names, and for a deployment of an earlier revision all that was
 * rolled out in the same place since that revision last ran. What brings back what a rollback had taken away takes back that rollback.
 */
export function takenBackBy(reversal: Change, changes: readonly Change[]): readonly string[] {
  if (reversal.reverses === undefined) return reversal.restores === undefined ? [] : [reversal.restores];
  const before = changes.slice(0, changes.indexOf(reversal));
  const named = before.findIndex(({ key }) => key === reversal.reverses);
  const lane = before.filter((change) => isSamePlace(change, reversal));
  const restored = lane.findLastIndex((change) => change.outcome === 'succeeded' && change.revision?.to === reversal.revision?.to);
  // What failed and was followed by another rollout was gone before the reversal came.
  const isOut = ({ outcome, reverses }: Change) => reverses === undefined && outcome !== 'failed';
  const since = restored < 0 ? [] : lane.slice(restored + 1).filter(isOut);
  return [...new Set([...(named < 0 ? [] : [reversal.reverses]), ...since.map(({ key }) => key)])];
}

/** The rollback right before a change that brings back the revision which it had replaced. `earlier` are oldest first. */
export function undoneBy({ change }: Candidate, earlier: readonly Candidate[]): string | undefined {
  if (change.revision === undefined || change.reverses !== undefined) return undefined;
  const last = earlier.findLast((other) => isSamePlace(other.change, change) && other.change.outcome !== 'failed')?.change;
  return last?.reverses !== undefined && last.revision?.from === change.revision.to ? last.key : undefined;
}

/** When what a reversal took back went out again in the same place, if it did: from then on nothing is its effect. */
export function outAgain(taken: Change, reversal: Change, changes: readonly Change[]): Change | undefined {
  return changes.find(
    (other) => isSameContent(other, taken) && other.environment === taken.environment && other.began.at > reversal.began.at,
  );
}

/** Whether two changes brought the same revision to the same place. */
export function isSameContent(a: Change, b: Change): boolean {
  return a.place !== undefined && a.place === b.place && a.revision !== undefined && a.revision.to === b.revision?.to;
}

function isSamePlace(a: Change, b: Change): boolean {
  return a.kind === b.kind && a.place !== undefined && a.place === b.place && a.environment === b.environment;
}
