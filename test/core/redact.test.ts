import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/core/evidence.ts';
import { hideKnown, redact, redactText } from '../../src/core/redact.ts';
import { growthOf } from '../support/growth.ts';
import { sharedFile } from '../support/shared.ts';

/** Joined here, so that no scanner takes the test for a leak. */
const joined = (...parts: readonly string[]) => parts.join('');

/** A text as somebody would paste it, and the secret in it. */
const PLANTED: readonly (readonly [name: string, text: string, secret: string])[] = [
  ['an AWS access key', `used ${joined('AKIA', 'IOSFODNN7EXAMPLE')} today`, joined('AKIA', 'IOSFODNN7EXAMPLE')],
  ['an AWS secret in an assignment', 'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'wJalrXUtnFEMI'],
  [
    'a signed request',
    `sent ${joined('AWS4-HMAC', '-SHA256 Credential=AKID/20240115/us-east-1, Signature=5d672d79c15b13162d9279b0855cfba6')}`,
    '5d672d79c15b',
  ],
  ['a GitHub token', `git clone https://${joined('ghp', '_0123456789abcdefghijABCDEFGHIJ456789')}@github.com/acme/api`, 'ABCDEFGHIJ456789'],
  ['a fine-grained GitHub token', joined('github', '_pat_11ABCDEFG0123456789_abcdefghijklmnop'), 'abcdefghijklmnop'],
  ['a Slack token', `curl -d ${joined('xox', 'b-123456789012-abcdefABCDEF')}`, 'abcdefABCDEF'],
  ['a Slack webhook', `https://${joined('hooks.slack', '.com/services/T000/B000/abcdEFGHijkl')}`, 'abcdEFGHijkl'],
  ['a PagerDuty token', 'Authorization: Token token=y_NbAkKc66ryYTWUXYEu', 'NbAkKc66ryYTWUXYEu'],
  ['a bare PagerDuty token', 'used u+wg_b3xZxzxzxzxzxzx for it', 'wg_b3xZxzxzxzxzxzx'],
  [
    'a PagerDuty integration URL',
    'https://events.pagerduty.com/integration/0123456789abcdef0123456789abcdef/enqueue',
    '0123456789abcdef0123',
  ],
  ['a bearer token', `curl -H "Authorization: Bearer abc.DEF-123456" https://api`, 'abc.DEF-123456'],
  ['a bearer token alone', 'sent Bearer mF_9.B5f-4.1JqM then failed', 'mF_9.B5f-4.1JqM'],
  ['basic credentials', 'Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==', 'QWxhZGRpbjpvcGVuIHNlc2FtZQ'],
  ['a password in a query', 'GET /login?user=jane&password=hunter2&next=/', 'hunter2'],
  ['a password in YAML', 'database:\n  password: changeme\n  pool: 20', 'changeme'],
  ['a password in an environment', 'export DB_PASSWORD=hunter2; run', 'hunter2'],
  ['a password in code', "+  const password = 'correct horse battery';", 'correct horse battery'],
  ['a password in JSON', '{"user":"app","password":"p4ss,word"}', 'p4ss,word'],
  ['a password in JSON in a string', '{\\"user\\":\\"app\\",\\"password\\":\\"p4ssword\\"}', 'p4ssword'],
  ['a URL with a password', 'postgres://app:s3cr3t-pw@db.internal:5432/api', 's3cr3t-pw'],
  ['a Redis URL with no user', 'redis://:s3cr3tpw@cache:6379', 's3cr3tpw'],
  ['an API key header', 'X-Api-Key: 0123456789abcdef', '0123456789abcdef'],
  ['a routing key', '"routing_key": "R0123456789ABCDEFGHIJ"', 'R0123456789ABCDEFGHIJ'],
  ['a private key', joined('-----BEGIN RSA PRIVATE', ' KEY-----\nMIIEpAIBAAKCAQEA7\n-----END RSA PRIVATE KEY-----'), 'MIIEpAIBAAKCAQEA7'],
  ['a private key cut short', joined('-----BEGIN PRIVATE', ' KEY-----\\nMIIEvgIBADANBgkqh'), 'MIIEvgIBADANBgkqh'],
  [
    'a private key in a diff',
    joined('+-----BEGIN EC PRIVATE', ' KEY-----\n+MHcCAQEEIIGSVw\n+-----END EC PRIVATE KEY-----\n const x = 1;'),
    'MHcCAQEEIIGSVw',
  ],
  ['a JWT', joined('eyJhbGciOiJIUzI1NiJ9', '.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w'), 'dozjgNryP4J3jVmNHl0w'],
  ['a presigned URL', 'https://b.s3.amazonaws.com/k?X-Amz-Signature=0123abcd0123abcd&X-Amz-Date=20240115', '0123abcd0123abcd'],
  ['a phone number', 'call me at +1 415 555 0132 if it comes back', '555 0132'],
  ['a phone number written together', '+4915112345678 rings through', '15112345678'],
  ['a phone number with brackets', 'bridge: +44 (20) 7946-0958', '7946-0958'],
  ['a session cookie', 'Cookie: session=abcdef123456; theme=dark', 'abcdef123456'],
];

/** What an incident's records are full of, and nobody may touch. */
const ORDINARY: readonly string[] = [
  'ALARM: "api-HighErrorRate" in US East (N. Virginia)',
  'arn:aws:cloudwatch:us-east-1:123456789012:alarm:api-HighErrorRate',
  'arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-AbCdEf',
  'arn:aws:iam::123456789012:role/hindcast-read',
  '4e09993b9c9d4cc83d4ebe684ce423562dcc6e04',
  'https://github.com/acme/api/commit/4e09993b9c9d4cc83d4ebe684ce423562dcc6e04',
  'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  'RPTTW9WIHZQ5DD2JXRI97HZZ8C',
  'Q1POOL0EXHAUST',
  '01HM6Z8K4Q2V3W5X7Y9ZAPIREL',
  'MDEwOkRlcGxveW1lbnQxMzA1NTUwMjM0',
  'DE_kwDOHKs7Yc5N0Y3q',
  '2024-01-15T14:33:00.000+0000',
  'targetgroup/api/943f017f100becff',
  'incident_key=api-HighErrorRate-2024',
  'alert_key: 7f3c9a1b2d4e dedup_key: 7f3c9a1b2d4e',
  'Identified: the database connection pool is at 100% (200 of 200 connections in use).',
  'Rotated the token: see the runbook. The password reset page is slow.',
  'Basic authentication and Bearer authentication are both affected.',
  'Password: reset by the user',
  'The secret: we had none.',
  "const user = await client.query('SELECT * FROM users WHERE id = $1', [id]);",
  'const token = getToken();',
  'const apiKey = process.env.API_KEY;',
  'interface Login { password: string; token: string }',
  'max_tokens: 4096, NextToken=abc',
  'mailto:jane.doe@acme.example',
  '@@ -1,2 +1,3 @@\n+1234567890123\n+12 345 678 901',
  'latency +1500 ms, errors +12345678, offset +09:00, 1.5+12345678901',
  '1 415 555 0132 requests; 2024-01-15T14:33:00+00:00',
  'https://acme.pagerduty.com/incidents/Q1POOL0EXHAUST',
];

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesUnder(path) : [path];
  });
}

