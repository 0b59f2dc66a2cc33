import { expect, it } from 'vitest';
import { draftVariant, withErrors } from '../support/staged-world.ts';

const at = (clock: string) => `2024-01-15T${clock}:00.000Z`;

it('an alarm that lost its data between two firings has a row for that: it was on, and nobody knows for how long', async () => {
  const { drafted, section } = await draftVariant({
    world: (sample) => {
      const { cloudwatch } = withErrors(sample, Array<number>(18).fill(7_000), []);
      const history = [
        { at: at('14:32'), from: 'OK', to: 'ALARM', start: at('14:29'), actions: true },
        { at: at('14:38'), from: 'ALARM', to: 'INSUFFICIENT_DATA', start: at('14:36') },
        { at: at('14:41'), from: 'INSUFFICIENT_DATA', to: 'ALARM', start: at('14:39'), actions: true },
        { at: at('14:50'), from: 'ALARM', to: 'OK', start: at('14:48') },
      ];
      const alarms = cloudwatch.alarms.map((one) => (one.name === 'api-HighErrorRate' ? { ...one, history } : one));
      return { cloudwatch: { ...cloudwatch, alarms } };
    },
  });
  const rows = section('timeline')
    .split('\n')
    .filter((line) => line.includes('api-HighErrorRate'))
    .map((line) => line.slice(2, 7));
  expect(rows.filter((clock) => ['14:32', '14:38', '14:41', '14:50'].includes(clock))).toEqual(['14:32', '14:38', '14:41', '14:50']);
  expect(section('timeline')).toContain('Alarm api-HighErrorRate was on and lost its data: whether it was still on is not known.');
  // It is no end: the impact's own metric tells that.
  expect(drafted.draft.analysis.milestones.recovered).toMatchObject({ known: true, time: { at: at('14:47') } });
});
