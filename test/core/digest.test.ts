import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, digest, digestText, shortHash } from '../../src/core/digest.ts';
import type { Json } from '../../src/core/evidence.ts';

const anyJson = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);

/** The same value with the members of every object in another order. */
function turned(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(turned);
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, turned(member)]),
  );
}

describe('the canonical form (RFC 8785)', () => {
  it('gives the sample of section 3.2.2', () => {
    const input = JSON.parse(
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
    );
    expect(canonical(input)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts members by UTF-16 code units, as in section 3.2.3', () => {
    const input = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 };
    expect(canonical(input)).toBe('{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}');
  });

  it.each([
    [-0, '0'],
    [5e-324, '5e-324'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [9007199254740992, '9007199254740992'],
    [295147905179352830000, '295147905179352830000'],
    [1e21, '1e+21'],
    [1e23, '1e+23'],
    [0.000001, '0.000001'],
    [333333333.3333332, '333333333.3333332'],
  ])('writes the number %s of appendix B as %s', (number, text) => {
    expect(canonical(number)).toBe(text);
  });

  it.each([
    ['NaN', Number.NaN],
    ['an infinity', Number.POSITIVE_INFINITY],
    ['undefined', undefined],
    ['a bigint', 1n],
    ['undefined in a list', [undefined]],
    ['undefined in a member', { a: undefined }],
  ])('refuses %s, since two such values would share a digest', (_name, value) => {
    expect(() => canonical(value as Json)).toThrow(TypeError);
  });

  it('is JSON that says the same, and does not depend on the order of members', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(JSON.parse(canonical(value))).toEqual(value);
        expect(canonical(turned(value))).toBe(canonical(value));
      }),
    );
  });

  it('tells two values apart', () => {
    fc.assert(
      fc.property(anyJson, anyJson, (a, b) => {
        fc.pre(canonical(a) !== canonical(b));
        expect(a).not.toEqual(b);
        expect(digest(a)).not.toBe(digest(b));
      }),
    );
  });
});

describe('a digest', () => {
  it('is the SHA-256 that everybody computes', () => {
    expect(digestText('abc')).toBe('sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(digestText('é')).toBe('sha256:4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c');
  });

  it('has a short form of ten characters that nobody misreads', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(shortHash(text)).toMatch(/^[0-9a-hjkmnp-tv-z]{10}$/);
      }),
    );
    expect(shortHash('a')).not.toBe(shortHash('b'));
  });

  it('has a short form that is the first fifty bits of the long one, of half a character too: a key that changed would lose its edits', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }), (text) => {
        const places = [...shortHash(text)].map((place) => BigInt('0123456789abcdefghjkmnpqrstvwxyz'.indexOf(place)));
        const bits = places.reduce((all, place) => all * 32n + place, 0n);
        expect(bits).toBe(BigInt(digestText(text).replace('sha256:', '0x')) >> 206n);
      }),
    );
  });
});
