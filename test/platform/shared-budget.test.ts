import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/storage/database.ts';
import { inFolder } from '../storage/engines.ts';

const CALLER = fileURLToPath(new URL('caller.ts', import.meta.url));
const WINDOW_MS = 4_000;
const PROCESSES = 3;

/** A vendor that counts in windows of its own and refuses what is too much, with or without saying so in its headers. */
async function startVendor(perWindow: number, talks: boolean) {
  const arrived: number[] = [];
  let refused = 0;
  const server = createServer((request, response) => {
    if (request.url === '/warm') return response.end();
    const now = performance.now();
    const from = now - (now % WINDOW_MS);
    const used = arrived.filter((at) => at >= from).length + 1;
    arrived.push(now);
    if (used > perWindow) refused += 1;
    const headers = { 'ratelimit-remaining': Math.max(0, perWindow - used), 'ratelimit-reset': Math.ceil(from + WINDOW_MS - now) };
    response.writeHead(used > perWindow ? 429 : 200, talks ? headers : {}).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    arrived,
    refused: () => refused,
    close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  };
}

async function callTogether(store: string, vendor: string, calls: number, perWindow: number): Promise<readonly (number | null)[]> {
  const words = [CALLER, store, vendor, String(calls), String(perWindow), String(WINDOW_MS)];
  const children = Array.from({ length: PROCESSES }, () => spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'inherit'] }));
  return await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0] as number | null));
}

/** The most calls that arrived in any stretch of that length. */
function busiest(arrived: readonly number[], lengthMs: number): number {
  return Math.max(...arrived.map((from) => arrived.filter((at) => at >= from && at < from + lengthMs).length));
}

/** Four processes and a clock on two cores: one that was not run for half a second proves nothing, three times in a row does. */
const TRIES = { timeout: 60_000, retry: 2 };

describe('processes on one store share an account', () => {
  it('together they never pass its budget, and use at least nine tenths of it', TRIES, () =>
    inFolder(async (folder) => {
      const [perWindow, each] = [40, 40];
      const store = `sqlite:${join(folder, 'hindcast.db')}`;
      await (await openDatabase(store)).destroy();
      const vendor = await startVendor(1_000, false);
      const codes = await callTogether(store, vendor.url, each, perWindow);
      await vendor.close();
      expect(codes).toEqual(Array.from({ length: PROCESSES }, () => 0));
      expect(vendor.arrived).toHaveLength(PROCESSES * each);
      // A call arrives a little after it began: a stretch a tenth shorter than the window holds no more than a window's calls.
      expect(busiest(vendor.arrived, WINDOW_MS * 0.9)).toBeLessThanOrEqual(perWindow);
      const windows = ((vendor.arrived.at(-1) ?? 0) - (vendor.arrived[0] ?? 0)) / WINDOW_MS;
      const fewest = (PROCESSES * each) / perWindow - 1;
      expect(fewest / windows).toBeGreaterThan(0.9);
    }),
  );

  it('a vendor that allows less than we thought says so, and is never asked for more', TRIES, () =>
    inFolder(async (folder) => {
      const store = `sqlite:${join(folder, 'hindcast.db')}`;
      await (await openDatabase(store)).destroy();
      const vendor = await startVendor(90, true);
      await callTogether(store, vendor.url, 60, 10_000);
      await vendor.close();
      expect(vendor.refused()).toBe(0);
      expect(vendor.arrived).toHaveLength(PROCESSES * 60);
    }),
  );
});
