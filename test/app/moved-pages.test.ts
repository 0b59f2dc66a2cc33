import { describe, expect, it } from 'vitest';
import type { World } from '../../demo/world.ts';
import { draftVariant, withIncident } from '../support/staged-world.ts';

const at = (clock: string) => `2024-01-15T${clock}Z`;

describe('a page that moved on', () => {
  it('past two people to nobody is not said to have been taken in the end, and is one action', async () => {
    const unanswered = (sample: World) =>
      withIncident(sample, ({ log }) => ({
        responders: [],
        log: [
          ...log.filter((entry) => entry.at < at('14:34:00')),
          { at: at('14:38:00'), type: 'escalate', to: 'maria', automatic: true },
          { at: at('14:43:00'), type: 'escalate', to: 'jane', automatic: true },
          { at: at('14:57:00'), type: 'resolve', integration: 'PINTCW1' },
        ],
      }));
    const { markdown } = await draftVariant({ world: unanswered });
    expect(markdown).toContain('- No person acknowledged the page.');
    expect(markdown).toContain('- The page was escalated twice.\n');
    expect(markdown).not.toMatch(/anyone took it|before the incident was taken/);
    expect(markdown.match(/\| Check how the page reaches the on-call/g)).toHaveLength(1);
  });

  it('past one person who was asleep to one who answered is told with that, and looked into', async () => {
    const escalated = (sample: World) =>
      withIncident(sample, ({ log }) => ({
        log: [
          ...log.filter(({ type }) => type !== 'acknowledge'),
          { at: at('14:35:30'), type: 'escalate', to: 'maria', automatic: true },
          { at: at('14:35:50'), type: 'acknowledge', by: 'maria' },
        ],
      }));
    const { markdown } = await draftVariant({ world: escalated });
    expect(markdown).toContain('- The page was escalated once before anyone took it.');
    expect(markdown).toContain('| Check why the page moved on before the incident was taken. |');
  });

  it('because its acknowledgement ended did not move on before anybody took it', async () => {
    const lapsed = (sample: World) =>
      withIncident(sample, ({ log }) => ({
        log: [
          ...log.filter((entry) => entry.at < at('14:44:00')),
          { at: at('14:45:00'), type: 'unacknowledge' },
          { at: at('14:49:00'), type: 'acknowledge', by: 'maria' },
          { at: at('14:57:00'), type: 'resolve', by: 'maria' },
        ],
      }));
    const { markdown } = await draftVariant({ world: lapsed });
    expect(markdown).toContain('- An acknowledgement ended once with the incident still open.');
    expect(markdown).toContain('| Check why an acknowledgement ended while the incident was still open. |');
    expect(markdown).not.toContain('before the incident was taken');
  });
});

/** Alarms that fire one after the other and go on, and a pager whose clock is so far off: each of its alerts comes 2 s after. */
function withStillFiring(sample: World, offsetMs: number): Partial<World> {
  const [base] = sample.cloudwatch.alarms;
  if (!base) throw new Error('the world has an alarm');
  const later = (time: string, ms: number) => new Date(Date.parse(time) + ms).toISOString();
  const firings = ['14:33:10', '14:34:20', '14:35:30', '14:36:40'].map((clock, index) => ({
    at: at(clock),
    name: `api-Pod${index}Errors`,
  }));
  const alarms = firings.map(({ at, name }) => ({
    ...base,
    name,
    edits: [],
    history: [{ at, from: 'OK', to: 'ALARM', start: at, actions: true }],
  }));
  const raised = firings.map(({ at, name }, index) => ({
    id: `Q1ALERT0POD00${index}`,
    at: later(at, 2_000 + offsetMs),
    integration: 'PINTCW1',
    alarm: name,
    state_change_at: at,
  }));
  return {
    cloudwatch: { ...sample.cloudwatch, alarms: [...sample.cloudwatch.alarms, ...alarms] },
    ...withIncident(sample, ({ alerts = [] }) => ({ alerts: [...alerts, ...raised] })),
  };
}

describe('the clock of a pager, by alarms that still fire', () => {
  it.each([
    ['90 s behind', -90_000, true],
    ['right', 0, false],
  ])('%s: a firing that both the history and the present state of its alarm tell is one twin', async (_, offsetMs, isTold) => {
    const { drafted } = await draftVariant({ world: (sample) => withStillFiring(sample, offsetMs) });
    const { clocks, findings } = drafted.draft.analysis;
    const clock = clocks.find((one) => one.clock === 'pagerduty' && one.against === 'aws-prod');
    expect(clock).toMatchObject({ twins: 5, measurable: true });
    expect(findings.some(({ code }) => code === 'clock_offset')).toBe(isTold);
    if (!clock?.measurable) return;
    expect(clock.minMs).toBeLessThanOrEqual(offsetMs);
    expect(clock.maxMs).toBeGreaterThanOrEqual(offsetMs);
  });
});
