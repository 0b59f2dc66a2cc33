import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildProgram } from '../src/cli/program.ts';
import { openTerminal } from './support/terminal.ts';

const fileOf = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const read = (name: string) => readFileSync(fileOf(name), 'utf8');
const COMMANDS = buildProgram(openTerminal().io, () => async () => {}).commands.map((command) => command.name());

/** The instructions of a Dockerfile by stage, each as its word and the rest. */
function stagesOf(text: string): readonly (readonly (readonly [string, string])[])[] {
  const lines = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n');
  const steps = lines.flatMap((line): readonly (readonly [string, string])[] => {
    const [, word, rest] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    return word === undefined || rest === undefined ? [] : [[word, rest]];
  });
  const starts = steps.flatMap(([word], index) => (word === 'FROM' ? [index] : []));
  return starts.map((start, place) => steps.slice(start, starts[place + 1]));
}

describe('the image', () => {
  const [build = [], run = []] = stagesOf(read('Dockerfile'));
  const last = (word: string) => run.filter(([step]) => step === word).at(-1)?.[1] ?? '';

  it('is made in two stages, of files that are there', () => {
    expect(stagesOf(read('Dockerfile'))).toHaveLength(2);
    const copied = [...build, ...run].filter(([word, rest]) => word === 'COPY' && !rest.includes('--from='));
    const files = copied.flatMap(([, rest]) => rest.split(' ').slice(0, -1));
    expect(files.length).toBeGreaterThan(4);
    expect(files.filter((file) => !existsSync(fileOf(file)))).toEqual([]);
    expect(run.filter(([word]) => word === 'RUN').join()).not.toMatch(/npm|curl|wget/);
    expect(build.map(([, rest]) => rest).join('\n')).toMatch(/npm ci[\s\S]*npm prune --omit=dev/);
  });

  it('holds what the package holds', () => {
    const { files, bin }: { files: readonly string[]; bin: Readonly<Record<string, string>> } = JSON.parse(read('package.json'));
    const copied = run.filter(([word]) => word === 'COPY').map(([, rest]) => rest);
    for (const file of files)
      expect(
        copied.some((rest) => rest.includes(file)),
        file,
      ).toBe(true);
    expect(JSON.parse(last('ENTRYPOINT'))).toEqual(['node', `/app/${bin['hindcast']}`]);
  });

  it('runs as nobody special, says whether it is well, and starts a command that there is', () => {
    expect(last('USER')).toBe('node');
    expect(last('HEALTHCHECK')).toContain('/health/ready');
    expect(COMMANDS).toContain(JSON.parse(last('CMD'))[0]);
  });

  it('is built without the history, stores and secrets that lie beside it', () => {
    const ignored = read('.dockerignore').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['.git', 'node_modules', '*.db', '.env']));
  });
});

describe('compose.yaml', () => {
  interface Service {
    readonly image: string;
    readonly command?: readonly string[];
    readonly environment: Readonly<Record<string, string>>;
    readonly deploy?: { readonly replicas: number };
    readonly healthcheck?: { readonly test?: readonly string[] };
    readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
    readonly ports?: readonly string[];
    readonly read_only?: boolean;
  }
  const { services }: { readonly services: Readonly<Record<string, Service>> } = parse(read('compose.yaml'), { merge: true });
  const { db, api, worker } = services;

  it('starts PostgreSQL, the API and two workers, with commands that there are', () => {
    expect(Object.keys(services).toSorted()).toEqual(['api', 'db', 'worker']);
    expect(db?.image).toMatch(/^postgres:\d+$/);
    expect(worker?.deploy?.replicas).toBe(2);
    expect([api?.command?.[0], worker?.command?.[0]]).toEqual(['serve', 'worker']);
    for (const service of [api, worker]) {
      expect(COMMANDS).toContain(service?.command?.[0]);
      expect(service?.depends_on).toEqual({ db: { condition: 'service_healthy' } });
    }
  });

  it('is open to this machine alone, writes nowhere but to its volume, and asks no worker for an API', () => {
    expect(api?.ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:/)]);
    expect(db?.ports).toBeUndefined();
    expect([api?.read_only, worker?.read_only]).toEqual([true, true]);
    expect(worker?.healthcheck?.test?.join(' ')).not.toContain('fetch');
  });

  it('calls a worker well whose file is fresh, and unwell where it is old or was never written', () => {
    const file = worker?.command?.[2] ?? '';
    const [, , , script = ''] = worker?.healthcheck?.test ?? [];
    expect(script).toContain(`'${file}'`);
    const own = join(mkdtempSync(join(tmpdir(), 'hindcast-alive-')), 'alive');
    const check = () => spawnSync(process.execPath, ['-e', script.replace(file, own)]).status;
    expect(check()).toBe(1);
    writeFileSync(own, '');
    expect(check()).toBe(0);
    const before = Date.now() / 1_000 - 60;
    utimesSync(own, before, before);
    expect(check()).toBe(1);
    rmSync(dirname(own), { recursive: true });
  });

  it('holds no secret: each is a variable that must be set', () => {
    const values = Object.values(services).flatMap(({ environment }) => Object.entries(environment));
    const secret = values.filter(([name]) => /PASSWORD|TOKEN|SECRET|KEY/.test(name));
    expect(secret.length).toBeGreaterThan(0);
    for (const [name, value] of secret) expect(value, name).toMatch(/^\$\{[A-Z_]+:\?/);
  });

  it('the page on operations names no command, file or variable that is not there', () => {
    const page = read('docs/operations.md');
    for (const [, command] of page.matchAll(/`hindcast ([a-z]+)/g)) expect(COMMANDS).toContain(command);
    for (const key of ['requests_per_minute', 'trust_proxy', 'secrets_env', 'note:', 'settle']) expect(page).toContain(key);
    expect(read('config/default.yaml') + read('config/policy.yaml')).toMatch(
      /requests_per_minute[\s\S]*trust_proxy[\s\S]*secrets_env[\s\S]*note:/,
    );
  });
});
