import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sharedFile } from '../support/shared.ts';

interface Correction {
  readonly check: number;
  readonly document: string;
  readonly line: number;
  readonly stated: string;
  readonly given: string;
  readonly verdict: string;
}

const { corrections, left }: { readonly corrections: readonly Correction[]; readonly left: readonly { readonly check: number }[] } =
  JSON.parse(readFileSync(new URL('./checks-corrections.json', import.meta.url), 'utf8'));
const CHECKS = sharedFile('data/postmortems/checks.jsonl');
const DOCUMENTS = sharedFile('data/postmortems/dev');

describe('corrections of the labelled checks', () => {
  it('are few, and each changes one label that no other entry speaks of', () => {
    expect(corrections.length).toBeLessThanOrEqual(10);
    const checks = [...corrections, ...left].map(({ check }) => check);
    expect(new Set(checks).size).toBe(checks.length);
    for (const { given, verdict } of corrections) expect(verdict).not.toBe(given);
  });

  it.skipIf(!CHECKS)('name the label as given (needs the shared reference folder)', () => {
    const given = readFileSync(`${CHECKS}`, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const correction of corrections) {
      const label = given[correction.check - 1];
      expect([label.doc, label.text, label.verdict]).toEqual([correction.document.split('/')[1], correction.stated, correction.given]);
    }
  });

  it.skipIf(!DOCUMENTS)('cite the line of the claim (needs the shared reference folder)', () => {
    for (const { document, line, stated } of corrections) {
      expect(readFileSync(`${DOCUMENTS}/${document}`, 'utf8').split('\n')[line - 1], document).toContain(stated);
    }
  });
});
