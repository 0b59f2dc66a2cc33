import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CONNECTORS } from '../connectors/index.ts';
import { APP_ERRORS } from '../src/app/errors.ts';
import { METRICS } from '../src/core/analysis/metrics.ts';

const fileOf = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const read = (name: string) => readFileSync(fileOf(name), 'utf8');
const LONGEST = { 'README.md': 150, 'ARCHITECTURE.md': 200, 'CONTRIBUTING.md': 150 } as const;

/** A table of a document that is made from the code, between `<!-- NAME:start -->` and `<!-- NAME:end -->`. */
function tableIn(document: string, name: string, table: string): { readonly stands: string; readonly wanted: string } {
  const text = read(document);
  const [head = '', rest = ''] = text.split(`<!-- ${name}:start -->\n`);
  const [stands = '', tail = ''] = rest.split(`<!-- ${name}:end -->`);
  if (process.env['GOLDEN'] === 'write')
    writeFileSync(fileOf(document), `${head}<!-- ${name}:start -->\n${table}<!-- ${name}:end -->${tail}`);
  return { stands: process.env['GOLDEN'] === 'write' ? table : stands, wanted: table };
}

describe('the documents say what the code does', () => {
  it('ARCHITECTURE.md lists every duration with both its ends', () => {
    const rows = Object.entries(METRICS).map(
      ([name, { label, from, to, source }]) => `| \`${name}\` | ${label} | ${from} | ${to} | ${source} |\n`,
    );
    const { stands, wanted } = tableIn(
      'ARCHITECTURE.md',
      'metrics',
      `| name | label | from | to | after |\n|---|---|---|---|---|\n${rows.join('')}`,
    );
    expect(stands).toBe(wanted);
  });

  it('ARCHITECTURE.md lists the limits of every connector', () => {
    const rows = CONNECTORS.flatMap(({ id, limits, streams }) =>
      streams.map(({ spec }) => {
        const retention = spec.retentionDays === undefined ? '' : `${spec.retentionDays} days`;
        return `| ${id}/${spec.id} | ${spec.need} | ${limits.requestsPerMinute} | ${limits.pageSize} | ${spec.maxResults ?? ''} | ${retention} |\n`;
      }),
    );
    const header =
      '| stream | need | calls a minute, at most | records a page | results a question | kept for |\n|---|---|---|---|---|---|\n';
    const { stands, wanted } = tableIn('ARCHITECTURE.md', 'limits', header + rows.join(''));
    expect(stands).toBe(wanted);
  });

  it('README.md lists the exit codes of all errors', () => {
    const text = read('README.md');
    for (const { exit } of Object.values(APP_ERRORS)) expect(text).toContain(`\n| ${exit} | `);
  });

  it('CONTRIBUTING.md has a sentence for each dependency', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json'));
    const text = read('CONTRIBUTING.md');
    const missing = Object.keys({ ...dependencies, ...devDependencies }).filter(
      (name) => !name.startsWith('@types/') && !text.includes(name),
    );
    expect(missing).toEqual([]);
  });

  it.each(Object.entries(LONGEST))('%s stays under %i lines', (name, most) => {
    expect(read(name).split('\n').length - 1).toBeLessThanOrEqual(most);
  });

  it('every relative link leads to a file', () => {
    const names = [...Object.keys(LONGEST), ...CONNECTORS.map(({ id }) => `connectors/${id}/README.md`)];
    const broken = names.flatMap((name) =>
      [...read(name).matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
        .map(([, to = '']) => new URL(to, `file://${fileOf(name)}`))
        .filter((url) => !existsSync(url)),
    );
    expect(broken.map(String)).toEqual([]);
  });
});
