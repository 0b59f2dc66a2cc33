import type { App } from '../app/app.ts';
import type { Context } from './io.ts';
import { withProgress } from './progress.ts';
import { formatTable } from './table.ts';

/** `hindcast check`: the configuration, then every source by the calls that a pull makes. Exit 4 where a source fails, 2 where only the configuration does. */
export async function runCheck({ io, open }: Context, flags: { readonly config?: string }): Promise<number> {
  const { app, settings, close } = await open(flags.config === undefined ? {} : { config: flags.config });
  try {
    const own = await app.checkSettings();
    const sources = await withProgress(io, 'asking every source', () => app.check(io.signal));
    const rows = [
      ...own.map((check) => ['configuration', '', ...cellsOf(check)]),
      ...sources.flatMap(({ source, connector, report }) => report.checks.map((check) => [source, connector, ...cellsOf(check)])),
    ];
    io.out(`configuration: ${settings.path ?? 'none found, PagerDuty alone by PAGERDUTY_TOKEN'}\n\n`);
    io.out(formatTable(['source', 'connector', 'check', 'result', 'detail'], rows));
    for (const { source, report } of sources) {
      if (report.clockOffsetMs !== undefined) io.out(`\n${source}: ${describeOffset(report.clockOffsetMs)}\n`);
    }
    if (!sources.every(({ ok }) => ok)) return 4;
    return own.every(({ ok }) => ok) ? 0 : 2;
  } finally {
    await close();
  }
}

type Check = Awaited<ReturnType<App['checkSettings']>>[number];

function cellsOf({ name, ok, detail, extra }: Check): readonly string[] {
  return [name, ok ? 'ok' : extra ? 'missing' : 'FAILED', detail];
}

/** A `Date` header has whole seconds, so anything within one says nothing. */
export function describeOffset(offsetMs: number): string {
  const seconds = Math.round(offsetMs / 1000);
  if (Math.abs(seconds) <= 1) return 'its clock agrees with ours to the second';
  return `its clock is ${lengthOf(Math.abs(seconds))} ${seconds > 0 ? 'ahead of' : 'behind'} ours; nothing is corrected for it`;
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** `42 s`, `3 min 5 s`, `1044 d 22 h`: the largest unit that fits and the next, since more says nothing of a clock. */
function lengthOf(seconds: number): string {
  const first = UNITS.findIndex(([, size]) => seconds >= size);
  let left = seconds;
  const parts = UNITS.slice(first, first + 2).map(([unit, size]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count > 0 ? `${count} ${unit}` : '';
  });
  return parts.filter((part) => part !== '').join(' ');
}
