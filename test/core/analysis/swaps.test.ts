import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { swapIn } from '../../../src/core/analysis/swaps.ts';

describe('what a sentence says a setting was set from and to', () => {
  it.each([
    ['Scaled pool from 200 to 20', 'pool', '200', '20'],
    ['Config change: pool.max set from 200 to 20 by Maria', 'pool.max', '200', '20'],
    ['db.pool: 200 -> 20', 'db.pool', '200', '20'],
    ['replicas 3 → 6', 'replicas', '3', '6'],
    ["log level changed from `info` to 'debug'", 'log level', 'info', 'debug'],
    ['changed from 30s to 5s: gateway timeout', 'gateway timeout', '30s', '5s'],
    ['Failed over the database from main-1 to replica-2', 'failed over database', 'main-1', 'replica-2'],
    ['Database failover main-1 → replica-2 (scheduled patch)', 'database failover', 'main-1', 'replica-2'],
    ['Raised the limit from 1,000 to 10,000.', 'limit', '1,000', '10,000'],
  ])('%s', (text, subject, from, to) => {
    expect(swapIn(text)).toEqual({ subject, from, to });
  });

  it.each([
    ['what is only planned', 'Will scale pool from 200 to 20'],
    ['what failed', 'Failed to scale pool from 200 to 20'],
    ['what is scheduled', 'Scheduled for tonight: pool from 200 to 20'],
    ['what was not done, in short', "Pool wasn't scaled from 200 to 20"],
    ['the same value', 'Set pool from 20 to 20'],
    ['no subject', 'Changed from 20 to 200'],
    ['one value', 'Scaled pool to 200'],
  ])('is nothing of %s', (_, text) => {
    expect(swapIn(text)).toBeUndefined();
  });

  it('is of the same subject whichever way it went and whatever the verb', () => {
    const verbs = fc.constantFrom('Scaled', 'Set', 'Increased', 'Lowered the', 'Changed');
    const values = fc.tuple(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 0, max: 1e6 })).filter(([a, b]) => a !== b);
    fc.assert(
      fc.property(verbs, verbs, values, (one, other, [a, b]) => {
        const there = swapIn(`${one} api.pool from ${a} to ${b}`);
        const back = swapIn(`${other} api.pool from ${b} to ${a}`);
        expect(there).toEqual({ subject: 'api.pool', from: String(a), to: String(b) });
        expect(back).toEqual({ subject: there?.subject, from: there?.to, to: there?.from });
      }),
    );
  });
});
