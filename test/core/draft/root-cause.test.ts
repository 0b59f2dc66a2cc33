import { describe, expect, it } from 'vitest';
import { analyze } from '../../../src/core/analysis/analyze.ts';
import type { Case } from '../../../src/core/case.ts';
import { compose } from '../../../src/core/draft/compose.ts';
import type { Cited } from '../../../src/core/draft/model.ts';
import type { RecordedEvent } from '../../../src/core/events.ts';
import { eventOf } from '../../support/events.ts';
import { deploymentEvents, OLD, SAMPLE_COVERAGE, SAMPLE_EVENTS, sampleCase } from '../../support/sample-case.ts';

const QUIET = SAMPLE_EVENTS.filter((event) => !event.type.startsWith('deployment.') && event.type !== 'release.published');
const UNSEEN = QUIET.filter(({ type }) => type !== 'status.published');
const before = deploymentEvents({ id: 1, sha: OLD, ref: 'v1', created: '2024-01-10T10:00:00Z', done: '2024-01-10T10:03:00Z' });
const deployed = (id: number, started: string, done: string, more = {}) =>
  deploymentEvents({ id, sha: `sha-${id}`, ref: `v${id}`, created: started, started, done, ...more });

/** Every sentence of the section on causes, as the real analysis and the real draft say it. */
function saidOf(events: readonly RecordedEvent[], overrides: Partial<Case> = {}): readonly Cited[] {
  const theCase = sampleCase({ events, ...overrides });
  const { sections } = compose(theCase, analyze(theCase), [], 'sha256:draft');
  const blocks = sections.find(({ key }) => key === 'root_cause')?.blocks ?? [];
  return blocks.flatMap((block) => (block.kind === 'prose' ? block.sentences : block.kind === 'caveat' ? [block.what] : []));
}

const textOf = (said: readonly Cited[]) => said.map(({ text }) => text).join(' ');
const alike = [...before, ...deployed(2, '14:23', '14:27'), ...deployed(3, '14:23:40', '14:27:40')];
const back = deployed(4, '14:40', '14:42', { sha: OLD, task: 'rollback' });

describe('what the draft says of its suspects', () => {
  it('two that fit alike are told as such, each with the other against it', () => {
    const text = textOf(saidOf([...QUIET, ...alike]));
    expect(text).toContain('The first two changes reach the score of 0.7 only together; the record does not tell them apart.');
    expect(text).toContain('Against it: something speaks for another change, too.');
    expect(text).toContain('Against it: more speaks for another change.');
  });

  it('where nothing passes, what is older than the look-back is named, for a slow leak is', () => {
    const leak = eventOf('config.changed', '2024-01-12T14:00:00Z', { belongsTo: ['pagerduty/service:PAPI001'], correlationKeys: [] });
    const [older] = saidOf([...QUIET, leak]).filter(({ text }) => text.includes('not weighed'));
    expect(older?.text).toBe('1 change of more than 24 h before was not weighed; it is in the JSON.');
    expect(older?.cites).toContainEqual({ event: leak.id });
    expect(textOf(saidOf([...SAMPLE_EVENTS]))).not.toContain('not weighed');
  });

  it('without a metric the alarms speak, before and after the rollback', () => {
    const quick = saidOf([...UNSEEN, ...before, ...deployed(2, '14:20', '14:24'), ...back], { series: [] });
    expect(textOf(quick)).toContain('The alarms went back to normal soon after it was rolled back.');
    const none = saidOf([...UNSEEN, ...before, ...deployed(2, '14:20', '14:24')], { series: [] });
    expect(textOf(none)).toContain('Against it: the alarms went back to normal while it stayed in place.');
  });

  it('a deployment that could not be read makes it unknown, and says why', () => {
    const gave = { events: 0, series: 0, facts: 0, issues: 1, nothing: 0 };
    const coverage = SAMPLE_COVERAGE.map((line) => (line.stream === 'deployments' ? { ...line, gave } : line));
    expect(textOf(saidOf(QUIET, { coverage }))).toContain('is unknown: a record of a change could not be understood.');
  });

  it('each sentence cites, and is read in one breath', () => {
    const all = [saidOf([...QUIET, ...alike]), saidOf([...UNSEEN, ...alike, ...back], { series: [] }), saidOf(QUIET)].flat();
    for (const { text, cites } of all) {
      expect(text.split(' ').length, text).toBeLessThanOrEqual(25);
      expect(cites.length, text).toBeGreaterThan(0);
    }
  });
});
