import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { asSent as asCloudWatchSent } from '../../connectors/cloudwatch/as-sent.ts';
import { asSent as asGitHubSent } from '../../connectors/github/as-sent.ts';
import { openGitHub } from '../../connectors/github/client.ts';
import { releases } from '../../connectors/github/streams/releases.ts';
import { nativeIdOf } from '../../connectors/pagerduty/shapes.ts';
import { cutDeep } from '../../src/core/redact.ts';
import { requestOf } from '../support/github-source.ts';
import { plainKit, pullAll } from '../support/streams.ts';

const LEVELS = 100_000;
/** JSON is read without a stack; whatever walks through it afterwards has one. */
const deepText = `${'{"a":['.repeat(LEVELS / 2)}1${']}'.repeat(LEVELS / 2)}`;

const servers: (() => void)[] = [];
afterEach(() => {
  for (const close of servers.splice(0)) close();
});

async function serve(text: string): Promise<string> {
  const server = createServer((_, response) => response.setHeader('content-type', 'application/json').end(text));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a record that nests a hundred thousand levels', () => {
  it.each([
    ['GitHub', asGitHubSent],
    ['CloudWatch', asCloudWatchSent],
  ])('of %s is read, and what no record has is cut out of it as of any other', (_, asSent) => {
    const said = asSent([{ id: 1, details: JSON.parse(deepText) }]);
    const [record] = Array.isArray(said) ? said : [];
    expect(JSON.stringify(cutDeep(record ?? null))).toMatch(/^\{"id":1,"details":\{"a":\[\{.*\[redacted: nested_too_deep\]/);
  });

  it('of PagerDuty without an id has one all the same', () => {
    expect(nativeIdOf(JSON.parse(`{"id":null,"details":${deepText}}`))).toContain('[redacted: nested_too_deep]');
  });

  it('hides no release that stands beside it', async () => {
    const stamps =
      '"created_at":"2020-01-01T00:00:00Z","published_at":"2024-01-15T14:05:00Z","draft":false,"author":null,"html_url":"https://github.com/acme/api/releases/1","target_commitish":"main","url":"https://api.github.com/repos/acme/api/releases/1"';
    const one = (id: number, rest: string) => `{"id":${id},"node_id":"RE_${id}","tag_name":"v${id}",${stamps}${rest}}`;
    const url = await serve(`[${one(1, `,"details":${deepText}`)},${one(2, '')}]`);
    const kit = plainKit({ GITHUB_TOKEN: 'of the test' });
    const client = openGitHub({ connector: 'github', token_env: 'GITHUB_TOKEN', base_url: url }, kit);
    const { records, gaps } = await pullAll(releases, client, requestOf());
    expect([records.map(({ nativeId }) => nativeId), gaps]).toEqual([['RE_1', 'RE_2'], []]);
  });
});
