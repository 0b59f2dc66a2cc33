import { expect, it } from 'vitest';
import type { World } from '../../demo/world.ts';
import { draftVariant } from '../support/staged-world.ts';

const at = (clock: string) => `2024-01-15T${clock}:00.000Z`;

/** The alarm of the checkout fired at 14:24 and left that state at `until`. */
const checkoutUntil =
  (until: string, to: 'OK' | 'INSUFFICIENT_DATA' = 'OK') =>
  ({ cloudwatch }: World): Partial<World> => ({
    cloudwatch: {
      ...cloudwatch,
      alarms: cloudwatch.alarms.map((one) =>
        one.name === 'checkout-HighLatency'
          ? {
              ...one,
              history: [
                { at: at('14:24'), from: 'OK', to: 'ALARM', start: at('14:21'), actions: true },
                { at: at(until), from: 'ALARM', to, start: at(until) },
              ],
            }
          : one,
      ),
    },
  });

it('an alarm of a dependency that was on when the impact started has its rows and a sentence beside the suspects', async () => {
  const { section } = await draftVariant({ world: checkoutUntil('14:46'), dependsOn: ['checkout'] });
  expect(section('timeline')).toMatch(/\| 14:24 \| Alarm checkout-HighLatency fired; its threshold was 1 \(belongs to checkout\)\. \|/);
  expect(section('timeline')).toMatch(/\| 14:46 \| Alarm checkout-HighLatency was OK again \(belongs to checkout\)\. \|/);
  expect(section('timeline')).toContain('The table holds 2 rows of checkout: an alarm was on when the impact started.');
  expect(section('root_cause')).toMatch(
    /Alarm checkout-HighLatency of checkout, which api depends on, had fired 5 min( \([^)]*\))? before, and was on still\./,
  );
});

it.each([
  ['was over by then', '14:28', ['checkout']],
  ['is of a service that ours does not depend on', '14:46', []],
] as const)('an alarm that %s is left to the JSON', async (_, until, dependsOn) => {
  const { section } = await draftVariant({ world: checkoutUntil(until), dependsOn });
  expect(section('timeline')).not.toContain('checkout-HighLatency');
  expect(section('root_cause')).not.toContain('checkout-HighLatency');
});

it('an alarm that had lost its data by then is not said to have been on', async () => {
  const { section } = await draftVariant({ world: checkoutUntil('14:27', 'INSUFFICIENT_DATA'), dependsOn: ['checkout'] });
  expect(section('root_cause')).not.toContain('checkout-HighLatency');
});
