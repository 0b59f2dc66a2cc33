import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Staged, stage } from '../../demo/run.ts';
import type { ImportRequest } from '../../src/app/import.ts';
import { type OpenedApp, openApp } from '../../src/compose.ts';
import { parseInstant } from '../../src/core/time.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';

const example = (name: string) => readFileSync(fileURLToPath(new URL(`../connectors/import/examples/${name}`, import.meta.url)), 'utf8');

describe('what other systems saw, imported beside the sample incident', () => {
  let staged: Staged;
  let opened: OpenedApp;
  let id: string;
  const draft = async (offline = true) => (await opened.app.draft({ select: { kind: 'incident', id }, offline })).draft;
  const importFile = async (name: string, source: string, more: Partial<ImportRequest> & { readonly incident?: string } = {}) =>
    await opened.app.importFile({ name, text: more.text ?? example(name), source, ...more });
  const coverageOf = async (source: string) => (await draft()).analysis.coverage.filter((line) => line.source === source);

  beforeAll(async () => {
    staged = await stage();
    id = staged.world.truth.incident;
    const policy = '\npolicy: { impact_metrics: [{ metric: api checkout errors }] }\n';
    writeFileSync(staged.config, readFileSync(staged.config, 'utf8') + policy);
    const now = parseInstant(staged.world.now);
    opened = await openApp({ config: staged.config, env: staged.env, cwd: '.', ...(now && { now }) });
    await opened.app.draft({ select: { kind: 'incident', id } });
  });
  afterAll(async () => {
    await opened.close();
    await staged.close();
  });

  it('a Slack channel of the incident is part of its timeline, with no name in it, and a line of coverage', async () => {
    const slack = { mapping: { name: 'slack' }, incident: id };
    expect(await importFile('slack.json', 'slack', slack)).toMatchObject({ read: 3, added: 3, refused: [] });
    for (const offline of [true, false]) {
      const { timeline } = (await draft(offline)).analysis;
      const posted = timeline.filter(({ event }) => event.id.startsWith('slack/events/'));
      expect(posted.map(({ belongs }) => belongs)).toEqual([{ service: 'api' }, { service: 'api' }, { service: 'api' }]);
    }
    const text = renderMarkdown(await draft());
    expect(text).toContain('the pool is exhausted, rolling back.');
    expect(text).not.toContain('U012AB3CD');
    expect(await coverageOf('slack')).toMatchObject([{ stream: 'events', status: 'complete', records: 3, need: 'extra' }]);
  });

  it('the same file again adds nothing, and its draft is the same', async () => {
    const before = await draft();
    expect(await importFile('slack.json', 'slack', { mapping: { name: 'slack' }, incident: id })).toMatchObject({ read: 3, added: 0 });
    expect((await draft()).id).toBe(before.id);
  });

  it('deployments of another tool are changes of the service that they name', async () => {
    await importFile('argocd.json', 'argocd', { mapping: { name: 'argocd' } });
    const { changes } = (await draft()).analysis;
    const [first, second] = changes.filter(({ key }) => key.startsWith('argocd/deployment:'));
    expect(first).toMatchObject({ kind: 'deployment', outcome: 'succeeded', belongs: { service: 'api' }, environment: 'production' });
    expect(second?.revision).toEqual({ from: 'dac31aa679972c25586112cb48db232900b291a4', to: '9f2c4a7be1d0356ac48db2329000c58611deadbe' });
  });

  it('a line that cannot be read is told with its number in each draft that the file touches, until the file is corrected', async () => {
    const told = await importFile('plain.csv', 'desk');
    expect(told).toMatchObject({ read: 2, refused: [{ line: 4, problem: expect.stringContaining('no offset') }] });
    const files = (await coverageOf('desk')).find(({ stream }) => stream === 'files');
    expect(files?.issues).toEqual([expect.objectContaining({ problem: expect.stringContaining('line 4 of plain.csv') })]);
    const text = example('plain.csv').replace('2024-01-15 14:40:00', '2024-01-15 14:40:00Z');
    expect(await importFile('plain.csv', 'desk', { text })).toMatchObject({ read: 3, added: 1, refused: [] });
    const [events, corrected] = await coverageOf('desk');
    expect(events).toMatchObject({ stream: 'events', records: 3, issues: [] });
    expect(corrected).toMatchObject({ stream: 'files', issues: [] });
  });

  it('numbers are a series that the policy can name as the impact', async () => {
    const day = Array.from({ length: 26 * 60 }, (_, minute) => {
      const ms = Date.UTC(2024, 0, 14, 13, 30) + minute * 60_000;
      const isBad = ms >= Date.UTC(2024, 0, 15, 14, 28) && ms < Date.UTC(2024, 0, 15, 14, 50);
      return {
        time: new Date(ms).toISOString(),
        metric: 'checkout errors',
        service: 'api',
        value: isBad ? 900 : minute % 3,
        period_seconds: 60,
        statistic: 'Sum',
        unit: 'Count',
      };
    });
    const lines = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row)).join('\n');
    await importFile('morning.jsonl', 'statsd', { text: lines(day.slice(0, 1_400)) });
    await importFile('rest.jsonl', 'statsd', { text: lines(day.slice(1_400)) });
    const { analysis, series } = await draft();
    expect(series.map(({ key }) => key)).toContain('statsd/metric:api/checkout errors#Sum');
    expect(analysis.milestones.impact_started).toMatchObject({ known: true, basis: 'observed', time: { at: '2024-01-15T14:28:00.000Z' } });
  });

  it('what touches no window of the incident is in no draft of it', async () => {
    const before = await draft();
    const text = JSON.stringify({ time: '2023-06-01T10:00:00Z', meaning: 'occurred', message: 'long ago', service: 'api' });
    expect(await importFile('old.jsonl', 'old', { text })).toMatchObject({ added: 1 });
    expect((await draft()).id).toBe(before.id);
  });

  it('goes with the bundle to the same bytes, and is redacted before it is kept', async () => {
    const text = JSON.stringify({
      time: '2024-01-15T14:31:00Z',
      meaning: 'occurred',
      message: 'key AKIAIOSFODNN7EXAMPLE leaked',
      service: 'api',
    });
    await importFile('secret.jsonl', 'paste', { text });
    const { id: draftId } = await draft();
    const bundle = await opened.app.exportBundle(id, { roles: false });
    expect(bundle).not.toContain('AKIAIOSFODNN7EXAMPLE');
    expect((await opened.app.draftBundle(bundle)).draftId).toBe(draftId);
    expect(await opened.app.reproduceBundle(bundle)).toMatchObject({ same: true });
  });

  it('a name that the configuration later gives to a vendor hides what was imported, and the draft says so', async () => {
    const config = readFileSync(staged.config, 'utf8').replace(
      'sources:\n',
      'sources:\n  paste: { connector: github, token_env: GITHUB_TOKEN }\n',
    );
    const path = `${staged.config}.paste.yaml`;
    writeFileSync(path, config);
    const now = parseInstant(staged.world.now);
    const other = await openApp({ config: path, env: staged.env, cwd: '.', ...(now && { now }) });
    try {
      const once = await other.app.draft({ select: { kind: 'incident', id }, offline: true });
      const line = once.draft.analysis.coverage.find(({ source, stream }) => source === 'paste' && stream === 'events');
      expect(line?.gaps).toEqual([
        expect.objectContaining({ reason: 'unsupported', detail: expect.stringContaining('1 imported records of paste') }),
      ]);
      expect((await other.app.draft({ select: { kind: 'incident', id }, offline: true })).draftId).toBe(once.draftId);
    } finally {
      await other.close();
    }
  });

  it.each<[string, string, string, Partial<ImportRequest> & { readonly incident?: string }, RegExp]>([
    ['a source that a vendor has', 'slack.json', 'github', {}, /configured as github/],
    ['a name of ours', 'slack.json', 'manual', {}, /cannot name a source/],
    ['a mapping that is not there', 'slack.json', 'x', { mapping: { name: 'slck' } }, /did you mean slack/],
    [
      'a mapping with a mistyped key',
      'slack.json',
      'x',
      { mapping: { name: 'm.yaml', text: 'fields: { time: ts, mesage: text }' } },
      /cannot be used/,
    ],
    ['a mapping that is not YAML', 'slack.json', 'x', { mapping: { name: 'm.yaml', text: 'fields: {' } }, /is not YAML/],
    ['no line that can be read', 'slack.json', 'x', {}, /nothing in slack.json could be read\n {2}line 1: no time/],
    ['a service that is not configured', 'slack.json', 'x', { service: 'apii' }, /no service "apii"/],
    ['an incident that is not known', 'slack.json', 'x', { incident: '99999' }, /id of no incident/],
  ])('with %s is refused and keeps nothing', async (_what, name, source, more, message) => {
    await expect(importFile(name, source, more)).rejects.toMatchObject({ code: 'usage', message: expect.stringMatching(message) });
    expect((await coverageOf('x')).length).toBe(0);
  });
});
