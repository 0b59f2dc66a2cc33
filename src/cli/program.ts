import { Command, Option } from 'commander';
import { readVersion } from '../platform/package-root.ts';
import type { ActionsFlags } from './actions.ts';
import type { AssertFlags } from './assert.ts';
import type { DiffFlags } from './diff.ts';
import type { DraftFlags } from './draft.ts';
import type { EditsFlags } from './edits.ts';
import type { ImportFlags } from './import.ts';
import type { InitFlags } from './init.ts';
import type { Context, Io } from './io.ts';
import { addJobCommands } from './program-jobs.ts';
import type { PullFlags } from './pull.ts';
import type { ServeFlags } from './serve.ts';
import type { SummaryFlags } from './summary.ts';
import type { TimelineFlags } from './timeline.ts';
import type { VerifyFlags } from './verify.ts';

/** What `draft` writes. */
const DRAFT_FORMATS = ['markdown', 'plain', 'json', 'html'] as const satisfies readonly DraftFlags['format'][];

/** Commands whose flags are few enough to be said here. */
interface DemoFlags {
  readonly serve?: boolean;
  readonly format: 'markdown' | 'json' | 'html';
}
interface ConfigFlag {
  readonly config?: string;
}
interface BundleFlags extends ConfigFlag {
  readonly roles?: boolean;
  readonly out?: string;
  readonly bundle?: string;
}

/** Makes an action of a command: gives it its context and keeps its exit code. */
export type Run = <Args extends unknown[]>(
  command: (context: Context, ...args: Args) => Promise<number>,
) => (...args: Args) => Promise<void>;

/**
 * The words of the command line, as interface.md lists them. A command's own module is loaded only when it runs:
 * `--help` should cost little more than an empty Node.
 */
export function buildProgram(io: Io, run: Run): Command {
  const program = new Command('hindcast')
    .description('Reconstructs an incident from PagerDuty, CloudWatch and GitHub, and drafts its post-mortem.')
    .version(readVersion())
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .exitOverride()
    .showHelpAfterError('(hindcast --help lists the commands)');
  addDraft(program, run);
  addTimeline(program, run);
  addPull(program, run);
  addAssert(program, run);
  addImport(program, run);
  addSummary(program, run);
  addEdits(program, run);
  addDiff(program, run);
  addReproduce(program, run);
  addVerify(program, run);
  addActions(program, run);
  addBundle(program, run);
  addInit(program, run);
  addCheck(program, run);
  addServe(program, run);
  addJobCommands(program, run);
  addDemo(program, run);
  return program;
}

const CONFIG = ['--config <file>', 'configuration (else HINDCAST_CONFIG, else ./hindcast.yaml)'] as const;

/** SELECT of interface.md, and how far the case may look. */
function addSelect(command: Command): Command {
  return command
    .argument('[id]', "the incident's id, number or PagerDuty URL")
    .option('--from <time>', 'start of a window, in place of an incident')
    .option('--to <time>', 'its end: RFC 3339 with an offset, now, -2h, -7d')
    .option('--service <name>', 'with a window: the service that is meant')
    .option('--bundle <file>', 'a bundle, in place of an incident: needs no credentials')
    .option('--with <id...>', 'further incidents of the same outage')
    .option('--no-related', 'look for no past or related incidents, nor for those merged into this one')
    .option('--as-of <time>', 'only what could be known by then')
    .option('--offline', 'ask no source: what is stored')
    .option('--refresh', 'ask the sources again')
    .option(...CONFIG);
}

function addDraft(program: Command, run: Run): void {
  addSelect(program.command('draft'))
    .description('the main job: a post-mortem draft')
    .option('--author <name...>', 'printed as authors')
    .addOption(
      new Option('--format <format>', 'how to write it; plain is Markdown to paste elsewhere')
        .choices([...DRAFT_FORMATS])
        .default('markdown'),
    )
    .option('--out <file>', 'write to a file; graphs of Markdown are written beside it')
    .action(run(async (context, id: string | undefined, flags: DraftFlags) => (await import('./draft.ts')).runDraft(context, id, flags)));
}

