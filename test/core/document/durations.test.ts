import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findClaims } from '../../../src/core/document/claims.ts';
import { contextOf } from '../../../src/core/document/context.ts';
import { checkClaim, durationFindings } from '../../../src/core/document/durations.ts';
import { findHappenings } from '../../../src/core/document/happenings.ts';
import { findLengths } from '../../../src/core/document/lengths.ts';
import { readDocument } from '../../../src/core/document/reader.ts';
import { sharedFile } from '../../support/shared.ts';

function read(text: string) {
  const parts = readDocument(text);
  return { claims: findClaims(parts), happenings: findHappenings(parts, contextOf(parts)) };
}

/** What each claim came to: line, quantity, verdict. */
function verdicts(text: string): readonly string[] {
  const { claims, happenings } = read(text);
  return claims.map((claim) => `${claim.line} ${claim.quantity} ${checkClaim(claim, happenings).verdict}`);
}

const TIMELINE =
  '# 2024-01-15\n\n- 14:15 v2 deployed\n- 14:32 alarm fired\n- 14:35 acknowledged\n- 14:45 rollback started\n- 14:47 rollback complete\n- 14:57 incident closed\n\n';

describe('lengths as people write them', () => {
  it.each([
    ['25 minutes', 25, 'equal'],
    ['0h 07m', 7, 'equal'],
    ['673h 34m', 40_414, 'equal'],
    ['19 hours 43 minutes.', 1183, 'equal'],
    ['half an hour or so', 30, 'about'],
    ['within 3 minutes', 3, 'at_most'],
    ['took <2 minutes', 2, 'under'],
    ['over an hour', 60, 'over'],
    ['2.5 hours', 150, 'equal'],
    ['1h30', 90, 'equal'],
    ['1h30m', 90, 'equal'],
    ['1:30 h', 90, 'equal'],
    ['2m30s', 2.5, 'equal'],
    ['for an hour and a half', 90, 'equal'],
    ['two and a half hours', 150, 'equal'],
    ['a quarter of an hour', 15, 'equal'],
    ['twenty-five minutes', 25, 'equal'],
  ])('%s', (text, minutes, bound) => {
    expect(findLengths(text).map((length) => [length.ms / 60_000, length.bound])).toEqual([[minutes, bound]]);
  });
});

it.each(['from 14h10 to 14h30', 'T+11m', 'at 9h05'])('%s is no length', (text) => {
  expect(findLengths(text)).toEqual([]);
});

