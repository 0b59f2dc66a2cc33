import { load } from './load.ts';

const held = await load(process.argv[2]);
for (const { text, held: isHeld } of held) process.stdout.write(`${isHeld ? 'held' : 'MISSED'}: ${text}\n`);
process.exitCode = held.every(({ held: isHeld }) => isHeld) ? 0 : 1;
