import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Staged, stage } from '../../demo/run.ts';
import type { Drafted, DraftRequest } from '../../src/app/app.ts';
import { APP_ERRORS, type AppError } from '../../src/app/errors.ts';
import { openApp } from '../../src/compose.ts';
import type { MetricName, MilestoneName } from '../../src/core/analysis/metrics.ts';
import { type Dated, likelyTime, type Moment, parseInstant } from '../../src/core/time.ts';
import { rowKeyOf, type TimelineEntry } from '../../src/core/timeline/entry.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { instant } from '../support/events.ts';

const folders: string[] = [];
function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-sample-'));
  folders.push(folder);
  return folder;
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const MINUTE = 60_000;
const bytes = ({ draft }: Drafted) => JSON.stringify(draft) + renderMarkdown(draft);

/** The sample world behind its stand-ins, with the product opened on it as a person would. */
async function openSample(staged: Staged, env: Readonly<Record<string, string>> = {}) {
  const now = parseInstant(staged.world.now);
  if (!now) throw new Error('the world has no now');
  return await openApp({ config: staged.config, env: { ...staged.env, ...env }, cwd: '.', now });
}

async function draftSample(
  staged: Staged,
  request: Partial<DraftRequest> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<Drafted> {
  const { app, close } = await openSample(staged, env);
  try {
    return await app.draft({ select: { kind: 'incident', id: staged.world.truth.incident }, ...request });
  } finally {
    await close();
  }
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => 'drafted',
    (error: AppError) => `${error.code} ${APP_ERRORS[error.code].exit}: ${error.message}`,
  );
}

const gapsOf = ({ draft }: Drafted, line: string) =>
  draft.analysis.coverage.find(({ source, stream }) => `${source}/${stream}` === line)?.gaps;

