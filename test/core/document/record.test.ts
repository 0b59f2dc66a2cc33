import { describe, expect, it } from 'vitest';
import { recordOf } from '../../../src/app/verify.ts';
import type { DocumentFinding } from '../../../src/core/document/finding.ts';
import { verifyDocument } from '../../../src/core/document/verify.ts';
import { generatedOf } from '../../../src/core/draft/blocks.ts';
import { compose } from '../../../src/core/draft/compose.ts';
import type { Edit } from '../../../src/core/draft/edits.ts';
import type { Draft } from '../../../src/core/draft/model.ts';
import { renderMarkdown } from '../../../src/render/markdown.ts';
import { withoutMarks } from '../../accuracy/mutations/rewrites.ts';
import { prepare, tryMutations, untouched } from '../../accuracy/mutations/trial.ts';
import { instant } from '../../support/events.ts';
import { pagerDutyAlone, sample, stillOpen, type Told, withGaps } from '../draft/tellings.ts';

function draftOf({ theCase, analysis }: Told, edits: readonly Edit[] = []): Draft {
  return compose(theCase, analysis, edits, `sha256:${'0'.repeat(64)}`);
}

const DRAFT = draftOf(sample());
const TEXT = withoutMarks(renderMarkdown(DRAFT));
const RECORD = recordOf(DRAFT);

function found(text: string, record = RECORD): readonly DocumentFinding[] {
  return verifyDocument(text, 'post-mortem.md', record).findings;
}

/** Line, kind and what follows, of a draft in which one place was changed. */
function changed(from: string | RegExp, to: string): readonly string[] {
  const text = TEXT.replace(from, to);
  expect(text).not.toBe(TEXT);
  return found(text).map(({ line, kind, follows }) => `${line} ${kind}: ${follows}`);
}

function lineOf(words: string): number {
  return TEXT.split('\n').findIndex((line) => line.includes(words)) + 1;
}

