import { existsSync } from 'node:fs';
import { AppError } from '../app/errors.ts';
import type { Budget, BudgetLimits, Clock, EvidenceStore, Log, Settings, Source, Sources } from '../app/ports.ts';
import type { AnyConnector, Kit, RawRecord, SourceLimits } from '../contract/connector.ts';
import { SourceError } from '../contract/errors.ts';
import type { NoteAccess, NoteWriter } from '../contract/notes.ts';
import type { EvidenceRecord } from '../core/evidence.ts';
import type { Secrets } from './secrets.ts';
import { metered } from './telemetry.ts';

/** What follows an alarm's ARN to its account where no source is configured: the connector of alarms, and what signs its calls. */
export interface AlarmFollower {
  readonly connector: AnyConnector;
  /** By name, what the default credential chain would find; nothing where it has nothing to offer. */
  credentialSign(environment: Readonly<Record<string, string | undefined>>, fileExists: (path: string) => boolean): string | undefined;
}

export interface SourcesOptions {
  readonly configured: Settings['sources'];
  readonly connectors: readonly AnyConnector[];
  readonly follower: AlarmFollower;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly secrets: Secrets;
  readonly budget: Budget;
  readonly clock: Pick<Clock, 'now'>;
  readonly cacheFor: (source: string) => Kit['cache'];
  /** What was told of a source, for connectors that have nobody to ask. */
  readonly told?: EvidenceStore['told'];
  readonly log: Log;
  /** Whose incidents get notes of ours, and by what token. */
  readonly notes?: { readonly source: string; readonly access: NoteAccess } | undefined;
  /** How long one call of any connector may take, in place of its own deadline. */
  readonly callDeadlineMs?: number;
}

type Configured = Settings['sources'][string];

/** Opens each source once, on first use, with a kit of its own. */
export function createSources(options: SourcesOptions): Sources {
  const { configured, connectors, follower } = options;
  const followed = new Map<string, Configured>();
  const told = new Map<string, Configured>();
  const opened = new Map<string, Source>();
  let writer: NoteWriter | undefined;
  const byId = (id: string) => connectors.find((connector) => connector.id === id);
  const configuredAs = (name: string): Configured | undefined =>
    followed.get(name) ?? (Object.hasOwn(configured, name) ? configured[name] : told.get(name));

  const open = (name: string): Source => {
    const before = opened.get(name);
    if (before) return before;
    const known = configuredAs(name);
    const connector = known && byId(known.connector);
    if (!known || !connector) throw new AppError('config', `no source \`${name}\` is configured`);
    const source = {
      name,
      connector,
      client: connector.open(known.config, kitOf(name, connector, options)),
      secrets: options.secrets.values,
    };
    opened.set(name, source);
    return source;
  };

  return {
    get names() {
      return [...Object.keys(configured), ...followed.keys()];
    },
    connectors,
    // What a snapshot pins comes first: in a bundle a source's name may mean something else than it does here.
    connectorOf: (name, normalizer) => byId(normalizer?.split('/')[0] ?? configuredAs(name)?.connector ?? ''),
    open,
    covering: (arn) => {
      const all = [...Object.entries(configured), ...followed];
      return all.find(([, { connector, config }]) => connector === follower.connector.id && covers(config, arn))?.[0];
    },
    follow: (arn) => {
      const { region, account } = readArn(arn);
      if (region === '' || account === '') return { why: 'the page names no account and region' };
      const sign = follower.credentialSign(options.env, existsSync);
      if (sign === undefined) return { why: 'no AWS credentials are at hand (AWS_PROFILE, AWS_ACCESS_KEY_ID or a shared file)' };
      const name = `aws-${account}-${region}`;
      followed.set(name, { connector: follower.connector.id, config: { connector: follower.connector.id, region } });
      options.log.info({ source: name, credentials: sign }, 'source followed');
      return { source: open(name) };
    },
    noteWriter: (name) => {
      const { notes } = options;
      const known = configuredAs(name);
      const connector = known && byId(known.connector);
      if (!known || !connector?.notes || notes?.source !== name) return undefined;
      writer ??= connector.notes.open(known.config, notes.access, kitOf(name, connector, options));
      return writer;
    },
    tell: (name, connector) => {
      told.set(name, { connector, config: {} });
    },
  };
}

function kitOf(
  name: string,
  { limits }: AnyConnector,
  { budget, cacheFor, clock, secrets, log, told, callDeadlineMs }: SourcesOptions,
): Kit {
  return {
    limited: (task, signal, operation) => {
      const paced = () => metered(name, task, reasonOf);
      const pace = paceOf(limits, operation);
      const inTurn = pace ? () => budget.limited(`${name}/${operation}`, pace, paced, signal) : paced;
      return budget.limited(name, limits, inTurn, signal);
    },
    observe: (seen) => budget.observe(name, limits, seen),
    cache: cacheFor(name),
    secret: (variable) => secrets.read(variable, name),
    now: clock.now,
    ...(callDeadlineMs !== undefined && { deadlineMs: callDeadlineMs }),
    ...(told && { told: async (question) => (await told({ source: name, ...question })).map(toRaw) }),
    log: {
      debug: (fields, message) => log.debug({ source: name, ...fields }, message),
      warn: (fields, message) => log.warn({ source: name, ...fields }, message),
    },
  };
}

const SECOND_MS = 1_000;

/** What an operation that the vendor counts for itself is limited to: its turn is waited for last, so that none begins sooner. */
function paceOf({ perSecond, ...limits }: SourceLimits, operation: string | undefined): BudgetLimits | undefined {
  const rate = operation === undefined ? undefined : perSecond?.[operation];
  return rate === undefined ? undefined : { ...limits, requestsPerMinute: rate, windowMs: SECOND_MS };
}

/** What a vendor's client threw, in few words: the status that it answered with, else the kind of error. */
function reasonOf(error: unknown): string {
  if (error instanceof SourceError) return error.reason;
  if (typeof error !== 'object' || error === null) return 'error';
  const status = 'status' in error ? error.status : '$metadata' in error ? statusIn(error.$metadata) : undefined;
  return typeof status === 'number' ? `${status}` : 'name' in error ? `${error.name}` : 'error';
}

function statusIn(metadata: unknown): unknown {
  return typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata ? metadata.httpStatusCode : undefined;
}

function toRaw({ nativeId, body, stream, sequence }: EvidenceRecord): RawRecord {
  return { nativeId, body, stream, request: 'told', ...(sequence !== undefined && { sequence }) };
}

/** `arn:aws:cloudwatch:REGION:ACCOUNT:alarm:NAME`. */
function readArn(arn: string): { readonly region: string; readonly account: string } {
  const [, , , region = '', account = ''] = arn.split(':');
  const isSound = /^[a-z]{2,}(?:-[a-z]+)+-\d+$/.test(region) && /^\d{12}$/.test(account);
  return isSound ? { region, account } : { region: '', account: '' };
}

/** Whether a source asks the region of the ARN, under a role of its account where it assumes one. */
function covers(config: Configured['config'], arn: string): boolean {
  const { region, account } = readArn(arn);
  if (config === null || typeof config !== 'object' || !('region' in config) || config['region'] !== region) return false;
  const role = 'role_arn' in config ? config['role_arn'] : undefined;
  return typeof role !== 'string' || role.split(':')[4] === account;
}
