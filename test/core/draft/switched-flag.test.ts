import { expect, it } from 'vitest';
import type { Change } from '../../../src/core/analysis/changes.ts';
import { textOf } from '../../../src/core/draft/blocks.ts';
import { compose } from '../../../src/core/draft/compose.ts';
import { eventOf, moment } from '../../support/events.ts';
import { sampleAnalysis, sampleCase } from './sample.ts';

const switched = (value: string, clock: string) =>
  eventOf('flag.changed', clock, { source: 'ops', stream: 'events', key: value, attributes: { key: 'new-cache', value } });
const [on, off] = [switched('on', '14:15'), switched('off', '14:46')];
const flag = (event: typeof on, own: Partial<Change> = {}): Change => ({
  key: `ops/flag:new-cache@${event.attributes.value}`,
  kind: 'flag',
  belongs: { service: 'api' },
  began: event.time,
  ended: event.time,
  outcome: 'succeeded',
  pullRequests: [],
  files: [],
  cites: [{ event: event.id }],
  ...own,
});

/** The sample, where a flag was switched on at 14:15 and back at 14:46 in place of the deployment and its rollback. */
function draft(): ReadonlyMap<string, string> {
  const base = sampleCase();
  const theCase = sampleCase({ events: [...base.events.filter(({ type }) => !type.startsWith('deployment.')), on, off] });
  const suspect = flag(on);
  const changes = [suspect, flag(off, { reverses: suspect.key })];
  const known = sampleAnalysis(base).milestones;
  const at = (event: typeof on) =>
    ({ known: true, time: moment(event.time.at.slice(11, 16)), basis: 'observed', rule: 'x', cites: [event.id] }) as const;
  const milestones = { ...known, suspect_deployed: at(on), reversal_started: at(off), reversed: at(off) };
  const suspects = [{ change: suspect.key, score: 0.97, reasons: [{ code: 'same_service', weight: 1, cites: suspect.cites }] }] as const;
  const { sections } = compose(theCase, sampleAnalysis(theCase, { changes, suspects }, milestones), [], 'sha256:draft');
  return new Map(sections.map(({ key, blocks }) => [key, blocks.map(textOf).join('\n')]));
}

it('a flag that is the suspect was made and switched back, at once: nothing of it finished, and none of it was deployed', () => {
  const told = draft();
  expect(told.get('summary')).toContain('The first suspect is the change of the flag new-cache, which was made at 14:15.');
  expect(told.get('summary')).toContain('It was switched back at 14:46');
  expect(told.get('root_cause')).toContain('Change of the flag new-cache, made at 14:15: score 0.97 of 1.');
  expect(told.get('went_wrong')).toContain('Detection came 17 min after the suspect change, over the target of 15 min.');
  expect(told.get('code_fix')).toContain('Change of the flag new-cache reversed the suspect at 14:46.');
});
