import type { Tombstone } from '../core/evidence.ts';

/** Records that are gone, in words: how many of how many, of which streams, when and by which rule. */
export function describePurged(gone: readonly Tombstone[], of: number): string {
  const streams = [...Map.groupBy(gone, ({ source, stream }) => `${source}/${stream}`)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const days = [...new Set(gone.map(({ purgedAt }) => purgedAt.slice(0, 10)))].toSorted();
  const rules = [...new Set(gone.map(({ why }) => why))].toSorted();
  const counts = streams.map(([name, own]) => `${own.length} of ${name}`).join(', ');
  return `${gone.length} of ${of} evidence records were purged (${counts}; ${days.join(', ')}, by ${rules.join(', ')})`;
}
