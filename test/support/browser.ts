import sparticuz from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

/** Meant for a function that opens one page and ends: with them the second page finds no browser. */
const ONE_PROCESS: ReadonlySet<string> = new Set(['--single-process', '--no-zygote']);

/** The browser that comes through npm, so that every machine looks at the same page. The caller closes it. */
export async function openBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: await sparticuz.executablePath(),
    args: sparticuz.args.filter((arg) => !ONE_PROCESS.has(arg)),
    headless: true,
  });
}
