import { ALARM_FOLLOWER, CONNECTORS, FILES } from '../connectors/index.ts';
import type { App } from './app/app.ts';
import { createBackfills, type JobService } from './app/backfill.ts';
import { buildApp } from './app/build.ts';
import { deferStore } from './app/deferred-store.ts';
import type { AppDeps } from './app/deps.ts';
import type { Budget, FileReader, Log, Settings, Token } from './app/ports.ts';
import { runRetention } from './app/retention.ts';
import type { WebhookSecrets } from './app/webhook-ports.ts';
import { DEFAULT_DRAFT, DEFAULT_POLICY } from './core/analysis/policy.ts';
import type { Instant } from './core/time.ts';
import { createAnswerCache } from './platform/answer-cache.ts';
import { standingClock, systemClock, systemStopwatch, wallStopwatch } from './platform/clock.ts';
import { createLimiter } from './platform/limiter.ts';
import { engineName } from './platform/package-root.ts';
import { createSecrets, readTokens, readWebhookSecrets, type Secrets } from './platform/secrets.ts';
import { createSources } from './platform/sources.ts';
import { once } from './storage/once.ts';
import type { Store } from './storage/store.ts';
import type { Upkeep } from './storage/upkeep.ts';
import { runSchedule, runWorker } from './worker.ts';

export interface OpenOptions {
  /** What `--config` said. */
  readonly config?: string;
  /** What a person wrote for the incident: with no configuration its host says which PagerDuty is meant. */
  readonly select?: string;
  /** Only a bundle is worked on: no configuration is asked for, and no store opened before it is written to. */
  readonly bundle?: boolean;
  /** No source is asked: where there is no configuration, no token is needed either. */
  readonly offline?: boolean;
  /** Only what is stored is worked on: where there is no store an empty one is read, and none is made. */
  readonly existing?: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** A server's log is read by machines and told at `info`; a command's says what failed. */
  readonly serves?: boolean;
  /** The demo's world has its own now; no other command gives one. */
  readonly now?: Instant;
  /** How long one call to a vendor may take, in place of each connector's own deadline: a test has no half minute. */
  readonly callDeadlineMs?: number;
  /** In place of the budgets of the accounts: a measurement scales them down. */
  readonly budget?: Budget;
}

export interface OpenedApp {
  readonly app: App;
  readonly settings: Settings;
  /** Read when the API asks for them: a wrong one must not stop a draft. */
  readonly tokens: readonly Token[];
  /** Read when the API starts, like the tokens. */
  readonly webhook: WebhookSecrets | undefined;
  readonly log: Log;
  /** What an operator does to the store: opens it, and so brings its schema up to date. */
  readonly upkeep: () => Promise<Upkeep>;
  /** Past incidents and the jobs that draft them: opens the store and its queue. */
  readonly service: () => Promise<JobService>;
  readonly close: () => Promise<void>;
}

/**
 * Opens what a command works on. What is heavy is loaded when it is needed: a bundle's draft loads no reader of configurations,
 * no store, no logger and no vendor's SDK. Throws AppError('config') for a configuration that cannot be used.
 */
export async function openApp(options: OpenOptions): Promise<OpenedApp> {
  const { env, now } = options;
  const bundle = options.bundle === true || /^bundle[:~]/.test(options.select ?? '');
  const secrets = createSecrets(env);
  const clock = now === undefined ? systemClock() : standingClock(now);
  const log = bundle ? SILENT : await openLog(env, secrets, options.serves ? 'info' : 'error');
  const telemetry = options.serves ? await openTelemetry(env) : undefined;
  const settings = bundle ? NO_SETTINGS : await readSettings(options);
  const store = openOnce(async () => openStore(bundle ? await storeUrl(options) : settings.storage.url, log, options.existing === true));
  const sources = createSources({
    configured: settings.sources,
    connectors: CONNECTORS,
    follower: ALARM_FOLLOWER,
    env,
    secrets,
    budget: options.budget ?? createLimiter(wallStopwatch(), { leases: store.leases }),
    clock,
    cacheFor: createAnswerCache().forSource,
    ...(options.callDeadlineMs !== undefined && { callDeadlineMs: options.callDeadlineMs }),
    notes: notesOf(settings),
    told: async (question) => (await store()).evidence.told(question),
    log,
  });
  const deps: AppDeps = {
    settings,
    sources,
    ...deferStore(store),
    files: deferFiles(),
    clock,
    log,
    engine: engineName(),
    ping: async () => (await store()).ping(),
    close: async () => (store.isOpen() ? (await store()).close() : undefined),
  };
  const app = buildApp(deps);
  return {
    app,
    service: async () => openService(deps, await store()),
    upkeep: async () => (await store()).upkeep,
    settings,
    get tokens() {
      return readTokens(env, settings.server.tokens_env);
    },
    get webhook() {
      const configured = settings.webhooks?.pagerduty;
      if (configured) sources.noteWriter(configured.source);
      return configured && { source: configured.source, secrets: readWebhookSecrets(secrets, configured) };
    },
    log,
    close: async () => {
      await app.close();
      await telemetry?.close();
    },
  };
}

