import { describe, expect, it } from 'vitest';
import { textOf } from '../../../src/core/draft/blocks.ts';
import { compose } from '../../../src/core/draft/compose.ts';
import { factOf } from '../../support/events.ts';
import { sampleAnalysis, sampleCase } from './sample.ts';

const OURS = 'pagerduty/incident:PABC';

/** The section's blocks that tell of figures of a source's own: label and value, or a sentence. */
function told(
  figures: readonly (readonly [key: string, metric: string, seconds: number])[],
  incidents: readonly [string, ...string[]] = [OURS],
) {
  const facts = figures.map(([key, metric, seconds]) => factOf({ kind: 'reference', key, metric, seconds }));
  const base = sampleCase();
  const theCase = sampleCase({ incidents, facts: [...base.facts.filter(({ kind }) => kind !== 'reference'), ...facts] });
  const section = compose(theCase, sampleAnalysis(theCase), [], 'sha256:draft').sections.find(({ key }) => key === 'durations');
  const blocks = (section?.blocks ?? []).filter(({ key }) => /^durations\.(?:reference|differs)\./.test(key));
  return blocks.map((block) => (block.kind === 'metric' ? `${block.label} = ${block.value}` : textOf(block)));
}

describe('figures that a source computed itself', () => {
  it("stand beside ours under the source's own names, those that we have none of too", () => {
    expect(
      told([
        [OURS, 'seconds_to_first_ack', 120],
        [OURS, 'seconds_to_mobilize', 250],
        [OURS, 'seconds_to_resolve', 1440],
      ]),
    ).toEqual([
      'As pagerduty computed it: seconds_to_first_ack = 2 min',
      'As pagerduty computed it: seconds_to_mobilize = 4 min 10 s',
      'As pagerduty computed it: seconds_to_resolve = 24 min',
    ]);
  });

  it('are called different where the bounds of our times leave no room for them, and only there', () => {
    const differs = (seconds: number) => told([[OURS, 'seconds_to_first_ack', seconds]]).slice(1);
    // Both ends are cut to the second: the true distance is within one second of two minutes.
    expect([119, 120, 121].flatMap(differs)).toEqual([]);
    expect(differs(118)).toHaveLength(1);
    expect(differs(300)).toEqual([
      'pagerduty computed 300 s where the times in this document allow 119 to 121 s (Time to acknowledge (TTA)): ' +
        'the two count from or to different moments.',
    ]);
  });

  it('of other incidents are not ours to compare, and each says whose it is', () => {
    const other = 'pagerduty/incident:POTHER';
    expect(told([[other, 'seconds_to_resolve', 5]])).toEqual([]);
    const both = [OURS, other] as const;
    expect(
      told(
        both.map((key) => [key, 'seconds_to_resolve', 5] as const),
        both,
      ),
    ).toEqual(['As pagerduty computed it: seconds_to_resolve = 5 s', 'As pagerduty computed it for POTHER: seconds_to_resolve = 5 s']);
  });
});
