import { describe, expect, it } from 'vitest';
import type { World } from '../../demo/world.ts';
import { draftVariant } from '../support/staged-world.ts';

const OTHER = 'Q1CHKLATENCY01';
const at = (clock: string) => `2024-01-15T${clock}:00Z`;
const ms = (clock: string) => `2024-01-15T${clock}:00.000Z`;

/** The checkout's own incident, from 14:29 to 14:50, that an alarm of that name opened; ours is of 14:33. */
function beside(alarm: string, service = 'PCHK001'): (sample: World) => Partial<World> {
  return ({ pagerduty, cloudwatch }) => {
    const incidents = pagerduty.incidents.map((one) => {
      if (one.id !== OTHER) return one;
      const alerts = (one.alerts ?? []).map((alert) => ({
        ...alert,
        at: at('14:29'),
        resolved_at: at('14:50'),
        alarm,
        state_change_at: ms('14:28'),
      }));
      const log = [
        { at: at('14:29'), type: 'trigger', integration: 'PINTCW2', alert: 'Q1ALERT0CHKLAT1' },
        { at: at('14:29'), type: 'assign', to: 'sam', automatic: true },
        { at: at('14:30'), type: 'acknowledge', by: 'sam' },
        { at: at('14:50'), type: 'resolve', integration: 'PINTCW2' },
      ];
      return { ...one, title: `ALARM: "${alarm}" in US East (N. Virginia)`, service, created_at: at('14:29'), alerts, log };
    });
    const history = [
      { at: ms('14:28'), from: 'OK', to: 'ALARM', start: ms('14:26'), actions: true },
      { at: ms('14:50'), from: 'ALARM', to: 'OK', start: ms('14:48') },
    ];
    const alarms = cloudwatch.alarms.map((one) => (one.name === alarm ? { ...one, history } : one));
    return { pagerduty: { ...pagerduty, incidents }, cloudwatch: { ...cloudwatch, alarms } };
  };
}

describe('an incident of another service that ran while ours did, and is left apart', () => {
  it.each(['checkout-HighLatency', 'api-HighLatency'])('dates no detection of ours by its alarm, whoever owns that: %s', async (alarm) => {
    const { drafted, section, markdown } = await draftVariant({ world: beside(alarm), dependsOn: ['checkout'] });
    const { milestones, findings } = drafted.draft.analysis;
    expect(milestones.detected).toMatchObject({ known: true, rule: 'first_alert', time: { at: ms('14:32') } });
    expect(findings.map(({ code }) => code)).not.toContain('milestones_inverted');
    expect(findings.map(({ code }) => code)).not.toContain('page_delayed');
    expect(section('summary')).toContain('Alarm api-HighErrorRate fired at 14:32');
    expect(markdown).toContain(`It is of checkout, which api depends on. Add it by --with ${OTHER} if it is the same outage.`);
  });

  it('does where it joins the case, and where it is of our own service', async () => {
    const joined = await draftVariant({ world: beside('api-HighLatency'), request: { with: [OTHER] } });
    expect(joined.drafted.draft.analysis.milestones.detected).toMatchObject({ time: { at: ms('14:28') } });
    const own = await draftVariant({ world: beside('api-HighLatency', 'PAPI001') });
    expect(own.drafted.draft.analysis.milestones.detected).toMatchObject({ time: { at: ms('14:28') } });
  });

  it('takes no alarm away that an incident of ours names too', async () => {
    const { drafted } = await draftVariant({ world: beside('api-HighErrorRate'), dependsOn: ['checkout'] });
    expect(drafted.draft.analysis.milestones.detected).toMatchObject({ time: { at: ms('14:28') } });
  });
});
