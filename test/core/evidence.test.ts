import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAddressedRight, type Json, parseEvidenceId, seal } from '../../src/core/evidence.ts';
import { instant } from '../support/events.ts';

const input = {
  source: 'pagerduty',
  stream: 'log_entries',
  nativeId: 'R2FJ',
  body: { id: 'R2FJ', channel: { service_key: 'e93facc04764012d7bfb002500d5d1a6', incident_key: 'pool' } },
  observedTime: instant('16:00'),
};

describe('sealed evidence', () => {
  it('is redacted before it is hashed, so the id can be checked by whoever holds the record', () => {
    const record = seal(input);
    expect(JSON.stringify(record)).not.toContain('e93facc04764012d7bfb002500d5d1a6');
    expect(record.body).toEqual({ id: 'R2FJ', channel: { service_key: '[redacted: secret_member]', incident_key: 'pool' } });
    expect(isAddressedRight(record)).toBe(true);
    expect(parseEvidenceId(record.id)).toBe(record.id);
  });

  it('is one record however often, when and in what place it was read', () => {
    const again = seal({ ...input, observedTime: instant('18:00'), sequence: -3 });
    expect(again.id).toBe(seal(input).id);
    expect(again).toMatchObject({ sequence: -3, observedTime: '2024-01-15T18:00:00.000Z' });
  });

  it('is another record once source, stream, native id or body differ', () => {
    const others = [{ source: 'pagerduty-eu' }, { stream: 'notes' }, { nativeId: 'R2FK' }, { body: { id: 'R2FJ' } }];
    const ids = [seal(input), ...others.map((other) => seal({ ...input, ...other }))].map(({ id }) => id);
    expect(new Set(ids).size).toBe(5);
  });

  it('sealed again does not change, and a changed body no longer fits its id', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const body = JSON.parse(JSON.stringify(value)) as Json;
        const record = seal({ ...input, body });
        expect(seal(record)).toEqual(record);
        expect(isAddressedRight({ ...record, body: { was: record.body } })).toBe(false);
      }),
    );
  });

  it('keeps two unreadable objects apart whose text, which is their native id, held a secret', () => {
    const bodies = [
      { token: 'one', n: 1 },
      { token: 'one', n: 2 },
    ];
    const records = bodies.map((body) => seal({ ...input, body, nativeId: `{"token": "abcdefgh1234"}` }));
    expect(new Set(records.map(({ nativeId }) => nativeId)).size).toBe(2);
    expect(JSON.stringify(records)).not.toContain('abcdefgh1234');
    for (const record of records) expect(seal(record)).toEqual(record);
  });

  it('reads no id but its own form', () => {
    expect(parseEvidenceId(`sha256:${'A'.repeat(64)}`)).toBeUndefined();
    expect(parseEvidenceId('sha256:1234')).toBeUndefined();
  });
});