function addTimeline(program: Command, run: Run): void {
  addSelect(program.command('timeline'))
    .description('the merged timeline, with what was set apart')
    .addOption(new Option('--format <format>', 'how to print it').choices(['table', 'json', 'csv']).default('table'))
    .option('--tz <zone>', 'zone of the printed times', 'UTC')
    .action(
      run(async (context, id: string | undefined, flags: TimelineFlags) => (await import('./timeline.ts')).runTimeline(context, id, flags)),
    );
}

function addPull(program: Command, run: Run): void {
  program
    .command('pull')
    .description('evidence of a window into the store')
    .option('--from <time>', 'start of the window')
    .option('--to <time>', 'its end')
    .option('--service <name>', 'only what this service owns')
    .option('--out <file>', 'write the evidence as a bundle, too')
    .option('--dry-run', 'say the calls and their cost, and ask nothing')
    .option(...CONFIG)
    .action(run(async (context, flags: PullFlags) => (await import('./pull.ts')).runPull(context, flags)));
}

function addAssert(program: Command, run: Run): void {
  program
    .command('assert')
    .description('a fact that only people know, kept as evidence: every later draft rests on it')
    .usage('ID (MILESTONE T | event T --text TEXT | suspect CHANGE confirmed|rejected) --reason TEXT [--author NAME]')
    .argument('<id>', 'the incident, drafted before')
    .argument('<what>', 'a milestone such as impact_started, or event, or suspect')
    .argument('<subject>', 'when (2024-01-15T14:20Z, -20m); of a suspect the key of the change')
    .argument('[verdict]', 'of a suspect: confirmed or rejected')
    .option('--reason <text>', 'how it is known')
    .option('--text <text>', 'what happened, with event')
    .option('--author <name>', 'who states it')
    .option('--give-or-take <length>', 'how far the time may be off: 30s, 5m')
    .option(...CONFIG)
    .action(
      run(async (context, id: string, what: string, subject: string, verdict: string | undefined, flags: AssertFlags) =>
        (await import('./assert.ts')).runAssert(context, id, [what, subject, verdict], flags),
      ),
    );
}

function addImport(program: Command, run: Run): void {
  program
    .command('import')
    .description('events and series of any other system, from a file')
    .argument('<file>', 'a .jsonl, .csv or .json file')
    .requiredOption('--source <name>', 'what its records are filed under, such as slack')
    .option('--mapping <file>', 'how its records are read: a YAML file, or slack, statuspage, argocd, jenkins')
    .option('--service <name>', 'the service that all its records are about')
    .option('--incident <id>', 'the incident that all its records are of, such as a channel opened for it')
    .option(...CONFIG)
    .action(run(async (context, file: string, flags: ImportFlags) => (await import('./import.ts')).runImport(context, file, flags)));
}

function addSummary(program: Command, run: Run): void {
  program
    .command('summary')
    .description('durations over the incidents that were drafted: count, median, spread and list')
    .option('--from <time>', 'incidents that began from here on')
    .option('--to <time>', 'and before this')
    .addOption(new Option('--by <what>', 'group them').choices(['service', 'severity', 'month']))
    .addOption(new Option('--format <format>', 'how to print it').choices(['table', 'json', 'csv']).default('table'))
    .option(...CONFIG)
    .action(run(async (context, flags: SummaryFlags) => (await import('./summary.ts')).runSummary(context, flags)));
}

function addEdits(program: Command, run: Run): void {
  program
    .command('edits')
    .description("people's words in a draft")
    .command('import')
    .argument('<file>', 'a draft that was edited by hand')
    .description('take a hand-edited draft back: its words outlive every new draft (exit 5 where something was left out)')
    .option('--incident <id>', 'the incident, where the file no longer says which draft it is')
    .option('--author <name>', 'who wrote it')
    .option(...CONFIG)
    .action(run(async (context, file: string, flags: EditsFlags) => (await import('./edits.ts')).runEditsImport(context, file, flags)));
}

function addDiff(program: Command, run: Run): void {
  program
    .command('diff')
    .argument('<id>', 'the incident')
    .description('what moved between two drafts: entries, milestones, durations, edits now stale')
    .option('--from <draft>', "the earlier draft's id (else the one before)")
    .option('--to <draft>', "the later draft's id (else the newest)")
    .addOption(new Option('--format <format>', 'how to print it').choices(['table', 'json']).default('table'))
    .option(...CONFIG)
    .action(run(async (context, id: string, flags: DiffFlags) => (await import('./diff.ts')).runDiff(context, id, flags)));
}