describe('what a document claims of its incident, against its own times', () => {
  it('holds a length against the two times beside it, over midnight too', () => {
    expect(
      verdicts(
        'An outage of 25 minutes (14:32 - 14:57 UTC).\n\nAn outage of 15 minutes (14:32 - 14:57 UTC).\n\nAn outage of 20 minutes (23:50 - 00:10).',
      ),
    ).toEqual(['1 span consistent', '3 span wrong', '5 span consistent']);
  });

  it('holds a named quantity against the labels of a list of key events', () => {
    const events = '- First detected 2021-07-12 15:44\n- Repaired 2021-07-12 15:51\n- Resolved 2021-07-13 11:49\n\n';
    expect(verdicts(`${events}Time to repair: 0h 07m\n\nTime to resolve: 20h 03m`)).toEqual([
      '5 time_to_repair consistent',
      '7 time_to_resolve wrong',
    ]);
  });

  it('says that only support hours were counted, and that is no error', () => {
    expect(
      verdicts('- First detected 2020-02-25 07:32\n- Resolved 2020-02-25 17:07\n\nTime to resolve: 7h (during support hours 10:00-17:00)'),
    ).toEqual(['4 time_to_resolve explained']);
  });

  it('counts from the entry that the words behind a length name', () => {
    const said = [
      'The team rolled back within 10 minutes of the alarm.',
      'The team rolled back within 15 minutes of the alarm.',
      'It was mitigated 7 minutes after the alarm.',
      'It was acknowledged 3 minutes after the alarm.',
      'We rolled back within 5 minutes of a call that nobody wrote down.',
    ];
    expect(verdicts(`${TIMELINE}${said.join('\n\n')}`)).toEqual([
      '10 reversal wrong',
      '12 reversal consistent',
      '14 since wrong',
      '16 since consistent',
      '18 reversal consistent',
    ]);
  });

  it('holds a length against the times of its own sentence, and of the next where that tells of nothing else', () => {
    const said = [
      'From 00:10 to 00:35 the API was down for 90 minutes.',
      'From 00:10 to 00:35 the API was down for 20 minutes.',
      'The outage lasted 90 minutes. It ran from 00:10 to 00:35.',
      'The outage lasted 25 minutes. It ran from 00:10 to 00:35.',
    ];
    expect(verdicts(said.join('\n\n'))).toEqual(['1 impact wrong', '3 impact unchecked', '5 impact wrong', '7 impact consistent']);
  });

  it('takes each length of a sentence for what stands before it, and what is aimed at for no claim', () => {
    const claims = (text: string) => read(text).claims.map(({ quantity, length }) => `${quantity} ${length.ms / 60_000}`);
    expect(claims('MTTD was 5 minutes; MTTA 2 minutes; MTTR 48 minutes.')).toEqual([
      'time_to_detect 5',
      'time_to_acknowledge 2',
      'time_to_resolve 48',
    ]);
    expect(claims('Detection took 25 minutes, over our goal of 10 minutes.')).toEqual(['time_to_detect 25']);
    expect(claims('It finished 50 min before it was detected.')).toEqual([]);
    expect(claims('When it was detected, api ran v2.3.4, deployed 12 d 18 h before.')).toEqual([]);
    expect(claims('Time to resolve: 86 min so far')).toEqual([]);
    expect(claims('The status is updated every 2 seconds. An alarm fired 30 min ago.')).toEqual([]);
  });

  it('takes the range behind a length for what it may be as well', () => {
    expect(verdicts(`${TIMELINE}Time to detect: 12 min (11–18 min)\n\nTime to detect: 12 min (11–13 min)`)).toEqual([
      '10 time_to_detect consistent',
      '12 time_to_detect consistent',
    ]);
  });

  it('takes "within" and "under" at their word', () => {
    expect(
      verdicts(
        `${TIMELINE}The alert fired within 3 minutes.\n\nThe rollback took <2 minutes.\n\nDetection: 17 minutes between deploy and alert`,
      ),
    ).toEqual(['10 time_to_detect wrong', '12 reversal wrong', '14 between consistent']);
  });

  it('does not take the length of a test, a plan or a limit for one of the incident', () => {
    expect(verdicts(`${TIMELINE}Load tests only ran for 5 minutes.\n\n## Action items\n\n- Extend detection tests to 30 minutes`)).toEqual(
      [],
    );
  });

  it('names both entries that speak against a claim, and the missing updates of a cadence', () => {
    const { claims, happenings } = read(`${TIMELINE}Time to detection: 6 minutes\n\nThe status page was updated every 5 minutes.`);
    expect(durationFindings(claims, happenings)).toEqual([
      expect.objectContaining({
        line: 10,
        kind: 'duration_contradicted',
        verdict: 'wrong',
        follows: expect.stringMatching(/^Lines \d+ and \d+ are \d+ min apart/),
      }),
      expect.objectContaining({ line: 12, kind: 'claim_unsupported', follows: 'The timeline has no update that could show it.' }),
    ]);
  });

  const sample = sharedFile('seed/sample-postmortem.md');
  it.skipIf(!sample)('finds what the sample says twice and differently (needs the shared reference folder)', () => {
    const { claims, happenings } = read(readFileSync(sample ?? '', 'utf8'));
    expect(durationFindings(claims, happenings).map(({ line, kind }) => `${line} ${kind}`)).toEqual([
      '52 duration_contradicted',
      '55 claim_unsupported',
      '56 duration_contradicted',
    ]);
  });
});
