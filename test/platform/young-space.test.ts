import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** How far V8's space for new things grows while much of what is new lives on, in MB. */
function grown(setUp: string): number {
  const script = `${setUp}
    const { getHeapSpaceStatistics } = await import('node:v8');
    const sizeOf = () => getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space').space_size / 2 ** 20;
    const kept = [];
    for (let round = 0; round < 200; round += 1) { for (let one = 0; one < 20_000; one += 1) kept.push({ round, one }); if (kept.length > 1e6) kept.length = 0; }
    process.stdout.write(String(sizeOf()));`;
  return Number(execFileSync(process.execPath, ['--max-semi-space-size=64', '--input-type=module', '-e', script], { encoding: 'utf8' }));
}

it("V8's space for new things is kept from growing further once it was asked for", () => {
  const keep = `const { keepYoungSpace } = await import(${JSON.stringify(new URL('../../src/platform/young-space.ts', import.meta.url).href)}); keepYoungSpace();`;
  expect(grown(keep)).toBeLessThan(grown(''));
});
