import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Who may import whom, as ARCHITECTURE.md draws it. Keys are layers, told by the longest path that fits;
 * `layers` are other layers, `node` built-in modules, `npm` packages ('*' for any).
 */
const RULES: Record<string, { layers: readonly string[]; node: readonly string[]; npm: readonly string[] }> = {
  'src/core/': { layers: [], node: [], npm: [] },
  'src/core/digest.ts': { layers: ['src/core/'], node: ['node:crypto'], npm: [] },
  'src/core/time.ts': { layers: ['src/core/'], node: [], npm: ['luxon'] },
  'src/core/document/': {
    layers: ['src/core/'],
    node: [],
    npm: ['mdast-util-from-markdown', 'mdast-util-gfm', 'micromark-extension-gfm', 'mdast'],
  },
  'src/contract/': { layers: ['src/core/'], node: [], npm: ['typebox'] },
  'src/render/': { layers: ['src/core/'], node: [], npm: ['luxon', 'liquidjs', 'd3-scale', 'd3-shape', 'd3-array'] },
  'src/app/': { layers: ['src/core/', 'src/contract/', 'src/render/'], node: [], npm: ['@opentelemetry/api'] },
  'src/app/ports.ts': { layers: ['src/core/', 'src/contract/', 'src/app/'], node: [], npm: [] },
  'src/storage/': {
    layers: [
      'src/core/',
      'src/app/ports.ts',
      'src/app/backfill-ports.ts',
      'src/app/page-ports.ts',
      'src/app/retention-ports.ts',
      'src/app/webhook-ports.ts',
      'src/app/errors.ts',
    ],
    node: ['node:sqlite', 'node:fs', 'node:path', 'node:crypto'],
    npm: ['kysely', 'pg', 'pg-boss', 'croner'],
  },
  'src/platform/': {
    layers: ['src/core/', 'src/contract/', 'src/app/ports.ts', 'src/app/errors.ts'],
    node: ['*'],
    npm: ['pino', 'yaml', 'typebox', '@opentelemetry/api'],
  },
  'src/api/': {
    layers: ['src/core/', 'src/app/', 'src/render/'],
    node: ['*'],
    npm: ['fastify', '@fastify/swagger', '@fastify/rate-limit', 'typebox'],
  },
  'src/cli/': {
    layers: ['src/core/', 'src/app/', 'src/render/', 'src/api/', 'src/platform/package-root.ts', 'src/compose.ts', 'demo/run.ts'],
    node: ['*'],
    npm: ['commander', 'yaml'],
  },
  'src/worker.ts': { layers: ['src/core/', 'src/app/'], node: [], npm: [] },
  'src/compose.ts': { layers: ['src/', 'connectors/index.ts'], node: ['*'], npm: [] },
  'connectors/index.ts': { layers: ['connectors/', 'src/contract/'], node: [], npm: [] },
  'connectors/pagerduty/': { layers: ['src/contract/index.ts'], node: [], npm: ['typebox'] },
  'connectors/pagerduty/client.ts': {
    layers: ['src/contract/index.ts', 'connectors/pagerduty/'],
    // An agent of its own is the only way to stop pdjs from repeating a refused call.
    node: ['node:http', 'node:https'],
    npm: ['typebox', '@pagerduty/pdjs'],
  },
  'connectors/cloudwatch/': { layers: ['src/contract/index.ts'], node: [], npm: ['typebox'] },
  'connectors/cloudwatch/client.ts': {
    layers: ['src/contract/index.ts', 'connectors/cloudwatch/'],
    node: [],
    npm: ['typebox', '@aws-sdk/client-cloudwatch', '@aws-sdk/credential-providers'],
  },
  'connectors/github/': { layers: ['src/contract/index.ts'], node: [], npm: ['typebox'] },
  'connectors/github/client.ts': {
    layers: ['src/contract/index.ts', 'connectors/github/'],
    node: [],
    npm: ['typebox', '@octokit/rest', '@octokit/auth-app'],
  },
  // Nobody is asked, so there is no SDK and no client.
  'connectors/manual/': { layers: ['src/contract/index.ts'], node: [], npm: ['typebox'] },
  'connectors/import/': { layers: ['src/contract/index.ts'], node: [], npm: ['typebox'] },
  'demo/': {
    layers: ['demo/', 'src/core/time.ts', 'src/cli/', 'src/compose.ts', 'src/platform/package-root.ts'],
    node: ['*'],
    npm: ['yaml'],
  },
};

