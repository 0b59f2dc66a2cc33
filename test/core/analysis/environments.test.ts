import { describe, expect, it } from 'vitest';
import type { Change } from '../../../src/core/analysis/changes.ts';
import { isBeforeUsers } from '../../../src/core/analysis/environments.ts';
import { evidenceIdOf, moment } from '../../support/events.ts';

const changeTo = (environment: string | undefined, place = 'github/acme/api'): Change => ({
  key: `github/deployment:${environment}`,
  kind: 'deployment',
  belongs: { service: 'api' },
  began: moment('14:15'),
  outcome: 'succeeded',
  ...(environment !== undefined && { environment }),
  place,
  pullRequests: [],
  files: [],
  cites: [{ evidence: evidenceIdOf('deployment') }],
});

describe('an environment before users', () => {
  const beside = [changeTo('production')];

  it.each([
    'staging',
    'Staging',
    'api-staging-eu',
    'test',
    'dev',
    'development',
    'preview',
    'pr-1234',
    'review/login',
    'qa_2',
    'preprod',
    'acceptance',
    'acc-2',
    'load-test',
    'sit',
  ])('is %s', (name) => {
    expect(isBeforeUsers(changeTo(name), beside)).toBe(true);
  });

  it.each(['production', 'prod', 'live', 'eu-west-1', 'contest', 'devices', 'previewer-prod', 'backstage', 'latest', 'accounts', 'sites'])(
    'is not %s',
    (name) => {
      expect(isBeforeUsers(changeTo(name), beside)).toBe(false);
    },
  );

  it('is none where it is all that the repository has', () => {
    expect(isBeforeUsers(changeTo('staging'), [changeTo('staging'), changeTo('test'), changeTo('production', 'github/acme/web')])).toBe(
      false,
    );
    expect(isBeforeUsers(changeTo(undefined), beside)).toBe(false);
  });

  it('is what the creator of a deployment says, before the name: users may meet what is called staging', () => {
    const stated = (environment: string, production?: boolean): Change => ({
      ...changeTo(environment),
      ...(production !== undefined && { production }),
    });
    const judge = (change: Change, other: Change) => isBeforeUsers(change, [change, other]);
    expect(judge(stated('staging', true), stated('production'))).toBe(false);
    expect(judge(stated('production', false), stated('live'))).toBe(true);
    expect(judge(stated('staging'), stated('qa', true))).toBe(true);
    // The other environment is before users too: this one takes them.
    expect(judge(stated('staging'), stated('production', false))).toBe(false);
  });
});
