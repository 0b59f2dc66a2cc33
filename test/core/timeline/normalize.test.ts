import { describe, expect, it } from 'vitest';
import type { EventSeed } from '../../../src/core/events.ts';
import type { Json } from '../../../src/core/evidence.ts';
import { stamp, valueAt } from '../../../src/core/timeline/normalize.ts';
import { evidenceOf, instant, moment, seriesOf } from '../../support/events.ts';

const body = { id: 'R1', created_at: '2024-01-15T09:35:00-05:00', details: '{"StateChangeTime":"2024-01-15T14:32:00.000+0000"}' };

function seedOf(overrides: Partial<{ key: string; pointer: string; originalTime: string }> = {}): EventSeed {
  return {
    type: 'incident.acknowledged',
    key: 'R1',
    pointer: '/created_at',
    originalTime: '2024-01-15T09:35:00-05:00',
    time: moment('14:35'),
    timeMeaning: 'recorded',
    knowableAt: instant('14:35'),
    belongsTo: ['pagerduty/service:PAPI001'],
    correlationKeys: ['pagerduty/incident:PABC'],
    attributes: { 'incident.id': 'PABC' },
    ...overrides,
  };
}

describe('a stamp', () => {
  it('gives identity, order and a way back to the bytes', () => {
    const record = evidenceOf('R1', body, { sequence: -3 });
    const { events, issues } = stamp(record, { events: [seedOf()], issues: [] }, 'pagerduty/4');
    expect(issues).toEqual([]);
    expect(events).toEqual([
      {
        id: 'pagerduty/log_entries/R1#incident.acknowledged',
        type: 'incident.acknowledged',
        time: moment('14:35'),
        timeMeaning: 'recorded',
        knowableAt: instant('14:35'),
        sequence: -3,
        belongsTo: ['pagerduty/service:PAPI001'],
        correlationKeys: ['pagerduty/incident:PABC'],
        attributes: { 'incident.id': 'PABC' },
        provenance: {
          source: 'pagerduty',
          stream: 'log_entries',
          nativeId: 'R1',
          evidence: record.id,
          pointer: '/created_at',
          originalTime: '2024-01-15T09:35:00-05:00',
          normalizer: 'pagerduty/4',
        },
      },
    ]);
  });

  it('keeps the same event id when the record is edited', () => {
    const edited = stamp(evidenceOf('R1', { ...body, note: 'new' }), { events: [seedOf()], issues: [] }, 'pagerduty/4').events;
    const first = stamp(evidenceOf('R1', body), { events: [seedOf()], issues: [] }, 'pagerduty/4').events;
    expect(edited.map(({ id }) => id)).toEqual(first.map(({ id }) => id));
    expect(edited[0]?.provenance.evidence).not.toBe(first[0]?.provenance.evidence);
  });

  it('finds a time inside a text that is itself JSON', () => {
    const seed = seedOf({ pointer: '/details', originalTime: '2024-01-15T14:32:00.000+0000' });
    expect(stamp(evidenceOf('R1', body), { events: [seed], issues: [] }, 'pagerduty/4').issues).toEqual([]);
  });

  it.each<readonly [string, { pointer?: string; originalTime?: string }, string]>([
    ['a pointer that leads nowhere', { pointer: '/updated_at' }, 'the pointer of an event does not resolve'],
    ['a pointer into a text', { pointer: '/created_at/0' }, 'the pointer of an event does not resolve'],
    ['a time that does not stand there', { originalTime: '2024-01-15T14:35:00Z' }, 'the time "2024-01-15T14:35:00Z" does not stand here'],
    ['no time at all', { originalTime: '' }, 'the time "" does not stand here'],
  ])('makes an issue of %s, since it could not be cited', (_name, overrides, problem) => {
    const { events, issues } = stamp(evidenceOf('R1', body), { events: [seedOf(overrides)], issues: [] }, 'pagerduty/4');
    expect(events).toEqual([]);
    expect(issues).toEqual([{ pointer: overrides.pointer ?? '/created_at', problem }]);
  });

  it('makes an issue of a second event with the key of the first, and keeps what the normalizer could not read', () => {
    const said = { events: [seedOf(), seedOf()], issues: [{ pointer: '/user', problem: 'no id' }] };
    const { events, issues } = stamp(evidenceOf('R1', body), said, 'pagerduty/4');
    expect(events).toHaveLength(1);
    expect(issues).toEqual([
      { pointer: '/user', problem: 'no id' },
      { pointer: '/created_at', problem: 'two events of one record share the key R1' },
    ]);
  });

  it('gives facts their evidence, and series that and their source', () => {
    const record = evidenceOf('chunk', body, { source: 'aws-prod', stream: 'series' });
    const { source, evidence, ...series } = seriesOf('aws-prod/metric:AWS/SQS/Depth#Maximum', 60_000, '14:00', [1, 2]);
    const person = { kind: 'person', key: 'pagerduty:user:PJANED1', names: ['Jane Doe'] } as const;
    const stamped = stamp(record, { events: [], series: [series], facts: [person], issues: [] }, 'cloudwatch/1');
    expect(stamped.series).toEqual([{ ...series, source: 'aws-prod', evidence: [record.id] }]);
    expect(stamped.facts).toEqual([{ ...person, evidence: record.id }]);
  });
});

describe('a JSON pointer (RFC 6901)', () => {
  const document: Json = { foo: ['bar', 'baz'], '': 0, 'a/b': 1, 'c%d': 2, 'e^f': 3, 'g|h': 4, 'i\\j': 5, 'k"l': 6, ' ': 7, 'm~n': 8 };
  it.each<readonly [string, Json | undefined]>([
    ['', document],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
    ['/foo/2', undefined],
    ['/foo/01', undefined],
    ['/foo/length', undefined],
    ['/foo/-', undefined],
    ['foo', undefined],
    ['/toString', undefined],
  ])('%j is read as section 5 of the RFC says', (pointer, value) => {
    expect(valueAt(document, pointer)).toEqual(value);
  });
});
