import sparticuz from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

/** Meant for a function that opens one page and ends: with them the second page finds no browser. */
const ONE_PROCESS: ReadonlySet<string> = new Set(['--single-process', '--no-zygote']);
/** On a busy machine it was seen to crash while it started, before it had any page. */
const STARTS = 3;

/** The browser that comes through npm, so that every machine looks at the same page. The caller closes it. */
export async function openBrowser(): Promise<Browser> {
  for (let left = STARTS - 1; ; left -= 1) {
    try {
      return await chromium.launch({
        executablePath: await sparticuz.executablePath(),
        args: sparticuz.args.filter((arg) => !ONE_PROCESS.has(arg)),
        headless: true,
      });
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}
