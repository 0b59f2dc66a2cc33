import { describe, expect, it } from 'vitest';
import { verifyDocument } from '../../../src/core/document/verify.ts';

function found(text: string): readonly string[] {
  return verifyDocument(text).findings.map(
    ({ line, kind, sure, verdict }) => `${line} ${kind} ${verdict === 'explained' ? verdict : sure}`,
  );
}

describe('times of another zone', () => {
  it('that stand side by side in a timeline are one finding', () => {
    const before = '- 14:05 a\n- 14:15 b\n- 14:20 c\n- 14:25 d\n- 14:32 e\n';
    expect(found(`# 2024-01-15\n\n${before}- 13:33 f\n- 13:35 g\n- 14:40 h\n- 14:43 i`)).toEqual(['8 zone_slip possible']);
  });

  it('in a list that tells the same entries again are one finding', () => {
    const again = (hour: string) =>
      `# 2024-01-15\n\n## Summary\n\n- ${hour}:32 Alarm of the api fired\n- ${hour}:57 Incident was closed by us\n\n## Timeline\n\n- 14:32 Alarm of the api fired\n- 14:40 Rollback\n- 14:57 Incident was closed by us`;
    expect(found(again('14'))).toEqual([]);
    expect(found(again('16'))).toEqual(['10 zone_slip likely']);
  });
});

describe('two stated lengths of the same thing', () => {
  const timeline = '# 2024-01-15\n\n- 14:15 v2 deployed\n- 14:32 Alarm fired\n- 14:57 Closed\n';
  it('that differ are named in the line of the second', () => {
    expect(found(`${timeline}\n- Alert fired within 3 minutes\n- 17 minutes between deploy and alert`)).toEqual([
      '7 duration_contradicted likely',
      '8 durations_disagree likely',
    ]);
  });

  it('may be counted from two starts, stated more and less exactly, or of several incidents', () => {
    const both = '- Time to detect: 3 minutes after the start of the impact\n- 17 minutes between deploy and alert';
    expect(found(`# x\n\n${both}`)).toEqual([]);
    expect(found('# x\n\nTime to resolve: 2 hours\n\nThe time to resolve was 1 h 50 min.')).toEqual([]);
    expect(found('# x\n\n- Time to detect: 3 minutes\n- Time to detect: 9 minutes')).toEqual(['4 durations_disagree likely']);
    expect(found('# x\n\n- Time to detect: 3 min\n- Time to detect: 9 min\n- Time to detect: 4 min\n- Time to detect: 7 min')).toEqual([]);
  });
});

describe('hours that alone are counted', () => {
  const events = '- First detected 2020-02-25 07:32\n- Resolved 2020-02-26 11:00\n\n';
  it('explain a length that they give, and no other', () => {
    expect(found(`${events}Time to resolve: 8h (during support hours 10:00-17:00)`)).toEqual(['4 duration_contradicted explained']);
    expect(found(`${events}Time to resolve: 9h 30m (during support hours 10:00-17:00)`)).toEqual(['4 duration_contradicted likely']);
  });

  it('leave weekends out where the document says so', () => {
    const weekend = '- First detected 2020-02-28 16:00\n- Resolved 2020-03-02 11:00\n\nTime to resolve: 2h (support hours 10:00-17:00 M-F)';
    expect(found(weekend)).toEqual(['4 duration_contradicted explained']);
    expect(found(weekend.replace(' M-F', ''))).toEqual(['4 duration_contradicted likely']);
  });
});

describe('"about"', () => {
  it('explains a length that is roughly right, and none that is not', () => {
    const about = (length: string) =>
      found(`# x\n\n- First detected 2020-02-25 10:00\n- Resolved 2020-02-25 10:50\n\nTime to resolve: about ${length}`);
    expect(about('49 minutes')).toEqual([]);
    expect(about('60 minutes')).toEqual(['6 duration_contradicted explained']);
    expect(about('90 minutes')).toEqual(['6 duration_contradicted likely']);
  });
});