describe('the sample incident, over HTTP', () => {
  let staged: Staged;
  let sample: Drafted;
  beforeAll(async () => {
    staged = await stage({ folder: emptyFolder() });
    sample = await draftSample(staged);
  });
  afterAll(() => staged.close());

  const entries = () => sample.draft.analysis.timeline;
  const rows = () =>
    sample.draft.sections.find(({ key }) => key === 'timeline')?.blocks.flatMap((block) => (block.kind === 'row' ? [block] : [])) ?? [];

  it('is read in full: no needed stream has a gap', () => {
    const gaps = sample.snapshot.coverage.filter(({ need, gaps }) => need === 'needed' && gaps.length > 0);
    expect(gaps).toEqual([]);
    expect(sample.partial).toBe(false);
  });

  it('holds the twelve moments at their minute, in order, each with a link and its evidence', () => {
    const { moments } = staged.world.truth;
    const typeOf = new Map(entries().map((entry) => [rowKeyOf(entry), entry.event.type]));
    const seen = rows().map(({ key, time }) => ({ at: time, what: typeOf.get(key) }));
    let from = 0;
    for (const moment of moments) {
      const place = seen.findIndex(({ at, what }, index) => index >= from && at === moment.at && what === moment.what);
      expect(place, `${moment.at} ${moment.what} in ${JSON.stringify(seen)}`).toBeGreaterThanOrEqual(0);
      expect(rows()[place]?.url, `${moment.at} has a link`).toMatch(/^https?:/);
      expect(rows()[place]?.what.cites.length).toBeGreaterThan(0);
      from = place + 1;
    }
  });

  it('tells one happening once: the alarm of CloudWatch and the alert of PagerDuty are one row with both', () => {
    const fired = entries().filter(({ event, belongs }) => event.type === 'alert.fired' && belongs.service === 'api');
    expect(fired).toHaveLength(1);
    expect(fired[0]?.corroboratedBy.length).toBeGreaterThan(0);
  });

  it('keeps the noise out of the table and in the JSON, with the reason', () => {
    const inTable = new Set(rows().map(({ key }) => key));
    const nameOf = ({ event }: TimelineEntry) => JSON.stringify(event.attributes);
    for (const noise of staged.world.truth.noise) {
      const found = entries().filter((entry) => nameOf(entry).includes(noise));
      expect(found.length, noise).toBeGreaterThan(0);
      for (const entry of found) {
        expect(entry.belongs, noise).toEqual({ service: 'other', why: expect.stringContaining('checkout') });
        expect(inTable.has(rowKeyOf(entry)), noise).toBe(false);
      }
    }
  });

  it('finds every milestone of the world, inside its stated bounds', () => {
    for (const [name, at] of Object.entries(staged.world.truth.milestones)) {
      const milestone = sample.draft.analysis.milestones[name as MilestoneName];
      expect(milestone, name).toMatchObject({ known: true });
      if (!milestone.known) continue;
      const { time } = milestone;
      expect(Date.parse(at) - Date.parse(time.at), `${name} ${time.at} of ${at}`).toBeGreaterThanOrEqual(-time.minusMs);
      expect(Date.parse(at) - Date.parse(time.at), `${name} ${time.at} of ${at}`).toBeLessThanOrEqual(time.plusMs);
    }
  });

  it.each<[MetricName, number]>([
    ['deployment_to_detection', 17],
    ['time_to_acknowledge', 2],
    ['detection_to_recovery', 18],
    ['time_to_reverse', 2],
    ['time_to_detect', 3],
    ['time_to_page', 1],
    ['time_to_resolve', 24],
  ])('%s is %i min', (name, minutes) => {
    const metric = sample.draft.analysis.durations[name];
    expect(metric.status).toBe('measured');
    if (metric.status !== 'measured') return;
    expect(metric.span.ms).toBe(minutes * MINUTE);
    expect(metric.span.minMs).toBeLessThanOrEqual(minutes * MINUTE);
    expect(metric.span.maxMs).toBeGreaterThanOrEqual(minutes * MINUTE);
  });

  it('states no interval wider than the precisions of its two ends allow', () => {
    const { durations, milestones } = sample.draft.analysis;
    const precision = Object.fromEntries(
      Object.entries(milestones).flatMap(([name, milestone]) =>
        milestone.known ? [[name, milestone.time.minusMs + milestone.time.plusMs]] : [],
      ),
    );
    const widest = Math.max(...Object.values(precision));
    expect(widest).toBeLessThanOrEqual(2 * MINUTE);
    for (const metric of Object.values(durations)) {
      if (metric.status === 'measured') expect(metric.span.maxMs - metric.span.minMs).toBeLessThanOrEqual(2 * widest);
    }
  });

  it('suspects the deployment that leaked, and shows its diff and the fix', () => {
    const { suspects, suspectVerdict, changes } = sample.draft.analysis;
    expect(suspectVerdict).toBe('suspect');
    const first = changes.find(({ key }) => key === suspects[0]?.change);
    expect(first).toMatchObject({
      belongs: { service: 'api' },
      environment: 'production',
      pullRequests: expect.arrayContaining([expect.objectContaining({ number: 1234 })]),
    });
    const markdown = renderMarkdown(sample.draft);
    expect(markdown).toContain('pool.connect()');
    expect(markdown).toContain('#1235');
    expect(markdown).toContain('client.release()');
  });

  it('measures how large it was, within the bounds that it states', () => {
    const size = sample.draft.analysis.impactSize;
    expect(size?.min).toBeLessThanOrEqual(staged.world.truth.impact_requests);
    expect(size?.max).toBeGreaterThanOrEqual(staged.world.truth.impact_requests);
    expect(Math.abs((size?.value ?? 0) / staged.world.truth.impact_requests - 1)).toBeLessThan(0.02);
  });

  it('names nobody', () => {
    expect(bytes(sample)).not.toMatch(/Jane|John Smith|Maria|Garcia|janedoe|jsmith|mgarcia/);
  });

  it('asks at most a few dozen questions, and no source more than once for the same', () => {
    for (const { requests } of [staged.pagerduty, staged.github]) {
      const lines = requests.map(({ method, path, query }) => `${method} ${path}${query}`);
      expect(lines.length).toBeLessThan(60);
    }
    expect(staged.cloudwatch.requests.filter(({ target }) => target?.endsWith('DescribeAlarmHistory')).length).toBeLessThanOrEqual(2);
  });
});

