import { sharedFile } from '../support/shared.ts';
import { claims } from './claims.ts';
import { durations } from './durations.ts';
import { falseOnsets } from './false-onsets.ts';
import { falseReturns } from './false-returns.ts';
import { mutations } from './mutations/part.ts';
import { onsetNab } from './onset-nab.ts';
import { onsetNezha } from './onset-nezha.ts';
import { onsetPetshop } from './onset-petshop.ts';
import { onsetShapes } from './onset-shapes.ts';
import type { Figure, Part } from './part.ts';
import { postmortems } from './postmortems.ts';
import { skew } from './skew.ts';
import { suspects } from './suspects.ts';
import { toldEvents } from './told-events.ts';

/** Every task by name; `npm run accuracy -- onset` runs one, `--seed N` repeats a run. */
const PARTS: readonly Part[] = [
  onsetPetshop,
  onsetNezha,
  onsetNab,
  onsetShapes,
  falseOnsets,
  falseReturns,
  skew,
  suspects,
  durations,
  postmortems,
  claims,
  toldEvents,
  mutations,
];

const words = process.argv.slice(2);
const at = words.indexOf('--seed');
const seed = at >= 0 ? Number(words[at + 1]) : Math.floor(Math.random() * 2 ** 31);
const wanted = words.filter((word, index) => !word.startsWith('--') && (at < 0 || index !== at + 1));
const unknown = wanted.find((word) => !PARTS.some(({ name }) => name === word));
if (unknown !== undefined || !Number.isInteger(seed)) {
  throw new Error(`usage: npm run accuracy -- [${PARTS.map(({ name }) => name).join(' | ')}] [--seed N]`);
}

process.stdout.write(`seed ${seed}\n`);
let missed = 0;
for (const part of PARTS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  if (part.needs !== undefined && sharedFile(`data/${part.needs}`) === undefined) {
    process.stdout.write(`\n${part.name}: not measured, the reference data ${part.needs} are missing\n`);
    continue;
  }
  process.stdout.write(`\n${part.name}\n`);
  for (const figure of await part.run(seed)) {
    if (figure.held === false) missed += 1;
    process.stdout.write(`${lineOf(figure)}\n`);
  }
}
process.exitCode = missed === 0 ? 0 : 1;

function lineOf({ task, data, figure, value, n, interval, reach, held }: Figure): string {
  const verdict = held === undefined ? 'beside' : held ? 'held' : 'MISSED';
  const parts = [
    `  ${verdict.padEnd(6)} ${task}, ${data}: ${figure} ${value}`,
    interval && `[${interval}]`,
    `n ${n}`,
    reach && `(reach: ${reach})`,
  ];
  return parts.filter(Boolean).join(' ');
}