function addReproduce(program: Command, run: Run): void {
  program
    .command('reproduce')
    .argument('[id]', 'the incident')
    .description('rebuild a draft from stored evidence and compare bytes')
    .option('--bundle <file>', 'from a bundle')
    .option(...CONFIG)
    .action(
      run(async (context, id: string | undefined, flags: BundleFlags) => (await import('./bundle.ts')).runReproduce(context, id, flags)),
    );
}

function addVerify(program: Command, run: Run): void {
  program
    .command('verify')
    .description('check any post-mortem against itself, with no configuration and no account; or against the record')
    .argument('<files...>', 'Markdown or text files')
    .option('--incident <id>', 'hold them against the stored draft of this incident')
    .option('--bundle <file>', 'hold them against a bundle: needs no credentials')
    .option(...CONFIG)
    .addOption(new Option('--format <format>', 'how to print what was found').choices(['table', 'json', 'sarif']).default('table'))
    .action(run(async (context, files: string[], flags: VerifyFlags) => (await import('./verify.ts')).runVerify(context, files, flags)));
}

function addActions(program: Command, run: Run): void {
  program
    .command('actions')
    .description('action items of a draft, for an issue tracker')
    .command('export')
    .argument('<id>', 'the incident, drafted before')
    .description('print them, or write a file for each and print what opens it as an issue of GitHub')
    .addOption(new Option('--format <format>', 'how to write them').choices(['markdown', 'json']).default('markdown'))
    .option('--out <folder>', 'write a file for each')
    .option(...CONFIG)
    .action(run(async (context, id: string, flags: ActionsFlags) => (await import('./actions.ts')).runActionsExport(context, id, flags)));
}

function addBundle(program: Command, run: Run): void {
  const bundle = program.command('bundle').description('evidence of an incident as one file');
  bundle
    .command('export')
    .argument('<id>', 'the incident')
    .description('write the evidence of its newest draft')
    .option('--roles', 'names become roles; it can then not be verified against the original')
    .option('--out <file>', 'write to a file')
    .option(...CONFIG)
    .action(run(async (context, id: string, flags: BundleFlags) => (await import('./bundle.ts')).runBundleExport(context, id, flags)));
  bundle
    .command('import')
    .argument('<file>', 'the bundle')
    .description('check its hashes and keep it, apart from live incidents')
    .option(...CONFIG)
    .action(run(async (context, file: string, flags: ConfigFlag) => (await import('./bundle.ts')).runBundleImport(context, file, flags)));
}

function addInit(program: Command, run: Run): void {
  program
    .command('init')
    .description('asks each source what it has, and proposes `services:`')
    .option('--write', 'write them into the configuration, which must have none')
    .option(...CONFIG)
    .action(run(async (context, flags: InitFlags) => (await import('./init.ts')).runInit(context, flags)));
}

function addCheck(program: Command, run: Run): void {
  program
    .command('check')
    .description('the configuration and every source: permissions by name, clock, reachable or not')
    .option(...CONFIG)
    .action(run(async (context, flags: ConfigFlag) => (await import('./check.ts')).runCheck(context, flags)));
}

function addServe(program: Command, run: Run): void {
  program
    .command('serve')
    .description('the API')
    .option('--host <host>', 'address to listen on')
    .option('--port <port>', 'port to listen on')
    .option(...CONFIG)
    .action(run(async (context, flags: ServeFlags) => (await import('./serve.ts')).runServe(context, flags)));
}

function addDemo(program: Command, run: Run): void {
  program
    .command('demo')
    .description('the sample incident, over stand-ins of the three sources: needs no credentials')
    .option('--serve', 'keep the API up')
    .addOption(new Option('--format <format>', 'how to print it').choices(['markdown', 'json', 'html']).default('markdown'))
    .action(run(async (context, flags: DemoFlags) => (await import('../../demo/run.ts')).runDemo(context.io, flags)));
}
