import { describe, expect, it } from 'vitest';
import { nextAsks } from '../../src/app/plan.ts';
import type { PlanService, PlanState } from '../../src/app/plan-case.ts';
import type { Ask } from '../../src/app/ports.ts';
import { DEFAULT_POLICY } from '../../src/core/analysis/policy.ts';
import { eventOf, factOf, incidentFactOf, instant, windowOf } from '../support/events.ts';
import { ALARM, alarmOf } from '../support/sample-case.ts';

const ERRORS = 'aws-prod/metric:AWS/ApplicationELB/HTTPCode_Target_5XX_Count';
const service = (name: string, owns: readonly string[]): PlanService => ({
  name,
  owns: [`pagerduty/service:${name}`, `aws-prod/alarm:${name}-*`, ...owns],
  dependsOn: [],
  scopes: { pagerduty: {}, 'aws-prod': {} },
});
const listed = (stream: string, keys: readonly string[] = []): Ask => ({
  source: stream === 'incidents' ? 'pagerduty' : 'aws-prod',
  stream,
  window: windowOf('12:33', '16:00'),
  keys,
  scope: {},
});
const alarm = (name: string, key: string) => alarmOf({ key: ALARM.replace('api-HighErrorRate', name), seriesKeys: [key] });
const metric = (key: string) => factOf({ kind: 'metric' as const, key });

/** An incident of the API that a person opened; what is listed is read, and no alarm moved. */
function stateOf(claims: readonly string[], facts: PlanState['read'][number]['facts'], more: Partial<PlanState> = {}): PlanState {
  const incident = incidentFactOf({ belongsTo: ['pagerduty/service:api'] });
  return {
    select: { kind: 'incident', keys: ['pagerduty/incident:PABC'] },
    until: instant('16:00'),
    related: true,
    policy: DEFAULT_POLICY,
    services: [service('api', claims), service('checkout', [])],
    sources: [
      { name: 'aws-prod', streams: ['alarms', 'alarm_history', 'series', 'metrics'] },
      { name: 'pagerduty', streams: ['incidents'] },
    ],
    alarmSources: {},
    asked: [listed('incidents', ['pagerduty/incident:PABC']), listed('alarms'), listed('alarm_history')],
    read: [
      { source: 'pagerduty', stream: 'incidents', events: [], facts: [incident] },
      { source: 'aws-prod', stream: 'alarms', events: [], facts },
    ],
    ...more,
  };
}
const keysOf = (state: PlanState, stream: string) => nextAsks(state).flatMap((ask) => (ask.stream === stream ? ask.keys : []));

