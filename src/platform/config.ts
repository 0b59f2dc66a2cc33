import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Check } from 'typebox/value';
import { AppError } from '../app/errors.ts';
import type { Settings } from '../app/ports.ts';
import { DEFAULT_DRAFT, DEFAULT_POLICY } from '../core/analysis/policy.ts';
import { configProblems, filledConfig, type KnownConnectors, withDefaults } from './config-checks.ts';
import { schemaProblems } from './config-problems.ts';
import { ConfigFile } from './config-schema.ts';
import { type ConfigText, type Problem, parseConfigText } from './config-text.ts';
import { packageRoot } from './package-root.ts';
import { readTemplate } from './template-files.ts';

export interface LoadOptions extends KnownConnectors {
  /** What `--config` said. */
  readonly path?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** A file with many mistakes shows its first ones. */
const MAX_PROBLEMS = 10;
const DEFAULT_FILE = 'hindcast.yaml';

/**
 * The settings of `--config`, else of `HINDCAST_CONFIG`, else of `./hindcast.yaml`, else the shipped defaults: PagerDuty alone, where
 * `PAGERDUTY_TOKEN` is set. A file that names no source takes the defaults' one. Relative paths, the store's too, start at `cwd`; a template's at the file that names it.
 * Throws AppError('config') with one line for each problem: the file, its line, what is wrong and what to write.
 */
export function loadSettings(options: LoadOptions): Settings {
  const found = findFile(options);
  const shipped = readShipped(options);
  if (!found) {
    requireToken(options.env, `there is no ${DEFAULT_FILE} here`);
    return settingsOf(shipped, options);
  }
  const file = checked(found.text, found.shown, options, shipped.sources);
  if (file.sources === shipped.sources) requireToken(options.env, `${found.shown} names no source`);
  const settings = settingsOf(file, options);
  const { template } = settings.draft;
  return {
    path: found.path,
    ...settings,
    ...(template !== null && { template: readTemplate(resolve(dirname(found.path), template), template) }),
  };
}

interface Found {
  readonly path: string;
  /** As the person named it. */
  readonly shown: string;
  readonly text: string;
}

function findFile({ path, env, cwd }: LoadOptions): Found | undefined {
  const named = path ?? (env['HINDCAST_CONFIG'] || undefined);
  const shown = named ?? DEFAULT_FILE;
  const full = resolve(cwd, shown);
  try {
    const bytes = readFileSync(full);
    if (!isUtf8(bytes)) throw new AppError('config', `the configuration ${shown} is not UTF-8: save it as UTF-8`);
    return { path: full, shown, text: bytes.toString('utf8') };
  } catch (error) {
    if (error instanceof AppError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ENOENT' && named === undefined) return undefined;
    const by = path === undefined && named !== undefined ? ', which HINDCAST_CONFIG names,' : '';
    throw new AppError('config', `the configuration ${shown}${by} cannot be read: ${READ_PROBLEMS[code] ?? code}`, { cause: error });
  }
}

const READ_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
};

function readShipped(known: KnownConnectors): ConfigFile {
  const path = join(packageRoot(), 'config/default.yaml');
  return checked(readFileSync(path, 'utf8'), 'config/default.yaml', known);
}

function requireToken(env: LoadOptions['env'], why: string): void {
  if (env['PAGERDUTY_TOKEN']?.trim()) return;
  throw new AppError(
    'config',
    `${why} and PAGERDUTY_TOKEN is not set: export PAGERDUTY_TOKEN (a read-only REST API key) to draft from PagerDuty alone, ` +
      `or write ${DEFAULT_FILE} with your \`sources\``,
  );
}

/** Reads, checks by the schema, then by all that a schema cannot say. `sources` stand in where the file has none. */
function checked(text: string, shown: string, known: KnownConnectors, sources?: ConfigFile['sources']): ConfigFile {
  const parsed = parseConfigText(text);
  if ('problems' in parsed) throw refusal(shown, parsed.problems);
  const value = withSources(withoutEmptyBlocks(parsed.value), sources);
  const problems = schemaProblems(ConfigFile, value, []);
  if (!Check(ConfigFile, value)) throw refusal(shown, problems, parsed);
  const further = configProblems(value, known);
  if (further.length > 0) throw refusal(shown, further, parsed);
  return value;
}

/** `policy:` with all its keys commented out is a block that says nothing. */
function withoutEmptyBlocks(value: unknown): unknown {
  if (!isBlock(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, block]) => block !== null));
}

function withSources(value: unknown, sources: ConfigFile['sources']): unknown {
  if (!sources || !isBlock(value)) return value;
  const isEmpty = !('sources' in value) || (isBlock(value.sources) && Object.keys(value.sources).length === 0);
  return isEmpty ? { ...value, sources } : value;
}

function isBlock(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refusal(shown: string, problems: readonly Problem[], text?: ConfigText): AppError {
  const lines = problems
    .map((problem) => ({ line: problem.line ?? text?.lineOf(problem.path) ?? 1, message: problem.message }))
    .toSorted((a, b) => a.line - b.line)
    .map(({ line, message }) => `${shown}:${line}: ${message}`);
  const unique = [...new Set(lines)];
  const more = unique.length > MAX_PROBLEMS ? [`and ${unique.length - MAX_PROBLEMS} more`] : [];
  return new AppError('config', [...unique.slice(0, MAX_PROBLEMS), ...more].join('\n'));
}

function settingsOf(file: ConfigFile, { connectors, cwd }: KnownConnectors & { readonly cwd: string }): Settings {
  const { policy } = file;
  return {
    sources: Object.fromEntries(
      Object.entries(file.sources ?? {}).map(([name, source]) => {
        const connector = connectors(source.connector);
        return [name, { connector: source.connector, config: connector ? filledConfig(connector, source) : {} }];
      }),
    ),
    services: (file.services ?? []).map(({ name, owns = {}, depends_on = [] }) => ({
      name,
      owns: Object.fromEntries(
        Object.entries(owns).map(([source, scope]) => {
          const connector = connectors(file.sources?.[source]?.connector ?? '');
          return [source, connector ? withDefaults(connector.scope, scope) : scope];
        }),
      ),
      depends_on,
    })),
    people: (file.people ?? []).map(({ names = [], ...person }) => ({ ...person, names })),
    policy: {
      ...DEFAULT_POLICY,
      ...policy,
      windows: { ...DEFAULT_POLICY.windows, ...policy?.windows },
      targets: { ...DEFAULT_POLICY.targets, ...policy?.targets },
      impact_metrics: policy?.impact_metrics ?? DEFAULT_POLICY.impact_metrics,
    },
    draft: { ...DEFAULT_DRAFT, ...file.draft },
    storage: { ...file.storage, url: absoluteStore(file.storage?.url ?? 'sqlite:./hindcast.db', cwd) },
    server: { host: '127.0.0.1', port: 8080, tokens_env: 'HINDCAST_TOKENS', ...file.server },
    ...(file.schedule?.length && { schedule: file.schedule }),
    ...(file.webhooks?.pagerduty && { webhooks: { pagerduty: file.webhooks.pagerduty } }),
  };
}

/** The store of one configuration is one file, wherever the process goes later. Other forms are for the store to judge. */
function absoluteStore(url: string, cwd: string): string {
  const [, path] = /^sqlite:(?!\/|:memory:$)(.*[^/])$/.exec(url) ?? [];
  return path === undefined ? url : `sqlite:${resolve(cwd, path)}`;
}
