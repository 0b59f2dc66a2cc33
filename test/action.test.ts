import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../src/platform/package-root.ts';

interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>;
  readonly runs: {
    readonly using: string;
    readonly steps: readonly { readonly uses?: string; readonly run?: string; readonly env?: Readonly<Record<string, string>> }[];
  };
}

const TEXT = readFileSync(join(packageRoot(), 'action.yml'), 'utf8');
const ACTION: Action = parse(TEXT);
const VERIFY = ACTION.runs.steps.at(-1);
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** The action's last step as a runner runs it, with `gh` told which files a pull request changes. */
function runStep(files: Readonly<Record<string, string>>, inputs: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-action-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, 'list'), `${Object.keys(files).join('\n')}\n`);
  // The vendor's own tool, not ours: it lists what it is given, and keeps what it is told to say.
  writeFileSync(
    join(folder, 'gh'),
    `#!/bin/sh\nif [ "$1" = api ]; then cat '${folder}/list'; elif [ -n "$REFUSED" ]; then exit 1; else while [ "$1" != --body-file ]; do shift; done; cp "$2" '${folder}/said'; fi\n`,
  );
  chmodSync(join(folder, 'gh'), 0o755);
  const env = {
    PATH: [folder, dirname(process.execPath), process.env['PATH']].join(delimiter),
    GITHUB_ACTION_PATH: packageRoot(),
    GITHUB_REPOSITORY: 'acme/api',
    GITHUB_OUTPUT: join(folder, 'output'),
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
    RUNNER_TEMP: folder,
    PULL: '7',
    ...{ FILES: '*.md', BUNDLE: '', COMMENT: 'true', FAIL: 'true' },
    ...inputs,
  };
  const { status, stdout, stderr } = spawnSync('bash', ['-e', '-o', 'pipefail', '-c', VERIFY?.run ?? ''], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  const read = (name: string) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '');
  return { status, stdout, stderr, said: read('said'), sarif: read('hindcast.sarif'), output: read('output') };
}

const WRONG = 'An outage of 30 minutes (14:32 - 14:57 UTC).\n';
const SOUND = 'An outage of 25 minutes (14:32 - 14:57 UTC).\n';

describe('the GitHub action', () => {
  it('uses each of its inputs, takes no credential, and puts no text of others into a script', () => {
    expect(ACTION.runs.using).toBe('composite');
    for (const name of Object.keys(ACTION.inputs)) {
      expect(TEXT.split(`inputs.${name} `)).toHaveLength(2);
      expect(name).not.toMatch(/token|secret|key|password|credential/i);
    }
    const written = ACTION.runs.steps.flatMap(({ run = '' }) => run);
    expect(written.filter((run) => run.includes('${{'))).toEqual([]);
    const secrets = Object.values(VERIFY?.env ?? {}).filter((value) => /secrets\.|token/.test(value));
    // The workflow's own, which GitHub gives to every run.
    expect(secrets).toEqual([expect.stringMatching(/^\$\{\{ github\.token \}\}$/)]);
    for (const { uses } of ACTION.runs.steps) if (uses !== undefined) expect(uses).toMatch(/@v\d+$/);
  });

  it('checks the changed post-mortems, says what it found in a comment, and fails', () => {
    const { status, said, sarif, output } = runStep({ 'a.md': WRONG, 'b.md': SOUND, 'c.txt': WRONG });
    expect(status).toBe(5);
    expect(said).toContain('    a.md:1  duration_contradicted  (certain)');
    expect(said).not.toContain('c.txt');
    expect(JSON.parse(sarif).runs[0].results).toHaveLength(1);
    expect(output).toMatch(/^sarif=.*hindcast\.sarif$/m);
  });

  it('says so where the comment cannot be written, as on a pull request from a fork, and fails for what it found alone', () => {
    const { status, stdout, said } = runStep({ 'a.md': WRONG }, { REFUSED: 'yes' });
    expect([status, said]).toEqual([5, '']);
    expect(stdout).toContain('::warning::the comment could not be written');
  });

  it('passes where nothing is found, or nothing was changed, or findings shall not fail it', () => {
    expect(runStep({ 'b.md': SOUND }).status).toBe(0);
    expect(runStep({ 'c.txt': WRONG })).toMatchObject({ status: 0, said: '' });
    expect(runStep({ 'a.md': WRONG }, { FAIL: 'false', COMMENT: 'false' })).toMatchObject({ status: 0, said: '' });
  });

  it('tells a fault of its own from a finding', () => {
    const { status, stderr } = runStep({ 'a.md': SOUND }, { BUNDLE: 'none.jsonl' });
    expect([status, stderr]).toEqual([2, expect.stringContaining('none.jsonl cannot be read')]);
  });
});
