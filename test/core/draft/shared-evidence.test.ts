import { describe, expect, it } from 'vitest';
import { compose } from '../../../src/core/draft/compose.ts';
import type { FactSeed } from '../../../src/core/facts.ts';
import { evidenceIdOf } from '../../support/events.ts';
import { sampleAnalysis, sampleCase } from './sample.ts';

type Related = Extract<FactSeed, { readonly kind: 'related' }>;

/** What the draft says of one other incident, beside why the source named it. */
function said(title: string, record?: Partial<Extract<FactSeed, { readonly kind: 'incident' }>>): readonly string[] {
  const base = sampleCase();
  const [of] = base.incidents;
  const key = 'pagerduty/incident:POTHER';
  const related: Related = { kind: 'related', key, of, why: 'a test names it', title };
  const other = record && { kind: 'incident' as const, key, title, status: 'resolved' as const, belongsTo: [], ...record };
  const told = [related, ...(other ? [other] : [])].map((fact) => ({ ...fact, evidence: evidenceIdOf(title) }));
  const theCase = { ...base, facts: [...base.facts.filter(({ kind }) => kind !== 'related'), ...told] };
  const { sections } = compose(theCase, sampleAnalysis(theCase), [], `sha256:${'0'.repeat(64)}`);
  const [block] = sections.find(({ key: section }) => section === 'related')?.blocks ?? [];
  return block?.kind === 'prose' ? block.sentences.slice(1).map(({ text }) => text) : [];
}

describe('what a related incident shares with this one', () => {
  it('is words of its title that somebody wrote here, two in a row', () => {
    expect(said('Database CPU spike, connection pool saturated')).toEqual([
      'Its title and what was written at 14:38 both speak of “connection pool”.',
    ]);
    expect(said('A pool of cars')).toEqual([]);
  });

  it('is an alarm that its title names and that fired here', () => {
    expect(said('ALARM: api-HighErrorRate again')).toEqual(['Its title names api-HighErrorRate, which fired here too.']);
  });

  it('is the service, where its own record was read', () => {
    const own = sampleCase().facts.find((fact) => fact.kind === 'incident');
    const belongsTo = own?.kind === 'incident' ? own.belongsTo : [];
    expect(said('Something else', { belongsTo })).toEqual([expect.stringMatching(/^Both are incidents of /)]);
    expect(said('Something else', { belongsTo: ['pagerduty/service:POTHER'] })).toEqual([]);
  });
});
