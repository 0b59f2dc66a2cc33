import { appendFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stage } from '../../demo/run.ts';
import type { World } from '../../demo/world.ts';
import { openApp } from '../../src/compose.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { instant } from '../support/events.ts';

/** The sample drafted with a policy that names these metrics as impact: its text, its coverage, and what CloudWatch was asked. */
async function draftWith(metrics: readonly string[], change: (world: World) => World = (world) => world) {
  const staged = await stage({ change });
  try {
    const lines = metrics.map((metric) => `    - metric: ${metric}\n`).join('');
    if (metrics.length > 0) appendFileSync(staged.config, `policy:\n  impact_metrics:\n${lines}`);
    const { app, close } = await openApp({ config: staged.config, env: staged.env, cwd: '.', now: instant(staged.world.now) });
    const { draft } = await app.draft({ select: { kind: 'incident', id: staged.world.truth.incident } });
    await close();
    const calls = staged.cloudwatch.requests.map(({ target }) => target?.split('.').at(-1) ?? '');
    return { draft, markdown: renderMarkdown(draft), listed: calls.filter((call) => call.startsWith('ListMetrics')).length };
  } finally {
    await staged.close();
  }
}

const REQUESTS = 'AWS/ApplicationELB RequestCount';
const WATCHED = 'AWS/ApplicationELB HTTPCode_Target_5XX_Count';

/** The sample where each of that many other load balancers has a count of requests too. */
const withBalancers =
  (count: number, own: boolean) =>
  (world: World): World => {
    const { cloudwatch } = world;
    const template = cloudwatch.metrics.find(({ name }) => name === 'RequestCount');
    if (!template) throw new Error('the sample has no RequestCount');
    const others = Array.from({ length: count }, (_, index) => ({
      ...template,
      id: `n${index}`,
      dimensions: { LoadBalancer: `app/${index}` },
    }));
    const kept = own ? cloudwatch.metrics : cloudwatch.metrics.filter(({ name }) => name !== 'RequestCount');
    return { ...world, cloudwatch: { ...cloudwatch, metrics: [...kept, ...others] } };
  };

describe('a metric that the policy calls impact', () => {
  it('is listed by name and read where no alarm watches it', async () => {
    const { draft, listed } = await draftWith([REQUESTS]);
    expect(listed).toBe(1);
    expect(draft.analysis.impactSeries.map(({ key }) => key)).toEqual([expect.stringContaining('/RequestCount?LoadBalancer=app%2Fapi')]);
    expect(draft.analysis.findings.map(({ code }) => code)).not.toContain('impact_metric_unread');
  });

  it('is not looked for where an alarm watches it, nor where there is none', async () => {
    for (const metrics of [[], [WATCHED]]) expect((await draftWith(metrics)).listed).toBe(0);
  });

  it('is read with the dimensions that alarms of the service use, whatever else the account has', async () => {
    const { draft } = await draftWith([REQUESTS], withBalancers(30, true));
    expect(draft.analysis.impactSeries).toHaveLength(1);
    expect(draft.analysis.coverage.find(({ stream }) => stream === 'metrics')?.gaps).toEqual([]);
  });

  it('is read with ten sets of dimensions where no alarm tells which matter, and the rest is said', async () => {
    const { draft, markdown } = await draftWith([REQUESTS], withBalancers(30, false));
    expect(draft.analysis.impactSeries).toHaveLength(10);
    expect(markdown).toContain('has 30 sets of dimensions and no alarm watches it: the first 10 were read');
  });

  it('that is nowhere is a finding that says where it was looked for, and a hint what is listed', async () => {
    const { markdown } = await draftWith(['Acme/Shop Orders']);
    expect(markdown).toContain('though it was looked for by name in aws-prod: the impact is judged without it');
    expect(markdown).toContain('CloudWatch lists no metric Acme/Shop Orders in us-east-1');
  });
});
