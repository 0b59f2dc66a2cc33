import { describe, expect, it } from 'vitest';
import { inheritOwners, ownerOf, subjectOf } from '../../src/core/ownership.ts';
import { API_SERVICE, CHECKOUT_SERVICE, eventOf, incidentFactOf } from '../support/events.ts';

const services = [API_SERVICE, CHECKOUT_SERVICE];

describe('the owner of a record', () => {
  it('is whoever has the longest claim on any of its keys', () => {
    const database = { name: 'database', owns: ['aws-prod/alarm:api-db-*'], dependsOn: [] };
    expect(ownerOf(['aws-prod/alarm:api-5xx'], [...services, database], ['api'])).toEqual({ service: 'api' });
    expect(ownerOf(['aws-prod/alarm:api-db-cpu'], [...services, database], ['api'])).toEqual({
      service: 'other',
      why: 'belongs to database',
    });
  });

  it('is a repository of any environment where the claim says so', () => {
    const anywhere = { name: 'api', owns: ['github/repo:acme/api', 'github/repo:acme/api@*'], dependsOn: [] };
    const belongings = ['github/repo:acme/api@staging', 'github/repo:acme/api', 'github/repo:acme/api-docs'].map((key) =>
      ownerOf([key], [anywhere], ['api']),
    );
    expect(belongings.map(({ service }) => service)).toEqual(['api', 'api', 'unmapped']);
  });

  it('is nobody where the name only begins like a claim without a star', () => {
    expect(ownerOf(['pagerduty/service:PAPI0012'], services, ['api'])).toEqual({
      service: 'unmapped',
      why: 'no service owns pagerduty/service:PAPI0012',
    });
    expect(ownerOf([], services, ['api'])).toEqual({ service: 'unmapped', why: 'no service owns a record with no key' });
  });

  it('is found by a metric as people write it, whatever its key escapes', () => {
    const api = { name: 'api', owns: ['aws-prod/metric:Acme/Api/v1/orders?', 'aws-prod/metric:Acme/Api/paid%2Fd*'], dependsOn: [] };
    const keys = ['aws-prod/metric:Acme/Api/v1%2Forders%3F', 'aws-prod/metric:Acme/Api/paid%2Fday', 'aws-prod/metric:Acme/Api/v1%2Forders'];
    expect(keys.map((key) => ownerOf([key], [api], ['api']).service)).toEqual(['api', 'api', 'unmapped']);
  });

  it('never mixes two accounts', () => {
    expect(ownerOf(['aws-dr/alarm:api-5xx'], services, ['api']).service).toBe('unmapped');
  });
});

describe('what a case is about', () => {
  const fact = incidentFactOf();

  it('is the service that owns the incident', () => {
    expect(subjectOf([fact.key], [fact], [], services)).toEqual({ subject: ['api'], services });
  });

  it('is each service once, in the order of the incidents', () => {
    const second = incidentFactOf({ key: 'pagerduty/incident:P2', belongsTo: ['pagerduty/service:PCHK001'] });
    const third = incidentFactOf({ key: 'pagerduty/incident:P3' });
    expect(subjectOf([second.key, fact.key, third.key], [fact, second, third], [], services).subject).toEqual(['checkout', 'api']);
  });

  it('is made of the incident itself where no service is configured, with the alarms that its alerts name', () => {
    const alarm = 'alarm:arn:aws:cloudwatch:us-east-1:123456789012:alarm:api-HighErrorRate';
    const alert = eventOf('alert.fired', '14:33', {
      source: 'pagerduty',
      stream: 'alerts',
      belongsTo: [],
      correlationKeys: [fact.key, alarm],
    });
    const { subject, services: made } = subjectOf([fact.key], [fact], [alert, eventOf('alert.fired', '14:32')], []);
    expect(subject).toEqual(['PAPI001']);
    expect(made).toEqual([{ name: 'PAPI001', owns: ['aws-prod/alarm:api-HighErrorRate', 'pagerduty/service:PAPI001'], dependsOn: [] }]);
  });

  it('is read from the events where the incident itself could not be read', () => {
    expect(subjectOf([fact.key], [], [eventOf('incident.triggered', '14:33')], services).subject).toEqual(['api']);
    expect(subjectOf([fact.key], [], [], services).subject).toEqual([]);
  });
});

describe('an event that names no owner', () => {
  it('belongs where its incident does, and one of no known incident to nobody', () => {
    const note = eventOf('note.added', '14:38', { stream: 'notes', belongsTo: [] });
    const stray = eventOf('note.added', '14:39', { belongsTo: [], correlationKeys: ['pagerduty/incident:POTHER'] });
    const claimed = eventOf('note.added', '14:40', { belongsTo: ['pagerduty/service:PCHK001'] });
    const owned = inheritOwners([note, stray, claimed], [incidentFactOf()]);
    expect(owned.map(({ belongsTo }) => belongsTo)).toEqual([['pagerduty/service:PAPI001'], [], ['pagerduty/service:PCHK001']]);
  });
});
