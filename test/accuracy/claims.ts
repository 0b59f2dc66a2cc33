import { readFileSync } from 'node:fs';
import { type Claim, findClaims } from '../../src/core/document/claims.ts';
import { contextOf } from '../../src/core/document/context.ts';
import { checkClaim } from '../../src/core/document/durations.ts';
import { findHappenings } from '../../src/core/document/happenings.ts';
import { readDocument } from '../../src/core/document/reader.ts';
import { sharedFile } from '../support/shared.ts';
import corrections from './checks-corrections.json' with { type: 'json' };
import { share } from './intervals.ts';
import type { Figure, Part } from './part.ts';

/** One labelled duration: a line of `checks.jsonl`. */
interface Check {
  readonly source: string;
  readonly doc: string;
  readonly claim: string;
  readonly text: string;
  readonly verdict: string;
}

const FOLDERS: Readonly<Record<string, string>> = { moj: 'moj-cloud-platform' };

/** Durations that real post-mortems state, held against their own times, and whether we call wrong what a person called wrong. */
export const claims: Part = {
  name: 'claims',
  needs: 'postmortems/checks.jsonl',
  run: async () => {
    const checks: readonly Check[] = readFileSync(sharedFile('data/postmortems/checks.jsonl') ?? '', 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const said = checks.map(verdictOf);
    const corrected = checks.map(
      ({ verdict }, index) => corrections.corrections.find(({ check }) => check === index + 1)?.verdict ?? verdict,
    );
    return [
      ...figuresFor(
        'labels as given',
        checks.map(({ verdict }) => verdict),
        said,
      ),
      ...figuresFor(`labels with ${corrections.corrections.length} corrections`, corrected, said),
    ];
  },
};

function figuresFor(data: string, labels: readonly string[], said: readonly string[]): readonly Figure[] {
  const of = (label: string) => said.filter((_, index) => labels[index] === label);
  // A difference that the document explains is pointed out too: it is no error, and it is not passed over.
  const wrong = of('inconsistent');
  const caught = wrong.filter((verdict) => verdict === 'wrong' || verdict === 'explained').length;
  const fine = of('consistent');
  const alarms = fine.filter((verdict) => verdict === 'wrong').length;
  const recall = share(caught, wrong.length);
  const falseAlarms = share(alarms, fine.length);
  const explained = of('explained');
  return [
    figure(data, 'inconsistencies found', recall, wrong.length, 'at least 0.90', recall.value >= 0.9),
    figure(data, 'consistent ones called wrong', falseAlarms, fine.length, 'at most 0.05', falseAlarms.value <= 0.05),
    ...(explained.length > 0
      ? [
          figure(
            data,
            'explained ones called so',
            share(explained.filter((verdict) => verdict === 'explained').length, explained.length),
            explained.length,
          ),
        ]
      : []),
  ];
}

function figure(
  data: string,
  name: string,
  { value, low, high }: ReturnType<typeof share>,
  n: number,
  reach?: string,
  held?: boolean,
): Figure {
  const common = {
    task: 'stated durations',
    data,
    figure: name,
    value: value.toFixed(3),
    n,
    interval: `${low.toFixed(3)}–${high.toFixed(3)}`,
  };
  return { ...common, ...(reach !== undefined && { reach }), ...(held !== undefined && { held }) };
}

function verdictOf({ source, doc, claim, text }: Check): string {
  const file = sharedFile(`data/postmortems/dev/${FOLDERS[source] ?? source}/${doc}`);
  if (!file) return 'document missing';
  const parts = readDocument(readFileSync(file, 'utf8'));
  const happenings = findHappenings(parts, contextOf(parts, doc));
  const found = findClaims(parts).find((one) => isOf(one, claim, text));
  return found ? checkClaim(found, happenings).verdict : 'not found';
}

/** The claim of the label: its words and its name stand in one line. */
function isOf({ text }: Claim, claim: string, stated: string): boolean {
  const words = text.toLowerCase();
  const name = claim.split(' ').at(-1)?.slice(0, 5) ?? '';
  return words.includes(stated.replace(/ ?\[\^.*/, '').toLowerCase()) && words.includes(name);
}
