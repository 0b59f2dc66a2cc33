import { describe, expect, it } from 'vitest';
import type { Settings } from '../../src/app/ports.ts';
import { pointAt } from '../../src/platform/first-run.ts';
import { settingsOf } from '../app/fakes.ts';

const SHIPPED: Settings = settingsOf({
  sources: { pagerduty: { connector: 'pagerduty', config: { token_env: 'PAGERDUTY_TOKEN', base_url: 'https://api.pagerduty.com' } } },
});

function addressFor(select: string | undefined, settings: Settings = SHIPPED): unknown {
  return Object(pointAt(settings, select).sources['pagerduty']?.config)['base_url'];
}

describe('with no configuration, a pasted URL says which PagerDuty is meant', () => {
  it.each([
    ['https://acme.pagerduty.com/incidents/PABC', 'https://api.pagerduty.com'],
    ['https://acme.eu.pagerduty.com/incidents/PABC', 'https://api.eu.pagerduty.com'],
    ['http://127.0.0.1:5055/incidents/PABC', 'http://127.0.0.1:5055'],
    ['http://localhost:5055/incidents/PABC', 'http://localhost:5055'],
    ['http://[::1]:5055/incidents/PABC', 'http://[::1]:5055'],
    ['PABC', 'https://api.pagerduty.com'],
    [undefined, 'https://api.pagerduty.com'],
  ])('%s', (select, address) => {
    expect(addressFor(select)).toBe(address);
  });

  it.each([
    'https://acme.eu.pagerduty.com.evil.example/incidents/PABC',
    'https://evil.example/incidents/PABC',
    'http://acme.eu.pagerduty.com/incidents/PABC',
    'http://127.0.0.1.evil.example/incidents/PABC',
    'http://evil.example#.eu.pagerduty.com',
    'https://eu.pagerduty.com@evil.example/',
  ])('%s is sent no token', (select) => {
    expect(addressFor(select)).toBe('https://api.pagerduty.com');
  });

  it('and a file, or an address of its own, is left as it is', () => {
    const url = 'https://acme.eu.pagerduty.com/incidents/PABC';
    expect(addressFor(url, { ...SHIPPED, path: '/etc/hindcast.yaml' })).toBe('https://api.pagerduty.com');
    const own = settingsOf({ sources: { pagerduty: { connector: 'pagerduty', config: { base_url: 'https://proxy.example' } } } });
    expect(addressFor(url, own)).toBe('https://proxy.example');
  });
});
