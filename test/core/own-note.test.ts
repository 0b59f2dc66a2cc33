import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOwnNote, wordNote } from '../../src/core/own-note.ts';
import { redactText } from '../../src/core/redact.ts';

const DRAFT = `sha256:${'0123456789abcdef'.repeat(4)}`;
const LINK = 'https://hindcast.acme.com/incidents/pagerduty~PABC/draft';

describe('a note of ours', () => {
  it('is known again, after redaction and as it comes back, whatever its link and its draft', () => {
    const hex = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 });
    fc.assert(
      fc.property(fc.webUrl(), hex, fc.constantFrom('', '\n', ' \r\n'), (link, digits, end) => {
        expect(isOwnNote(redactText(wordNote(link, `sha256:${digits}`) + end))).toBe(true);
      }),
    );
  });

  it.each([
    ['quoted in words of somebody', `See: ${wordNote(LINK, DRAFT)}`],
    ['with an answer below it', `${wordNote(LINK, DRAFT)}\nThe second number is wrong.`],
    ['with an answer behind it', `${wordNote(LINK, DRAFT)} wrong`],
    ['without its draft', `Hindcast drafted the post-mortem of this incident: ${LINK}`],
    ['with a draft that is none', wordNote(LINK, 'sha256:0')],
    ['without a link', wordNote('nowhere', DRAFT)],
    ['that is empty', ''],
  ])('%s is theirs', (_name, text) => {
    expect(isOwnNote(text)).toBe(false);
  });

  it('is one sentence of at most 25 words', () => {
    expect(wordNote(LINK, DRAFT).split(' ').length).toBeLessThan(12);
  });
});
