import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chunked } from '../../src/storage/chunks.ts';

it('law: transactions hold all rows in their order, never more than 100 nor more than a million characters, but for a row alone', () => {
  const sizes = fc.array(fc.oneof(fc.nat(2_000), fc.nat(600_000), fc.constant(3_000_000)), { maxLength: 400 });
  fc.assert(
    fc.property(sizes, (rows) => {
      const chunks = [...chunked(rows, (size) => size)];
      expect(chunks.flat()).toEqual(rows);
      for (const chunk of chunks) {
        expect(chunk.length).toBeGreaterThan(0);
        expect(chunk.length).toBeLessThanOrEqual(100);
        const characters = chunk.reduce((sum, size) => sum + size, 0);
        expect(characters <= 1_000_000 || chunk.length === 1).toBe(true);
      }
    }),
  );
});