describe('a text', () => {
  it.each(PLANTED)('loses %s', (_name, text, secret) => {
    const cleaned = redactText(text);
    expect(text).toContain(secret);
    expect(cleaned).not.toContain(secret);
    expect(cleaned).toMatch(/\[redacted: [a-z_]+\]/);
  });

  it.each(ORDINARY)('keeps %s', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('keeps what stands around a secret', () => {
    expect(redactText('postgres://app:s3cr3t@db/api')).toBe('postgres://app:[redacted: url_password]@db/api');
    expect(redactText('a\npassword=hunter2\nb')).toBe('a\npassword=[redacted: password]\nb');
    expect(redactText('{"password":"x","user":"app"}')).toBe('{"password":"[redacted: secret]","user":"app"}');
  });

  it('is the same after a second look, whatever stands beside what', () => {
    const pieces = [
      ...PLANTED.map(([, text]) => text),
      ...ORDINARY,
      ' ',
      '\n',
      '"',
      "'",
      '=',
      ':',
      '@',
      '\\',
      ',',
      'password',
      'token',
      '[redacted: secret]',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 6 }), (some) => {
        const once = redactText(some.join(''));
        expect(redactText(once)).toBe(once);
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    'a',
    ' ',
    '\\',
    '"',
    'eyJ-',
    'eyJabcdefgh.',
    'pwd=',
    'password: ',
    'password:',
    'token="',
    'token: a',
    'secret: a1',
    'authorization: ',
    'Bearer a',
    'cookie: a',
    'http://a:',
    'a://',
    'ghp_',
    'xoxb-',
    'y_aB',
    'a+',
    '-----BEGIN PRIVATE KEY-----',
    'hooks.slack.com/abcde/',
    '://a',
    '?sig=',
  ])('costs what its length says, though it is made of %j', (piece) => {
    expect(growthOf(redactText, piece)).toBeLessThan(30);
  });
});

describe('a body', () => {
  it('loses the members that are secrets by their name, at any depth', () => {
    const body = {
      id: 'PABC',
      incident_key: 'pool',
      alert_key: 'pool',
      dedup_key: 'pool',
      channel: { service_key: 'e93facc0', details: { apiKey: 'abc', Authorization: 'xyz', pages: [{ password: 7 }] } },
      credentials: { user: 'app', parts: ['a', null] },
      next_token: 'page2',
      headers: [
        { name: 'X-Api-Key', value: 'abc' },
        { name: 'Accept', value: 'json' },
      ],
      secret: null,
      token: '',
    };
    expect(redact(body)).toEqual({
      id: 'PABC',
      incident_key: 'pool',
      alert_key: 'pool',
      dedup_key: 'pool',
      channel: {
        service_key: '[redacted: secret_member]',
        details: {
          apiKey: '[redacted: secret_member]',
          Authorization: '[redacted: secret_member]',
          pages: [{ password: '[redacted: secret_member]' }],
        },
      },
      credentials: { user: '[redacted: secret_member]', parts: ['[redacted: secret_member]', null] },
      next_token: 'page2',
      headers: [
        { name: 'X-Api-Key', value: '[redacted: secret_member]' },
        { name: 'Accept', value: 'json' },
      ],
      secret: null,
      token: '',
    });
  });

  it('U1.4 loses where a notification went, and keeps that it went', () => {
    const body = { type: 'notify_log_entry', channel: { notification: { type: 'sms', address: '+1 415 555 0123', status: 'success' } } };
    expect(redact(body)).toEqual({
      type: 'notify_log_entry',
      channel: { notification: { type: 'sms', address: '[redacted: contact_address]', status: 'success' } },
    });
  });

  it('is the same after a second look', () => {
    const names = fc.constantFrom('password', 'token', 'value', 'name', 'address', 'type', 'text', 'id');
    const leaf = fc.constantFrom<Json>('sms', 'password', 'token=abcdef123', 'plain', 7, true, null, '');
    const { body } = fc.letrec<{ body: Json }>((tie) => ({
      body: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('body'), { maxLength: 3 }),
        fc.dictionary(names, tie('body'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(body, (value) => {
        const once = redact(value);
        expect(redact(once)).toEqual(once);
      }),
    );
  });

  it('keeps every line of the sample world but the tokens of its accounts', () => {
    const lines = readFileSync(new URL('../../demo/worlds/connection-pool.yaml', import.meta.url), 'utf8').split('\n');
    const changed = lines.filter((line) => redactText(line) !== line);
    expect(lines.length).toBeGreaterThan(300);
    expect(changed.filter((line) => !/^ {2}token: demo-/.test(line))).toEqual([]);
  });

  const recorded = sharedFile('data');
  it.skipIf(!recorded)(
    'keeps every recorded answer as it is, but for headers and the numbers of conferences (needs the shared reference folder)',
    () => {
      const files = ['pagerduty', 'cloudwatch', 'github']
        .flatMap((vendor) => filesUnder(join(recorded ?? '', vendor)))
        .filter((path) => path.endsWith('.json'));
      const changed: string[] = [];
      const compare = (before: Json, after: Json, name: string): void => {
        if (before === null || typeof before !== 'object') {
          if (before !== after) changed.push(name);
          return;
        }
        for (const [key, member] of Object.entries(before))
          compare(member, Object.entries(after ?? {}).find(([other]) => other === key)?.[1] ?? null, key);
      };
      for (const path of files) {
        const body = readBody(path);
        if (body !== undefined) compare(body, redact(body), path);
      }
      expect(files.length).toBeGreaterThan(50);
      expect(new Set(changed)).toEqual(new Set(['authorization', 'conference_number', 'number']));
    },
  );
});

function readBody(path: string): Json | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

describe('what we ourselves sign in with', () => {
  const key = ['-----BEGIN KEY-----', 'ab"c\\d', '-----END KEY-----'].join('\n');

  it('is hidden whatever it looks like, in a member, in its name and inside a text; of the rest nothing changes', () => {
    const body: Json = { title: 'curl -d E7px6VVr3PVHZPJq51oa …', list: [{ E7px6VVr3PVHZPJq51oa: 1 }, key], other: 'E7px6VVr' };
    expect(hideKnown(body, ['E7px6VVr3PVHZPJq51oa', key])).toEqual({
      title: 'curl -d [redacted: own_secret] …',
      list: [{ '[redacted: own_secret]': 1 }, '[redacted: own_secret]'],
      other: 'E7px6VVr',
    });
  });

  it('a body without it stays the same object, and a word too short to be one stands', () => {
    const body: Json = { title: 'a token of test' };
    expect(hideKnown(body, ['token', '', 'E7px6VVr3PVHZPJq51oa'])).toBe(body);
  });
});
