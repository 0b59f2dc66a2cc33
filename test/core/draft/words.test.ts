import { expect, it } from 'vitest';
import { numberOf } from '../../../src/core/draft/words.ts';

it.each([
  [0, '0'],
  [4, '4'],
  [1_250_000, '1,250,000'],
  [1234.5678, '1,234.568'],
  [0.12, '0.12'],
  // Seconds of a fast service, or a share of errors: three decimals would make the threshold nothing, or another.
  [0.0005, '0.0005'],
  [0.00042, '0.00042'],
  [0.012345, '0.0123'],
  [-0.0005, '-0.0005'],
])('prints %d as a reader compares it', (value, text) => {
  expect(numberOf(value)).toBe(text);
});
