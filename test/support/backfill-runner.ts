import { isFinished } from '../../src/app/backfill.ts';
import { openApp } from '../../src/compose.ts';
import { instant } from './events.ts';

/** What a process of a backfill is told: `submits` begins it and ends with it, else it is a worker that ends when it is done. */
export interface RunnerTask {
  readonly config: string;
  readonly folder: string;
  readonly now: string;
  readonly from: string;
  readonly to: string;
}

const task: RunnerTask = JSON.parse(process.argv[2] ?? '{}');
const { app, service, close } = await openApp({
  config: task.config,
  env: process.env,
  cwd: task.folder,
  now: instant(task.now),
  // What is measured here is what is written, not how long vendors make one wait.
  budget: { limited: (_source, _limits, act) => act(), observe: () => undefined },
});
const { backfills, work } = await service();
const { id } = await backfills.submit({ window: { from: instant(task.from), to: instant(task.to) } });
await work(new AbortController().signal, async () => isFinished(await backfills.find(id)));
process.stdout.write(JSON.stringify(await backfills.find(id)));
await app.ready();
await close();
