import { expect, it } from 'vitest';
import { isAllowedAddress } from '../../src/contract/index.ts';

it.each([
  'https://api.pagerduty.com',
  'https://api.eu.pagerduty.com',
  'https://github.example.com/api/v3',
  'https://10.0.0.7:8443/',
  'http://localhost',
  'http://LOCALHOST:5055',
  'http://127.0.0.1:5055/path',
  'http://127.8.9.10',
  'http://127.1:80',
  'http://[::1]:5055',
])('calls %s', (url) => {
  expect(isAllowedAddress(url)).toBe(true);
});

it.each([
  ['plain http to another host', 'http://api.pagerduty.com'],
  ['a name that only begins like this machine', 'http://localhost.evil.example'],
  ['a name that only looks like an address of this machine', 'http://127.0.0.1.evil.example'],
  ['a user and a password', 'https://user:secret@api.pagerduty.com'],
  ['a user alone, which hides the real host', 'https://api.pagerduty.com@evil.example'],
  ['another machine of the network', 'http://10.0.0.7'],
  ['the address that means every interface', 'http://0.0.0.0:8080'],
  ['an address of this machine in the form of the other protocol', 'http://[::ffff:127.0.0.1]'],
  ['another scheme', 'ftp://localhost/'],
  ['a file', 'file:///etc/passwd'],
  ['a host with no scheme', 'api.pagerduty.com'],
  ['nothing', ''],
])('refuses %s', (_why, url) => {
  expect(isAllowedAddress(url)).toBe(false);
});
