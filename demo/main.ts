import { main } from '../src/cli/command-line.ts';
import { processIo } from '../src/cli/process-io.ts';

process.exitCode = await main(['demo', ...process.argv.slice(2)], processIo());