interface Import {
  readonly from: string;
  readonly to: string;
}

function sources(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder)).flatMap((name) => {
    const path = `${folder}/${name}`;
    if (statSync(join(ROOT, path)).isDirectory()) return sources(path);
    return path.endsWith('.ts') ? [path] : [];
  });
}

/** Every specifier of an import, an export from, or a dynamic import of a literal. */
function importsOf(file: string): readonly Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const found = text.matchAll(
    /(?:^|[\s;])(?:import|export)\b[^'";]*?\bfrom\s*['"]([^'"]+)['"]|(?:^|[\s;])import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g,
  );
  return [...found].map(([, from, bare, dynamic]) => {
    const to = from ?? bare ?? dynamic ?? '';
    return { from: file, to: to.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(file), to)) : to };
  });
}

function layerOf(file: string): string | undefined {
  return Object.keys(RULES)
    .filter((layer) => file === layer || (layer.endsWith('/') && file.startsWith(layer)))
    .toSorted((a, b) => b.length - a.length)[0];
}

function isAllowed({ from, to }: Import): boolean {
  const layer = layerOf(from);
  const rule = layer === undefined ? undefined : RULES[layer];
  if (!layer || !rule) return false;
  if (to.startsWith('node:')) return rule.node.includes('*') || rule.node.includes(to);
  if (!/\.(ts|json)$/.test(to)) return rule.npm.some((name) => to === name || to.startsWith(`${name}/`));
  const home = layer.endsWith('/') ? layer : `${dirname(layer)}/`;
  return to.startsWith(home) || rule.layers.some((allowed) => to === allowed || (allowed.endsWith('/') && to.startsWith(allowed)));
}

const FILES = ['src', 'connectors', 'demo'].flatMap(sources);

describe('the arrows', () => {
  it('every file lies in a layer that the table names', () => {
    expect(FILES.filter((file) => layerOf(file) === undefined)).toEqual([]);
  });

  it('every import goes along an arrow', () => {
    const wrong = FILES.flatMap(importsOf).filter((line) => !isAllowed(line));
    expect(
      wrong.map(({ from, to }) => `${from} may not import ${to}; its layer allows ${JSON.stringify(RULES[layerOf(from) ?? ''])}`),
    ).toEqual([]);
  });

  it('a forbidden import would be seen', () => {
    expect(isAllowed({ from: 'src/core/time.ts', to: 'node:fs' })).toBe(false);
    expect(isAllowed({ from: 'src/core/case.ts', to: 'src/app/ports.ts' })).toBe(false);
    expect(isAllowed({ from: 'connectors/github/streams/releases.ts', to: '@octokit/rest' })).toBe(false);
    expect(isAllowed({ from: 'connectors/github/index.ts', to: 'connectors/pagerduty/client.ts' })).toBe(false);
    expect(isAllowed({ from: 'src/render/markdown.ts', to: 'src/app/draft.ts' })).toBe(false);
  });

  it('no import cycle', () => {
    const graph = new Map(
      FILES.map((file) => [
        file,
        importsOf(file)
          .map(({ to }) => to)
          .filter((to) => FILES.includes(to)),
      ]),
    );
    const done = new Set<string>();
    const cycles: string[] = [];
    const walk = (file: string, path: readonly string[]) => {
      if (path.includes(file)) {
        cycles.push([...path.slice(path.indexOf(file)), file].join(' > '));
        return;
      }
      if (done.has(file)) return;
      for (const next of graph.get(file) ?? []) walk(next, [...path, file]);
      done.add(file);
    };
    for (const file of FILES) walk(file, []);
    expect(cycles.filter((cycle) => !isOnlyTypes(cycle.split(' > ')))).toEqual([]);
  });
});

