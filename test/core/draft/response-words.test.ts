import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/core/analysis/analyze.ts';
import { compose } from '../../../src/core/draft/compose.ts';
import { evidenceIdOf } from '../../support/events.ts';
import { sampleAnalysis, sampleCase } from './sample.ts';

const MINUTE = 60_000;
const span = { ms: 12 * MINUTE, minMs: 11 * MINUTE, maxMs: 12 * MINUTE };

function draftWith(...findings: readonly Pick<Finding, 'code' | 'subject'>[]) {
  const theCase = sampleCase();
  const analysis = sampleAnalysis(theCase);
  const event = analysis.timeline.find((entry) => entry.event.type === 'note.added')?.event.id;
  if (event === undefined) throw new Error('the sample has a note');
  const told = findings.map((finding): Finding => ({ ...finding, span, cites: [{ event }] }));
  return compose(theCase, { ...analysis, findings: told }, [], 'sha256:draft');
}

function saidIn(section: string, draft: ReturnType<typeof draftWith>): readonly string[] {
  const blocks = draft.sections.find(({ key }) => key === section)?.blocks ?? [];
  return blocks.flatMap((block) => {
    if (block.kind === 'prose') return block.sentences.map(({ text }) => text);
    if (block.kind === 'action' || block.kind === 'caveat') return [block.what.text];
    return block.kind === 'question' ? [block.text] : [];
  });
}

it.each([
  ['alarm_slow', 'api-HighErrorRate', 'Alarm api-HighErrorRate fired 12 min (11–12 min) later than the values of its metric allowed.'],
  ['alarm_fired_again', 'api-HighErrorRate', 'Alarm api-HighErrorRate fired again 12 min (11–12 min) after the incident was closed.'],
  ['grew_after_reversal', 'Latency', 'Latency went further from its normal after the reversal had ended.'],
  ['page_delayed', 'api-HighErrorRate', 'The page came 12 min (11–12 min) after alarm api-HighErrorRate fired, over its target.'],
  ['unanswered_at_first', 'PABC', 'Nobody answered the first call; the acknowledgement came 12 min (11–12 min) after the page.'],
  ['reversal_late', 'roll back now', '“roll back now” was written 12 min (11–12 min) before the reversal started.'],
  [
    'known_before_alarm',
    'api-HighErrorRate',
    'A note on the incident was written 12 min (11–12 min) before alarm api-HighErrorRate fired.',
  ],
  ['impact_outlasted_record', 'PABC', 'The incident was closed 12 min (11–12 min) before the service was normal again.'],
  ['record_outlasted_impact', 'PABC', 'The incident was closed 12 min (11–12 min) after the service was normal again.'],
] as const)('a finding of %s is one sentence of what went wrong, with its length, and stands nowhere else', (code, subject, sentence) => {
  const draft = draftWith({ code, subject });
  expect(saidIn('went_wrong', draft).filter((text) => text === sentence)).toHaveLength(1);
  expect(saidIn('coverage', draft).join(' ')).not.toContain(subject === 'PABC' ? 'closed 12 min' : subject);
});

describe('what a finding of the response asks of people', () => {
  it('is why a reversal waited', () => {
    expect(saidIn('went_wrong', draftWith({ code: 'reversal_late', subject: 'roll back' }))).toContain(
      'What had to be clear, or in hand, before the reversal could start?',
    );
    expect(saidIn('went_wrong', draftWith()).join(' ')).not.toContain('before the reversal could start');
  });

  it('is one action for the alarms, however many were slow', () => {
    const slow = { code: 'alarm_slow', subject: 'api' } as const;
    const draft = draftWith(slow, { ...slow, subject: 'web' }, { code: 'known_before_alarm', subject: 'api' });
    const actions = saidIn('actions', draft).filter((text) => text.includes('alarm fired later') || text.includes('noticed first'));
    expect(actions).toEqual(['Check why the alarm fired later than its metric allowed: late values, or its own settings.']);
    expect(saidIn('went_wrong', draft).filter((text) => text.includes('its metric allowed.'))).toHaveLength(2);
  });

  it('keeps every block of the draft to a key of its own', () => {
    const slow = { code: 'alarm_slow', subject: 'api' } as const;
    const keys = draftWith(slow, { ...slow, subject: 'web' }).sections.flatMap(({ blocks }) => blocks.map(({ key }) => key));
    expect(new Set(keys).size).toBe(keys.length);
  });
});

it('a confirmed suspect and a merged revert are worded by what they are', () => {
  const theCase = sampleCase();
  const merged: Finding = { code: 'reversal_late', subject: '#1236 Revert it', span, cites: [{ evidence: evidenceIdOf('pull') }] };
  const draft = compose(theCase, { ...sampleAnalysis(theCase), findings: [merged] }, [], 'sha256:draft');
  expect(saidIn('went_wrong', draft)).toContain('Revert “#1236 Revert it” was merged 12 min (11–12 min) before the reversal started.');
});
