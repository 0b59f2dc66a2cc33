import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What a measured process says of itself when its parent asks: `--import` this file, and give it a channel. */
export interface Usage {
  readonly cpuMs: number;
  readonly rssMb: number;
  readonly heapMb: number;
  /** How late the event loop was since the question before this one: the 99th percentile. */
  readonly loopMs: number;
}

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();

process.on('message', (asked) => {
  if (asked === 'collect') {
    setFlagsFromString('--expose-gc');
    const collect: unknown = runInNewContext('gc');
    for (let turn = 0; turn < 4; turn += 1) if (typeof collect === 'function') collect();
  }
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  const usage: Usage = {
    cpuMs: (user + system) / 1_000,
    rssMb: rss / 1_048_576,
    heapMb: heapUsed / 1_048_576,
    loopMs: delay.percentile(99) / 1e6,
  };
  delay.reset();
  process.send?.(usage);
});
// The channel alone keeps nothing alive.
process.channel?.unref();
