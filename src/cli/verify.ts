import { AppError } from '../app/errors.ts';
import { verifyDocument } from '../core/document/verify.ts';
import { readVersion } from '../platform/package-root.ts';
import { type CheckedDocument, renderFindings, renderSarif } from '../render/findings.ts';
import type { Context } from './io.ts';

export interface VerifyFlags {
  readonly format: 'table' | 'json' | 'sarif';
}

/**
 * `hindcast verify FILE…`: checks any post-mortem against itself. Needs no configuration and no account. Exit 5 where anything is
 * found that the document does not explain itself.
 */
export async function runVerify({ io }: Context, files: readonly string[], { format }: VerifyFlags): Promise<number> {
  if (files.length === 0) throw new AppError('usage', 'say which post-mortem: hindcast verify FILE.md');
  const documents = files.map((path): CheckedDocument => {
    const { findings, happenings, claims } = verifyDocument(io.readFile(path), path.split(/[/\\]/).at(-1));
    return { path, findings, read: { happenings: happenings.length, claims: claims.length } };
  });
  const written = {
    table: () => renderFindings(documents),
    json: () => `${JSON.stringify(documents, null, 2)}\n`,
    sarif: () => renderSarif(documents, readVersion()),
  };
  io.out(written[format]());
  return documents.some(({ findings }) => findings.some(({ verdict }) => verdict === 'wrong')) ? 5 : 0;
}
