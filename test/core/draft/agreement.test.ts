import { describe, expect, it } from 'vitest';
import { analyze } from '../../../src/core/analysis/analyze.ts';
import type { Milestone } from '../../../src/core/analysis/metrics.ts';
import { DEFAULT_POLICY } from '../../../src/core/analysis/policy.ts';
import type { Case } from '../../../src/core/case.ts';
import { textOf } from '../../../src/core/draft/blocks.ts';
import { compose } from '../../../src/core/draft/compose.ts';
import type { Section } from '../../../src/core/draft/model.ts';
import { recordedId } from '../../../src/core/events.ts';
import { eventOf, moment } from '../../support/events.ts';
import { alarmOf, sampleCase as generated, SAMPLE_EVENTS } from '../../support/sample-case.ts';
import { CHANGES, sampleAnalysis, sampleCase, unknown } from './sample.ts';
import { sample, stillOpen, type Told } from './tellings.ts';

function textsOf({ theCase, analysis }: Told, key: Section['key']): readonly string[] {
  const { sections } = compose(theCase, analysis, [], 'sha256:draft');
  return (sections.find((one) => one.key === key)?.blocks ?? []).map((block) =>
    block.kind === 'metric' ? `${block.label}: ${block.value}` : textOf(block),
  );
}
const told = (theCase: Case): Told => ({ theCase, analysis: analyze(theCase) });
const at = (clock: string): Milestone => ({
  known: true,
  time: moment(clock),
  basis: 'asserted',
  rule: 'test',
  cites: [recordedId('manual', 'milestones', clock, 'milestone.asserted')],
});

describe('times that a person stated against the record', () => {
  const stated = eventOf('milestone.asserted', '16:00', {
    time: moment('15:20'),
    timeMeaning: 'asserted',
    attributes: { milestone: 'impact_started' },
  });

  it('an impact that began after its end is told as such, with no length and nothing counted', () => {
    const draft = told(generated({ events: [...SAMPLE_EVENTS, stated] }));
    const [summary] = textsOf(draft, 'summary');
    expect(summary).toContain('By the record, the recovery at 14:50 UTC came before the start of the impact at 15:20.');
    expect(summary).not.toContain('for the other way round');
    expect(textsOf(draft, 'impact').join()).not.toContain('above normal');
  });
});

describe('ends that may well come in the other order', () => {
  it('errors that stop a rollout half way are no contradiction', () => {
    const theCase = sampleCase();
    const changes = CHANGES.map((change, index) => (index === 0 ? { ...change, ended: moment('14:34') } : change));
    const analysis = sampleAnalysis(theCase, { changes }, { suspect_deployed: at('14:34') });
    const durations = textsOf({ theCase, analysis }, 'durations');
    expect(durations).toContain('The detection came while the suspect deployment was still being rolled out.');
    expect(durations.join()).not.toContain('needs a look');
  });

  it('neither is an alarm that fired when the impact was over', () => {
    const theCase = sampleCase();
    const durations = textsOf(
      { theCase, analysis: sampleAnalysis(theCase, {}, { detected: at('15:00'), paged: at('15:01') }) },
      'durations',
    );
    expect(durations).toContain('The detection came after the recovery: the impact was over by then.');
  });

  it('one that nothing explains needs a look', () => {
    const theCase = sampleCase();
    const durations = textsOf({ theCase, analysis: sampleAnalysis(theCase, {}, { detected: at('14:20') }) }, 'durations');
    expect(durations).toContain('By the record, the detection came before the start of the impact; one of the two times needs a look.');
  });
});

it('of an incident that was closed before the service was normal it is said that it had been closed', () => {
  const theCase = sampleCase();
  const { resolved, recovered } = sampleAnalysis(theCase).milestones;
  if (!resolved.known || !recovered.known) throw new Error('the sample has both');
  const early = sampleAnalysis(theCase, {}, { resolved: { ...resolved, time: moment('14:46') } });
  expect(textsOf({ theCase, analysis: early }, 'summary')[0]).toContain('The incident had been closed at 14:46.');
  expect(textsOf({ theCase, analysis: sampleAnalysis(theCase) }, 'summary')[0]).toContain('The incident was closed at 14:57.');
});

it('of several services it is said that they were normal', () => {
  const theCase = sampleCase({ subject: ['api', 'checkout'] });
  expect(textsOf({ theCase, analysis: sampleAnalysis(theCase) }, 'summary')[0]).toContain('and the services were normal at 14:50.');
});

it('rolling a suspect back is not said to have brought a recovery that nobody saw', () => {
  const theCase = sampleCase();
  const analysis = sampleAnalysis(theCase, {}, { recovered: unknown() });
  const text = [...textsOf({ theCase, analysis }, 'root_cause'), ...textsOf({ theCase, analysis }, 'went_well')].join('\n');
  expect(text).toContain('The impact fell after it was rolled back.');
  expect(text).toContain('The impact fell after the reversal of the first suspect.');
  expect(text).not.toMatch(/followed by recovery|Recovery followed/);
});

it('a status update that may still come is not yet missed', () => {
  const { theCase, analysis } = stillOpen();
  const quiet = { ...theCase, events: theCase.events.filter(({ type }) => type !== 'status.published') };
  const draft = {
    theCase: quiet,
    analysis: sampleAnalysis(quiet, { changes: analysis.changes }, { ...analysis.milestones, communicated: unknown('not_yet') }),
  };
  expect(textsOf(draft, 'went_wrong')).not.toContain('No status update was posted.');
  expect(textsOf(draft, 'actions').join()).not.toContain('who posts status updates');
});

