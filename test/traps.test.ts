import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { TRAPS } from './contract/traps.ts';
import { sharedFile } from './support/shared.ts';

const reference = sharedFile('upstreams.md');

describe('the traps of the three vendors', () => {
  const titles = testFiles('').flatMap(titlesOf);

  it('each has a test whose title begins with a place, or a reason why not', () => {
    expect(TRAPS.filter(({ test, why }) => (test === undefined) === (why === undefined || why === ''))).toEqual([]);
    const missing = TRAPS.filter(({ test }) => test !== undefined && !titles.some((title) => title.startsWith(test)));
    expect(
      missing.map(
        ({ place, test }) => `${place}: no test begins with "${test}"; a test that was renamed is renamed in contract/traps.ts too`,
      ),
    ).toEqual([]);
  });

  it('each test that names a place names one of the table', () => {
    const places = new Set([...TRAPS.map(({ place }) => place), 'U4']);
    const named = titles.flatMap((title) => /^(?:U\d\S*\s)+/.exec(title)?.[0].trim().split(' ') ?? []).map(plain);
    expect([...new Set(named.filter((place) => !places.has(place)))]).toEqual([]);
  });

  it.skipIf(!reference)('the table has every place of the reference (needs the shared reference folder)', () => {
    const places = new Set(TRAPS.map(({ place }) => place));
    expect(placesOf(readFileSync(reference ?? '', 'utf8')).filter((place) => !places.has(place))).toEqual([]);
  });
});

/** `U0-6` and `U0.6` are one place: section 0 is a list. */
function plain(place: string): string {
  return place.replace(/^U0-/, 'U0.');
}

function testFiles(folder: string): readonly string[] {
  const root = new URL(`./${folder}`, import.meta.url);
  return readdirSync(root).flatMap((name) => {
    const path = `${folder}${name}`;
    if (statSync(new URL(`./${path}`, import.meta.url)).isDirectory()) return testFiles(`${path}/`);
    return name.endsWith('.test.ts') ? [path] : [];
  });
}

/** Every text of a test file that begins with a place: titles of tests and of groups of them. */
function titlesOf(path: string): readonly string[] {
  const code = readFileSync(fileURLToPath(new URL(`./${path}`, import.meta.url)), 'utf8');
  const texts = code.matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g);
  return [...texts].map(([, single, double, template]) => single ?? double ?? template ?? '').filter((text) => /^U\d/.test(text));
}

/** Sections with a number of sections 0 to 3, and the items of those that are lists of traps. */
function placesOf(text: string): readonly string[] {
  const places: string[] = [];
  let section = '';
  for (const line of text.split('\n')) {
    const [, whole, part] = /^(?:## (\d)\.|### (\d\.\d)) /.exec(line) ?? [];
    if (whole !== undefined || part !== undefined) section = part ?? whole ?? '';
    if (part !== undefined && /^[123]/.test(part) && !/with threads/.test(line)) places.push(`U${part}`);
    const [, item] = /^(\d+)\. /.exec(line) ?? [];
    if (item === undefined) continue;
    if (section === '0') places.push(`U0.${item}`);
    else if (/^[123]\./.test(section)) places.push(`U${section}-${item}`);
  }
  return places;
}