describe('the sample again', () => {
  let staged: Staged;
  afterEach(() => staged.close());

  it('offline, with the stand-ins stopped, and from a bundle in an empty folder: the same bytes', async () => {
    staged = await stage({ folder: emptyFolder() });
    const online = await draftSample(staged);
    const opened = await openSample(staged);
    const bundle = await opened.app.exportBundle(staged.world.truth.incident, { roles: false });
    await opened.close();
    await Promise.all([staged.pagerduty.close(), staged.cloudwatch.close(), staged.github.close()]);
    expect(bytes(await draftSample(staged, { offline: true }))).toBe(bytes(online));
    const elsewhere = await openApp({ bundle: true, env: {}, cwd: emptyFolder() });
    expect(bytes(await elsewhere.app.draftBundle(bundle))).toBe(bytes(online));
    expect(await elsewhere.app.reproduceBundle(bundle)).toMatchObject({ same: true, draftId: online.draftId });
    await elsewhere.close();
  });

  it('with its evidence stored in the reverse order: the same bytes', async () => {
    staged = await stage({ folder: emptyFolder() });
    const online = await draftSample(staged);
    const opened = await openSample(staged);
    const bundle = await opened.app.exportBundle(staged.world.truth.incident, { roles: false });
    await opened.close();
    const lines = bundle.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(50);
    const other = await openApp({ bundle: true, env: {}, cwd: emptyFolder() });
    const { incident } = await other.app.importBundle(bundle);
    const imported = await other.app.stored(incident);
    expect(JSON.stringify(imported.draft.analysis)).toBe(JSON.stringify(online.draft.analysis));
    await other.close();
  });

  it('forty days later: the alarm history is a retention gap, and the onset is known to five minutes', async () => {
    staged = await stage({ folder: emptyFolder(), now: '2024-02-24T16:00:00Z' });
    const late = await draftSample(staged);
    expect(late.partial).toBe(true);
    expect(gapsOf(late, 'aws-prod/alarm_history')).toMatchObject([{ reason: 'retention' }]);
    expect(spreadOf(late, likelyTime)).toBe(5 * MINUTE);
    // A length is counted from bounds that hold by three standard errors: seconds more.
    expect(spreadOf(late, ({ time }) => time)).toBeLessThanOrEqual(5.2 * MINUTE);
    expect(renderMarkdown(late.draft)).toContain('aws-prod/alarm_history');
  });

  it('a hundred days later: the onset is known to an hour', async () => {
    staged = await stage({ folder: emptyFolder(), now: '2024-04-24T16:00:00Z' });
    const late = await draftSample(staged);
    expect(late.partial).toBe(true);
    expect(spreadOf(late, likelyTime)).toBe(60 * MINUTE);
  });

  function spreadOf({ draft }: Drafted, boundsOf: (onset: Dated) => Moment): number | undefined {
    const onset = draft.analysis.milestones.impact_started;
    if (!onset.known) return undefined;
    const { at, minusMs, plusMs } = boundsOf(onset);
    const truth = Date.parse(instant('14:29'));
    expect(truth).toBeGreaterThanOrEqual(Date.parse(at) - minusMs);
    expect(truth).toBeLessThan(Date.parse(at) + plusMs);
    return minusMs + plusMs;
  }
});

