import { expect, it } from 'vitest';
import { analyze } from '../../../src/core/analysis/analyze.ts';
import { breachedId, recoveredId } from '../../../src/core/analysis/derived-events.ts';
import { compose } from '../../../src/core/draft/compose.ts';
import { eventOf } from '../../support/events.ts';
import { ERRORS, SAMPLE_EVENTS, sampleCase } from '../../support/sample-case.ts';

/** The sample in which a person stated when a milestone was. */
function stated(milestone: string, at: string) {
  const said = eventOf('milestone.asserted', at, {
    correlationKeys: ['pagerduty/incident:PABC'],
    timeMeaning: 'asserted',
    attributes: { milestone, reason: 'customers told us', author: 'ann' },
  });
  const theCase = sampleCase({ events: [...SAMPLE_EVENTS, said] });
  const analysis = analyze(theCase);
  const disputes = analysis.findings.filter(({ code }) => code === 'milestone_disputed');
  const draft = compose(theCase, analysis, [], 'sha256:draft');
  const told = draft.sections.flatMap(({ blocks }) => blocks).filter(({ key }) => key.startsWith('durations.disputed.'));
  return { said, analysis, disputes, told };
}

it('a recovery that a person stated and the metric contradicts is one disagreement, with both sides and what each rests on', () => {
  const { said, analysis, disputes, told } = stated('recovered', '14:40');
  const cites = [{ event: said.id }, { event: recoveredId({ key: ERRORS }) }];
  expect(analysis.milestones.recovered).toMatchObject({ basis: 'asserted', cites: [said.id] });
  expect(disputes).toEqual([{ code: 'milestone_disputed', subject: 'recovered', cites }]);
  expect(told).toMatchObject([{ kind: 'caveat', key: 'durations.disputed.recovered', what: { cites } }]);
  expect(JSON.stringify(told)).toContain(
    'Disagreement on the recovery: a person puts it at 14:40, the metrics put it at 14:50. The durations use the person',
  );
});

it('a recovery that was stated while a metric never came back is spoken against by that metric', () => {
  const { said, disputes, told } = stated('recovered', '14:40');
  expect(disputes).toHaveLength(1);
  const cut = sampleCase();
  const series = cut.series.map((one) => ({
    ...one,
    values: one.values.map((value, at) => ((one.startsMs[at] ?? 0) >= Date.parse('2024-01-15T14:49:00Z') ? 5000 : value)),
  }));
  const analysis = analyze({ ...cut, series, events: [...SAMPLE_EVENTS, said] });
  expect(analysis.findings.filter(({ code }) => code === 'milestone_disputed')).toEqual([
    { code: 'milestone_disputed', subject: 'recovered', cites: [{ event: said.id }, { event: breachedId({ key: ERRORS }) }] },
  ]);
  expect(told).toHaveLength(1);
});

it.each([
  ['recovered', '14:49:30'],
  ['impact_started', '14:29:30'],
  ['communicated', '14:37:00'],
])('a person who states %s at %s contradicts nothing', (milestone, at) => {
  expect(stated(milestone, at).disputes).toEqual([]);
});

it('a start that a person stated before the metric moved is a disagreement, too', () => {
  expect(stated('impact_started', '14:20').disputes).toMatchObject([{ subject: 'impact_started' }]);
});
