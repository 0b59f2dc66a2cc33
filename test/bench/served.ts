import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Usage } from './report-usage.ts';

const REPORT = fileURLToPath(new URL('report-usage.ts', import.meta.url));

/** A server in a process of its own, which says what it takes. */
export interface Served {
  readonly url: string;
  usage(collect?: boolean): Promise<Usage>;
  stop(): Promise<void>;
}

/** Starts `words` under Node and waits until it says where it serves. Its log goes nowhere, but is written. */
export async function startServed(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Served> {
  const child = spawn(process.execPath, ['--import', REPORT, ...words], {
    env: { PATH: process.env['PATH'] ?? '', HINDCAST_LOG: 'info', ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const url = await addressOf(child);
  return {
    url,
    usage: async (collect = false) => {
      const answer = once(child, 'message');
      child.send(collect ? 'collect' : 'usage');
      const [usage]: Usage[] = await answer;
      if (!usage) throw new Error('the process said nothing of itself');
      return usage;
    },
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${said.slice(-2_000)}`)));
    child.stderr?.on('data', (chunk) => {
      if (said.length < 100_000) said += String(chunk);
      const [, url] = /serving on (http:\/\/\S+) /.exec(said) ?? [];
      if (url !== undefined) resolve(url);
    });
  });
}

/** Sends so many requests over a few kept connections and waits for all of every answer. Throws where one is not 200. */
export async function sendMany(url: string, count: number, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  let left = count;
  const sender = async () => {
    for (; left > 0; ) {
      left -= 1;
      const status = await new Promise<number | undefined>((resolve, reject) => {
        get(url, { agent, headers }, (answer) => {
          answer.resume();
          answer.once('end', () => resolve(answer.statusCode));
        }).once('error', reject);
      });
      if (status !== 200) throw new Error(`${url} answered ${status}`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, sender));
  agent.destroy();
}
