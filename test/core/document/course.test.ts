import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { recordOf } from '../../../src/app/verify.ts';
import { verifyDocument } from '../../../src/core/document/verify.ts';
import { compose } from '../../../src/core/draft/compose.ts';
import { sharedFile } from '../../support/shared.ts';
import { sample } from '../draft/tellings.ts';

const { theCase, analysis } = sample();
const RECORD = recordOf(compose(theCase, analysis, [], `sha256:${'0'.repeat(64)}`));

/** A post-mortem that people wrote with no draft of ours; all milestones of the sample, at their times. */
const WRITTEN = `# Outage of the API, 2024-01-15

All times in UTC.

- 14:15 v2.3.4 deployed
- 14:29 The errors started
- 14:32 Alarm: error rate
- 14:33 PagerDuty calls the on-call
- 14:35 Acknowledged
- 14:37 Status page: investigating
- 14:45 Rollback started
- 14:47 Rollback complete
- 14:50 Recovered
- 14:57 Incident closed
`;

function found(text: string): readonly string[] {
  return verifyDocument(text, 'post-mortem.md', RECORD).findings.map(({ line, kind, follows }) => `${line} ${kind}: ${follows}`);
}

function moved(hours: number): string {
  const clock = (_: string, hour: string, minute: string) => `${String((Number(hour) + hours + 24) % 24).padStart(2, '0')}:${minute}`;
  return WRITTEN.replaceAll(/\b(\d\d):(\d\d)\b/g, clock);
}

describe('a post-mortem of other people held against the record', () => {
  it('that tells the course as it was has nothing to find', () => {
    expect(found(WRITTEN)).toEqual([]);
  });

  it('is told the milestones that it lacks, one finding each, below which line they belong', () => {
    expect(found(WRITTEN.replace('- 14:35 Acknowledged\n', '').replace('- 14:37 Status page: investigating\n', ''))).toEqual([
      '8 event_missing: The record has the acknowledgement at 14:35 UTC; the timeline does not tell of it.',
      expect.stringMatching(/^8 event_missing: The record has the first status update at 14:37 UTC, and \d more after it;/),
    ]);
  });

  it('is told where it has another time', () => {
    expect(found(WRITTEN.replace('14:35 Ack', '14:39 Ack'))).toContain(
      '9 differs_from_record: The record has the acknowledgement at 14:35 UTC.',
    );
  });

  it.each([1, -5, 8])('whose times are all in another zone (%i h) has one finding, not ten', (hours) => {
    const [slip, ...others] = found(moved(hours));
    expect(slip).toMatch(
      new RegExp(`^5 zone_slip: 10 of 10 times fit the record when moved ${hours > 0 ? 'back' : 'on'} by ${Math.abs(hours)} h`),
    );
    expect(others).toEqual([]);
  });

  it('whose days are one off has one finding, and one of another year is said to be of another incident', () => {
    expect(found(WRITTEN.replace('2024-01-15', '2024-01-16'))).toEqual([expect.stringMatching(/^5 midnight_slip: 10 of 10 times/)]);
    expect(found(WRITTEN.replace('2024-01-15', '2022-06-03'))).toEqual([
      '5 differs_from_record: The document tells of 2022-06-03, the record of 2024-01-15: they may be of different incidents.',
    ]);
  });

  it('claims lengths that the record bears out, or not', () => {
    expect(found(`${WRITTEN}\nTime to recover: 21 minutes\n`)).toEqual([]);
    expect(found(`${WRITTEN}\nTime to acknowledge: 9 minutes\n`)).toEqual([
      '16 differs_from_record: The record has 2 min, from page to acknowledgement.',
    ]);
    const cadence = found(`${WRITTEN}\nThe status page was updated every 5 minutes.\n`);
    expect(cadence).toEqual([expect.stringContaining('The record has 5 status updates, at most 6 min apart.')]);
    const { findings } = verifyDocument(`${WRITTEN}\nThe status page was updated every 5 minutes.\n`, '', RECORD);
    expect(findings.map(({ verdict }) => verdict)).toEqual(['explained']);
  });

  const seed = sharedFile('seed/sample-postmortem.md');
  it.skipIf(!seed)('such as the sample is told what it lacks without a flood (needs the shared reference folder)', () => {
    const { findings } = verifyDocument(readFileSync(seed ?? '', 'utf8'), 'sample-postmortem.md', RECORD);
    expect(findings.filter(({ kind }) => kind === 'event_missing').map(({ stated }) => stated)).toEqual([
      'the start of the impact',
      'the first status update',
    ]);
    expect(findings.filter(({ kind }) => kind === 'differs_from_record').map(({ line }) => line)).toEqual([10]);
  });
});
