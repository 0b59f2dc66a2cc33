import { describe, expect, it } from 'vitest';
import { mergeScopes } from '../../src/app/scope.ts';
import { incidentKeyOf, parseWindowId, windowId } from '../../src/app/select.ts';
import { windowOf } from '../support/events.ts';

describe('an incident, as people write it', () => {
  it.each([
    ['Q1POOL0EXHAUST', 'pagerduty/incident:Q1POOL0EXHAUST'],
    ['4821', 'pagerduty/incident:4821'],
    ['#4821', 'pagerduty/incident:4821'],
    [' PABC ', 'pagerduty/incident:PABC'],
    ['https://acme.pagerduty.com/incidents/PABC', 'pagerduty/incident:PABC'],
    ['https://acme.pagerduty.com/incidents/PABC/timeline', 'pagerduty/incident:PABC'],
    ['https://acme.eu.pagerduty.com/incidents/PABC?utm_source=mail#x', 'pagerduty/incident:PABC'],
    ['http://127.0.0.1:8080/incidents/PABC', 'pagerduty/incident:PABC'],
    ['pagerduty/PABC', 'pagerduty/incident:PABC'],
    ['pagerduty~PABC', 'pagerduty/incident:PABC'],
    ['pagerduty/incident:PABC', 'pagerduty/incident:PABC'],
  ])('%s', (text, key) => {
    expect(incidentKeyOf(text, ['pagerduty'])).toBe(key);
  });

  it('needs its source where two have incidents, and says how to write it', () => {
    expect(() => incidentKeyOf('PABC', ['pd-eu', 'pd-us'])).toThrow('write pd-eu/PABC or pd-us/PABC');
    expect(incidentKeyOf('pd-eu~PABC', ['pd-eu', 'pd-us'])).toBe('pd-eu/incident:PABC');
  });

  it.each(['', 'not an id', 'https://acme.pagerduty.com/services/PABC', 'PABC; rm -rf', 'a/b/c', 'incidents/../x'])(
    '%j is none',
    (text) => {
      expect(() => incidentKeyOf(text, ['pagerduty'])).toThrow(/is no incident|names the source/);
    },
  );

  it('with no source at all is a question of configuration', () => {
    expect(() => incidentKeyOf('PABC', [])).toThrow('set PAGERDUTY_TOKEN');
  });
});

describe("a window's id", () => {
  it.each([
    [windowOf('14:32', '14:57'), 'api', 'w~20240115T143200Z~20240115T145700Z~api'],
    [windowOf('14:32', '14:57'), undefined, 'w~20240115T143200Z~20240115T145700Z'],
    [windowOf('14:32:00.250', '14:57'), 'a~b', 'w~20240115T143200.250Z~20240115T145700Z~a~b'],
  ])('comes back as the window: %#', (window, service, id) => {
    expect(windowId(window, service)).toBe(id);
    expect(parseWindowId(id)).toEqual({ kind: 'window', window, ...(service !== undefined && { service }) });
  });

  it.each(['w~', 'w~20240115T143200Z', 'w~20240230T143200Z~20240301T000000Z', 'PABC'])('%s is none', (text) => {
    expect(parseWindowId(text)).toBeUndefined();
  });
});

describe('what several services own at one source', () => {
  it('is one scope: lists joined, sorted, without repeats', () => {
    expect(mergeScopes([{ repositories: ['b', 'a'] }, { repositories: ['a', 'c'], environments: [] }])).toEqual([
      { environments: [], repositories: ['a', 'b', 'c'] },
    ]);
  });

  it('stays apart where only one is narrowed: the other means all environments', () => {
    expect(mergeScopes([{ repositories: ['b'] }, { repositories: ['a'], environments: ['production'] }])).toEqual([
      { environments: ['production'], repositories: ['a'] },
      { repositories: ['b'] },
    ]);
  });

  it('stays apart where a word differs: releases of one are not deployments of another', () => {
    expect(
      mergeScopes([{ repositories: ['a'], deploys: 'releases' }, { repositories: ['b'] }, { repositories: ['c'], deploys: 'releases' }]),
    ).toEqual([{ deploys: 'releases', repositories: ['a', 'c'] }, { repositories: ['b'] }]);
  });

  it('of nobody is no scope', () => {
    expect(mergeScopes([])).toEqual([]);
  });
});