/** Of a bundle's draft all settings are in the bundle; these stand where none apply. */
const NO_SETTINGS: Settings = {
  sources: {},
  services: [],
  people: [],
  policy: DEFAULT_POLICY,
  draft: DEFAULT_DRAFT,
  storage: { url: 'sqlite:./hindcast.db' },
  server: { host: '127.0.0.1', port: 8080, tokens_env: 'HINDCAST_TOKENS' },
};

const SILENT: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

async function openTelemetry(env: OpenOptions['env']) {
  const { startTelemetry } = await import('./platform/telemetry.ts');
  return await startTelemetry(env);
}

async function openLog(env: OpenOptions['env'], secrets: Secrets, unsaid: 'info' | 'error'): Promise<Log> {
  const { createLog, logLevel } = await import('./platform/log.ts');
  return createLog({ level: logLevel(env, unsaid), secrets: secrets.values });
}

async function readSettings({ config, select, offline, cwd, ...options }: OpenOptions): Promise<Settings> {
  const env = offline ? { ...options.env, PAGERDUTY_TOKEN: options.env['PAGERDUTY_TOKEN'] || 'not asked for' } : options.env;
  const { loadSettings } = await import('./platform/config.ts');
  const { pointAt } = await import('./platform/first-run.ts');
  // What people and files tell is there without being configured.
  const configurable = CONNECTORS.filter(({ told }) => !told);
  const connectors = (id: string) => configurable.find((connector) => connector.id === id);
  const connectorIds = configurable.map(({ id }) => id);
  const known = { ...(config !== undefined && { path: config }), env, cwd, connectors, connectorIds };
  const settings = loadSettings(known);
  // What reads cron is loaded where there is any.
  const checked = settings.schedule ? loadSettings({ ...known, ...(await import('./storage/schedule.ts')) }) : settings;
  return pointAt(checked, select);
}

/** Where an imported bundle is kept. */
async function storeUrl(options: OpenOptions): Promise<string> {
  return (await readSettings({ ...options, offline: true })).storage.url;
}

async function openStore(url: string, log: Log, isExisting: boolean): Promise<Store> {
  const [{ openStore: open }, { keepYoungSpace }] = await Promise.all([import('./storage/store.ts'), import('./platform/young-space.ts')]);
  const store = await open(url, log, isExisting);
  keepYoungSpace();
  return store;
}

type Opener = (() => Promise<Store>) & {
  isOpen(): boolean;
  /** Of a store that is open: a check of the sources opens none. */
  leases(): Store['leases'] | undefined;
};

function openOnce(open: () => Promise<Store>): Opener {
  let store: Store | undefined;
  const opening = once(async () => (store = await open()));
  return Object.assign(opening.open, { isOpen: () => opening.opened() !== undefined, leases: () => store?.leases });
}

async function openService(deps: AppDeps, store: Store): Promise<JobService> {
  const jobs = await store.jobs();
  const { lastTick } = await import('./storage/schedule.ts');
  const { clock, log, settings } = deps;
  const backfills = createBackfills({ app: deps, store: store.backfills, jobs });
  return {
    backfills,
    work: (stop, isOver) => runWorker({ jobs, clock, log, ...backfills, ready: deps.ping, ...(isOver && { isOver }) }, stop),
    keepSchedule: (stop) =>
      runSchedule({ schedule: settings.schedule ?? [], clock, log, store: store.backfills, backfills, lastTick }, stop),
    keepRetention: (stop) => runRetention({ app: deps, store: store.backfills, elapsedMs: systemStopwatch().elapsedMs }, stop),
  };
}

function notesOf({ webhooks }: Settings) {
  const { source, note } = webhooks?.pagerduty ?? {};
  return source !== undefined && note ? { source, access: note } : undefined;
}

/** YAML is loaded once a file is read. */
function deferFiles(): FileReader {
  const read: FileReader['read'] = async (file) => (await import('./platform/file-reader.ts')).createFileReader(FILES).read(file);
  return { connector: FILES.connector.id, growing: FILES.growing, read, merge: FILES.mergeBody };
}
