import type { Block } from '../core/draft/model.ts';
import type { TimelineEvent } from '../core/events.ts';
import { safeUrl } from './escape.ts';
import type { Notes } from './notes.ts';

/** A link for each source that saw a row's happening, by the source's name. */
export function linksOf(
  { what, url }: Extract<Block, { readonly kind: 'row' }>,
  { eventOf }: Pick<Notes, 'eventOf'>,
): readonly { readonly label: string; readonly url: string }[] {
  const events = what.cites.flatMap((cite) => eventOf(cite) ?? []);
  const found = new Map<string, string>();
  for (const event of events) {
    const label = labelOf(event);
    if (event.url !== undefined && safeUrl(event.url) && !found.has(label)) found.set(label, event.url);
  }
  const [first] = events;
  if (found.size === 0 && url !== undefined && safeUrl(url)) found.set(first ? labelOf(first) : 'record', url);
  return [...found].map(([label, address]) => ({ label, url: address }));
}

/** Where a link goes: the source that saw it; of what was computed, the alarm that watches the metric, or the source of the incident. */
function labelOf({ type, provenance, correlationKeys }: TimelineEvent): string {
  if (!('rule' in provenance)) return provenance.source;
  if (type.startsWith('metric.')) return 'alarm';
  return correlationKeys.find((key) => key.includes('/incident:'))?.split('/incident:')[0] ?? 'record';
}
