import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compose } from '../../src/core/draft/compose.ts';
import { renderHtml } from '../../src/render/html.ts';
import { sampleAnalysis, sampleCase } from '../core/draft/sample.ts';
import { openBrowser } from '../support/browser.ts';
import { instant } from '../support/events.ts';

const html = renderHtml(compose(sampleCase(), sampleAnalysis(sampleCase()), [], `sha256:${'0'.repeat(64)}`));

/** Contrast of two colors as WCAG 2.2 defines it (1.4.3), of what the browser computed. */
function contrast(a: string, b: string): number {
  const luminance = (color: string) => {
    const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map((part) => {
      const share = Number(part) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [light = 1, dark = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

/** Runs in the page: each kind of text, its color, and the color of what it stands on. */
const COLORS = `(() => {
  const ground = getComputedStyle(document.body).backgroundColor;
  const chart = getComputedStyle(document.querySelector('svg .ground')).fill;
  const of = (selector, property) => getComputedStyle(document.querySelector(selector))[property];
  return [
    ...['p', 'td', 'th', 'a', '.facts dt', 'figcaption'].map((selector) => [selector, of(selector, 'color'), ground]),
    ...['svg .title', 'svg .label', 'svg .marker-name'].map((selector) => [selector, of(selector, 'fill'), chart]),
  ];
})()`;

describe('the page in a real browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
  });

  async function open(options: {
    readonly width: number;
    readonly scheme: 'light' | 'dark';
    readonly media?: 'print';
  }): Promise<{ readonly page: Page; readonly problems: string[] }> {
    const page = await browser.newPage({ viewport: { width: options.width, height: 900 }, colorScheme: options.scheme });
    const problems: string[] = [];
    page.on('console', (message) => problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith('data:') && !request.url().startsWith('about:')) problems.push(`asked for ${request.url()}`);
    });
    if (options.media) await page.emulateMedia({ media: options.media, colorScheme: options.scheme });
    await page.setContent(html);
    return { page, problems };
  }

  it.each([
    { width: 1280, scheme: 'light' },
    { width: 800, scheme: 'dark' },
    { width: 390, scheme: 'light' },
    { width: 800, scheme: 'dark', media: 'print' },
  ] as const)('fits $width pixels in $scheme $media, asks for nothing and complains of nothing', async (options) => {
    const { page, problems } = await open(options);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(options.width);
    expect(problems).toEqual([]);
    // A source's name and the numbers behind a sentence stand in one line each.
    const broken = `[...document.querySelectorAll('table.row td:last-child a, .cites')].filter((one) => new Set([...one.getClientRects()].filter((box) => box.width > 0).map((box) => box.top)).size > 1).map((one) => one.parentElement.textContent)`;
    expect(await page.evaluate(broken)).toEqual([]);
    // No number begins a line, apart from the words that it is of; and bounds are not broken.
    const alone = `[...document.querySelectorAll('.cites')].filter((one) => { const words = one.previousSibling; if (words?.nodeType !== 3) return false; const last = document.createRange(); last.setStart(words, words.data.trimEnd().replace(/\\u2060$/, '').length - 1); last.setEnd(words, last.startOffset + 1); return last.getBoundingClientRect().bottom < one.getBoundingClientRect().top; }).map((one) => one.parentElement.textContent)`;
    expect(await page.evaluate(alone)).toEqual([]);
    const split = `[...document.querySelectorAll('.whole')].filter((one) => one.getClientRects().length > 1).length`;
    expect(await page.evaluate(split)).toBe(0);
    expect(await page.locator('.whole').count()).toBeGreaterThan(0);
    // A table is no larger than the text around it, on paper either.
    const sizes: readonly number[] = await page.evaluate(
      `['main p', 'table'].map((one) => parseFloat(getComputedStyle(document.querySelector(one)).fontSize))`,
    );
    expect(sizes[1]).toBeLessThanOrEqual(sizes[0] ?? 0);
    await page.close();
  });

  it.each(['light', 'dark'] as const)('can be read in %s: each kind of text stands out from its ground', async (scheme) => {
    const { page } = await open({ width: 1000, scheme });
    const colors: readonly (readonly [string, string, string])[] = await page.evaluate(COLORS);
    for (const [selector, ink, ground] of colors) expect([selector, contrast(ink, ground) >= 4.5]).toEqual([selector, true]);
    await page.close();
  });

  it('leads from a number to its note, and prints without the contents', async () => {
    const { page } = await open({ width: 1000, scheme: 'light' });
    await page.locator('#summary a').first().click();
    expect(await page.locator('.sources li:target').count()).toBe(1);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('nav').isVisible()).toBe(false);
    await page.close();
  });

  it('tells people’s words from ours, on paper too, and what the record says beside theirs', async () => {
    const written = { after: 0, author: 'ana', at: instant('16:00'), sequence: 1 } as const;
    const edits = [{ ...written, kind: 'rewrite', block: 'impact.basis', generated: 'sha256:old', text: 'A customer rang.' }] as const;
    const page = await browser.newPage({ viewport: { width: 800, height: 900 } });
    await page.setContent(renderHtml(compose(sampleCase(), sampleAnalysis(sampleCase()), edits, 'sha256:0')));
    await page.emulateMedia({ media: 'print' });
    const line = (selector: string) => `getComputedStyle(document.querySelector('${selector}')).textDecorationLine`;
    expect(await page.evaluate(line('.human'))).toBe('underline');
    expect(await page.evaluate(line('.now'))).toBe('none');
    await page.close();
  });
});
