import type { Metric, MetricName, Milestone, MilestoneName } from '../analysis/metrics.ts';
import { METRICS } from '../analysis/metrics.ts';
import { textOf } from './blocks.ts';
import { formatMetric, labelOf, MILESTONE_WORDS } from './durations.ts';
import type { EditedBlock } from './edits.ts';
import type { Draft } from './model.ts';
import { clockOf, dayOf } from './words.ts';

/** One thing that the two drafts say otherwise; what one of them does not say is absent. */
export interface Moved {
  readonly key: string;
  readonly was?: string;
  readonly is?: string;
}

/** What moved between two drafts of an incident. */
export interface DraftComparison {
  readonly from: string;
  readonly to: string;
  /** Rows of the timeline, each with its time. */
  readonly entries: readonly Moved[];
  readonly milestones: readonly Moved[];
  readonly durations: readonly Moved[];
  /** Texts of ours outside the timeline and the durations. */
  readonly texts: readonly Moved[];
  /** Words of people: new, changed, taken out. */
  readonly edits: readonly Moved[];
  /** Words of people that were written against a text of ours that is another now, or about something that is gone. */
  readonly stale: readonly (Moved & { readonly state: 'stale' | 'orphaned'; readonly author: string })[];
}

/** Compares two drafts by the keys of what they say; in the order of the later one, what is gone last. */
export function compareDrafts(from: Draft, to: Draft): DraftComparison {
  return {
    from: from.id,
    to: to.id,
    entries: moved(textsOf(from, isRow), textsOf(to, isRow)),
    milestones: moved(milestonesOf(from), milestonesOf(to)),
    durations: moved(durationsOf(from), durationsOf(to)),
    texts: moved(textsOf(from, isText), textsOf(to, isText)),
    edits: moved(humanOf(from), humanOf(to)),
    stale: staleOf(from, to),
  };
}

type Texts = ReadonlyMap<string, string>;
type Block = Draft['sections'][number]['blocks'][number];

function moved(from: Texts, to: Texts): readonly Moved[] {
  const now = [...to].flatMap(([key, is]): readonly Moved[] => {
    const was = from.get(key);
    return was === is ? [] : [{ key, ...(was !== undefined && { was }), is }];
  });
  return [...now, ...[...from].flatMap(([key, was]) => (to.has(key) ? [] : [{ key, was }]))];
}

function isRow({ kind }: Block): boolean {
  return kind === 'row';
}

function isText({ kind, key }: Block): boolean {
  return kind !== 'row' && !key.startsWith('durations.');
}

function textsOf({ sections }: Draft, isMeant: (block: Block) => boolean): Texts {
  const blocks = sections.flatMap((section) => section.blocks).filter(isMeant);
  return new Map(blocks.map((block) => [block.key, block.kind === 'row' ? `${block.time}: ${textOf(block)}` : textOf(block)]));
}

function milestonesOf({ analysis }: Draft): Texts {
  return new Map(entriesOf(analysis.milestones).map(([name, milestone]) => [MILESTONE_WORDS[name], milestoneOf(milestone)]));
}

const UNKNOWN = { not_yet: 'not yet', not_seen: 'not seen', not_covered: 'not covered by what was read' } as const;

function milestoneOf(milestone: Milestone): string {
  if (!milestone.known) return UNKNOWN[milestone.why];
  return `${dayOf(milestone.time.at)}, ${clockOf(milestone.time.at)} UTC (${milestone.basis})`;
}

function durationsOf({ analysis }: Draft): Texts {
  const { milestones, durations } = analysis;
  return new Map(
    entriesOf(durations).map(([name, metric]: readonly [MetricName, Metric]) => [labelOf(name), formatMetric(metric, milestones)]),
  );
}

function entriesOf<Name extends MilestoneName | MetricName, Value>(
  values: Readonly<Record<Name, Value>>,
): readonly (readonly [Name, Value])[] {
  const names = Object.keys(values).filter((name): name is Name => name in MILESTONE_WORDS || name in METRICS);
  return names.map((name) => [name, values[name]]);
}

function humanOf({ edits }: Draft): Texts {
  return new Map(edits.map(({ key, state, text }) => [key, state === 'hidden' ? '(taken out)' : text]));
}

function staleOf(from: Draft, to: Draft): DraftComparison['stale'] {
  const before = new Map(from.edits.map((edit) => [edit.key, edit.state]));
  return to.edits.flatMap((edit) => {
    if ((edit.state !== 'stale' && edit.state !== 'orphaned') || before.get(edit.key) === edit.state) return [];
    const { key, state, author } = edit;
    return [{ key, state, author, was: edit.text, ...nowOf(edit) }];
  });
}

function nowOf(edit: EditedBlock): { readonly is?: string } {
  return edit.state === 'stale' ? { is: edit.generatedNow } : {};
}
