import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseDocument, stringify } from 'yaml';
import { type Staged, stage } from '../../demo/run.ts';
import { main } from '../../src/cli/command-line.ts';
import { openApp } from '../../src/compose.ts';
import { instant } from '../support/events.ts';
import { openTerminal } from '../support/terminal.ts';

describe('hindcast init, over the sample world', () => {
  let staged: Staged;
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-init-'));
  beforeAll(async () => {
    staged = await stage({ folder });
  });
  afterAll(async () => {
    await staged.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = async (config: string, ...words: readonly string[]) => {
    const terminal = openTerminal({ env: staged.env });
    terminal.files.set(config, readFileSync(config, 'utf8'));
    const open = (options: object) => openApp({ ...options, config, env: staged.env, cwd: '.', now: instant(staged.world.now) });
    const code = await main(['init', ...words], terminal.io, open);
    return { code, ...terminal.printed, file: terminal.files.get(config) ?? '' };
  };
  /** The sample's configuration without its services, with what a person wrote beside it. */
  const bare = () => {
    const path = join(folder, 'bare.yaml');
    const document = parseDocument(readFileSync(staged.config, 'utf8'));
    document.delete('services');
    writeFileSync(path, `# ours\n${document.toString()}# the end\n`);
    return path;
  };

  it('proposes the very services that the sample was configured with, and writes nothing', async () => {
    const { code, out, file } = await run(bare());
    expect(code).toBe(0);
    expect(parse(out)).toEqual({ services: parse(readFileSync(staged.config, 'utf8')).services });
    expect(parse(file).services).toBeUndefined();
  });

  it('with --write puts them into the file and leaves the rest as it was', async () => {
    const path = bare();
    const before = readFileSync(path, 'utf8');
    const { code, out, file, err } = await run(path, '--write');
    expect(code).toBe(0);
    expect(err).toContain('read them before you rely on them');
    expect(parse(file)).toEqual({ ...parse(before), ...parse(out) });
    expect(file.startsWith('# ours\n')).toBe(true);
    expect(file).toContain('# the end');
  });

  it('with --write refuses a file that has services, before anything is asked', async () => {
    staged.pagerduty.reset();
    const { code, err, file } = await run(staged.config, '--write');
    expect(code).toBe(2);
    expect(err).toContain('has services already (api, checkout)');
    expect(file).toBe(readFileSync(staged.config, 'utf8'));
    expect(staged.pagerduty.requests).toEqual([]);
  });

  it('joins alarms to the service whose alerts name them, whatever they are called', async () => {
    const path = join(folder, 'renamed.yaml');
    const config = parse(readFileSync(bare(), 'utf8'));
    writeFileSync(path, stringify(config));
    const renamed = { ...staged.world.pagerduty.services[0], name: 'Public edge' };
    staged.pagerduty.fail({
      path: /GET \/services/,
      mode: 'rewrite',
      times: 1,
      rewrite: (answer) => ({
        ...answer,
        body: JSON.parse(JSON.stringify(answer.body).replaceAll('"name":"API"', `"name":"${renamed.name}"`)),
      }),
    });
    const { out } = await run(path);
    const edge = parse(out).services.find(({ name }: { name: string }) => name === 'public-edge');
    expect(edge.owns).toMatchObject({ pagerduty: { service_ids: ['PAPI001'] }, 'aws-prod': { alarm_prefixes: ['api-'] } });
  });

  it('says which source could not be asked, and proposes what the others have', async () => {
    staged.github.fail({ path: /./, mode: 401 });
    const { code, out, err } = await run(bare());
    staged.github.reset();
    expect(code).toBe(0);
    expect(err).toMatch(/could not be asked: github: /);
    expect(parse(out).services.map(({ name }: { name: string }) => name)).toEqual(['api', 'checkout']);
  });
});
