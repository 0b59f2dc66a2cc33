import { describe, expect, it } from 'vitest';
import type { Instant } from '../../src/core/time.ts';
import { instant } from '../support/events.ts';
import { draftVariant } from '../support/staged-world.ts';

const asked = (from: Instant, to: Instant, service?: string) => ({
  request: { select: { kind: 'window', window: { from, to }, ...(service !== undefined && { service }) } } as const,
});

describe('a window', () => {
  it('in which nothing paged says so, with the window as it was given beside what was read around it', async () => {
    const { drafted, markdown, section } = await draftVariant(
      asked(instant('2024-01-14T14:00:00Z'), instant('2024-01-14T15:00:00Z'), 'api'),
    );
    expect(markdown).toMatch(/^# Post-mortem: api, 14 January 2024, 14:00 to 15:00 UTC\n/);
    expect(markdown).toContain('- **Date:** 14 January 2024\n- **Status:** No incident was opened\n');
    expect(markdown).toContain('- **Window asked for:** 14 January 2024, 14:00 to 15:00 UTC; `w~20240114T140000Z~20240114T150000Z~api`');
    expect(markdown).toContain('- **Windows read:** 14 January 2024, 12:00 UTC to 15 January 2024, 15:00 UTC;');
    expect(section('summary')).toContain(
      'In the window of 14 January 2024, 14:00 to 15:00 UTC, no incident of api was opened. The metrics that were read show no impact.',
    );
    expect(markdown).not.toMatch(/could not (?:all )?be read|set it off|What set this off|Resolved|No alarm of the service fired/);
    expect([drafted.partial, drafted.draft.analysis.suspects]).toEqual([false, []]);
    // Nobody is asked what kept it from users, nor told of several factors: there is nothing yet that had any.
    const questions = drafted.draft.sections.flatMap(({ blocks }) => blocks.flatMap(({ kind, key }) => (kind === 'question' ? [key] : [])));
    expect(questions).toEqual(['summary.authors', 'impact.start']);
    expect(section('root_cause')).toBe('## Root cause: suspects, ranked\n\nNothing shows an impact, so no change was weighed.\n');
  });

  it('after an incident does not tell that incident, though what is read reaches back over it', async () => {
    const { drafted, markdown, section } = await draftVariant(asked(instant('15:30'), instant('15:50'), 'api'));
    expect(drafted.snapshot.windows.incident.from).toBe(instant('13:30'));
    expect(drafted.snapshot.incidents).toEqual(['w~20240115T153000Z~20240115T155000Z~api']);
    expect(section('summary')).toContain('no incident of api was opened. The metrics that were read show no impact.');
    expect(markdown).not.toMatch(/degraded|HighErrorRate fired|was opened and the on-call paged/);
  });

  it('that an incident was open in is about that incident, though it began before', async () => {
    const { drafted, section } = await draftVariant(asked(instant('14:40'), instant('15:50'), 'api'));
    expect(drafted.snapshot.incidents).toEqual(['pagerduty/incident:Q1POOL0EXHAUST']);
    expect(section('summary')).toContain('the service api was degraded from 14:29 to 14:50 UTC');
  });

  it('in which an alarm fired and nobody was paged tells the impact, and no page', async () => {
    const { markdown, section } = await draftVariant({
      ...asked(instant('14:00'), instant('15:00'), 'api'),
      world: ({ pagerduty }) => ({ pagerduty: { ...pagerduty, incidents: [], change_events: [] } }),
    });
    expect(markdown).toContain('- **Status:** No incident was opened\n');
    expect(section('summary')).toContain('the service api was degraded from 14:29 to 14:50 UTC');
    expect(section('summary')).toContain('The first suspect is the deployment of v2.3.4 to production');
    expect(section('summary')).not.toMatch(/paged|closed/);
  });
});

it('a draft from the pager alone calls neither the changes half read nor the recovery unseen, and says when it was closed', async () => {
  const { drafted, section, markdown } = await draftVariant({
    sources: ['pagerduty'],
    world: ({ pagerduty }) => ({ pagerduty: { ...pagerduty, change_events: [] } }),
  });
  expect([drafted.partial, drafted.draft.analysis.suspectVerdict]).toEqual([false, 'unknown']);
  expect(section('summary')).toContain('no metric was read that would show its end.');
  expect(section('summary')).toContain('Whether a change set it off is unknown, since no source of deployments was read.');
  expect(section('summary')).toContain('The incident was closed at 14:57.');
  expect(markdown).not.toMatch(/could not (?:all )?be read|no recovery was seen|is not whole/);
});