it('naming an impact metric is advised only where the policy names none', () => {
  const advice = 'Naming the metric that users feel under policy.impact_metrics makes the start of the impact observed, not inferred.';
  const named = { ...DEFAULT_POLICY, impact_metrics: [{ metric: 'AWS/Lambda Errors' }] };
  const { theCase, analysis } = sample();
  expect(textsOf({ theCase, analysis }, 'coverage')).toContain(advice);
  expect(textsOf({ theCase: { ...theCase, policy: named }, analysis }, 'coverage')).not.toContain(advice);
});

describe('the end of an alarm', () => {
  const monitor = (at: string) => eventOf('alert.resolved', at, { key: `ok-${at}`, timeMeaning: 'occurred', time: moment(at, 0, 1) });
  const copy = eventOf('alert.resolved', '14:57', { source: 'pagerduty', stream: 'alerts', timeMeaning: 'recorded' });
  const rows = (events: Case['events']) => {
    const theCase = sampleCase({ events });
    return textsOf({ theCase, analysis: sampleAnalysis(theCase) }, 'timeline');
  };

  it('as its monitor saw it has a row, though the pager had closed its copy before', () => {
    const others = sampleCase().events.filter(({ type }) => type !== 'alert.resolved');
    const both = rows([...others, copy, monitor('15:41')]);
    expect(both).toContain('The alert of alarm api-HighErrorRate was closed.');
    expect(both).toContain('Alarm api-HighErrorRate was OK again.');
    expect(both.join()).not.toContain('repeated end');
  });

  it('is what a row of firings lasts until, not the time at which the pager closed its copy', () => {
    const others = sampleCase().events.filter(({ type }) => !type.startsWith('alert.'));
    const fired = (at: string) => eventOf('alert.fired', at, { key: at, timeMeaning: 'occurred', time: moment(at, 0, 1) });
    const flaps = ['14:32', '14:39', '14:46'].flatMap((at) => [
      fired(at),
      monitor(at.replace(/\d$/, (digit) => `${Math.min(9, Number(digit) + 2)}`)),
    ]);
    expect(rows([...others, ...flaps, copy])).toContain('Alarm api-HighErrorRate fired. This happened 3 times until 14:48.');
  });
});

it('a value counted in a minute is not held against the limit of an hour', () => {
  const rowsAt = (periodMs: number) =>
    textsOf(
      told(generated({ facts: generated().facts.map((fact) => (fact.kind === 'alarm' ? alarmOf({ periodMs }) : fact)) })),
      'timeline',
    );
  expect(rowsAt(60_000)).toContain("HTTPCode_Target_5XX_Count left its normal range, at 484; the alarm's threshold is 100.");
  expect(rowsAt(3_600_000)).toContain('HTTPCode_Target_5XX_Count left its normal range, at 484.');
});

describe('a flag of which only the name was told', () => {
  const flag = eventOf('flag.changed', '14:27', {
    source: 'ops',
    stream: 'events',
    belongsTo: ['github/repo:acme/api'],
    attributes: { key: 'new-cache', value: '' },
  });
  const draft = told(generated({ events: [...SAMPLE_EVENTS, flag] }));

  it('was changed, and not set to nothing', () => {
    expect(textsOf(draft, 'timeline')).toContain('Flag new-cache was changed.');
  });

  it('is called by that name among the suspects', () => {
    const text = textsOf(draft, 'root_cause').join('\n');
    expect(text).toContain('Change of the flag new-cache,');
    expect(text).not.toMatch(/flag:|new-cache@/);
  });
});

it('a rollback that failed is called one, as where it began', () => {
  const failed = SAMPLE_EVENTS.map((event) =>
    event.type === 'deployment.succeeded' && event.attributes['deployment.id'] === '1305550299' && event.provenance.source === 'github'
      ? eventOf('deployment.failed', '14:46', {
          key: 'DES_failed',
          timeMeaning: 'ended',
          belongsTo: event.belongsTo,
          correlationKeys: event.correlationKeys,
          attributes: { 'deployment.id': '1305550299', 'deployment.environment.name': 'production', 'deployment.task': 'rollback' },
        })
      : event,
  );
  const rows = textsOf(told(generated({ events: failed })), 'timeline');
  expect(rows).toContain('Rollback to v2.3.3 started.');
  expect(rows).toContain('Rollback to v2.3.3 failed.');
});

it('of a case of two incidents the last one is said to have been closed, not the one', () => {
  const { theCase, analysis } = sample();
  const two: Case = { ...theCase, incidents: [theCase.incidents[0], 'pagerduty/incident:PDEF'] };
  expect(textsOf({ theCase, analysis }, 'summary')[0]).toContain('The incident was closed at 14:57.');
  expect(textsOf({ theCase: two, analysis }, 'summary')[0]).toContain('The last of 2 incidents was closed at 14:57.');
});

it('what the table leaves out is told in sentences of at most 25 words, however much it is', () => {
  const { theCase } = sample();
  const more = [
    eventOf('responder.joined', '14:37:10'),
    eventOf('alert.resolved', '14:57', { source: 'pagerduty', stream: 'alerts', timeMeaning: 'recorded' }),
  ];
  const all = { ...theCase, events: [...theCase.events, ...more] };
  const text = textsOf({ theCase: all, analysis: sampleAnalysis(all) }, 'timeline').at(-1) ?? '';
  expect(text).toBe(
    'The JSON also holds 1 assignment, 1 request for a responder, 2 notifications and 1 responder who joined. ' +
      'It holds 2 merged pull requests, 1 repeated end of an alarm and 1 entry of other services.',
  );
});
