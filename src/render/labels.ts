import type { Section } from '../core/draft/model.ts';

/** Column heads of the tables: one for the timeline, one for actions, and for figures one by section. */
export const HEADS: Readonly<Record<string, readonly string[]>> = {
  row: ['Time (UTC)', 'Event', 'Data link'],
  action: ['Action', 'Owner role', 'Due', 'Priority', 'Status'],
  metric: ['Measure', 'Value', 'Data'],
  durations: ['Duration', 'Value', 'Data'],
  coverage: ['What was asked', 'What came'],
};

/** What a diff is of, by the section that it stands in. */
export const DIFFS: Readonly<Partial<Record<Section['key'], string>>> = {
  root_cause: 'The diff of the first suspect',
  code_fix: 'The diff of the fix',
};
