import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { verifyDocument } from '../../../src/core/document/verify.ts';

interface Style {
  readonly file: string;
  /** Line and minute, in UTC, of the first and the last entry, and how many there are. */
  readonly told: readonly [count: number, first: string, last: string];
  /** Quantity and minutes of each stated length. */
  readonly claims: readonly string[];
  /** A mistake that somebody could make, and how it is found. */
  readonly mistake: readonly [from: string, to: string, found: string];
}

/** Post-mortems as other people set them: what is read of each, and that nobody is accused of anything in it. */
const STYLES: readonly Style[] = [
  {
    file: '01-ampm-table',
    told: [8, '15 2024-03-04T14:12', '23 2024-03-04T17:05'],
    claims: ['impact 90', 'impact 90', 'time_to_detect 12'],
    mistake: ['1h30', '3h30', '4 duration_contradicted'],
  },
  {
    file: '02-iso-nested',
    told: [12, '9 2023-11-28T22:41', '26 2023-11-29T03:26'],
    claims: ['time_to_detect 11', 'span 120'],
    mistake: ['over two hours', 'over three hours', '30 duration_contradicted'],
  },
  {
    file: '03-german',
    told: [8, '9 2023-06-12T12:02', '16 2023-06-13T07:00'],
    claims: ['impact 80', 'span 80', 'time_to_detect 8'],
    mistake: ['80 minutes (', '60 minutes (', '18 duration_contradicted'],
  },
  {
    file: '04-headings-days',
    told: [6, '5 2023-12-29T23:10', '27 2023-12-30T09:00'],
    claims: ['impact 100'],
    mistake: ['about 1 hour 40 minutes', 'about 14 hours', '33 duration_contradicted'],
  },
  {
    file: '05-tplus',
    told: [7, '3 2024-05-07T08:00', '12 2024-05-07T09:10'],
    claims: ['time_to_detect 4', 'time_to_acknowledge 2', 'time_to_recover 70'],
    mistake: ['Time to detect: 4 min', 'Time to detect: 30 min', '14 duration_contradicted'],
  },
  {
    file: '06-multiday',
    told: [11, '4 2024-02-14T09:20', '24 2024-02-15T05:10'],
    claims: [],
    mistake: ['13:30 CET: Fix merged', '08:30 CET: Fix merged', '19 order_wrong'],
  },
  {
    file: '07-local-utc',
    told: [9, '5 2024-07-08T14:14', '17 2024-07-08T15:02'],
    claims: ['impact 48', 'time_to_detect 5', 'time_to_acknowledge 2', 'time_to_resolve 48', 'reversal 18'],
    mistake: ['| 07:40 | 14:40 |', '| 07:15 | 14:15 |', '15 order_wrong'],
  },
  {
    file: '08-prose',
    told: [0, '', ''],
    claims: ['span 90', 'time_to_detect 25'],
    mistake: ['about ninety minutes', 'about thirty minutes', '5 duration_contradicted'],
  },
  {
    file: '09-yearless',
    told: [11, '7 2022-12-31T14:50', '20 2022-12-31T15:35'],
    claims: ['impact 33', 'cadence 10'],
    mistake: ['Jan 1 00:05', 'Dec 31 00:05', '10 midnight_slip'],
  },
  {
    file: '10-merged-cells',
    told: [10, '5 2024-08-21T00:00', '20 2024-08-21T11:17'],
    claims: ['impact 75', 'time_to_detect 12', 'time_to_repair 33', 'time_to_recover 75'],
    mistake: ['| Duration | 75 min |', '| Duration | 175 min |', '8 duration_contradicted'],
  },
  {
    file: '11-facts-table',
    told: [7, '5 2024-06-03T13:05', '21 2024-06-03T13:50'],
    claims: [],
    mistake: ['| 13:45 | 05:45 |', '| 13:08 | 05:08 |', '20 order_wrong'],
  },
  {
    file: '12-told-in-prose',
    told: [0, '', ''],
    claims: ['span 157'],
    mistake: ['2 hours and 37', '2 hours and 7', '5 duration_contradicted'],
  },
  {
    file: '13-french',
    told: [7, '7 2023-11-14T08:10', '13 2023-11-14T10:00'],
    claims: ['impact 85', 'span 15', 'time_to_detect 12'],
    mistake: ['took 15 minutes', 'took 25 minutes', '15 duration_contradicted'],
  },
];

describe('a post-mortem of another house', () => {
  it.each(STYLES)('is read and accused of nothing, and one mistake in it is found: $file', ({ file, told, claims, mistake }) => {
    const text = readFileSync(new URL(`./documents/${file}.md`, import.meta.url), 'utf8');
    const read = verifyDocument(text, `${file}.md`);
    const placed = read.happenings.map(({ line, atMs }) => `${line} ${new Date(atMs).toISOString().slice(0, 16)}`);
    expect([placed.length, placed.at(0) ?? '', placed.at(-1) ?? '']).toEqual(told);
    expect(read.claims.map(({ quantity, length }) => `${quantity} ${length.ms / 60_000}`)).toEqual(claims);
    expect(read.findings).toEqual([]);
    const [from, to, found] = mistake;
    expect(text).toContain(from);
    const { findings } = verifyDocument(text.replace(from, to), `${file}.md`);
    expect(findings.map(({ line, kind }) => `${line} ${kind}`)).toContain(found);
  });
});
