import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Staged, stage } from '../../demo/run.ts';
import type { DraftRequest } from '../../src/app/app.ts';
import { openApp } from '../../src/compose.ts';
import { parseInstant } from '../../src/core/time.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { windowOf } from '../support/events.ts';

const open: { staged: Staged; folder: string }[] = [];
afterEach(async () => {
  for (const { staged, folder } of open.splice(0)) {
    await staged.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** A draft of the sample world as it stands at a time, and the paths that PagerDuty was asked for. */
async function draftAt(at: string, request: DraftRequest) {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-log-'));
  const staged = await stage({ now: at, folder });
  open.push({ staged, folder });
  const now = parseInstant(at);
  if (!now) throw new Error(`${at} is no time`);
  const { app, close } = await openApp({ config: staged.config, env: staged.env, cwd: folder, now });
  try {
    const { draft } = await app.draft(request);
    return { draft, text: renderMarkdown(draft), paths: staged.pagerduty.requests.map(({ path }) => path) };
  } finally {
    await close();
  }
}

describe('PagerDuty in a draft', () => {
  it('U1.2 of a window reads what happened to any incident by then, from one list of the account', async () => {
    const select = { kind: 'window', window: windowOf('14:20', '14:30'), service: 'checkout' } as const;
    const { draft, paths } = await draftAt('2024-01-15T16:00:00Z', { select });
    const line = draft.analysis.coverage.find(({ source, stream }) => `${source}/${stream}` === 'pagerduty/log_entries');
    expect(line).toMatchObject({ status: 'complete', gaps: [], records: 21, gave: { events: 21 } });
    expect(paths.filter((path) => path.endsWith('/log_entries'))).toEqual(['/log_entries']);
  });

  it('U1.5 prints its own figures a day later, beside ours and in agreement with them', async () => {
    const { draft, text } = await draftAt('2024-01-17T00:00:00Z', { select: { kind: 'incident', id: 'Q1POOL0EXHAUST' } });
    const values = draft.sections
      .flatMap(({ blocks }) => blocks)
      .flatMap((block) => (block.kind === 'metric' ? [[block.key, block.value]] : []));
    expect(Object.fromEntries(values)).toMatchObject({
      'durations.time_to_acknowledge': '2 min',
      'durations.reference.seconds_to_first_ack': '2 min',
      'durations.time_to_resolve': '24 min',
      'durations.reference.seconds_to_resolve': '24 min',
    });
    expect(text).not.toContain('count from or to different moments');
  });

  it('without related incidents asks for neither kind, and still for its figures', async () => {
    const { paths } = await draftAt('2024-01-15T16:00:00Z', { select: { kind: 'incident', id: 'Q1POOL0EXHAUST' }, related: false });
    expect(paths.filter((path) => /past_incidents|related_incidents/.test(path))).toEqual([]);
    expect(paths).toContain('/analytics/raw/incidents/Q1POOL0EXHAUST');
  });
});
