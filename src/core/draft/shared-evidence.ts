import { citeEvent, citeEvidence, joinCites, say } from './cite.ts';
import { type FactOf, factsOf, type Material } from './material.ts';
import type { Cited } from './model.ts';
import { quoteOf, stampOf } from './words.ts';

/** Words shorter than this say nothing of what went wrong. */
const LEAST_LETTERS = 4;
/** What people wrote while it went on. */
const WRITTEN: ReadonlySet<string> = new Set(['note.added', 'status.published', 'message.posted', 'event.asserted']);

/**
 * What another incident has in common with this one, from records of both: its service, an alarm that fired here and that its title
 * names, words of its title that somebody wrote here. None of it says that they have one cause.
 */
export function sharedEvidence(fact: FactOf<'related'>, record: FactOf<'incident'> | undefined, material: Material): readonly Cited[] {
  const title = fact.title ?? record?.title ?? '';
  const told = record ? citeEvidence(record.evidence) : citeEvidence(fact.evidence);
  return [...sharedService(record, material), ...sharedAlarm(title, told, material), ...sharedWords(title, told, material)];
}

function sharedService(record: FactOf<'incident'> | undefined, material: Material): readonly Cited[] {
  const own = factsOf(material, 'incident').find(({ key }) => key === material.theCase.incidents[0]);
  const isShared = own && record?.belongsTo.some((key) => own.belongsTo.includes(key));
  if (!own || !record || !isShared) return [];
  const name = own.serviceName ?? 'the same service';
  return [say(`Both are incidents of ${name}.`, joinCites(citeEvidence(own.evidence), citeEvidence(record.evidence)))];
}

function sharedAlarm(title: string, told: ReturnType<typeof citeEvidence>, { ours }: Material): readonly Cited[] {
  const fired = ours
    .map(({ event }) => event)
    .find(
      (event) =>
        event.type === 'alert.fired' &&
        event.attributes['alert.rule'].length > LEAST_LETTERS &&
        title.includes(event.attributes['alert.rule']),
    );
  if (fired?.type !== 'alert.fired') return [];
  return [say(`Its title names ${fired.attributes['alert.rule']}, which fired here too.`, joinCites(told, citeEvent(fired)))];
}

/** Two words in a row: "connection pool" says something, "spike" alone does not. */
function sharedWords(title: string, told: ReturnType<typeof citeEvidence>, { ours, day }: Material): readonly Cited[] {
  const words = title.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const pairs = words.slice(1).flatMap((word, index) => {
    const before = words[index] ?? '';
    return Math.min(word.length, before.length) >= LEAST_LETTERS ? [`${before} ${word}`] : [];
  });
  for (const { event } of ours) {
    if (!WRITTEN.has(event.type) || !('text' in event.attributes)) continue;
    const text = event.attributes.text.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, ' ');
    const pair = pairs.find((one) => ` ${text} `.includes(` ${one} `));
    if (pair === undefined) continue;
    return [
      say(
        `Its title and what was written at ${stampOf(event.time.at, day)} both speak of ${quoteOf(pair, 60)}.`,
        joinCites(told, citeEvent(event)),
      ),
    ];
  }
  return [];
}
