import { describe, expect, it } from 'vitest';
import { analyze } from '../../../src/core/analysis/analyze.ts';
import { toCase } from './case.ts';
import { instantOf, readLabels } from './labels.ts';

const LABELS = [...readLabels('strict'), ...readLabels('near')];

describe('a labelled post-mortem as a case', () => {
  it('tells the analysis every change, when it began, and what takes back what', () => {
    for (const label of LABELS) {
      const changes = analyze(toCase(label)).changes.filter(({ key }) => /change-\d+$/.test(key));
      const told = changes.map(({ key, began, reverses }) => [nameOf(key), began.at, nameOf(reverses)]);
      expect(told, label.document).toEqual(label.changes.map(({ name, at, reverses }) => [name, instantOf(at, label.offset), reverses]));
    }
  });

  it('states an impact only where a metric shows it, and else begins with the alarm', () => {
    for (const label of LABELS) {
      const { impact_started: started, paged } = analyze(toCase(label)).milestones;
      const isShown = label.impact?.basis === 'metric';
      expect(started.known && started.basis === 'asserted', label.document).toBe(isShown);
      expect(paged.known && paged.time.at, label.document).toBe(instantOf(label.alarm.at, label.offset));
    }
  });
});

function nameOf(key: string | undefined): string | undefined {
  return key === undefined ? undefined : /change-\d+$/.exec(key)?.[0];
}
