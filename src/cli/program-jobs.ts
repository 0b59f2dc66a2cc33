import { type Command, Option } from 'commander';
import type { BackfillFlags } from './backfill.ts';
import type { Run } from './program.ts';
import type { PurgeFlags } from './purge.ts';
import type { WorkerFlags } from './worker.ts';

const CONFIG = ['--config <file>', 'configuration (else HINDCAST_CONFIG, else ./hindcast.yaml)'] as const;

interface ConfigFlag {
  readonly config?: string;
}

/** The commands of a service that a team runs: past incidents, and whoever works on them. */
export function addJobCommands(program: Command, run: Run): void {
  const backfill = program
    .command('backfill')
    .description('drafts of past incidents, the newest first; resumable')
    .option('--from <time>', 'start of the window')
    .option('--to <time>', 'its end')
    .option('--service <name>', 'only incidents of this service')
    .option(...CONFIG)
    .action(run(async (context, flags: BackfillFlags) => (await import('./backfill.ts')).runBackfill(context, flags)));
  backfill
    .command('status')
    .argument('[number]', 'which one; else all are listed')
    .description('how far it is, what failed and why, what retention had taken')
    .option(...CONFIG)
    .action(
      run(async (context, number: string | undefined, flags: ConfigFlag) =>
        (await import('./backfill.ts')).runStatus(context, number, flags),
      ),
    );
  for (const verb of ['retry', 'cancel'] as const) {
    backfill
      .command(verb)
      .argument('<number>', 'which one')
      .description(verb === 'retry' ? 'try again what failed' : 'leave what nobody has begun')
      .option(...CONFIG)
      .action(
        run(async (context, number: string, flags: ConfigFlag) => (await import('./backfill.ts')).runChange(context, verb, number, flags)),
      );
  }
  program
    .command('worker')
    .description('works on jobs until it is told to stop; any number of them share one store')
    .option('--alive <file>', 'a file that is written every five seconds while it lives, for a health check')
    .option(...CONFIG)
    .action(run(async (context, flags: WorkerFlags) => (await import('./worker.ts')).runWorkerCommand(context, flags)));
  program
    .command('migrate')
    .description("brings the store's schema up to date")
    .option(...CONFIG)
    .action(run(async (context, flags: ConfigFlag) => (await import('./upkeep.ts')).runMigrate(context, flags)));
  program
    .command('backup')
    .argument('<file>', 'a new file')
    .description('a whole copy of the store, while others go on writing')
    .option(...CONFIG)
    .action(run(async (context, file: string, flags: ConfigFlag) => (await import('./upkeep.ts')).runBackup(context, file, flags)));
  program
    .command('purge')
    .description('purges what `storage.keep_evidence` no longer keeps, at once; `serve` and `worker` do it every six hours')
    .option('--dry-run', 'say what would go, and purge nothing')
    .addOption(new Option('--format <format>', 'how to print it').choices(['table', 'json']).default('table'))
    .option(...CONFIG)
    .action(run(async (context, flags: PurgeFlags) => (await import('./purge.ts')).runPurge(context, flags)));
}
