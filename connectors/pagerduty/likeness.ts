import {
  type Json,
  type Normalized,
  type PullItem,
  type PullRequest,
  parseInstant,
  SourceError,
  type Stream,
} from '../../src/contract/index.ts';
import type { PagerDuty, Query } from './client.ts';
import { eachIncident, gapOf, spend } from './listing.ts';
import { perIncident } from './per-incident.ts';

/** A list of other incidents that PagerDuty keeps beside one: without pages, and with no word of whether there are more. */
export interface LikeList {
  /** Its last part of the address, and the field that holds it. */
  readonly name: string;
  readonly query: Query;
  readonly most: number;
  /** What a reader calls its members: `past incidents`. */
  readonly called: string;
  readonly tooMany: (key: string) => string;
  /** The other incident's id. */
  readonly otherOf: (body: Json) => string;
}

/** The stream of such a list: it shows no event, since another incident is no happening of this one. */
export function likeStream(list: LikeList, normalize: Stream<PagerDuty, unknown>['normalize']): Stream<PagerDuty, unknown> {
  const pull = (client: PagerDuty, request: PullRequest<unknown>) => pullLike(list, client, request);
  return perIncident({ id: list.name, emits: [], settleSeconds: 120, pull, normalize });
}

/** An item does not say whose list it stands in, so the record's native id does: `INCIDENT/OTHER`. */
function pullLike(list: LikeList, client: PagerDuty, request: PullRequest<unknown>): AsyncIterable<PullItem> {
  return eachIncident(request, async function* (incident, { window, budget, signal }, key): AsyncGenerator<PullItem> {
    spend(budget);
    const path = `/incidents/${incident}/${list.name}`;
    try {
      const { items } = await client.page(path, list.name, list.query, signal);
      for (const body of items) yield { kind: 'record', record: { nativeId: `${incident}/${list.otherOf(body)}`, body, request: path } };
      if (items.length >= list.most) yield gapOf(window, 'result_limit', list.tooMany(key));
    } catch (error) {
      if (!(error instanceof SourceError) || error.reason !== 'forbidden') throw error;
      yield gapOf(window, 'not_offered', `${list.called} come with a paid plan of PagerDuty's: ${error.message}`);
    }
  });
}

/** The fact that PagerDuty names another incident, and in its words why. */
export function toRelated(
  { source, nativeId }: { readonly source: string; readonly nativeId: string },
  incident: { readonly id: string; readonly title?: string | null; readonly created_at?: string | null },
  why: string,
): Normalized {
  const startedAt = parseInstant(incident.created_at ?? '');
  return {
    events: [],
    facts: [
      {
        kind: 'related',
        key: `${source}/incident:${incident.id}`,
        of: `${source}/incident:${nativeId.split('/')[0]}`,
        why,
        ...(incident.title && { title: incident.title }),
        ...(startedAt && { startedAt }),
      },
    ],
    issues: [],
  };
}
