import { recordOf } from '../../../src/app/verify.ts';
import type { DocumentFinding } from '../../../src/core/document/finding.ts';
import type { DocumentRecord } from '../../../src/core/document/record.ts';
import { verifyDocument } from '../../../src/core/document/verify.ts';
import type { Draft } from '../../../src/core/draft/model.ts';
import { renderMarkdown } from '../../../src/render/markdown.ts';
import { randomOf } from '../../support/random.ts';
import { type Mutation, mutate } from './mutate.ts';
import { REWRITES, rewrite, withoutMarks } from './rewrites.ts';

/** A draft as three people gave it back, and the record that it was made from. */
export interface Prepared {
  readonly bases: readonly { readonly text: string; readonly rewritten: number }[];
  readonly record: DocumentRecord;
}

export function prepare(draft: Draft): Prepared {
  const bare = withoutMarks(renderMarkdown(draft));
  return { bases: REWRITES.map((_, by) => rewrite(bare, by)), record: recordOf(draft) };
}

/** What is found in the documents as the three people left them, where nothing is false. */
export function untouched({ bases, record }: Prepared): readonly DocumentFinding[] {
  return bases.flatMap(({ text }) => verifyDocument(text, 'post-mortem.md', record).findings);
}

export interface Tried {
  readonly mutation: Mutation;
  /** Whether a finding names a line that was changed. */
  readonly isNamed: boolean;
}

/** So many single mutations, each of one of the three documents, against the record or, without it, against the document alone. */
export function tryMutations({ bases, record }: Prepared, count: number, seed: number, against: 'record' | 'itself'): readonly Tried[] {
  const random = randomOf(seed);
  return Array.from({ length: count }, (_, index) => {
    const base = bases[index % bases.length]?.text ?? '';
    const mutation = mutate(base, random);
    const own = against === 'itself' ? new Set(verifyDocument(base, 'post-mortem.md').findings.map(({ line }) => line)) : new Set();
    const { findings } = verifyDocument(mutation.text, 'post-mortem.md', against === 'record' ? record : undefined);
    // What was found there before it was changed is no merit.
    return { mutation, isNamed: findings.some(({ line }) => mutation.lines.includes(line) && !own.has(line)) };
  });
}
