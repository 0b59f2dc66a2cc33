import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Held, median } from './held.ts';
import { exportSample } from './sample-bundle.ts';

/** A command against an empty Node in the same run: the machine's speed cancels out. */
interface Command {
  readonly name: string;
  readonly words: readonly string[];
  readonly atMost: number;
}

const ROUNDS = 15;

function timeOnce(words: readonly string[], cwd: string): number {
  const started = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, words, {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', XDG_CACHE_HOME: cwd },
  });
  if (status !== 0) throw new Error(`${words.join(' ')} exited ${status}: ${stderr}`);
  return Number(process.hrtime.bigint() - started) / 1e6;
}

/** What starting a command costs, in empty Nodes. `main` is the built command line. */
export async function measureCommands(main: string): Promise<readonly Held[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-bench-'));
  try {
    const bundle = join(folder, 'sample.jsonl');
    writeFileSync(bundle, await exportSample());
    const commands: readonly Command[] = [
      { name: '--help', words: [main, '--help'], atMost: 3 },
      { name: 'draft --bundle', words: [main, 'draft', '--bundle', bundle], atMost: 15 },
    ];
    // A first start has no compiled code to take up: it is told beside, and counts in no median.
    const firsts = commands.map(({ words }) => timeOnce(words, folder));
    const empty: number[] = [];
    const times = commands.map(() => [] as number[]);
    for (let round = 0; round < ROUNDS; round += 1) {
      empty.push(timeOnce(['-e', '0'], folder));
      for (const [index, { words }] of commands.entries()) times[index]?.push(timeOnce(words, folder));
    }
    const base = median(empty);
    const version = execFileSync(process.execPath, ['--version'], { encoding: 'utf8' }).trim();
    return commands.map(({ name, atMost }, index) => {
      const ratio = median(times[index] ?? []) / base;
      return {
        text: `${name}: ${ratio.toFixed(2)} times an empty node ${version} (${base.toFixed(0)} ms, medians of ${ROUNDS}), at most ${atMost}; the first start, with nothing compiled, ${((firsts[index] ?? 0) / base).toFixed(2)} times`,
        held: ratio <= atMost,
      };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
