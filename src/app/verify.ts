import { readDocument } from '../core/document/reader.ts';
import type { DocumentRecord } from '../core/document/record.ts';
import { verifyDocument } from '../core/document/verify.ts';
import type { Draft } from '../core/draft/model.ts';
import type { CheckedDocument } from '../render/findings.ts';
import { renderMarkdown } from '../render/markdown.ts';
import { AppError } from './errors.ts';

/** A post-mortem to check, as it was read. */
export interface DocumentText {
  readonly path: string;
  readonly text: string;
}

/** In characters. The longest of 428 real post-mortems has 60,000. */
const LONGEST = 1_000_000;

/**
 * Checks post-mortems: each against itself and, where a draft is given, against the record that it was made from. The draft is
 * rendered and read as any document is, so that both sides pass through the one reader. Pure. Throws AppError('usage') for what is no
 * text, or too long.
 */
export function verifyDocuments(documents: readonly DocumentText[], draft?: Draft): readonly CheckedDocument[] {
  for (const document of documents) refuseUnreadable(document);
  const record = draft && recordOf(draft);
  return documents.map(({ path, text }) => {
    const { findings, happenings, claims } = verifyDocument(text, path.split(/[/\\]/).at(-1), record);
    return { path, findings, read: { happenings: happenings.length, claims: claims.length } };
  });
}

/** What a document is held against: the draft with what people made of it, as it was generated, and the course of the incident. */
export function recordOf(draft: Draft): DocumentRecord {
  return {
    parts: readDocument(renderMarkdown(draft)),
    generated: draft.edits.length === 0 ? [] : readDocument(renderMarkdown({ ...draft, edits: [] })),
    course: draft.analysis,
  };
}

function refuseUnreadable({ path, text }: DocumentText): void {
  if (text.length > LONGEST) {
    throw new AppError('usage', `${path} has ${text.length.toLocaleString('en-US')} characters: verify reads at most 1,000,000`);
  }
  // A NUL stands in no text, and what is no UTF-8 becomes U+FFFD when it is read.
  const broken = text.slice(0, 10_000).match(/[\0\uFFFD]/g) ?? [];
  if (text.includes('\0') || broken.length > 20) throw new AppError('usage', `${path} is no text in UTF-8: verify reads Markdown`);
}
