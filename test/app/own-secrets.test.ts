import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Staged, stage } from '../../demo/run.ts';
import type { Answer, Asked } from '../../demo/standins/server.ts';
import { main } from '../../src/cli/command-line.ts';
import { openApp } from '../../src/compose.ts';
import { parseInstant } from '../../src/core/time.ts';
import { openTerminal } from '../support/terminal.ts';

let staged: Staged;
afterEach(() => staged.close());

/** Every text of an answer with the credentials of its request behind it, once as they were sent and once in an address. */
function echoed({ body, ...answer }: Answer, { headers }: Asked): Answer {
  const sent = String(headers.authorization);
  const secret = /\S+$/.exec(sent.replace('token=', ''))?.[0] ?? '';
  const said = JSON.stringify(body).replaceAll(
    /"(title|summary|message|description|content|body)":"/g,
    `"$1":"${sent} https://x.example/?t=${secret} `,
  );
  return { ...answer, headers: { ...answer.headers, 'x-request-id': sent }, body: JSON.parse(said) };
}

/** All that a session of commands writes anywhere: what it prints, its log at its most talkative, and every file. */
async function written(): Promise<string> {
  const folder = dirname(staged.config);
  const { incident } = staged.world.truth;
  const now = parseInstant(staged.world.now);
  const lines: string[] = [];
  const write = process.stderr.write;
  process.stderr.write = (line: string | Uint8Array) => lines.push(String(line)) > 0;
  try {
    for (const words of [
      ['check'],
      ['init'],
      ['draft', incident],
      ['draft', incident, '--format', 'json'],
      ['bundle', 'export', incident],
    ]) {
      const env = { ...staged.env, HINDCAST_LOG: 'debug' };
      const { io, printed } = openTerminal({ env });
      await main([...words, '--config', staged.config], io, (options) =>
        openApp({ ...options, config: staged.config, env, cwd: folder, ...(now && { now }) }),
      );
      lines.push(printed.out, printed.err);
    }
  } finally {
    process.stderr.write = write;
  }
  const files = readdirSync(folder).filter((name) => name !== 'hindcast.yaml');
  return [...lines, ...files.map((name) => readFileSync(join(folder, name), 'latin1'))].join('\n');
}

describe('what we sign in with stands nowhere that anything is written', () => {
  it.each([
    ['where the vendor repeats it in its records', undefined],
    ['in a refusal', 401],
    ['in a denial', 403],
    ['in a fault', 400],
  ] as const)('%s', async (_, status) => {
    staged = await stage();
    const secrets = Object.values(staged.env);
    for (const standIn of [staged.pagerduty, staged.github]) {
      const rewrite = (answer: Answer, asked: Asked): Answer =>
        echoed(status === undefined ? answer : { status, body: { message: 'no', error: { message: 'no' } } }, asked);
      standIn.fail({ path: /./, mode: 'rewrite', rewrite });
    }
    const text = await written();
    expect(text.length).toBeGreaterThan(1_000);
    for (const secret of secrets) expect(text).not.toContain(secret);
    if (status === undefined) expect(text).toContain('[redacted: own_secret]');
  });
});
