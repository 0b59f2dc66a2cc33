import { between, type Moment } from '../time.ts';
import type { Change } from './changes.ts';
import { isSameContent } from './reversals.ts';
import { isIdlePath, wordsOf, wordsOfAlarm } from './suspect-words.ts';
import type { Ground, Weighing } from './weighing.ts';

/**
 * From so many files on a change counts as large: size and spread are what best tells risky changes (Mockus & Weiss 2000, "Predicting
 * Risk of Software Changes", Bell Labs Technical Journal 5(2)).
 */
const LARGE_FILES = 12;
/** What several changes share tells none of them from another. */
const SHARED_SHARE = 0.5;
/** How soon after a revision came out a further deployment of it may be a part of that. */
const RETRY_MS = 3_600_000;
const SCALING = /\bauto[\s-]?scal|\bscal(?:ed|ing)[\s-]?(?:out|up|in|down)\b|\bdesired (?:capacity|count)\b/i;

/** What the change touched, how much, and whether that is what the alarm watches. */
export function contentReasons(change: Change, weighing: Weighing): readonly Ground[] {
  const { cites, files } = change;
  const isIdle = files.length > 0 && files.every(isIdlePath);
  return [
    ...pathReasons(change, weighing),
    ...(isRepeated(change, weighing) ? [{ code: 'no_new_revision', share: 1, cites } as const] : []),
    ...(isIdle ? [{ code: 'paths_without_effect', share: 1, cites } as const] : []),
    ...(files.length >= LARGE_FILES ? [{ code: 'large_change', share: 1, cites } as const] : []),
    ...(isScaling(change, weighing) ? [{ code: 'automatic_scaling', share: 1, cites } as const] : []),
  ];
}

/** What had been out for longer was deployed once more: a restart, perhaps with other settings, and no new code. */
function isRepeated(change: Change, { changes }: Weighing): boolean {
  const { kind, reverses, began } = change;
  if (kind !== 'deployment' || reverses !== undefined || !isSameAgain(change)) return false;
  // Right after it came out it may be the rest of one rollout, or a second try.
  return !changes.some((other) => isSameContent(other, change) && !isSameAgain(other) && isWithin(other.began, began, RETRY_MS));
}

function isSameAgain({ revision }: Change): boolean {
  return revision !== undefined && revision.from === revision.to;
}

function isWithin(earlier: Moment, later: Moment, withinMs: number): boolean {
  const { ms } = between(earlier, later);
  return ms >= 0 && ms <= withinMs;
}

/** Speaks only where some change shares a word with the alarm: else its dimensions are names that no path has. */
function pathReasons(change: Change, weighing: Weighing): readonly Ground[] {
  const { impact, weighed } = weighing;
  const words = wordsOfAlarm(impact.departures, weighing.theCase);
  if (words.size === 0) return [];
  const matching = weighed.filter((one) => isMatching(one, words, weighing));
  const cites = [...change.cites, ...impact.cites] as const;
  if (matching.includes(change)) return [{ code: 'paths_match_alarm', share: matching.length === 1 ? 1 : SHARED_SHARE, cites }];
  return matching.length > 0 && change.files.length > 0 ? [{ code: 'paths_beside_alarm', share: 1, cites }] : [];
}

function isMatching(change: Change, words: ReadonlySet<string>, weighing: Weighing): boolean {
  const paths = change.files.filter((path) => !isIdlePath(path));
  return [...paths, ...textsOf(change, weighing)].some((text) => wordsOf(text).some((word) => words.has(word)));
}

/** What a flag, a configuration change or a pull request calls itself. */
function textsOf({ cites, kind, pullRequests }: Change, { events }: Weighing): readonly string[] {
  const said = cites.flatMap((cite) => {
    const event = 'event' in cite ? events.get(cite.event) : undefined;
    return event?.type === 'flag.changed' || event?.type === 'config.changed' ? [event.attributes.key, event.attributes.value] : [];
  });
  return kind === 'flag' || kind === 'config' ? said : pullRequests.map(({ title }) => title);
}

/** A change of size that a machine made is more often an answer to load than its start. */
function isScaling(change: Change, weighing: Weighing): boolean {
  return change.kind === 'config' && textsOf(change, weighing).some((text) => SCALING.test(text));
}
