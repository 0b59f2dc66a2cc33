import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newestRule, ruleAt, rulesDuring } from '../../../src/core/analysis/alarm-rules.ts';
import { analyze } from '../../../src/core/analysis/analyze.ts';
import type { Case } from '../../../src/core/case.ts';
import { compose } from '../../../src/core/draft/compose.ts';
import type { Fact } from '../../../src/core/facts.ts';
import { renderMarkdown } from '../../../src/render/markdown.ts';
import { eventOf, evidenceIdOf, instant, moment, windowOf } from '../../support/events.ts';
import { ALARM, alarmOf, SAMPLE_EVENTS, SAMPLE_FACTS, sampleCase } from '../../support/sample-case.ts';

/** The alarm's rule with a threshold of its own, from a time on. */
function rule(threshold: number, heldFrom?: string) {
  const since = heldFrom === undefined ? {} : { heldFrom: instant(heldFrom) };
  return { ...alarmOf({ threshold, ...since }), evidence: evidenceIdOf(`${threshold} ${heldFrom}`) };
}

const thresholdAt = (facts: readonly Fact[], at: string) => ruleAt(facts, ALARM, instant(at))?.threshold;

describe('the rule that held then', () => {
  const FACTS = [rule(300, '2024-01-20T09:00:00Z'), rule(100, '2024-01-02T09:00:00Z'), rule(200, '14:40')];

  it.each([
    ['14:32', 100],
    ['14:39:59', 100],
    ['14:40', 200],
    ['2024-01-21T00:00:00Z', 300],
  ])('at %s is that of the last edit before: %d', (at, threshold) => {
    expect(thresholdAt(FACTS, at)).toBe(threshold);
    expect(thresholdAt(FACTS.toReversed(), at)).toBe(threshold);
  });

  it('where only later edits are known, the next one stands in; one of unknown age comes before it', () => {
    expect(thresholdAt(FACTS, '2024-01-01T00:00:00Z')).toBe(100);
    expect(thresholdAt([rule(300, '2024-01-20T09:00:00Z'), rule(50)], '14:32')).toBe(50);
    expect(thresholdAt([rule(300, '2024-01-10T09:00:00Z'), rule(50)], '14:32')).toBe(300);
    expect(ruleAt([], ALARM, instant('14:32'))).toBeUndefined();
  });

  it('of a window are all that held in it, and never none where any is known', () => {
    const during = (from: string, to: string) => rulesDuring(FACTS, ALARM, windowOf(from, to)).map(({ threshold }) => threshold);
    expect(during('12:33', '16:00')).toEqual([100, 200]);
    expect(during('14:41', '16:00')).toEqual([200]);
    expect(during('2023-12-01T00:00:00Z', '2023-12-02T00:00:00Z')).toEqual([100]);
    expect(newestRule(FACTS, ALARM)?.threshold).toBe(300);
  });

  it('is one of those of any window around the time, whatever edits there were', () => {
    const at = fc.integer({ min: 0, max: 59 }).map((minute) => `14:${String(minute).padStart(2, '0')}`);
    fc.assert(
      fc.property(fc.uniqueArray(at, { minLength: 1, maxLength: 8 }), at, (edits, time) => {
        const facts = edits.map((edit, index) => rule(index, edit));
        const held = rulesDuring(facts, ALARM, windowOf(time, '15:00'));
        expect(held).toContainEqual(ruleAt(facts, ALARM, instant(time)));
      }),
    );
  });
});