describe('a metric that a service claims, where no alarm fired', () => {
  it('is listed though an alarm of another service watches it too: its series are read for no alarm of this case', () => {
    const other = alarm('checkout-errors', `${ERRORS}?LoadBalancer=app%2Fcheckout#Sum`);
    expect(keysOf(stateOf([ERRORS], [other]), 'metrics')).toEqual(['metric:AWS/ApplicationELB HTTPCode_Target_5XX_Count']);
    expect(keysOf(stateOf([ERRORS], [other]), 'series')).toEqual([]);
  });

  it('is not listed where an alarm of its own does', () => {
    expect(keysOf(stateOf([ERRORS], [alarm('api-errors', `${ERRORS}#Sum`)]), 'metrics')).toEqual([]);
  });

  it('is not read with the dimensions that an alarm of another service uses', () => {
    const [own, theirs] = [`${ERRORS}?LoadBalancer=app%2Fapi#Sum`, `${ERRORS}?LoadBalancer=app%2Fcheckout#Sum`];
    const state = stateOf([ERRORS], [alarm('checkout-errors', theirs), metric(own), metric(theirs)]);
    expect(new Set(keysOf(state, 'series').map((key) => key.split('@')[0]))).toEqual(new Set([own]));
  });

  it('by a beginning is each metric that begins so, but for those that another service claims closer or an alarm watches', () => {
    const names = ['Errors', 'Latency', 'Orders', 'Paid%2Fday'].map((name) => `aws-prod/metric:Acme/Shop/${name}`);
    const facts = [alarm('api-latency', `${names[1]}#Average`), ...names.map((name) => metric(`${name}#Sum`))];
    const services = [service('api', ['aws-prod/metric:Acme/Shop/*']), service('checkout', ['aws-prod/metric:Acme/Shop/Orders'])];
    const state = stateOf([], facts, { services });
    expect(keysOf(state, 'metrics')).toEqual(['metric:Acme/Shop *']);
    // The silent alarm's own series is read for the alarm, as it looks at it.
    expect([...new Set(keysOf(state, 'series').map((key) => key.split('@')[0]))].toSorted()).toEqual([
      `${names[0]}#Sum`,
      `${names[1]}#Average`,
      `${names[3]}#Sum`,
    ]);
  });

  it('is listed along with the series of an alarm that fired, if it is claimed by its whole name and the policy names no impact', () => {
    const fired = eventOf('alert.fired', '14:33', { source: 'pagerduty', stream: 'log_entries', correlationKeys: [ALARM] });
    const claims = [`${ERRORS}`, 'aws-prod/metric:Acme/Orders', 'aws-prod/metric:Acme/Shop/*'];
    const rule = alarm('api-HighErrorRate', `${ERRORS}#Sum`);
    const before = stateOf(claims, [rule]);
    const read = [...before.read, { source: 'pagerduty', stream: 'log_entries', events: [fired], facts: [] }];
    const third = { ...before, read };
    // One round asks both, so that what was listed is read in the last.
    expect(keysOf(third, 'metrics')).toEqual(['metric:Acme Orders']);
    expect(keysOf(third, 'series')).toEqual([`${ERRORS}#Sum@300`, `${ERRORS}#Sum@60`]);
    const orders = metric('aws-prod/metric:Acme/Orders#Sum');
    const listing = { source: 'aws-prod', stream: 'metrics', events: [], facts: [orders] };
    const fourth = { ...third, asked: [...third.asked, listed('metrics', ['metric:Acme Orders'])], read: [...read, listing] };
    expect(keysOf(fourth, 'series')).toContain('aws-prod/metric:Acme/Orders#Sum@60');
    const policy = { ...DEFAULT_POLICY, impact_metrics: [{ metric: 'AWS/ApplicationELB HTTPCode_Target_5XX_Count' }] };
    expect(keysOf({ ...third, policy }, 'metrics')).toEqual([]);
    // An alarm that leads to no metric leaves nothing else to look at.
    const none = stateOf(claims, [{ ...rule, seriesKeys: [] }]);
    expect(keysOf({ ...none, read: [...none.read, ...read.slice(-1)] }, 'metrics')).toContain('metric:Acme/Shop *');
  });

  it('is listed beside the metric of the policy, and read only where that is nowhere', () => {
    const policy = { ...DEFAULT_POLICY, impact_metrics: [{ metric: 'Acme Orders' }] };
    const claims = [ERRORS];
    const before = stateOf(claims, [], { policy });
    const keys = ['metric:AWS/ApplicationELB HTTPCode_Target_5XX_Count', 'metric:Acme Orders'];
    expect(keysOf(before, 'metrics')).toEqual(keys);
    const asked = [...before.asked, listed('metrics', keys)];
    const errors = metric(`${ERRORS}#Sum`);
    expect(keysOf(stateOf(claims, [errors, metric('aws-prod/metric:Acme/Orders#Sum')], { policy, asked }), 'series')).toEqual([
      'aws-prod/metric:Acme/Orders#Sum@300',
      'aws-prod/metric:Acme/Orders#Sum@60',
    ]);
    expect(keysOf(stateOf(claims, [errors], { policy, asked }), 'series')).toEqual([`${ERRORS}#Sum@300`, `${ERRORS}#Sum@60`]);
  });
});
