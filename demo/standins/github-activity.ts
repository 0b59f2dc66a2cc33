import type { WorldActivity } from '../world.ts';
import { pagingOf } from './github-paging.ts';
import { isPast, nodeId, type Setting, userOf } from './github-shapes.ts';
import type { Answer } from './server.ts';

/** What happened to a repository's branches, newest first. As with GitHub, its pages go by a cursor and not by number. */
export function activityAnswer(setting: Setting, url: URL, base: string): Answer {
  const { perPage } = pagingOf(url);
  const after = url.searchParams.get('after');
  const listed = listActivity(setting, url);
  const from = after === null ? 0 : listed.findIndex(({ id }) => cursorOf(id) === after) + 1;
  const shown = listed.slice(from, from + perPage);
  const last = shown.at(-1);
  const isMore = from + perPage < listed.length;
  return {
    status: 200,
    ...(isMore && last && { headers: { link: nextLink(url, base, cursorOf(last.id)) } }),
    body: shown.map((one) => activityOf(setting, one)),
  };
}

function listActivity({ world, repository }: Setting, { searchParams }: URL): readonly WorldActivity[] {
  const kind = searchParams.get('activity_type');
  const branch = searchParams.get('ref')?.replace(/^refs\/heads\//, '');
  const past = (repository.activity ?? []).filter(({ at }) => isPast(at, world));
  const matching = past.filter((one) => (kind === null || one.kind === kind) && (branch === undefined || one.branch === branch));
  const newest = matching.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at) || b.id - a.id);
  return searchParams.get('direction') === 'asc' ? newest.toReversed() : newest;
}

function activityOf({ world, repository }: Setting, { id, kind, branch, before, after, at, actor }: WorldActivity): object {
  return {
    id,
    node_id: nodeId('PSH', repository.id, id),
    before,
    after,
    ref: `refs/heads/${branch}`,
    timestamp: at,
    activity_type: kind,
    actor: userOf(world, actor),
  };
}

function cursorOf(id: number): string {
  return Buffer.from(`v1:${id}`).toString('base64url');
}

function nextLink(url: URL, base: string, cursor: string): string {
  const target = new URL(`${url.pathname}${url.search}`, base);
  target.searchParams.set('after', cursor);
  return `<${target}>; rel="next"`;
}
