import { expect, it } from 'vitest';
import { describeOffset } from '../../src/cli/check.ts';

it('how far a clock is off is said in the units that a reader thinks in', () => {
  expect(describeOffset(400)).toBe('its clock agrees with ours to the second');
  expect(describeOffset(42_000)).toBe('its clock is 42 s ahead of ours; nothing is corrected for it');
  expect(describeOffset(-185_000)).toContain('is 3 min 5 s behind ours');
  expect(describeOffset(-7_200_000)).toContain('is 2 h behind ours');
  expect(describeOffset(-90_281_369_000)).toContain('is 1044 d 22 h behind ours');
});
