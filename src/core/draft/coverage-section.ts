import type { Finding } from '../analysis/analyze.ts';
import { digestText } from '../digest.ts';
import type { Coverage, Gap, GapReason } from '../timeline/coverage.ts';
import { say } from './cite.ts';
import { formatLength } from './durations.ts';
import { type Material, nameOf } from './material.ts';
import type { Block, Section } from './model.ts';
import { citeReading, coverageKey, type Matter, wasRead } from './reading.ts';
import { known } from './summary-section.ts';
import { countOf, cutOf, numberOf, quoteOf, stampOf } from './words.ts';

const REASONS = {
  retention: 'the source no longer keeps this part',
  result_limit: 'the source gives no more results',
  forbidden: 'the token may not read it',
  unavailable: 'the source did not answer',
  budget: 'the limit of calls was reached',
  unreadable: 'records could not be read',
  cancelled: 'the reading was stopped',
  not_offered: "the account's plan does not offer it",
  not_mapped: 'no service claims it',
  unsupported: 'the source cannot answer this',
} as const satisfies Record<GapReason, string>;

const STATUS = { complete: 'read in full', partial: 'read in part', failed: 'could not be read', not_asked: 'not asked' } as const;

/** What a source more would add, where nothing was read about a matter. */
const WOULD_ADD = {
  metrics: 'No metrics were read. A source of metrics, such as CloudWatch, would add when the impact started and ended, and its size.',
  alarms: 'No alarm history was read. A source of alarms, such as CloudWatch, would add when a monitor first knew.',
  changes: 'No deployments were read. A source of changes, such as GitHub, would add suspects, their diffs and the rollback.',
} as const satisfies Partial<Record<Matter, string>>;

/** What was read and what could not be seen: a table, then every gap and hint in words. */
export function coverageSection(material: Material): Section {
  const { coverage, findings } = material.analysis;
  const blocks = [
    ...coverage.map((line) => toMetric(line, material)),
    ...coverage.flatMap((line) => gapsOf(line, material)),
    ...missingMatters(material),
    ...coverage.flatMap((line) => hintOf(line)),
    ...impactHint(material),
    ...findings.flatMap(toCaveat),
  ];
  return { key: 'coverage', heading: 'Coverage', blocks: withUniqueKeys(blocks) };
}

function toMetric(line: Coverage, { day }: Material): Block {
  const { status, records, window, need, resolutionMs, issues } = line;
  const asked = status === 'not_asked' ? '' : `, ${countOf(records, 'record')}, ${stampOf(window.from, day)} to ${stampOf(window.to, day)}`;
  const resolution = resolutionMs ? `, one value for ${formatLength(resolutionMs.got)}` : '';
  const coarser = resolutionMs && resolutionMs.got > resolutionMs.asked ? ` (${formatLength(resolutionMs.asked)} is no longer kept)` : '';
  const unreadable = issues.length > 0 ? `, ${countOf(issues.length, 'record part')} unreadable` : '';
  const key = coverageKey(line);
  return {
    kind: 'metric',
    key: `coverage.${key}`,
    label: need === 'needed' ? key : `${key} (extra)`,
    value: `${STATUS[status]}${asked}${resolution}${coarser}${unreadable}`,
    cites: [{ coverage: key }],
  };
}

function gapsOf(line: Coverage, { day }: Material): readonly Block[] {
  const key = coverageKey(line);
  return line.gaps.map((gap) => ({
    kind: 'caveat',
    key: `coverage.gap.${digestText(`${key} ${gap.reason} ${gap.window.from} ${gap.detail}`).slice(7, 17)}`,
    what: say(`${key}, ${windowOf(gap, day)}: ${REASONS[gap.reason]}. Detail: ${quoteOf(gap.detail)}`, [{ coverage: key }]),
  }));
}

function windowOf({ window }: Gap, day: string): string {
  return `${stampOf(window.from, day)} to ${stampOf(window.to, day)}`;
}

function missingMatters(material: Material): readonly Block[] {
  const matters = ['metrics', 'alarms', 'changes'] as const;
  return matters
    .filter((matter) => !wasRead(material, matter))
    .map((matter) => ({ kind: 'caveat', key: `coverage.missing.${matter}`, what: say(WOULD_ADD[matter], citeReading(material, matter)) }));
}

function hintOf(line: Coverage): readonly Block[] {
  const key = coverageKey(line);
  if (line.hint === undefined) return [];
  return [{ kind: 'caveat', key: `coverage.hint.${key}`, what: say(`${key}: ${cutOf(line.hint, 400)}`, [{ coverage: key }]) }];
}

/** A start that was inferred can become an observed one by naming the metric that users feel. */
function impactHint(material: Material): readonly Block[] {
  if (known(material, 'impact_started')?.basis !== 'inferred') return [];
  const text = 'Naming the metric that users feel under policy.impact_metrics makes the start of the impact observed, not inferred.';
  return [{ kind: 'caveat', key: 'coverage.hint.impact_metrics', what: say(text, citeReading(material, 'metrics')) }];
}

const FINDINGS = {
  milestones_inverted: (subject) => `Two times contradict each other: ${subject}.`,
  clock_offset: (subject) => `Clocks differ: ${subject}. Times are shown as each source gave them.`,
  name_unknown: (subject) => `A name in the record could not be turned into a role: ${subject}. Give it one under people.`,
  incident_overlaps: (subject) => `Another incident overlaps this one: ${subject}. Add it by --with if it is the same outage.`,
  source_empty: (subject) => `A source answered with nothing: ${subject}.`,
} as const satisfies Record<Finding['code'], (subject: string) => string>;

function toCaveat({ code, subject, cites }: Finding): readonly Block[] {
  // The section of the durations words these.
  if (code === 'milestones_inverted') return [];
  const key = `coverage.finding.${code}.${digestText(subject).slice(7, 17)}`;
  return [{ kind: 'caveat', key, what: say(FINDINGS[code](nameOf(subject).replace(/\.$/, '')), cites) }];
}

/** Two lines of one stream (two windows, two gaps alike) are told apart by their place. */
function withUniqueKeys(blocks: readonly Block[]): readonly Block[] {
  const seen = new Map<string, number>();
  return blocks.map((block) => {
    const count = (seen.get(block.key) ?? 0) + 1;
    seen.set(block.key, count);
    return count === 1 ? block : { ...block, key: `${block.key}.${numberOf(count)}` };
  });
}
