import { describe, expect, it } from 'vitest';
import { findStamps, type Stamp } from '../../../src/core/document/stamps.ts';

function said({ day, minute, zone, isRough }: Stamp): string {
  const date = day ? [day.year ?? '----', day.month, day.day].join('-') : '';
  const time = minute === undefined ? '' : `${Math.floor(minute / 60)}:${String(Math.floor(minute % 60)).padStart(2, '0')}`;
  return [isRough ? 'about' : '', date, time, zone === undefined ? '' : `${zone}`].filter(Boolean).join(' ');
}

describe('times as people write them', () => {
  it.each([
    ['11:24 AM UTC', ['11:24 0']],
    ['Thur | Jan 20 | 23:20', ['-----1-20 23:20']],
    ['2016-01-22T02:56 a task was opened', ['2016-1-22 2:56']],
    ['11th Oct 14:57: the host is back', ['-----10-11 14:57']],
    ['10/20/2022 - 15:41 CST - found', ['2022-10-20 15:41 -360']],
    ['20/10/2022 15:41', ['2022-10-20 15:41']],
    ['February 15, 2024: 7:56am UTC', ['2024-2-15 7:56 0']],
    ['03:34 PM UTC a plan is made', ['15:34 0']],
    ['12:10 am', ['0:10']],
    ['13:41 PM', ['13:41']],
    ['May 28 2025, 11:30 AM UTC - May 29 2025, ~17:30 PM UTC', ['2025-5-28 11:30 0', 'about 2025-5-29 17:30 0']],
    ['2014-09-05T18:33:00Z one server is drained', ['2014-9-5 18:33 0']],
    ['back around 22h UTC, the rest around 00h UTC', ['about 22:00 0', 'about 0:00 0']],
    ['11.50 the switch is made', ['11:50']],
    ['down for 25 minutes (14:32 - 14:57 UTC)', ['14:32', '14:57 0']],
    ['2025-03-31 at 09:15 (UTC)', ['2025-3-31 9:15 0']],
    ['2025-03-31 09:15+02:00', ['2025-3-31 9:15 120']],
    ['at 5pm', ['17:00']],
    ['from version 3.5 to 3.6, on 127.0.0.1:8080', []],
    ['it took 4:30 hours', []],
    ['2023-02-30 10:00', ['10:00']],
  ])('%s', (text, wanted) => {
    expect(findStamps(text).map(said)).toEqual(wanted);
  });
});
