import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Staged, stage } from '../../demo/run.ts';
import { buildServer } from '../../src/api/server.ts';
import { openApp } from '../../src/compose.ts';
import { parseInstant } from '../../src/core/time.ts';
import { createLog } from '../../src/platform/log.ts';
import { startTelemetry } from '../../src/platform/telemetry.ts';
import { type Recorder, startRecorder } from '../support/recorder.ts';

describe('what a team sees of a draft, from outside', () => {
  let staged: Staged;
  let recorder: Recorder;
  const lines: string[] = [];

  beforeAll(async () => {
    recorder = startRecorder();
    staged = await stage();
    const now = parseInstant(staged.world.now);
    const { app, close } = await openApp({ config: staged.config, env: staged.env, cwd: '.', ...(now && { now }) });
    const log = createLog({ level: 'info', secrets: () => [], write: (line) => lines.push(line) });
    const server = await buildServer({ app, tokens: [], log });
    staged.github.fail({ path: /releases/, mode: 403 });
    await server.inject({ method: 'POST', url: `/incidents/${staged.world.truth.incident}/draft` });
    await server.inject({ method: 'GET', url: `/incidents/${staged.world.truth.incident}/draft?secret=1` });
    await server.inject({ method: 'GET', url: '/nowhere/at/all' });
    await server.close();
    await close();
  });
  afterAll(async () => {
    recorder.stop();
    await staged.close();
  });

  it('is a span of the request by the conventions for HTTP, with those of pull, normalize, analyze and render below', () => {
    const names = recorder.spans.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['pull', 'normalize', 'analyze', 'render', 'POST /incidents/:id/draft']));
    const request = recorder.spans.find(({ name }) => name === 'POST /incidents/:id/draft');
    expect(request).toMatchObject({
      kind: 1,
      parent: undefined,
      attributes: { 'http.request.method': 'POST', 'http.route': '/incidents/:id/draft', 'http.response.status_code': 200 },
    });
    const below = recorder.spans.filter(({ name }) => ['pull', 'normalize', 'analyze', 'render'].includes(name));
    expect(below.every(({ parent }) => parent !== undefined)).toBe(true);
  });

  it('is counted by source and outcome, with gaps by reason, budgets and lengths; no value names an incident', () => {
    const keys = [...recorder.noted.keys()];
    const has = (start: string, ...parts: readonly string[]) =>
      keys.some((key) => key.startsWith(`${start} `) && parts.every((part) => key.includes(part)));
    expect(has('hindcast.source.calls', '"source":"pagerduty"', '"outcome":"ok"')).toBe(true);
    expect(has('hindcast.source.calls', '"source":"github"', '"outcome":"403"')).toBe(true);
    expect(has('hindcast.gaps', '"stream":"releases"', '"reason":"forbidden"')).toBe(true);
    expect(has('http.server.request.duration', '"http.route":"/incidents/:id/draft"')).toBe(true);
    expect(recorder.noted.get('hindcast.draft.age {}')?.[0]).toBe(0);
    const used = keys.filter((key) => key.startsWith('hindcast.source.budget.used')).flatMap((key) => recorder.noted.get(key) ?? []);
    expect(used.length).toBeGreaterThan(2);
    expect(used.every((share) => share > 0 && share <= 1)).toBe(true);
    expect(keys.filter((key) => key.includes(staged.world.truth.incident) || key.includes('nowhere'))).toEqual([]);
  });

  it("carries its trace in the log's lines, and no query anywhere", () => {
    const answered = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'request answered');
    expect(answered[0]).toMatchObject({
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect(JSON.stringify([recorder.spans, lines])).not.toContain('secret=1');
  });
});

describe('the SDK', () => {
  const asked = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };
  function fakeSdk() {
    const calls: string[] = [];
    class NodeSDK {
      constructor({ serviceName }: { readonly serviceName: string }) {
        calls.push(serviceName);
      }
      start() {
        calls.push('start');
      }
      async shutdown() {
        calls.push('shutdown');
      }
    }
    return { calls, load: async () => ({ NodeSDK }) };
  }

  it('starts only where a variable says where to', async () => {
    const sdk = fakeSdk();
    for (const env of [{}, { OTEL_SERVICE_NAME: 'x' }, { OTEL_TRACES_EXPORTER: 'none' }, { ...asked, OTEL_SDK_DISABLED: 'true' }]) {
      expect(await startTelemetry(env, sdk.load)).toBeUndefined();
    }
    expect(sdk.calls).toEqual([]);
    await (await startTelemetry(asked, sdk.load))?.close();
    expect(sdk.calls).toEqual(['hindcast', 'start', 'shutdown']);
  });

  it('that is asked for and not installed is an error that says what to install', async () => {
    await expect(startTelemetry(asked, () => Promise.reject(new Error('no such module')))).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('npm install @opentelemetry/sdk-node'),
    });
  });
});
