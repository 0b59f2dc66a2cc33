import { describe, expect, it } from 'vitest';
import { contextOf } from '../../../src/core/document/context.ts';
import { findHappenings } from '../../../src/core/document/happenings.ts';
import { readDocument } from '../../../src/core/document/reader.ts';

function told(text: string, name = ''): readonly string[] {
  const parts = readDocument(text);
  return findHappenings(parts, contextOf(parts, name)).map(
    ({ line, atMs, text: words }) => `${line} ${new Date(atMs).toISOString().slice(0, 16)} ${words}`,
  );
}

describe('the timeline of a document', () => {
  it('is found in a table, with the day in cells of its own', () => {
    expect(
      told(
        '# Theft of January 2022\n\n| Day | Date | Time | What |\n|--|--|--|--|\n| Thu | Jan 20, 2022 | 23:20 | a ticket was opened |\n| Fri | Jan 21 | 00:05 | an account was closed |',
      ),
    ).toEqual(['5 2022-01-20T23:20 a ticket was opened', '6 2022-01-21T00:05 an account was closed']);
  });

  it('is found in items, in labels and under headings that are times', () => {
    expect(
      told(
        '# Incident on 2021-07-12\n\n- First detected 15:44\n- Incident declared: 16:09\n\n### 16:20\n\nThe switch is made.\n\n### 16:40 It is up',
      ),
    ).toEqual([
      '3 2021-07-12T15:44 First detected',
      '4 2021-07-12T16:09 Incident declared',
      '6 2021-07-12T16:20 The switch is made.',
      '10 2021-07-12T16:40 It is up',
    ]);
  });

  it('goes on into the next day where midnight is crossed and no day is named', () => {
    expect(told('All times in CET\n\n* 23:50 down\n* 00:10 up', '20150331-NFS.txt')).toEqual([
      '3 2015-03-31T22:50 down',
      '4 2015-03-31T23:10 up',
    ]);
  });

  it('keeps an entry that stands out of order where it stands', () => {
    expect(told('# 2024-01-15\n\n- 14:00 one\n- 14:20 two\n- 14:10 three')).toEqual([
      '3 2024-01-15T14:00 one',
      '4 2024-01-15T14:20 two',
      '5 2024-01-15T14:10 three',
    ]);
  });

  it('is not the due dates of actions, nor a line that says when the whole was', () => {
    expect(told('# 2024-01-15\n\nDate: 2024-01-15 14:00\n\n## Action items\n\n- 2024-02-01 10:00 add a check')).toEqual([]);
  });

  it('counts T+12m from the start that is called T0, and from nowhere where times of day stand beside it', () => {
    const table = '| Offset | Event |\n|--|--|\n| T+4m | alarm |\n| T+1h10m | over |\n| T-5 | deploy |';
    expect(told(`# 2024-05-07\n\nT0: 08:00 UTC\n\n${table}`)).toEqual([
      '3 2024-05-07T08:00 T0',
      '7 2024-05-07T08:04 alarm',
      '8 2024-05-07T09:10 over',
      '9 2024-05-07T07:55 deploy',
    ]);
    expect(told(`# 2024-05-07\n\n- 08:00 deploy\n\n${table}`)).toEqual(['3 2024-05-07T08:00 deploy']);
  });

  it('returns to its own day behind entries that name an earlier one', () => {
    expect(told('# 2024-03-09\n\n- 8 March 2024 14:33 deployed\n- 08:47 errors\n- 09:10 alarm')).toEqual([
      '3 2024-03-08T14:33 deployed',
      '4 2024-03-09T08:47 errors',
      '5 2024-03-09T09:10 alarm',
    ]);
  });

  it('reads days with dots day first, and times with dots where they cannot be numbers', () => {
    expect(told('# Störung am 12.06.2023\n\n- 14.02 Uhr Rollback\n- 2.25pm over')).toEqual([
      '3 2023-06-12T14:02 Rollback',
      '4 2023-06-12T14:25 over',
    ]);
  });
});
