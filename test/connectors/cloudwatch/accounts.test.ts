import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { openCloudWatch } from '../../../connectors/cloudwatch/client.ts';
import { cloudwatch } from '../../../connectors/cloudwatch/index.ts';
import { createSecrets } from '../../../src/platform/secrets.ts';
import { createSources } from '../../../src/platform/sources.ts';
import { quietLog } from '../../app/fakes.ts';
import { plainKit, pullAll } from '../../support/streams.ts';
import { ACCOUNT, alarmHistory, alarms, ask, at, sampleWorld, startScene, startServer } from './support.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const JSON_TYPE = 'application/x-amz-json-1.0';
const ROLE = 'arn:aws:iam::210987654321:role/hindcast-read';
const close: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(close.splice(0).map((end) => end()));
});

/** A security token service: the form that it was sent, and temporary keys, or a refusal in its own XML. */
async function startTokenService(refusal?: string) {
  const asked: { readonly form: URLSearchParams; readonly signedBy: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => {
      body += part.toString('utf8');
    });
    request.on('end', () => {
      asked.push({ form: new URLSearchParams(body), signedBy: /Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1] ?? '' });
      const xml = refusal === undefined ? GRANTED : refusalOf(refusal);
      response.writeHead(refusal === undefined ? 200 : 403, { 'content-type': 'text/xml' }).end(xml);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const GRANTED = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<AssumedRoleUser><AssumedRoleId>AROA:hindcast</AssumedRoleId><Arn>arn:aws:sts::210987654321:assumed-role/hindcast-read/hindcast</Arn></AssumedRoleUser>
<Credentials><AccessKeyId>ASIATEMPORARY</AccessKeyId><SecretAccessKey>temporary-secret</SecretAccessKey><SessionToken>temporary-token</SessionToken>
<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;

function refusalOf(message: string): string {
  return `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${message}</Message></Error></ErrorResponse>`;
}

/** Runs a piece of script in a process of its own: the SDK reads keys and the address of the token service from its environment. */
async function runChild(script: string, environment: Readonly<Record<string, string>>): Promise<string> {
  const source = `
    import { openCloudWatch } from './connectors/cloudwatch/client.ts';
    const kit = { limited: (task) => task(), secret: () => 'planted-external-id', log: { debug() {}, warn() {} } };
    const signal = AbortSignal.timeout(20_000);
    const role = { connector: 'cloudwatch', region: 'us-west-2', role_arn: '${ROLE}', external_id_env: 'HINDCAST_EXTERNAL_ID' };
    ${script}`;
  const keys = { AWS_ACCESS_KEY_ID: 'AKIAATHAND', AWS_SECRET_ACCESS_KEY: 'secret-at-hand', AWS_EC2_METADATA_DISABLED: 'true' };
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...keys, ...environment };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--no-warnings', '-e', source], {
    cwd: ROOT,
    env,
    timeout: 50_000,
  });
  return stdout;
}

