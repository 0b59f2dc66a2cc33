import { describe, expect, it } from 'vitest';
import type { World } from '../../demo/world.ts';
import { draftVariant } from '../support/staged-world.ts';

const [OLD, MAIN] = ['Q1OLDOUTAGE001', 'Q1POOL0EXHAUST'];

/** Jane merges the sample's incident, once it is closed, into one of the API that was over since the evening before. */
function tidied(sample: World): Partial<World> {
  const { pagerduty } = sample;
  const [main] = pagerduty.incidents;
  if (!main) throw new Error('the world has an incident');
  const old = {
    ...main,
    id: OLD,
    number: 4700,
    title: 'API errors',
    created_at: '2024-01-14T19:00:00Z',
    alerts: [],
    responders: [],
    past_incidents: [],
    log: [
      { at: '2024-01-14T19:00:00Z', type: 'trigger', integration: 'PINTCW1' },
      { at: '2024-01-14T19:00:00Z', type: 'assign', to: 'sam', automatic: true },
      { at: '2024-01-14T19:02:00Z', type: 'acknowledge', by: 'sam' },
      { at: '2024-01-14T19:40:00Z', type: 'resolve', by: 'sam' },
    ],
  };
  const incidents = pagerduty.incidents.map((one) => (one.id === MAIN ? { ...one, merged_into: OLD } : one));
  return { pagerduty: { ...pagerduty, incidents: [...incidents, old] } };
}

const select = (id: string) => ({ select: { kind: 'incident', id } as const });

describe('an incident that was merged, once it was closed, into one that had closed the evening before', () => {
  it('keeps its own hours, and a sentence tells of the merge', async () => {
    const { drafted, section, markdown } = await draftVariant({ world: tidied, request: select(MAIN) });
    const { milestones, durations } = drafted.draft.analysis;
    expect(drafted.draft.case.incidents.map(({ id }) => id)).toEqual([MAIN]);
    expect(drafted.draft.case.windows.incident.from).toBe('2024-01-15T12:33:00.000Z');
    expect(milestones.detected).toMatchObject({ time: { at: '2024-01-15T14:32:00.000Z' } });
    expect(milestones.paged).toMatchObject({ time: { at: '2024-01-15T14:33:00.000Z' } });
    expect(milestones.resolved).toMatchObject({ known: true, time: { at: '2024-01-15T14:57:00.000Z' } });
    expect(durations.time_to_detect).toMatchObject({ status: 'measured', span: { ms: 180_000 } });
    expect(section('summary')).toContain('The incident was closed at 14:57.');
    expect(markdown).toContain('**Status:** Resolved');
    expect(markdown).toContain(
      `This incident was merged into #4700 “API errors”, which had closed 18 h 53 min before it began. The two are kept apart, and its times are not read here: add it by --with ${OLD} if it is the same outage.`,
    );
  });

  it('is no part of the older one either', async () => {
    const { drafted, markdown } = await draftVariant({ world: tidied, request: select(OLD) });
    const { milestones } = drafted.draft.analysis;
    expect(drafted.draft.case.incidents.map(({ id }) => id)).toEqual([OLD]);
    expect(milestones.resolved).toMatchObject({ time: { at: '2024-01-14T19:40:00.000Z' } });
    expect(milestones.impact_started.known).toBe(false);
    expect(markdown).toContain('was merged into this one, which had closed 18 h 53 min before that began.');
  });

  it('joins it where somebody says that it is the same outage', async () => {
    const { drafted } = await draftVariant({ world: tidied, request: { ...select(MAIN), with: [OLD] } });
    expect(drafted.draft.case.incidents.map(({ id }) => id).toSorted()).toEqual([OLD, MAIN].toSorted());
    expect(drafted.draft.analysis.milestones.paged).toMatchObject({ time: { at: '2024-01-14T19:00:00.000Z' } });
    expect(drafted.draft.analysis.milestones.impact_started).toMatchObject({ known: true, time: { at: '2024-01-15T14:29:00.000Z' } });
    expect(drafted.draft.analysis.milestones.resolved).toMatchObject({ known: true });
  });
});
