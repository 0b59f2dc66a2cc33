import { readFileSync } from 'node:fs';
import { contextOf } from '../../src/core/document/context.ts';
import { findHappenings } from '../../src/core/document/happenings.ts';
import { readDocument } from '../../src/core/document/reader.ts';
import { sharedFile } from '../support/shared.ts';
import { share } from './intervals.ts';
import type { Figure, Part } from './part.ts';
import truth from './postmortems/events.json' with { type: 'json' };

interface Told {
  readonly line: number;
  readonly utc: string;
}

/** Entries of real timelines, listed by a person, against those that the reader of documents finds. */
export const toldEvents: Part = {
  name: 'events',
  needs: 'postmortems/dev',
  run: async () => {
    const results = truth.documents.map(({ document, events }) => compare(document, events));
    const sum = (of: (result: ReturnType<typeof compare>) => number) => results.reduce((total, result) => total + of(result), 0);
    const wanted = sum(({ wanted: count }) => count);
    const found = sum(({ found: count }) => count);
    return [
      figure(
        'entries found in their line',
        share(
          sum(({ hits }) => hits),
          wanted,
        ),
        wanted,
      ),
      figure(
        'found ones placed at their very time',
        share(
          sum(({ exact }) => exact),
          sum(({ hits }) => hits),
        ),
        sum(({ hits }) => hits),
      ),
      figure(
        'found ones that are entries',
        share(
          sum(({ hits }) => hits),
          found,
        ),
        found,
      ),
    ];
  },
};

function figure(name: string, { value, low, high }: ReturnType<typeof share>, n: number): Figure {
  return {
    task: 'timelines of real documents',
    data: `${truth.documents.length} documents`,
    figure: name,
    value: value.toFixed(3),
    n,
    interval: `${low.toFixed(3)}–${high.toFixed(3)}`,
  };
}

/** By line, since a time may stand twice; two entries in one line count once each. */
function compare(document: string, events: readonly Told[]) {
  const file = sharedFile(`data/postmortems/dev/${document}`);
  const parts = file ? readDocument(readFileSync(file, 'utf8')) : [];
  const happenings = findHappenings(parts, contextOf(parts, document.split('/').at(-1)));
  const left = [...happenings];
  let hits = 0;
  let exact = 0;
  for (const { line, utc } of events) {
    const atMs = Date.parse(utc);
    const inLine = left.filter((one) => one.line === line).toSorted((a, b) => Math.abs(a.atMs - atMs) - Math.abs(b.atMs - atMs))[0];
    if (!inLine) continue;
    left.splice(left.indexOf(inLine), 1);
    hits += 1;
    if (Math.abs(inLine.atMs - atMs) < 60_000) exact += 1;
  }
  return { wanted: events.length, hits, exact, found: happenings.length };
}
