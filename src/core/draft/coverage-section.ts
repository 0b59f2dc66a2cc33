import type { Finding } from '../analysis/analyze.ts';
import type { Citations } from '../citation.ts';
import { clockOf, readOffset } from '../clocks.ts';
import { digestText } from '../digest.ts';
import type { Coverage, Gap, GapReason } from '../timeline/coverage.ts';
import { joinCites, say } from './cite.ts';
import { formatLength } from './durations.ts';
import { known } from './known.ts';
import { type Material, nameOf } from './material.ts';
import type { Block, Section } from './model.ts';
import { wordOverlap } from './overlaps.ts';
import { citeReading, coverageKey, linesOf, type Matter, wasRead } from './reading.ts';
import type { ResponseCode } from './response-words.ts';
import { countOf, cutOf, listOf, numberOf, quoteOf, rangeOf } from './words.ts';

const REASONS = {
  retention: 'the source no longer keeps this part',
  result_limit: 'the source gives no more results',
  unauthorized: 'the source does not accept the credentials',
  forbidden: 'reading it is not permitted',
  unavailable: 'the source did not answer',
  budget: 'the limit of calls was reached',
  unreadable: 'records could not be read',
  cancelled: 'the reading was stopped',
  not_offered: "the account's plan does not offer it",
  not_mapped: 'no service claims it',
  unsupported: 'the source cannot answer this',
} as const satisfies Record<GapReason, string>;

const STATUS = { complete: 'read in full', partial: 'read in part', failed: 'could not be read', not_asked: 'not asked' } as const;

/** What a source more would add, where nothing was ever asked about a matter. */
const WOULD_ADD: readonly { readonly matters: readonly Matter[]; readonly text: string }[] = [
  {
    matters: ['metrics', 'alarms'],
    text: 'No metrics and no alarms were read. Such a source, CloudWatch for one, would add when the impact started and ended, and its size.',
  },
  {
    matters: ['changes'],
    text: 'No deployments were read. Such a source, GitHub for one, would add suspects, their diffs and the rollback.',
  },
  { matters: ['response'], text: 'No pages were read. Such a source, PagerDuty for one, would add who was called and what they wrote.' },
];

/** What was read and what could not be seen: a table, then every gap and hint in words, and what people `touched` of it. */
export function coverageSection(material: Material, touched: ReadonlySet<string>): Section {
  const { coverage, findings } = material.analysis;
  const blocks = [
    ...coverage.map((line) => toMetric(line, material)),
    ...gaps(material),
    ...missingMatters(material),
    ...hints(coverage),
    ...impactHint(material),
    ...thenAndNow(material),
    ...correctedClocks(material),
    ...foundCaveats(findings, material, touched),
  ];
  return { key: 'coverage', heading: 'Coverage', blocks: withUniqueKeys(blocks) };
}