describe('a draft of ours held against its record', () => {
  const tellings: readonly (readonly [string, () => Told])[] = [
    ['sample', sample],
    ['pagerduty alone', pagerDutyAlone],
    ['still open', stillOpen],
    ['with gaps', withGaps],
  ];
  it.each(tellings)('has nothing to find while nobody touched it: %s', (_, tell) => {
    const draft = draftOf(tell());
    const text = renderMarkdown(draft);
    expect(found(text, recordOf(draft))).toEqual([]);
    expect(found(withoutMarks(text), recordOf(draft))).toEqual([]);
    // Pasted through a tool that drops the notes, too.
    expect(found(withoutMarks(text).split('\n## Sources')[0] ?? '', recordOf(draft))).toEqual([]);
  });

  it.each([
    ['sample', sample],
    ['with gaps', withGaps],
  ])('has nothing to find after a person reworded ten of its blocks: %s', (_, tell) => {
    const prepared = prepare(draftOf(tell()));
    expect(prepared.bases.map(({ rewritten }) => rewritten)).toEqual([10, 10, 10]);
    expect(untouched(prepared)).toEqual([]);
  });

  it.each([
    ['sample', sample, 1],
    ['with gaps', withGaps, 2],
  ] as const)('names the line that says something else, of ten reworded blocks and all others: %s', (_, tell, seed) => {
    const tried = tryMutations(prepare(draftOf(tell())), 90, seed, 'record');
    const missed = tried.filter(({ isNamed }) => !isNamed).map(({ mutation }) => `${mutation.kind}: ${mutation.after}`);
    expect(missed.length, missed.join('\n')).toBeLessThanOrEqual(2);
  });

  it('says what the record has in its place', () => {
    const fired = lineOf('| 14:32 | Alarm');
    const said = (line: number, follows: string) => [`${line} differs_from_record: ${follows}`];
    expect(changed('| 14:32 | Alarm', '| 14:39 | Alarm')).toEqual(said(fired, 'The record says 14:32, not 14:39.'));
    expect(changed('| Alarm api-HighErrorRate fired', '| Alarm web-HighErrorRate fired')).toEqual(
      said(fired, 'The record says api-HighErrorRate, not web-HighErrorRate.'),
    );
    expect(changed('| Primary on-call acknowledged', '| Secondary on-call acknowledged')).toEqual(
      said(lineOf('| Primary on-call acknowledged'), 'The record says "primary", not "secondary".'),
    );
    expect(changed('was followed by recovery', 'was not followed by recovery')).toEqual([
      expect.stringContaining('The record does not say "not".'),
    ]);
  });

  it('leaves a person their words: other wording, fewer numbers, facts of elsewhere, sentences of their own', () => {
    expect(changed('Primary on-call acknowledged the incident.', 'At 14:35 the primary on-call acked it.')).toEqual([]);
    expect(
      changed('The incident was opened and the on-call paged.', 'Incident opened and on-call paged within 1 minute of the alarm.'),
    ).toEqual([]);
    expect(changed(/^> \*\*Question:\*\* Which users .*$/m, 'All users of the profile page saw errors, about 50,000 of them.')).toEqual([]);
  });

  it('points at a fact that it has nowhere, and calls that no more than possible', () => {
    const [finding] = found(TEXT.replace('UTC, for 21 min', 'UTC on 3,900 hosts, for 21 min'));
    expect(finding).toMatchObject({ kind: 'claim_unsupported', sure: 'possible', follows: 'The record has no 3,900 here.' });
  });

  it('tells which rows were taken out, and which stand out of order, each once', () => {
    const row = TEXT.split('\n').find((line) => line.includes('Rollback to v2.3.3 started')) ?? '';
    expect(changed(`${row}\n`, '')).toEqual([expect.stringContaining('event_missing: The record has this event')]);
    const next = TEXT.split('\n').find((line) => line.includes('Rollback to v2.3.3 finished')) ?? '';
    expect(found(TEXT.replace(`${row}\n${next}`, `${next}\n${row}`)).filter(({ kind }) => kind === 'order_wrong')).not.toEqual([]);
  });

  it('holds diffs and sources to the letter, and lets a diff of their own be', () => {
    const diff = TEXT.split('\n').find((line) => line.startsWith('+  ')) ?? '';
    expect(found(TEXT.replace(diff, `${diff} // fine`))).toMatchObject([{ line: lineOf(diff), kind: 'differs_from_record' }]);
    expect(found(`${TEXT.split('\n## Sources')[0]}\n\n\`\`\`sh\nkubectl rollout undo deploy/api\nkubectl get pods\n\`\`\`\n`)).toEqual([]);
  });

  it('still asks of human text what it asks of any: an action with no owner, a word that blames', () => {
    const text = TEXT.replace(/^> \*\*Question:\*\* What surprised .*$/m, 'The reviewer missed the leak.');
    expect(found(text)).toMatchObject([{ kind: 'blame', line: lineOf('What surprised') }]);
  });
});

describe('what people made of a draft', () => {
  const blocks = new Map(generatedOf(DRAFT.sections).map((block) => [block.key, block]));
  const written = { after: 0, author: 'ana', at: instant('16:00') };
  const rewritten = (key: string, text: string, sequence = 1): Edit => ({
    ...written,
    sequence,
    kind: 'rewrite',
    block: key,
    generated: blocks.get(key)?.digest ?? '',
    text,
  });
  const WORDS = 'Nobody could buy anything for half an hour, as 312 calls to the shop told us.';

  it('is the record, as are the words that it replaced', () => {
    const draft = draftOf(sample(), [rewritten('summary.what', WORDS)]);
    expect(renderMarkdown(draft)).toContain('312 calls');
    expect(found(withoutMarks(renderMarkdown(draft)), recordOf(draft))).toEqual([]);
    expect(found(TEXT, recordOf(draft))).toEqual([]);
  });

  it('may hide a row, which a document then need not tell, and may', () => {
    const key = DRAFT.sections.find((section) => section.key === 'timeline')?.blocks[3]?.key ?? '';
    const hide: Edit = { ...written, sequence: 1, kind: 'hide', block: key, generated: blocks.get(key)?.digest ?? '' };
    const draft = draftOf(sample(), [hide]);
    expect(found(withoutMarks(renderMarkdown(draft)), recordOf(draft))).toEqual([]);
    expect(found(TEXT, recordOf(draft))).toEqual([]);
  });

  it('may be a paragraph of their own', () => {
    const insert: Edit = { ...written, sequence: 1, kind: 'insert', block: 'i.1', below: 'summary.what', text: WORDS };
    const draft = draftOf(sample(), [insert]);
    expect(found(withoutMarks(renderMarkdown(draft)), recordOf(draft))).toEqual([]);
  });
});