/** A ring in which some link imports nothing but types does not exist when the program runs. */
function isOnlyTypes(ring: readonly string[]): boolean {
  return ring.slice(0, -1).some((file, index) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    const lines = [...text.matchAll(/^(?:import|export)\b[^;]*?from\s*['"]([^'"]+)['"]/gms)];
    const links = lines.filter(([, to]) => to?.startsWith('.') && relative(ROOT, resolve(ROOT, dirname(file), to)) === ring[index + 1]);
    return links.every(([line]) => /^(?:import|export) type\b/.test(line));
  });
}

describe('the core', () => {
  it('knows no clock, chance, environment or network', () => {
    const banned = /\b(?:Date\.now|Math\.random|process\.|fetch\(|console\.|setTimeout|setInterval|new Date\(\))/;
    const files = FILES.filter(
      (file) => file.startsWith('src/core/') || file.startsWith('src/render/') || file.startsWith('src/contract/'),
    );
    const wrong = files.filter((file) => banned.test(withoutComments(readFileSync(join(ROOT, file), 'utf8'))));
    expect(wrong).toEqual([]);
  });

  it('connectors know no clock, environment, console or global fetch either', () => {
    const banned = /\b(?:Date\.now|Math\.random|process\.|(?<!\.)fetch\(|console\.|new Date\(\))/;
    const files = FILES.filter((file) => file.startsWith('connectors/'));
    expect(files.filter((file) => banned.test(withoutComments(readFileSync(join(ROOT, file), 'utf8'))))).toEqual([]);
  });
});

describe('the shape of the tree', () => {
  it('no file is longer than 300 lines, no stream longer than 150', () => {
    const tooLong = FILES.map((file) => ({ file, lines: readFileSync(join(ROOT, file), 'utf8').split('\n').length - 1 }))
      .filter(({ file, lines }) => lines > (file.includes('/streams/') ? 150 : 300))
      .map(({ file, lines }) => `${file}: ${lines}`);
    expect(tooLong).toEqual([]);
  });

  it('contract, core and app say of each exported type and function what it means', () => {
    const silent = FILES.filter((file) => /^src\/(?:contract|core|app)\//.test(file)).flatMap((file) => {
      const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
      return lines.flatMap((line, at) => {
        const [, name] = /^export (?:async )?(?:function\*?|interface|type|const|class) (\w+)/.exec(line) ?? [];
        return name !== undefined && lines[at - 1]?.trim().endsWith('*/') !== true ? [`${file}: ${name}`] : [];
      });
    });
    expect(silent).toEqual([]);
  });

  it('every connector folder is in the registry, once', () => {
    const folders = readdirSync(join(ROOT, 'connectors')).filter((name) => statSync(join(ROOT, 'connectors', name)).isDirectory());
    const registry = readFileSync(join(ROOT, 'connectors/index.ts'), 'utf8');
    for (const folder of folders) {
      expect(registry.split(`'./${folder}/index.ts'`).length - 1, folder).toBe(1);
      expect(readdirSync(join(ROOT, 'connectors', folder)), folder).toEqual(
        // What people and files tell is read from the store: where nobody is asked there is no client.
        expect.arrayContaining(['README.md', ...(folder === 'manual' || folder === 'import' ? [] : ['client.ts']), 'index.ts', 'streams']),
      );
    }
  });

  it('no default export, no lint or type check switched off', () => {
    const wrong = FILES.filter((file) =>
      /^export default|@ts-(?:ignore|nocheck|expect-error)|biome-ignore/m.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    expect(wrong).toEqual([]);
  });
});

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '');
}
