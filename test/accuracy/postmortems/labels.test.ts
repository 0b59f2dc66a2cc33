import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sharedFile } from '../../support/shared.ts';
import { instantOf, type Label, readLabels } from './labels.ts';

const LABELS = (['strict', 'near'] as const).flatMap((group) => readLabels(group).map((label) => ({ ...label, group })));
const SHARED = sharedFile('data/postmortems/dev');

describe('labels of real post-mortems', () => {
  it('name each change once, and only changes of their own as guilty, trigger or taken back', () => {
    for (const { document, changes, guilty, trigger = [] } of LABELS) {
      const names = changes.map(({ name }) => name);
      expect(new Set(names).size, document).toBe(names.length);
      const named = [...guilty, ...trigger, ...changes.flatMap(({ reverses }) => reverses ?? [])];
      expect(names, document).toEqual(expect.arrayContaining(named));
    }
  });

  it('have times that parse, in the order of the changes, and a recovery after the alarm', () => {
    for (const { document, offset, changes, alarm, recovered } of LABELS) {
      const begins = changes.map(({ at }) => instantOf(at, offset));
      expect(begins.toSorted(), document).toEqual(begins);
      for (const { at, until } of changes) if (until) expect(instantOf(until, offset) > instantOf(at, offset), document).toBe(true);
      expect(instantOf(recovered.at, offset) >= instantOf(alarm.at, offset), document).toBe(true);
    }
  });

  it('of the strict group hold two changes at least and a reversal or a switch of it', () => {
    for (const { document, changes } of readLabels('strict')) {
      expect(changes.filter(({ reverses }) => reverses === undefined).length, document).toBeGreaterThanOrEqual(2);
    }
  });

  it.skipIf(!SHARED)('cite lines of their documents, and those say the minute (needs the shared reference folder)', () => {
    for (const label of LABELS) {
      const lines = readFileSync(`${SHARED}/${label.document}`, 'utf8').split('\n');
      for (const { at, about, line } of timesOf(label)) {
        expect(lines[line - 1]?.trim(), `${label.document}:${line}`).toBeTruthy();
        if (about === undefined) expect(lines[line - 1], `${label.document}:${line} ${at}`).toMatch(clockIn(at));
      }
    }
  });
});

function timesOf({ impact, alarm, changes, recovered }: Label) {
  return [...(impact ? [impact] : []), alarm, ...changes, recovered];
}

/** `13:05` as documents write it: `13:05`, `1:05 PM`, `13.05`. */
function clockIn(at: string): RegExp {
  const [hour = '', minute = ''] = at.slice(11).split(':');
  const hours = [hour, `${Number(hour)}`, `${Number(hour) % 12 || 12}`].join('|');
  return new RegExp(`(?<!\\d)(?:0?(?:${hours}))[:.]${minute}`);
}