function toMetric(line: Coverage, { day }: Material): Block {
  const { status, records, window, need, resolutionMs, issues } = line;
  const asked = status === 'not_asked' ? '' : `, ${countOf(records, 'record')}, ${rangeOf(window, day)}`;
  const resolution = resolutionMs ? `, values ${formatLength(resolutionMs.got)} apart` : '';
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

/**
 * Every gap in words. Streams of one source with the same gap share a sentence: a dead host, or one missing permission, is one
 * thing to know, however many questions met it. Each of them stands in the JSON.
 */
function gaps({ analysis, day }: Material): readonly Block[] {
  const found = analysis.coverage.flatMap((line) => line.gaps.map((gap) => ({ line, gap })));
  const alike = Map.groupBy(found, ({ line, gap }) => JSON.stringify([line.source, gap.reason, ...causeOf(gap)]));
  const families = Map.groupBy(alike, ([, [first]]) =>
    JSON.stringify([first?.line.source, first?.line.stream, first?.gap.reason, first?.gap.window]),
  );
  return [...families].flatMap(([family, own]) => [...gapsSaid(own.slice(0, MOST), day), ...gapsFolded(family, own.slice(MOST), day)]);
}

/** Gaps of one stream, window and reason that are told each for itself; the others are counted. */
const MOST = 5;

type Found = readonly { readonly line: Coverage; readonly gap: Gap }[];

function gapsFolded(family: string, own: readonly (readonly [string, Found])[], day: string): readonly Block[] {
  const [first] = own.flatMap(([, found]) => found);
  if (!first) return [];
  const { line, gap } = first;
  const text = `${streamsOf([line])}, ${rangeOf(gap.window, day)}: ${REASONS[gap.reason]}, in ${countOf(own.length, 'question')} more. The JSON has each.`;
  return [{ kind: 'caveat', key: `coverage.gaps.${digestText(family).slice(7, 17)}`, what: say(text, [{ coverage: coverageKey(line) }]) }];
}

function gapsSaid(alike: readonly (readonly [string, Found])[], day: string): readonly Block[] {
  return alike.flatMap(([identity, [first, ...rest]]) => {
    if (!first) return [];
    const { gap } = first;
    const lines = [first.line, ...rest.map(({ line }) => line)];
    const others = new Set(rest.map((other) => other.gap.detail).filter((detail) => detail !== gap.detail)).size;
    const alikes = others > 0 ? ` and ${countOf(others, 'question')} more for the same cause` : '';
    const window = spanOf([gap, ...rest.map((other) => other.gap)]);
    const text = `${streamsOf(lines)}, ${rangeOf(window, day)}: ${REASONS[gap.reason]}. Detail: ${quoteOf(gap.detail)}${alikes}`;
    return [
      { kind: 'caveat' as const, key: `coverage.gap.${digestText(identity).slice(7, 17)}`, what: say(text, citeLines(first.line, lines)) },
    ];
  });
}

/** Reasons that lie in the source and not in what was asked: their windows and the addresses in their details tell no two of them apart. */
const OF_SOURCE: ReadonlySet<GapReason> = new Set(['unauthorized', 'forbidden', 'unavailable', 'not_offered', 'unsupported']);

/** What tells a gap from others of its source and reason: all of it, or of a cause that lies in the source its words without addresses. */
function causeOf({ window, reason, detail }: Gap): readonly string[] {
  if (!OF_SOURCE.has(reason)) return [window.from, window.to, detail];
  return [detail.replaceAll(/(?<=^|\s)\/[^\s:]+/g, '')];
}

function spanOf(gaps: readonly Gap[]): Gap['window'] {
  return gaps
    .map(({ window }) => window)
    .reduce((span, { from, to }) => ({ from: from < span.from ? from : span.from, to: to > span.to ? to : span.to }));
}

/** `github/deployments`, `aws-prod/alarms and series`. */
function streamsOf(lines: readonly Coverage[]): string {
  const names = [...new Set(lines.map(({ stream }) => stream))];
  return `${lines[0]?.source ?? ''}/${listOf(names)}`;
}

function citeLines(first: Coverage, lines: readonly Coverage[]): Citations {
  return joinCites(
    [{ coverage: coverageKey(first) }],
    lines.map((line) => ({ coverage: coverageKey(line) })),
  );
}

function missingMatters(material: Material): readonly Block[] {
  return WOULD_ADD.flatMap(({ matters, text }) => {
    const [matter] = matters;
    if (!matter || matters.some((one) => wasAsked(material, one))) return [];
    return [{ kind: 'caveat' as const, key: `coverage.missing.${matter}`, what: say(text, citeReading(material, matter)) }];
  });
}

/** What was asked and failed is a gap that no source more would fill; a line that was not asked says itself what it would add. */
function wasAsked(material: Material, matter: Matter): boolean {
  return wasRead(material, matter) || linesOf(material, matter).some(({ status, hint }) => status === 'failed' || hint !== undefined);
}

function hints(coverage: readonly Coverage[]): readonly Block[] {
  const found = coverage.filter(({ hint }) => hint !== undefined);
  const alike = Map.groupBy(found, ({ source, hint }) => JSON.stringify([source, hint]));
  return [...alike].flatMap(([identity, lines]) => {
    const [first] = lines;
    if (first?.hint === undefined) return [];
    const text = `${streamsOf(lines)}: ${cutOf(first.hint, 400).replace(/\.?$/, '.')}`;
    return [
      { kind: 'caveat' as const, key: `coverage.hint.${digestText(identity).slice(7, 17)}`, what: say(text, citeLines(first, lines)) },
    ];
  });
}

/** A start that was inferred can become an observed one by naming the metric that users feel, where the policy names none yet. */
function impactHint(material: Material): readonly Block[] {
  if (known(material, 'impact_started')?.basis !== 'inferred' || material.theCase.policy.impact_metrics.length > 0) return [];
  const text = 'Naming the metric that users feel under policy.impact_metrics makes the start of the impact observed, not inferred.';
  return [{ kind: 'caveat', key: 'coverage.hint.impact_metrics', what: say(text, citeReading(material, 'metrics')) }];
}

/** Which clocks the policy set right, and by how much: the sources below still show each time as it was found. */
function correctedClocks({ theCase, analysis }: Material): readonly Block[] {
  return Object.entries(theCase.policy.clock_offsets ?? {}).flatMap(([clock, offset]) => {
    const [first, ...rest] = analysis.coverage.filter((line) => clockOf(line) === clock);
    const { ms } = readOffset(offset);
    const length = ms % 1_000 === 0 ? formatLength(Math.abs(ms)) : `${numberOf(Math.abs(ms))} ms`;
    const named = `${nameOf(clock)} is corrected by policy.clock_offsets: its clock is taken to be ${length} ${ms < 0 ? 'behind' : 'ahead'}.`;
    const text = first
      ? `${named} The sources show each time as it was found.`
      : `policy.clock_offsets names ${nameOf(clock)}, of which nothing was read.`;
    const cites = first ? citeLines(first, rest) : citeReading({ analysis }, 'response');
    return [{ kind: 'caveat' as const, key: `coverage.clock.${clock}`, what: say(text, cites) }];
  });
}

/** What a draft as of a time cannot know as it was then: of most things the sources keep the last wording alone. */
function thenAndNow({ theCase: { asOf, lostRules = [] }, analysis }: Material): readonly Block[] {
  const [line] = analysis.coverage.filter(({ status }) => status === 'complete' || status === 'partial');
  if (asOf === undefined || !line) return [];
  const kept =
    'Titles, links, texts and the incident of an alert stand as their records were read: the sources keep no earlier state of them.';
  const rules = lostRules.map(({ key: alarm, evidence }): Block => {
    const name = nameOf(alarm.split(':').slice(7).join(':'));
    const text = `The rule of the alarm ${name} at this time is not known: it was changed later. The next one that is known stands for it.`;
    return { kind: 'caveat', key: `coverage.then.${digestText(alarm).slice(7, 17)}`, what: say(text, [{ evidence }]) };
  });
  return [{ kind: 'caveat', key: 'coverage.then', what: say(kept, [{ coverage: coverageKey(line) }]) }, ...rules];
}

const FINDINGS = {
  milestone_disputed: (subject) => `A time that a person stated does not agree with the record: ${subject}.`,
  milestones_inverted: (subject) => `Two times contradict each other: ${subject}.`,
  clock_offset: (subject) => `Clocks differ: ${subject}. This is measured, not applied; policy.clock_offsets corrects a clock.`,
  clocks_disagree: (subject) => `Two sources tell one happening at two times: ${subject}. Its row stands at the first.`,
  name_unknown: (subject) => `A name in the record could not be turned into a role: ${subject}. Give it one under people.`,
  actor_may_be_automation: (subject) =>
    `The account of ${subject} has a name like a program's and counts as a person. If it is a program's, say automation: true under people.`,
  incident_overlaps: wordOverlap,
  impact_metric_unread: wordUnread,
  source_empty: (subject) => `A source answered with nothing: ${subject}.`,
  alarm_without_series: (subject) => `No series can be shown for an alarm that fired: ${subject}.`,
  alarm_edited: (subject) => `An alarm was edited after it fired: ${subject}.`,
  alarm_saw_other_values: (subject) =>
    `What an alarm saw when it fired and what its metric says now differ, as they do where values come late; both are kept: ${subject}.`,
} as const satisfies Record<Exclude<Finding['code'], ResponseCode>, (subject: string, material: Material) => string>;

/** Where it was looked for by name, its coverage line says what the source answered. */
function wordUnread(subject: string, { analysis }: Material): string {
  const asked = [...new Set(analysis.coverage.filter(({ stream }) => stream === 'metrics').map(({ source }) => source))];
  const why = asked.length > 0 ? `it was looked for by name in ${listOf(asked)}` : 'policy.impact_metrics names it';
  return `No values were read of ${subject}, though ${why}: the impact is judged without it.`;
}

function isWordedHere(code: Finding['code']): code is keyof typeof FINDINGS {
  return Object.hasOwn(FINDINGS, code);
}

/** Findings of one kind that are told each for itself: a storm may open hundreds of incidents. */
const MOST_FOUND = 20;

/** Of each kind the first in words, and how many more there are. */
function foundCaveats(findings: readonly Finding[], material: Material, touched: ReadonlySet<string>): readonly Block[] {
  return [...Map.groupBy(findings, ({ code }) => code)].flatMap(([code, own]) => {
    const worded = own.flatMap((finding) => toCaveat(finding, material).map((block) => ({ finding, block })));
    const told = worded.filter(({ block }, place) => place < MOST_FOUND || touched.has(block.key));
    const left = worded.filter(({ block }) => !told.some((one) => one.block === block));
    const [first] = left;
    const last = left.at(-1);
    const blocks = told.map(({ block }) => block);
    if (!first || !last) return blocks;
    const text = `There are ${numberOf(left.length)} more of the kind ${code}; the JSON has each.`;
    return [
      ...blocks,
      { kind: 'caveat' as const, key: `coverage.findings.${code}`, what: say(text, joinCites(first.finding.cites, last.finding.cites)) },
    ];
  });
}

function toCaveat({ code, subject, cites }: Finding, material: Material): readonly Block[] {
  // The durations word the two, what went wrong words the others.
  if (code === 'milestones_inverted' || code === 'milestone_disputed' || !isWordedHere(code)) return [];
  const key = `coverage.finding.${code}.${digestText(subject).slice(7, 17)}`;
  const named = cutOf(subject.replaceAll(/\s+/g, ' ').trim(), 300).replace(/\.$/, '');
  return [{ kind: 'caveat', key, what: say(FINDINGS[code](named, material), cites) }];
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
