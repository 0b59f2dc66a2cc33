import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Staged, type StageOptions, stage } from '../../demo/run.ts';
import type { World, WorldAlarm } from '../../demo/world.ts';
import type { Drafted } from '../../src/app/app.ts';
import { openApp } from '../../src/compose.ts';
import { parseInstant } from '../../src/core/time.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { instant } from '../support/events.ts';

let staged: Staged | undefined;
let folder = '';
afterEach(async () => {
  await staged?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Drafts the sample incident of a world that differs; `before` may break a stand-in. */
async function draftOf(options: StageOptions, before: (staged: Staged) => void = () => undefined): Promise<Drafted> {
  folder = mkdtempSync(join(tmpdir(), 'hindcast-alarms-'));
  staged = await stage({ folder, ...options });
  before(staged);
  const now = parseInstant(staged.world.now);
  const { app, close } = await openApp({ config: staged.config, env: staged.env, cwd: '.', ...(now && { now }) });
  try {
    return await app.draft({ select: { kind: 'incident', id: staged.world.truth.incident } });
  } finally {
    await close();
  }
}

/** The world with its paging alarm changed. */
const paging =
  (over: Partial<WorldAlarm>) =>
  (world: World): World => {
    const alarms = world.cloudwatch.alarms.map((alarm) => (alarm.name === 'api-HighErrorRate' ? { ...alarm, ...over } : alarm));
    return { ...world, cloudwatch: { ...world.cloudwatch, alarms } };
  };
const startOf = ({ draft }: Drafted) => draft.analysis.milestones.impact_started;
const subjectsOf = ({ draft }: Drafted, code: string) =>
  draft.analysis.findings.flatMap((found) => (found.code === code ? [found.subject] : []));
const historyCalls = () => staged?.cloudwatch.requests.filter(({ target }) => target === 'DescribeAlarmHistory').length;
const QUIET = [{ at: '2024-01-15T15:10:00Z', rule: { threshold: 50_000 } }];
const text = (drafted: Drafted) => renderMarkdown(drafted.draft);

describe('U2.1 the threshold that held then', () => {
  it('of an alarm that is quieter since: the rows and the onset are those of the incident, and a finding says both rules', async () => {
    const drafted = await draftOf({ change: paging({ edits: QUIET }) });
    expect(drafted.partial).toBe(false);
    expect(startOf(drafted)).toMatchObject({ known: true, time: { at: instant('14:29'), minusMs: 0, plusMs: 60_000 } });
    expect(text(drafted)).toContain('Alarm api-HighErrorRate fired; its threshold was 100.');
    expect(text(drafted)).toMatch(/left its normal range, at \d+; the alarm's threshold is 100\./);
    expect(subjectsOf(drafted, 'alarm_edited')).toEqual([
      expect.stringMatching(/^api-HighErrorRate compared with 100 when it fired, .*compares above 50000 .* since 2024-01-15 15:10 UTC$/),
    ]);
    // Its record is of a later edit, so its own edits are asked for, once.
    expect(historyCalls()).toBe(2);
  });

  it('of an alarm that watches another metric since: the metric of then is read, from the edit before', async () => {
    const moved = { metric: 'api-latency', statistic: 'Average', threshold: 2 };
    const edits = [
      { at: '2024-01-10T09:00:00Z', rule: { evaluation_periods: 2 } },
      { at: '2024-01-15T15:10:00Z', rule: moved },
    ];
    const drafted = await draftOf({ change: paging({ edits }) });
    expect(startOf(drafted)).toMatchObject({ known: true, time: { at: instant('14:29') }, rule: 'onset_of_the_series_of_an_alarm' });
    expect(text(drafted)).toContain('HTTPCode_Target_5XX_Count left its normal range');
  });

  it('of an alarm that was deleted since: its history tells what it watched', async () => {
    const drafted = await draftOf({ change: paging({ deleted_at: '2024-01-15T15:40:00Z' }) });
    expect(startOf(drafted)).toMatchObject({ known: true, time: { at: instant('14:29') }, rule: 'onset_of_the_series_of_an_alarm' });
    const gaps = drafted.draft.analysis.coverage.flatMap((line) => line.gaps.map(({ detail }) => detail));
    expect(gaps.filter((detail) => detail.includes('so its metric is not known'))).toEqual([]);
  });

  it('of an alarm that was not edited asks nothing more', async () => {
    await draftOf({});
    expect(historyCalls()).toBe(1);
  });
});

describe('U0-8 what the alarm saw', () => {
  it('U2.6-5 differs from what the metric says now: the draft has both, and the onset stands', async () => {
    const history = [
      { at: '2024-01-15T14:32:00.000Z', from: 'OK', to: 'ALARM', start: '2024-01-15T14:29:00Z', actions: true, saw: [455, 1_620] },
    ];
    const drafted = await draftOf({ change: paging({ history }) });
    expect(subjectsOf(drafted, 'alarm_saw_other_values')).toEqual([
      expect.stringMatching(
        /^api-HighErrorRate saw 455 for 2024-01-15 14:29 UTC and the series read later says \d+, and 1 more of 2 values differ$/,
      ),
    ]);
    expect(startOf(drafted)).toMatchObject({ known: true, time: { at: instant('14:29') } });
    expect(text(drafted)).toContain('both are kept: api-HighErrorRate saw 455');
  });

  it('is what is left where no value may be read: it bounds the start, and the draft is partial', async () => {
    const drafted = await draftOf({}, ({ cloudwatch }) => cloudwatch.fail({ path: /GetMetricData/, mode: 403 }));
    expect(drafted.partial).toBe(true);
    expect(startOf(drafted)).toMatchObject({
      known: true,
      basis: 'inferred',
      rule: 'first_breach_that_the_alarm_saw',
      time: { at: instant('14:29'), minusMs: 120_000, plusMs: 60_000 },
    });
    expect(text(drafted)).toContain('inferred from the values that the alarm itself saw when it fired');
    expect(text(drafted)).toContain('aws-prod/series');
  });

  it('twenty days later the series is coarser and comes first; the history still tells the threshold', async () => {
    const drafted = await draftOf({ now: '2024-02-04T16:00:00Z' });
    expect(startOf(drafted)).toMatchObject({ known: true, rule: 'onset_of_the_series_of_an_alarm', time: { plusMs: 300_000 } });
    expect(subjectsOf(drafted, 'alarm_saw_other_values')).toEqual([]);
    expect(text(drafted)).toContain('Alarm api-HighErrorRate fired; its threshold was 100.');
  });
});

describe('alarms with nothing to draw', () => {
  it('U2.1 a log alarm that fired says why there is no series', async () => {
    const log = {
      name: 'api-LeakedConnections',
      description: '',
      query: 'filter @message like /pool exhausted/',
      results_to_evaluate: 1,
      results_to_alarm: 1,
      threshold: 0,
      comparison: 'GreaterThanThreshold',
      missing: 'notBreaching',
      history: [{ at: '2024-01-15T14:34:00Z', from: 'OK', to: 'ALARM' }],
    };
    const drafted = await draftOf({ change: (world) => ({ ...world, cloudwatch: { ...world.cloudwatch, log_alarms: [log] } }) });
    expect(subjectsOf(drafted, 'alarm_without_series')).toEqual([
      'api-LeakedConnections watches the results of a log query, which are not kept as a metric',
    ]);
    expect(text(drafted)).toContain('Alarm api-LeakedConnections fired.');
    expect(text(drafted)).toContain('No series can be shown for an alarm that fired: api-LeakedConnections watches');
  });
});
