import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sharedFile } from '../../support/shared.ts';

interface Dated {
  readonly line: number;
  readonly utc: string;
  readonly until?: string;
  readonly relative?: boolean;
  readonly precision?: 'second' | 'hour' | 'day';
}
interface Document {
  readonly document: string;
  readonly offset: string;
  readonly count: number;
  readonly events: readonly Dated[];
}

const { documents }: { readonly documents: readonly Document[] } = JSON.parse(
  readFileSync(new URL('./events.json', import.meta.url), 'utf8'),
);
const SHARED = sharedFile('data/postmortems/dev');

describe('the dated events of 25 documents', () => {
  it('come from all fifteen organizations, are counted, and have times that parse', () => {
    expect(documents.length).toBe(25);
    expect(new Set(documents.map(({ document }) => document.split('/')[0])).size).toBe(15);
    for (const { document, count, events } of documents) {
      expect(events.length, document).toBe(count);
      for (const { utc, until = utc } of events) expect(Date.parse(until), `${document} ${utc}`).toBeGreaterThanOrEqual(Date.parse(utc));
    }
  });

  it.skipIf(!SHARED)('stand in the lines named, with that clock or date (needs the shared reference folder)', () => {
    for (const { document, offset, events } of documents) {
      const lines = readFileSync(`${SHARED}/${document}`, 'utf8').split('\n');
      for (const event of events.filter(({ relative }) => relative !== true)) {
        expect(lines[event.line - 1], `${document}:${event.line} ${event.utc}`).toMatch(writtenAs(event, document, offset));
      }
    }
  });
});

/** `13:05` as documents write it: `13:05`, `1:05 PM`, `13.05`, `1305`; an hour alone, or a day. */
function writtenAs({ utc, precision }: Dated, document: string, offset: string): RegExp {
  if (precision === 'day') return new RegExp(`${utc}|\\d(?:st|nd|rd|th)? ${utc.slice(0, 4)}`);
  const zones = document.includes('TwoColConflict') ? [0, 60] : [minutesOf(offset)];
  const clocks = zones.map((minutes) => new Date(Date.parse(utc) + minutes * 60_000).toISOString().slice(11, 16).split(':'));
  const forms = clocks.flatMap(([hour = '', minute = '']) => {
    const hours = [...new Set([hour, `${Number(hour) + (hour === '00' ? 24 : 0)}`, `${Number(hour) % 12 || 12}`])].join('|');
    return [precision === 'hour' ? `0?(?:${hours}):XX` : `0?(?:${hours})[:.]?${minute}`];
  });
  return new RegExp(`(?<![\\d])(?:${forms.join('|')})`);
}

function minutesOf(offset: string): number {
  const [hours = 0, minutes = 0] = offset.slice(1).split(':').map(Number);
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
