import type { Change } from '../analysis/changes.ts';
import type { Citations } from '../citation.ts';
import type { TimelineEvent } from '../events.ts';
import { citeEvidence, joinCites } from './cite.ts';
import { type FactOf, factsOf, type Material, nameOf, shasOf } from './material.ts';
import type { Block } from './model.ts';
import { listOf, numberOf } from './words.ts';

/** A file of a change, with its diff where the source gave one. */
export interface PatchedFile {
  readonly path: string;
  readonly patch?: string;
}

/** Lines of a diff that a document carries; what is cut is counted. */
const LINES = 60;
/** A longer line is a data file or a minified one: nobody reads it in a post-mortem. */
const LINE_LENGTH = 300;

/** What a change carried against the revision before it: the pages of one comparison, joined. */
export interface Carried {
  readonly files: readonly PatchedFile[];
  readonly filesCut: boolean;
  readonly cites: Citations;
}

/** The comparison whose head is the change's commit and whose base is the revision before, else any with that head. */
export function carriedBy(change: Change, material: Material): Carried | undefined {
  const heads = commitsOf(change, material);
  const base = change.revision?.from;
  const candidates = factsOf(material, 'comparison').filter(({ head }) => heads.includes(head));
  const best = candidates.find((fact) => fact.base === base || material.revisionName(fact.base) === base) ?? candidates.find(isAhead);
  const pages = candidates.filter(({ key }) => key === (best ?? candidates[0])?.key);
  const [first, ...rest] = pages.toSorted((a, b) => (a.page ?? 0) - (b.page ?? 0));
  if (!first) return undefined;
  // Each page of a long comparison is a fact of its own with the same key.
  const files = new Map([first, ...rest].flatMap((page) => page.files).map((file) => [file.path, file]));
  return {
    files: [...files.values()],
    filesCut: [first, ...rest].some(({ filesCut }) => filesCut),
    cites: joinCites(
      citeEvidence(first.evidence),
      rest.map(({ evidence }) => ({ evidence })),
    ),
  };
}

function isAhead({ status }: FactOf<'comparison'>): boolean {
  return status === 'ahead';
}

/** The commits that a change brought out, by its own revision and by the events that it cites. */
export function commitsOf(change: Change, { events }: Pick<Material, 'events'>): readonly string[] {
  const told = change.cites.flatMap((cite): readonly TimelineEvent[] => {
    const event = 'event' in cite ? events.get(cite.event) : undefined;
    return event ? [event] : [];
  });
  return [...new Set([...(change.revision ? [change.revision.to] : []), ...told.flatMap(shasOf)])];
}

interface DiffOptions {
  readonly url: string;
  readonly cites: Citations;
  readonly code: Material['theCase']['draft']['code'];
  readonly matters?: ReadonlySet<string>;
}

/**
 * The diff as a code block, where the policy lets patches be printed; every file that has no text in it is named. Of a diff with
 * files that `matters` names only these are shown: what is cut is counted.
 */
export function patchBlock(key: string, files: readonly PatchedFile[], { url, cites, code, matters }: DiffOptions): readonly Block[] {
  if (code !== 'patch' || !files.some(({ patch }) => patch !== undefined)) return [];
  const telling = files.filter(({ path, patch }) => matters?.has(path) && patch !== undefined);
  const shown = (telling.length > 0 ? telling : files).flatMap(linesOf).slice(0, LINES).map(shorten);
  const cutLines = files.flatMap(linesOf).length - shown.length;
  return [{ kind: 'code', key, language: 'diff', text: shown.join('\n'), url, cutLines, cites }];
}

function linesOf({ path, patch }: PatchedFile): readonly string[] {
  const lines = patch?.split('\n') ?? ['(the source sent no text of this file)'];
  return [`--- a/${oneLine(path)}`, `+++ b/${oneLine(path)}`, ...lines.map(oneLine)];
}

function shorten(line: string): string {
  if (line.length <= LINE_LENGTH) return line;
  const characters = Array.from(line);
  return `${characters.slice(0, LINE_LENGTH).join('')}… (${numberOf(characters.length - LINE_LENGTH)} more characters)`;
}

/** A path or a line with a break inside would forge lines of the diff. */
function oneLine(text: string): string {
  return text.replaceAll(/[\r\n\u2028\u2029]+/g, ' ');
}

/** `3 files: a, b and c`, at most five by name. */
export function filesText(files: readonly { readonly path: string }[]): string {
  const names = files.slice(0, 5).map(({ path }) => nameOf(path));
  const more = files.length > names.length ? [`${numberOf(files.length - names.length)} more`] : [];
  return `${files.length === 1 ? '1 file' : `${numberOf(files.length)} files`}: ${listOf([...names, ...more])}`;
}

/**
 * The events that began and ended a change: enough to follow a sentence about it. Its other citations (echoes in other
 * systems, comparisons, pull requests) stand in the JSON and with the sentences that are about them.
 */
export function citeChange(change: Change, { events }: Pick<Material, 'events'>): Citations {
  const told = change.cites.flatMap((cite) => ('event' in cite ? (events.get(cite.event) ?? []) : []));
  const ended = told.find(({ time }) => time.at === change.ended?.at);
  const began = told.find(({ time, id }) => time.at === change.began.at && id !== ended?.id);
  const [first, ...rest] = [began, ended].flatMap((event) => (event ? [{ event: event.id }] : []));
  return first ? joinCites([first], rest) : [change.cites[0]];
}

/** The evidence of the facts of its pull requests, where those were read. */
export function citePulls(change: Change, material: Material): Citations | undefined {
  const urls = new Set(change.pullRequests.map(({ url }) => url));
  const [first, ...rest] = factsOf(material, 'change').filter(({ url }) => urls.has(url));
  return first && [...citeEvidence(first.evidence), ...rest.map(({ evidence }) => ({ evidence }))];
}
