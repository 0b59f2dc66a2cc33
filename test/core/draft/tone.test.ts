import { expect, it } from 'vitest';
import { blameFindings } from '../../../src/core/document/blame.ts';
import { readDocument } from '../../../src/core/document/reader.ts';
import type { Block } from '../../../src/core/draft/model.ts';
import { manyDrafts } from '../../support/drafts.ts';

const LONGEST = 25;

/** What somebody else said, in their own words. */
const QUOTED = /“[^”]*”|"[^"]*"/g;

/** Words that hide who says it and how sure it is, and words that a sentence is the same without. */
const HEDGES =
  /\b(?:perhaps|maybe|possibly|probably|apparently|seems?|seemingly|might|may have|could be(?! read)|could have|likely|presumably|arguably|appears? to|tends? to|somewhat|rather|fairly)\b/i;
const FILLER =
  /\b(?:very|really|quite|basically|simply|just|obviously|clearly|actually|essentially|in order to|it should be noted|please note|as a matter of fact|unfortunately|of course|needless|at this point in time|due to the fact|kind of a|sort of)\b/i;

function textsIn(block: Block): readonly string[] {
  switch (block.kind) {
    case 'prose':
      return block.sentences.map(({ text }) => text);
    case 'row':
    case 'action':
    case 'caveat':
      return [block.what.text];
    case 'question':
      return [block.text];
    case 'figure':
      return [block.alt];
    case 'metric':
      return [block.value];
    case 'code':
      return [];
  }
}

function sentencesOf(text: string): readonly string[] {
  return text.replaceAll(QUOTED, 'so').split(/(?<=[.?!])\s+(?=\p{Lu})/u);
}

const sentences = manyDrafts().flatMap(({ name, draft }) =>
  draft.sections.flatMap(({ blocks }) =>
    blocks.flatMap((block) => textsIn(block).flatMap((text) => sentencesOf(text).map((words) => ({ at: `${name}, ${block.key}`, words })))),
  ),
);

it('every generated sentence has at most 25 words', () => {
  expect(sentences.length).toBeGreaterThan(5000);
  expect(sentences.filter(({ words }) => words.split(/\s+/).filter(Boolean).length > LONGEST)).toEqual([]);
});

it('none hedges, and none has filler', () => {
  expect(sentences.filter(({ words }) => HEDGES.test(words) || FILLER.test(words))).toEqual([]);
});

it('none blames, nor argues with the past', () => {
  const text = [...new Set(sentences.map(({ words }) => words.replaceAll(/[<>|`*_#]/g, ' ')))].join('\n\n');
  expect(blameFindings(readDocument(text))).toEqual([]);
});
