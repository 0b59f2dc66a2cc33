import type { FastifyInstance } from 'fastify';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderPage } from '../../src/api/page.ts';
import { buildServer } from '../../src/api/server.ts';
import type { App } from '../../src/app/app.ts';
import { AppError } from '../../src/app/errors.ts';
import { openTestApp, quietLog, sourcesOf } from '../app/fakes.ts';
import { openBrowser } from '../support/browser.ts';
import { describedOperations } from './described.ts';

describe('the page of the API', () => {
  let app: App;
  let server: FastifyInstance;
  let page: string;

  beforeAll(async () => {
    ({ app } = await openTestApp(sourcesOf({})));
    server = await buildServer({
      app,
      tokens: [{ name: 'ann', scope: 'write', secret: 'w'.repeat(30) }],
      webhook: { source: 'pager', secrets: ['s'.repeat(40)] },
      backfills: () => Promise.reject(new AppError('store', 'not opened here')),
      log: quietLog(),
    });
    page = (await server.inject({ method: 'GET', url: '/docs' })).body;
  });
  afterAll(async () => {
    await server.close();
    await app.close();
  });

  it('names every route with its token, every parameter, every field of a body, and every problem', async () => {
    const text = page.replaceAll(/<[^>]+>/g, ' ').replaceAll(/ +/g, ' ');
    const operations = await describedOperations(server);
    expect(operations.length).toBeGreaterThan(20);
    for (const { method, path, parameters, body, scope } of operations) {
      const names = [
        `${method} ${path} ${scope ?? 'none'}`,
        ...parameters.map(({ name, in: place }) => `${name} (${place})`),
        ...Object.keys(body?.properties ?? {}),
      ];
      expect(names.filter((name) => !text.includes(` ${name}`))).toEqual([]);
    }
    const problems: { readonly 'x-problems': readonly { readonly code: string; readonly status: number }[] } = (
      await server.inject({ method: 'GET', url: '/openapi.json' })
    ).json();
    expect(problems['x-problems'].length).toBeGreaterThan(15);
    const lines = problems['x-problems'].map(({ code, status }) => ` urn:hindcast:problem:${code} ${status} `);
    expect(lines.filter((line) => !text.includes(line))).toEqual([]);
  });

  it('needs no token, has a tag, runs no script and asks nobody for anything', async () => {
    const answer = await server.inject({ method: 'GET', url: '/docs' });
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.match(/<(?:script|form|img|link|iframe)\b|@import|url\(|\son\w+=|https?:\/\//gi)).toBeNull();
    const tag = String(answer.headers.etag);
    expect((await server.inject({ method: 'GET', url: '/docs', headers: { 'if-none-match': tag } })).statusCode).toBe(304);
    expect(page.match(/id="([^"]+)"/g)?.length).toBe(new Set(page.match(/id="([^"]+)"/g)).size);
    const anchors = [...page.matchAll(/href="#([^"]+)"/g)].map(([, anchor]) => anchor);
    expect(anchors.filter((anchor) => !page.includes(`id="${anchor}"`))).toEqual([]);
  });

  it('takes what a description says as text, whatever it says', () => {
    const hostile = '<script>alert(1)</script>`"><img src=x>`';
    const made = renderPage({
      info: { title: hostile, version: hostile, description: hostile },
      paths: {
        [`/${hostile}`]: {
          get: { summary: hostile, tags: [hostile], parameters: [{ name: hostile, in: 'query', schema: { pattern: hostile } }] },
        },
      },
    });
    expect(made.match(/<script|<img/)).toBeNull();
  });

  describe('in a real browser', () => {
    let browser: Browser;
    let address: string;
    beforeAll(async () => {
      browser = await openBrowser();
      address = await server.listen({ host: '127.0.0.1', port: 0 });
    }, 60_000);
    afterAll(async () => {
      await browser?.close();
    });

    it.each(['light', 'dark'] as const)('fits a narrow screen in %s, and its policy lets its style in', async (colorScheme) => {
      const tab = await browser.newPage({ viewport: { width: 375, height: 800 }, colorScheme });
      const problems: string[] = [];
      tab.on('console', (message) => problems.push(message.text()));
      tab.on('request', (request) => problems.push(...(request.url() === `${address}/docs` ? [] : [request.url()])));
      await tab.goto(`${address}/docs`);
      await tab.click('details summary');
      expect(await tab.evaluate('[document.documentElement.scrollWidth, getComputedStyle(document.body).backgroundColor]')).toEqual([
        375,
        colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(13, 17, 23)',
      ]);
      expect(problems.filter((problem) => !problem.endsWith('/favicon.ico'))).toEqual([]);
      await tab.close();
    });
  });
});