describe('what can go wrong with the sample', () => {
  let staged: Staged;
  afterEach(() => staged.close());
  const begin = async () => {
    staged = await stage({ folder: emptyFolder() });
  };

  it('a wrong PagerDuty token: nothing can be written, and the message says what to do', async () => {
    await begin();
    expect(await refusal(draftSample(staged, {}, { PAGERDUTY_TOKEN: 'wrong-token-of-some-length' }))).toMatch(/^unreadable 4: .*token/i);
  });

  it('a wrong GitHub token: a partial draft that says which source and why', async () => {
    await begin();
    const drafted = await draftSample(staged, {}, { GITHUB_TOKEN: 'wrong-token-of-some-length' });
    expect(drafted.partial).toBe(true);
    expect(gapsOf(drafted, 'github/deployments')).toMatchObject([
      { reason: 'unauthorized', detail: expect.stringMatching(/GITHUB_TOKEN .* wrong, expired or revoked/) },
    ]);
    // PagerDuty's own change event is all that tells of the deployment then.
    expect(drafted.draft.analysis.suspects[0]?.change).toMatch(/^pagerduty\//);
    expect(renderMarkdown(drafted.draft)).not.toContain('pool.connect()');
    expect(bytes(drafted)).not.toContain('wrong-token-of-some-length');
  });

  it('an unknown incident', async () => {
    await begin();
    const { app, close } = await openSample(staged);
    expect(await refusal(app.draft({ select: { kind: 'incident', id: 'Q0000000000000' } }))).toMatch(
      /^unknown_incident 4: .*Q0000000000000/,
    );
    await close();
  });

  it('a missing variable is named, with its source, before anything is asked', async () => {
    await begin();
    const now = parseInstant(staged.world.now);
    const { app, close } = await openApp({
      config: staged.config,
      env: { PAGERDUTY_TOKEN: staged.world.pagerduty.token },
      cwd: '.',
      ...(now && { now }),
    });
    expect(await refusal(app.draft({ select: { kind: 'incident', id: staged.world.truth.incident } }))).toMatch(
      /^config 2: source `github` needs the environment variable GITHUB_TOKEN/,
    );
    expect(staged.pagerduty.requests).toEqual([]);
    await close();
  });

  it('GitHub failing half-way: what came is there, what is missing is named', async () => {
    await begin();
    staged.github.fail({ path: /graphql/, mode: 404 });
    staged.github.fail({ path: /\/statuses/, mode: 403 });
    const drafted = await draftSample(staged);
    expect(drafted.partial).toBe(true);
    expect(drafted.draft.analysis.timeline.some(({ event }) => event.type === 'incident.triggered')).toBe(true);
    expect(renderMarkdown(drafted.draft)).toMatch(/github\/deployment/);
  });

  it('CloudWatch throttling for a moment: nobody will ever know', async () => {
    await begin();
    staged.cloudwatch.fail({ path: /DescribeAlarmHistory/, mode: 503, times: 1 });
    expect((await draftSample(staged)).partial).toBe(false);
  });

  it('a dead host: the rest is drafted', async () => {
    await begin();
    await staged.github.close();
    const drafted = await draftSample(staged);
    expect(drafted.partial).toBe(true);
    expect(gapsOf(drafted, 'github/deployments')).toMatchObject([{ reason: 'unavailable' }]);
  });
});

describe('one token and the AWS credentials that are at hand', () => {
  const AWS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret-of-the-stand-in' } as const;
  const before = { ...process.env };
  afterEach(() => {
    process.env = { ...before };
  });

  it("follow the alarm that the page names: the onset is known, and nothing of the account's other alarms is read", async () => {
    const staged = await stage({ folder: emptyFolder() });
    try {
      // The SDK's own chain and endpoint are what is tried here: it reads them from the process.
      Object.assign(process.env, AWS, { AWS_ENDPOINT_URL_CLOUDWATCH: staged.cloudwatch.url, AWS_EC2_METADATA_DISABLED: 'true' });
      const now = parseInstant(staged.world.now);
      const select = `${staged.pagerduty.url}/incidents/${staged.world.truth.incident}`;
      const env = { PAGERDUTY_TOKEN: staged.world.pagerduty.token, ...AWS };
      const { app, close } = await openApp({ select, env, cwd: emptyFolder(), ...(now && { now }) });
      const drafted = await app.draft({ select: { kind: 'incident', id: select } });
      const offline = await app.draft({ select: { kind: 'incident', id: select }, offline: true });
      await close();
      expect(drafted.partial).toBe(false);
      expect(drafted.snapshot.services[0]?.owns).toHaveProperty('aws-123456789012-us-east-1', { alarm_prefixes: ['api-HighErrorRate'] });
      expect(drafted.draft.analysis.milestones.impact_started).toMatchObject({ known: true, time: { at: instant('14:29') } });
      expect(drafted.draft.analysis.coverage.filter(({ source }) => source === 'aws-123456789012-us-east-1')).toHaveLength(3);
      expect(bytes(offline)).toBe(bytes(drafted));
    } finally {
      await staged.close();
    }
  });
});

describe('a bundle on a laptop with nothing on it', () => {
  it('is imported and drafted by its name, with no token and no file', async () => {
    const staged = await stage({ folder: emptyFolder() });
    try {
      await draftSample(staged);
      const { app, close } = await openSample(staged);
      const bundle = await app.exportBundle(staged.world.truth.incident, { roles: true });
      await close();
      expect(bundle).not.toMatch(/Jane|John Smith|Maria|janedoe|jsmith|mgarcia|Sam Lee|samlee|@acme\.example/);
      const cwd = emptyFolder();
      const importing = await openApp({ bundle: true, env: {}, cwd });
      const { incident } = await importing.app.importBundle(bundle);
      await importing.close();
      const drafting = await openApp({ select: incident, env: {}, cwd });
      const drafted = await drafting.app.draft({ select: { kind: 'incident', id: incident }, offline: true });
      await drafting.close();
      expect(drafted.draft.analysis.durations.time_to_acknowledge).toMatchObject({ span: { ms: 2 * MINUTE } });
      expect(renderMarkdown(drafted.draft)).toContain('from a bundle');
    } finally {
      await staged.close();
    }
  });
});

it('what was drafted without a file is there offline without the token, too: it is asked for nothing', async () => {
  const staged = await stage({ folder: emptyFolder() });
  try {
    const cwd = emptyFolder();
    const now = parseInstant(staged.world.now);
    const select = `${staged.pagerduty.url}/incidents/${staged.world.truth.incident}`;
    const online = await openApp({ select, env: { PAGERDUTY_TOKEN: staged.world.pagerduty.token }, cwd, ...(now && { now }) });
    const drafted = await online.app.draft({ select: { kind: 'incident', id: select } });
    await online.close();
    const later = await openApp({ select, env: {}, cwd, offline: true });
    const offline = await later.app.draft({ select: { kind: 'incident', id: select }, offline: true });
    await later.close();
    expect(bytes(offline)).toBe(bytes(drafted));
    await expect(openApp({ select, env: {}, cwd })).rejects.toMatchObject({ code: 'config' });
  } finally {
    await staged.close();
  }
});

describe('the first five minutes: one token and a pasted URL', () => {
  it('drafts from PagerDuty alone, is not partial, and says what a source more would add', async () => {
    const staged = await stage({ folder: emptyFolder() });
    try {
      const now = parseInstant(staged.world.now);
      const select = `${staged.pagerduty.url}/incidents/${staged.world.truth.incident}`;
      const env = { PAGERDUTY_TOKEN: staged.world.pagerduty.token };
      const { app, close } = await openApp({ select, env, cwd: emptyFolder(), ...(now && { now }) });
      const drafted = await app.draft({ select: { kind: 'incident', id: select } });
      await close();
      expect(drafted.partial).toBe(false);
      expect(drafted.draft.case.services).toEqual(['API']);
      expect(drafted.draft.analysis.durations.time_to_acknowledge).toMatchObject({ status: 'measured', span: { ms: 2 * MINUTE } });
      const hints = drafted.draft.analysis.coverage.flatMap(({ status, hint }) => (status === 'not_asked' && hint ? [hint] : []));
      expect(hints).toEqual([
        expect.stringContaining('no CloudWatch source is configured'),
        expect.stringContaining('no GitHub source is configured'),
      ]);
      expect(hints[0]).toContain('no AWS credentials');
    } finally {
      await staged.close();
    }
  });
});
