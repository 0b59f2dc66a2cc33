/** Whether the chain of merges that goes on at `next` ends among these incidents. */
export function isMergedInto(
  incidents: readonly string[],
  next: string | undefined,
  mergedAway: ReadonlyMap<string, string | undefined>,
): boolean {
  const seen = new Set<string>();
  for (let at = next; at !== undefined && !seen.has(at); at = mergedAway.get(at)) {
    if (incidents.includes(at)) return true;
    seen.add(at);
  }
  return false;
}
