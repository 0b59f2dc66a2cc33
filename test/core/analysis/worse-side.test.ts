import { expect, it } from 'vitest';
import { worseSideOf } from '../../../src/core/analysis/worse-side.ts';

it.each([
  ['TargetResponseTime', 'above'],
  ['HTTPCode_Target_5XX_Count', 'above'],
  ['ApproximateAgeOfOldestMessage', 'above'],
  ['UnHealthyHostCount', 'above'],
  ['UnavailableReplicas', 'above'],
  ['UnsuccessfulLogins', 'above'],
  ['DeviceFaults', 'above'],
  ['HealthyHostCount', 'below'],
  ['availability', 'below'],
  ['SuccessPercent', 'below'],
  ['PercentageOfSuccessfulOrders', 'below'],
  ['RequestCount', undefined],
  ['CPUUtilization', undefined],
  ['AverageOfBids', undefined],
  ['DefaultPoolSize', undefined],
  // What is left of an allowance is worse when it is little, whatever word stands before it.
  ['ErrorBudgetRemaining', undefined],
])('%s gets worse %s, by its name', (metric, side) => {
  expect(worseSideOf({ metric })).toBe(side);
});
