import { expect, it } from 'vitest';
import { analyze } from '../../../src/core/analysis/analyze.ts';
import { API_SERVICE, CHECKOUT_SERVICE } from '../../support/events.ts';
import { deploymentEvents, SAMPLE_EVENTS, sampleCase } from '../../support/sample-case.ts';

/** The service owns every environment of its repository, as one whose configuration names none does. */
const services = [{ ...API_SERVICE, owns: [...API_SERVICE.owns, 'github/repo:acme/api@*'] }, CHECKOUT_SERVICE];
const deployed = (environment: string, more = {}) =>
  deploymentEvents({ id: 7, sha: 'next', ref: 'v2.4.0', created: '14:21', started: '14:21', done: '14:22', environment, ...more });
const runningWith = (...added: Parameters<typeof deployed>) =>
  analyze(sampleCase({ services, events: [...SAMPLE_EVENTS, ...deployed(...added)] })).running;

it('what went to staging since does not run where the users are', () => {
  expect(runningWith('staging')).toMatchObject([{ service: 'api', revision: 'v2.3.4', ageMs: 14 * 60_000 }]);
});

it('what went to production since does, and what failed there does not', () => {
  expect(runningWith('production')).toMatchObject([{ revision: 'v2.4.0', ageMs: 7 * 60_000 }]);
  expect(runningWith('production', { failed: true })).toMatchObject([{ revision: 'v2.3.4' }]);
});