describe('a role of another account', () => {
  it('U2.4 is assumed once with the external id, and its temporary keys sign every call', async () => {
    const service = await startTokenService();
    const vendor = await startServer(200, JSON_TYPE, () => '{"MetricAlarms":[]}');
    const script = `const client = openCloudWatch({ ...role, endpoint: '${vendor.url}' }, kit);
      await client.describeAlarms({}, signal); await client.describeAlarms({}, signal); console.log('read');`;
    expect(await runChild(script, { AWS_ENDPOINT_URL_STS: service.url })).toBe('read\n');
    expect(service.asked).toHaveLength(1);
    const [{ form, signedBy } = { form: new URLSearchParams(), signedBy: '' }] = service.asked;
    expect([form.get('Action'), form.get('RoleArn'), form.get('ExternalId'), signedBy]).toEqual([
      'AssumeRole',
      ROLE,
      'planted-external-id',
      'AKIAATHAND',
    ]);
    expect(vendor.seen).toHaveLength(2);
    for (const headers of vendor.seen) {
      expect(headers.authorization).toContain('Credential=ASIATEMPORARY/');
      expect(headers.authorization).toContain('/us-west-2/monitoring/aws4_request');
      expect(headers['x-amz-security-token']).toBe('temporary-token');
    }
  });

  it('that does not trust us says what to change, and repeats neither keys nor external id', async () => {
    const service = await startTokenService(
      `User: arn:aws:iam::123456789012:user/ops is not authorized to perform: sts:AssumeRole on resource: ${ROLE}`,
    );
    const script = `const client = openCloudWatch({ ...role, endpoint: 'http://127.0.0.1:1' }, kit);
      await client.describeAlarms({}, signal).catch((error) => console.log(error.reason, error.message, error.cause?.message, error.stack));`;
    const told = await runChild(script, { AWS_ENDPOINT_URL_STS: service.url });
    expect(told).toMatch(/^forbidden AWS does not permit sts:AssumeRole in us-west-2: allow it in the trust policy of role_arn/);
    expect(told).not.toMatch(/planted|secret-at-hand/);
  });
});

describe('two regions', () => {
  const WEST = 'arn:aws:cloudwatch:us-west-2:123456789012:alarm:';

  /** The sample world, moved to a region: its own endpoint, as in a second account. */
  async function startRegion(region: string) {
    const world = sampleWorld();
    const { standIn } = await startScene({ ...world, cloudwatch: { ...world.cloudwatch, region } });
    return { standIn, client: openCloudWatch({ connector: 'cloudwatch', region, endpoint: standIn.url }, plainKit()) };
  }

  it('are two sources: each reads its own alarms and history, and leaves alone what pages name elsewhere', async () => {
    const [east, west] = [await startRegion('us-east-1'), await startRegion('us-west-2')];
    const keys = [`alarm:${ACCOUNT}api-HighErrorRate`, `alarm:${WEST}api-HighLatency`];
    const read = async ({ client }: typeof east) =>
      (await pullAll(alarms, client, ask({}, { keys }))).records.map(({ nativeId }) => nativeId);
    expect(await read(east)).toEqual([`${ACCOUNT}api-HighErrorRate`]);
    expect(await read(west)).toEqual([`${WEST}api-HighLatency`]);
    const history = (await pullAll(alarmHistory, west.client, ask({}))).records;
    expect(history.length).toBeGreaterThan(10);
    expect(history.every(({ nativeId }) => nativeId.startsWith(WEST))).toBe(true);
    const edits = await pullAll(alarmHistory, east.client, ask({}, { keys: [`alarm:${WEST}api-HighLatency`] }));
    expect(edits).toMatchObject({ records: [], gaps: [] });
  });

  it('that alerts name are followed as two sources, by one set of credentials, each once', () => {
    const env = { AWS_PROFILE: 'ops' };
    const sources = createSources({
      configured: {},
      connectors: [cloudwatch],
      follower: { connector: cloudwatch, credentialSign: () => 'AWS_PROFILE' },
      env,
      secrets: createSecrets(env),
      budget: { limited: (_source, _limits, task) => task(), observe: () => undefined },
      clock: { now: () => at('2024-01-15T16:00:00Z') },
      cacheFor: () => ({ get: async () => undefined, set: async () => undefined }),
      log: quietLog(),
    });
    for (const arn of [`${ACCOUNT}api-HighErrorRate`, `${WEST}api-HighErrorRate`]) {
      expect(sources.covering(arn)).toBeUndefined();
      expect(sources.follow(arn)).toHaveProperty('source');
    }
    expect(sources.names).toEqual(['aws-123456789012-us-east-1', 'aws-123456789012-us-west-2']);
    expect(sources.covering(`${WEST}another`)).toBe('aws-123456789012-us-west-2');
    expect(sources.covering(`${ACCOUNT}another`)).toBe('aws-123456789012-us-east-1');
  });
});
