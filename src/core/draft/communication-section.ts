import type { EventOf } from '../events.ts';
import { between } from '../time.ts';
import { rowKeyOf, type TimelineEntry } from '../timeline/entry.ts';
import { citeEntry, joinCites, say } from './cite.ts';
import { formatSpan } from './durations.ts';
import type { Material } from './material.ts';
import type { Block, Section } from './model.ts';
import { citeReading, holesOf, wasRead } from './reading.ts';
import { chooseEntries, leftLine } from './row-choice.ts';
import { countOf, pairOf, quoteOf, stampOf } from './words.ts';

/** A status update in the timeline. */
export type Post = TimelineEntry & { readonly event: EventOf<'status.published'> };

/** The status updates of the case, in order. */
export function postsOf({ ours }: Pick<Material, 'ours'>): readonly Post[] {
  return ours.filter((entry): entry is Post => entry.event.type === 'status.published');
}

/** Updates that are told in full. */
const MOST_POSTS = 50;

/** Every status update in full, with the time since the one before; of very many some, and those that people `touched`. */
export function communicationSection(material: Material, touched: ReadonlySet<string>): Section {
  const posts = postsOf(material);
  const choice = chooseEntries(posts, material, MOST_POSTS, (post) => touched.has(keyOf(post)));
  const shown = new Set(choice.shown);
  const log = posts.flatMap((post, index) => (shown.has(post) ? [toBlock(post, posts[index - 1], material)] : []));
  return {
    key: 'communication',
    heading: 'Appendix: communication log',
    blocks: [
      ...overview(posts, material),
      ...leftLine('communication.shortened', choice, { place: 'This log', one: 'status update' }),
      ...log,
    ],
  };
}

function keyOf(post: Post): string {
  return `communication.${rowKeyOf(post).slice('t.'.length)}`;
}

function toBlock(post: Post, before: Post | undefined, { day }: Material): Block {
  const { time, attributes } = post.event;
  const gap = before ? `, ${formatSpan(between(before.event.time, time))} after the one before` : '';
  const text = `${stampOf(time.at, day)}${gap}: ${quoteOf(attributes.text, 2000)}`;
  const cites = before ? joinCites(citeEntry(post), citeEntry(before)) : citeEntry(post);
  return { kind: 'prose', key: keyOf(post), sentences: [say(text, cites)] };
}

function overview(posts: readonly Post[], material: Material): readonly Block[] {
  const [first] = posts;
  const last = posts.at(-1);
  if (!first || !last) return none(material);
  const gaps = posts.slice(1).map((post, index) => ({ post, span: between((posts[index] ?? post).event.time, post.event.time) }));
  const longest = gaps.toSorted((a, b) => b.span.ms - a.span.ms)[0];
  const range = posts.length === 1 ? `at ${stampOf(first.event.time.at, material.day)}` : rangeOf(first, last, material.day);
  const tail = longest ? `; the longest wait between two was ${formatSpan(longest.span)}` : '';
  const text = `${countOf(posts.length, 'status update')} ${posts.length === 1 ? 'was' : 'were'} posted ${range}${tail}.`;
  const cites = joinCites(citeEntry(first), citeEntry(last), longest ? citeEntry(longest.post) : []);
  return [{ kind: 'prose', key: 'communication.overview', sentences: [say(text, cites)] }];
}

function rangeOf(first: Post, last: Post, day: string): string {
  return `from ${pairOf(first.event.time.at, last.event.time.at, day, 'to')}`;
}

/** An absence is only stated of what was read in whole. */
function none(material: Material): readonly Block[] {
  if (!wasRead(material, 'response')) return [];
  const whole = holesOf(material, 'response').length === 0;
  const text = whole ? 'No status update was posted.' : 'No status update was seen in the part of the record that could be read.';
  return [{ kind: 'prose', key: 'communication.none', sentences: [say(text, citeReading(material, 'response'))] }];
}
