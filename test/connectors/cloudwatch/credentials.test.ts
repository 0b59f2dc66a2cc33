import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { failureOf, openAt, startServer } from './support.ts';

const signal = new AbortController().signal;
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const JSON_TYPE = 'application/x-amz-json-1.0';

describe('secrets', () => {
  it('C15 U2.4 a refused signature quotes the request: its token reaches no error, cause or log', async () => {
    const planted = 'planted-session-token';
    const { url } = await startServer(403, JSON_TYPE, (headers) => {
      const quoted = `The Canonical String should have been x-amz-security-token:${headers['x-amz-security-token']} ${headers.authorization}`;
      return JSON.stringify({ __type: 'com.amazon.coral.service#InvalidSignatureException', message: quoted });
    });
    const credentials = { accessKeyId: 'AKIAPLANTED', secretAccessKey: 'planted-secret', sessionToken: planted };
    const { client, kit } = openAt(url, { credentials });
    const error = await failureOf(client.describeAlarms({}, signal));
    expect(error.reason).toBe('unauthorized');
    const cause = error.cause as Error;
    const told = [
      error.message,
      error.stack,
      cause.message,
      cause.stack,
      JSON.stringify(error),
      JSON.stringify({ ...cause }),
      ...kit.lines,
    ].join('\n');
    expect(told).not.toContain('planted');
    expect(told).not.toContain('PLANTED');
  });

  it('a stand-in on this machine never sees a real key', async () => {
    const { url, seen } = await startServer(200, JSON_TYPE, () => '{"MetricAlarms":[]}');
    await runChild(`await open({ endpoint: '${url}' }).describeAlarms({}, signal); console.log('done')`, {
      AWS_ACCESS_KEY_ID: 'AKIAREAL',
      AWS_SECRET_ACCESS_KEY: 'real',
    });
    expect(seen).toHaveLength(1);
    expect(seen[0]?.authorization).toContain('Credential=stand-in/');
  });
});

/** Runs a piece of script in a process of its own, where the environment is ours to say. */
async function runChild(script: string, environment: Readonly<Record<string, string>>): Promise<string> {
  const source = `
    import { openCloudWatch } from './connectors/cloudwatch/client.ts';
    const kit = { limited: (task) => task(), secret: () => 'planted-external-id', log: { debug() {}, warn() {} } };
    const signal = AbortSignal.timeout(20_000);
    const open = (over, options) => openCloudWatch({ connector: 'cloudwatch', region: 'us-east-1', ...over }, kit, options);
    ${script}`;
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true', ...environment };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--no-warnings', '-e', source], {
    cwd: ROOT,
    env,
    timeout: 50_000,
  });
  return stdout;
}

describe('credentials', () => {
  it('none at all: says what to set', async () => {
    const told = await runChild(
      'await open({}).describeAlarms({}, signal).catch(({ reason, message }) => console.log(reason, message))',
      {},
    );
    expect(told).toMatch(/^unauthorized no AWS credentials were found for CloudWatch in us-east-1: set AWS_PROFILE, or AWS_ACCESS_KEY_ID/);
  });

  it('a role that cannot be assumed without any: the same, and the external id stays secret', async () => {
    const role = "{ role_arn: 'arn:aws:iam::123456789012:role/r', external_id_env: 'X' }";
    const told = await runChild(
      `await open(${role}).describeAlarms({}, signal).catch((error) => console.log(error.reason, error.message, error.stack, error.cause))`,
      {},
    );
    expect(told).toMatch(/^unauthorized /);
    expect(told).not.toContain('planted');
  });

  it('keys of the environment sign the requests', async () => {
    const { url, seen } = await startServer(200, JSON_TYPE, () => '{"MetricAlarms":[]}');
    // The SDK's own variable for the endpoint, so that the configuration names none.
    const endpoint = { AWS_ENDPOINT_URL_CLOUDWATCH: url };
    await runChild('await open({}).describeAlarms({}, signal)', {
      ...endpoint,
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
    });
    expect(seen[0]?.authorization).toContain('Credential=AKIDEXAMPLE/');
    expect(seen[0]?.authorization).toContain('/us-east-1/monitoring/aws4_request');
  });

  it('U2.4 gathering them ends with the call: a metadata service that hangs is given up at the deadline', async () => {
    const script = `const hang = { credentials: () => new Promise((resolve) => setTimeout(resolve, 15_000).unref()), deadlineMs: 200 };
      const alive = setInterval(() => {}, 1_000);
      await open({}, hang).describeAlarms({}, signal).catch(({ reason, message }) => console.log(reason, message));
      clearInterval(alive);`;
    expect(await runChild(script, {})).toMatch(/^unavailable CloudWatch gave no answer to DescribeAlarms in us-east-1 within 0.2 s/);
  });
});