describe('an alarm that was edited after the incident', () => {
  /** Its record of today tells 50,000; when it fired it compared with 100. */
  const TODAY = rule(50_000, '2024-01-15T15:10:00Z');
  const others = SAMPLE_FACTS.filter(({ kind }) => kind !== 'alarm');
  const fired = (attributes: object) =>
    eventOf('alert.fired', '14:32', { correlationKeys: [ALARM], time: moment('14:32', 0, 1), attributes });
  const edited = (facts: readonly Fact[], attributes: object): Case =>
    sampleCase({
      facts: [...others, ...facts],
      events: [...SAMPLE_EVENTS.filter(({ type }) => type !== 'alert.fired'), fired(attributes)],
    });
  const onsetOf = (theCase: Case) => analyze(theCase).milestones.impact_started;

  it('is judged by the threshold that its firing tells: the onset stands', () => {
    expect(onsetOf(edited([TODAY], {}))).not.toMatchObject({ time: { at: instant('14:29') } });
    expect(onsetOf(edited([TODAY], { 'alert.threshold': 100 }))).toMatchObject({ known: true, time: { at: instant('14:29') } });
  });

  it('is judged by the rule that its history tells, where the firing says nothing', () => {
    expect(onsetOf(edited([TODAY, rule(100, '2024-01-02T09:00:00Z')], {}))).toMatchObject({ known: true, time: { at: instant('14:29') } });
  });

  it("its rows show the threshold of then, the firing's own first", () => {
    const theCase = edited([TODAY, rule(90, '2024-01-02T09:00:00Z')], { 'alert.threshold': 100 });
    const text = renderMarkdown(compose(theCase, analyze(theCase), [], 'sha256:test'));
    expect(text).toContain('Alarm api-HighErrorRate fired; its threshold was 100.');
    expect(text).toContain("the alarm's threshold is 100.");
    expect(text).not.toMatch(/left its normal range[^|]*50,000/);
  });

  const subjectOf = (theCase: Case) => analyze(theCase).findings.find(({ code }) => code === 'alarm_edited')?.subject;

  it('is a finding that says both rules and cites both records', () => {
    const before = rule(100, '2024-01-02T09:00:00Z');
    const [found, ...more] = analyze(edited([TODAY, before], {})).findings.filter(({ code }) => code === 'alarm_edited');
    expect(more).toEqual([]);
    expect(found?.subject).toBe(
      'api-HighErrorRate compared above 100 in 2 of 2 periods of 60 s when it fired, by which it is judged, and compares above 50000 in 2 of 2 periods of 60 s since 2024-01-15 15:10 UTC',
    );
    expect(found?.cites).toEqual([
      { event: expect.stringContaining('#alert.fired') },
      { evidence: before.evidence },
      { evidence: TODAY.evidence },
    ]);
  });

  it('names the metrics where the edit changed that', () => {
    const moved = { ...TODAY, seriesKeys: ['aws-prod/metric:AWS/SQS/Depth?Q=a#Maximum'] };
    expect(subjectOf(edited([moved, rule(100, '2024-01-02T09:00:00Z')], {}))).toMatch(
      /compared HTTPCode_Target_5XX_Count above 100 .* and compares Depth above 50000 /,
    );
  });

  it('says what is not kept where no rule of then is known', () => {
    expect(subjectOf(edited([TODAY], { 'alert.threshold': 100 }))).toBe(
      'api-HighErrorRate compared with 100 when it fired, by which it is judged, and compares above 50000 in 2 of 2 periods of 60 s since 2024-01-15 15:10 UTC',
    );
    expect(subjectOf(edited([TODAY], {}))).toBe(
      "api-HighErrorRate fired by a rule that is not kept, so it is judged by today's, above 50000 in 2 of 2 periods of 60 s since 2024-01-15 15:10 UTC",
    );
  });

  it('to the same rule, or before it fired, or of a composite alarm, is no finding', () => {
    const saw = { 'alert.threshold': 100 };
    expect(subjectOf(edited([rule(100, '15:10')], saw))).toBeUndefined();
    expect(subjectOf(edited([rule(100, '14:10')], saw))).toBeUndefined();
    expect(subjectOf(edited([rule(100, '15:10'), rule(100, '2024-01-02T09:00:00Z')], {}))).toBeUndefined();
    const { threshold: _, ...bare } = TODAY;
    expect(subjectOf(edited([{ ...bare, comparison: 'rule' }], {}))).toBeUndefined();
  });
});
