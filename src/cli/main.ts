#!/usr/bin/env node
import { main } from './command-line.ts';
import { keepCompiled } from './compile-cache.ts';
import { processIo } from './process-io.ts';

const OLDEST_NODE = 24;
const isHelp = process.argv.some((word) => ['-h', '--help', '-V', '--version'].includes(word));

if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE && !isHelp) {
  process.stderr.write(`hindcast: needs Node ${OLDEST_NODE} or newer, and this is ${process.versions.node}\n`);
  process.exitCode = 2;
} else {
  keepCompiled(process.env);
  process.exitCode = await main(process.argv.slice(2), processIo());
}
