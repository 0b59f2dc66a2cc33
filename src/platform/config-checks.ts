import { isIP } from 'node:net';
import { Default } from 'typebox/value';
import { isAllowedAddress } from '../contract/address.ts';
import type { AnyConnector } from '../contract/connector.ts';
import { DEFAULT_POLICY } from '../core/analysis/policy.ts';
import type { Json } from '../core/evidence.ts';
import { durationMs } from '../core/time.ts';
import { schemaProblems } from './config-problems.ts';
import { type ConfigFile, namesItself } from './config-schema.ts';
import type { ConfigPath, Problem } from './config-text.ts';
import { nearestName } from './nearest-name.ts';

/** The connectors that may be named, and how to find one. */
export interface KnownConnectors {
  readonly connectors: (id: string) => AnyConnector | undefined;
  /** All ids, so that a mistyped one can be told the nearest. */
  readonly connectorIds?: readonly string[];
  /** Why a cron expression cannot be one, in words that follow its key. Not asked where it is not given. */
  readonly cronProblem?: (cron: string) => string | undefined;
}

/** A source's name stands in ids (`SOURCE/incident:PABC`), in URLs (`SOURCE~PABC`) and in file names. */
const SOURCE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;
/** `derived` and `manual` begin ids of our own; `w` begins the name of a window. */
const RESERVED_SOURCES: readonly string[] = ['derived', 'manual', 'w'];
/** What a record is said to belong to where no service owns it. */
const RESERVED_SERVICES: readonly string[] = ['other', 'unmapped'];

/** Everything that a schema cannot say, once the schema holds. */
export function configProblems(file: ConfigFile, known: KnownConnectors): readonly Problem[] {
  return [
    ...Object.entries(file.sources ?? {}).flatMap(([name, source]) => sourceProblems(name, source, known)),
    ...valueProblems(file.server ?? {}, ['server']),
    ...proxyProblems(file),
    ...storageProblems(file),
    ...serviceProblems(file, known),
    ...policyProblems(file),
    ...peopleProblems(file),
    ...webhookProblems(file),
    ...scheduleProblems(file, known),
  ];
}

function sourceProblems(name: string, source: { readonly connector: string }, known: KnownConnectors): readonly Problem[] {
  const path = ['sources', name];
  if (!SOURCE_NAME.test(name))
    return [{ path, message: `the source's name \`${name}\` may hold letters, digits, \`.\`, \`_\` and \`-\` only` }];
  if (RESERVED_SOURCES.includes(name)) return [{ path, message: `the name \`${name}\` is taken: call the source something else` }];
  const connector = known.connectors(source.connector);
  if (!connector) {
    return [{ path: [...path, 'connector'], message: unknownName('connector', source.connector, known.connectorIds ?? []) }];
  }
  const problems = valueProblems(source, path);
  const told = new Set(problems.map(({ path: where }) => where.join('/')));
  const own = schemaProblems(connector.config, filledConfig(connector, source), path);
  return [...problems, ...own.filter(({ path: where }) => !told.has(where.join('/')))];
}

/** More of an address is for the store itself to judge. */
function storageProblems({ storage }: ConfigFile): readonly Problem[] {
  if (storage?.url === undefined || /^(?:sqlite|postgres(?:ql)?):/i.test(storage.url)) return [];
  const rule = 'sqlite:./hindcast.db, with the path of a file after `sqlite:`, or postgres://user@host/database';
  return [{ path: ['storage', 'url'], message: `\`storage.url\` must be ${rule}` }];
}

/** Rules that hold in every connector: secrets are named, never given, and an address carries none in the clear. */
function valueProblems(value: object, at: ConfigPath): readonly Problem[] {
  return Object.entries(value).flatMap(([key, inner]): readonly Problem[] => {
    const path = [...at, key];
    if (typeof inner === 'object' && inner !== null) return valueProblems(inner, path);
    if (typeof inner !== 'string') return [];
    if (key.endsWith('_env')) return envProblems(inner, path);
    if (!/(?:^|_)(?:url|endpoint)$/.test(key) || isAllowedAddress(inner)) return [];
    const rule = 'an https address, or http on this machine (localhost, 127.0.0.1, [::1]), with no user or password in it';
    return [{ path, message: `\`${path.join('.')}\` must be ${rule}` }];
  });
}

/** A name would have to be looked up, and a network of everybody would believe everybody. */
function proxyProblems({ server }: ConfigFile): readonly Problem[] {
  return (server?.trust_proxy ?? []).flatMap((given, index): readonly Problem[] => {
    const [address = '', bits] = given.split('/');
    const longest = isIP(address) === 6 ? 128 : 32;
    const isNetwork = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= longest);
    if (isIP(address) !== 0 && isNetwork) return [];
    const message = `\`server.trust_proxy\` must list addresses of proxies, or networks: 10.0.0.7 or 10.0.0.0/8, not ${JSON.stringify(given)}`;
    return [{ path: ['server', 'trust_proxy', index], message }];
  });
}

function envProblems(value: string, path: ConfigPath): readonly Problem[] {
  if (/^[A-Z_][A-Z0-9_]*$/.test(value)) return [];
  const message = `\`${path.join('.')}\` must be the name of an environment variable, such as GITHUB_TOKEN: a secret itself does not belong in the file`;
  return [{ path, message }];
}

function serviceProblems(file: ConfigFile, known: KnownConnectors): readonly Problem[] {
  const services = file.services ?? [];
  const names = services.map(({ name }) => name);
  const claimed = new Map<string, string>();
  return services.flatMap((service, index): readonly Problem[] => {
    const path = ['services', index];
    return [
      ...nameProblems(service.name, names.slice(0, index), [...path, 'name']),
      ...(service.depends_on ?? []).flatMap((other, place) =>
        dependencyProblems(service.name, other, names, [...path, 'depends_on', place]),
      ),
      ...Object.entries(service.owns ?? {}).flatMap(([source, scope]) => {
        const at = [...path, 'owns', source];
        const connector = connectorOf(file, source, known);
        if (!connector) return unknownSource(service.name, source, file, at);
        const filled = withDefaults(connector.scope, scope);
        const problems = schemaProblems(connector.scope, filled, at);
        return problems.length > 0 ? problems : claimProblems(connector.claims(source, filled), service.name, claimed, at);
      }),
    ];
  });
}

function nameProblems(name: string, earlier: readonly string[], path: ConfigPath): readonly Problem[] {
  if (RESERVED_SERVICES.includes(name)) return [{ path, message: `the name \`${name}\` is taken: call the service something else` }];
  if (earlier.includes(name)) return [{ path, message: `two services are called \`${name}\`` }];
  return [];
}

function dependencyProblems(name: string, other: string, names: readonly string[], path: ConfigPath): readonly Problem[] {
  if (other === name) return [{ path, message: `service \`${name}\` depends on itself` }];
  return names.includes(other) ? [] : [{ path, message: `service \`${name}\` depends on ${unknownName('service', other, names, 'an ')}` }];
}

/** Nothing to say where the source itself is the problem: that is told once, at the source. */
function unknownSource(service: string, source: string, file: ConfigFile, path: ConfigPath): readonly Problem[] {
  const sources = Object.keys(file.sources ?? {});
  if (sources.includes(source)) return [];
  return [{ path, message: `service \`${service}\` owns records of an ${unknownName('source', source, sources)}` }];
}

/** A record belongs to one service, so that no claim may be made twice. */
function claimProblems(claims: readonly string[], service: string, claimed: Map<string, string>, path: ConfigPath): readonly Problem[] {
  return claims.flatMap((claim): readonly Problem[] => {
    const other = claimed.get(claim);
    claimed.set(claim, other ?? service);
    if (other === undefined || other === service) return [];
    return [{ path, message: `services \`${other}\` and \`${service}\` both claim \`${claim}\`: a record belongs to one service` }];
  });
}

function policyProblems({ policy }: ConfigFile): readonly Problem[] {
  const windows = { ...DEFAULT_POLICY.windows, ...policy?.windows };
  if (durationMs(windows.baseline_before) > durationMs(windows.alarms_before)) return [];
  const message =
    '`policy.windows.baseline_before` must be longer than `policy.windows.alarms_before`: what is usual is learned from the time between';
  return [{ path: ['policy', 'windows', policy?.windows?.baseline_before === undefined ? 'alarms_before' : 'baseline_before'], message }];
}

function peopleProblems({ people }: ConfigFile): readonly Problem[] {
  return (people ?? []).flatMap(({ role, pagerduty, github, names }, index) =>
    pagerduty || github || names?.length
      ? []
      : [{ path: ['people', index], message: `\`${role}\` stands for no one: give \`pagerduty\`, \`github\` or \`names\`` }],
  );
}

/** An event is of an incident of one source, which must be there. */
function webhookProblems({ webhooks, sources = {} }: ConfigFile): readonly Problem[] {
  const { pagerduty } = webhooks ?? {};
  if (!pagerduty) return [];
  const path = ['webhooks', 'pagerduty'];
  const known = Object.keys(sources).filter((name) => sources[name]?.connector === 'pagerduty');
  const named = known.includes(pagerduty.source)
    ? []
    : [{ path: [...path, 'source'], message: unknownName('pagerduty source', pagerduty.source, known) }];
  return [...named, ...envProblems(pagerduty.secrets_env, [...path, 'secrets_env']), ...noteProblems(pagerduty.note, [...path, 'note'])];
}

/** The link is printed where many read it, and nobody fetches it. */
function noteProblems(note: { readonly link: string; readonly token_env: string } | undefined, path: ConfigPath): readonly Problem[] {
  if (!note) return [];
  const link = URL.parse(note.link);
  const isPlain = link && /^https?:$/.test(link.protocol) && [link.username, link.password, link.search, link.hash].join('') === '';
  const message =
    '`webhooks.pagerduty.note.link` must be an http or https address with nothing behind its path, such as https://hindcast.acme.com';
  return [...(isPlain ? [] : [{ path: [...path, 'link'], message }]), ...envProblems(note.token_env, [...path, 'token_env'])];
}

/** A time that never comes would be a schedule that nobody misses. */
function scheduleProblems({ schedule }: ConfigFile, { cronProblem }: KnownConnectors): readonly Problem[] {
  return (schedule ?? []).flatMap(({ cron }, index) => {
    const problem = cronProblem?.(cron);
    return problem === undefined ? [] : [{ path: ['schedule', index, 'cron'], message: `\`schedule[${index}].cron\` ${problem}` }];
  });
}

function connectorOf(file: ConfigFile, source: string, known: KnownConnectors): AnyConnector | undefined {
  const configured = Object.hasOwn(file.sources ?? {}, source) ? file.sources?.[source] : undefined;
  return configured && known.connectors(configured.connector);
}

function unknownName(kind: string, word: string, known: readonly string[], article = ''): string {
  const nearest = nearestName(word, known);
  const hint = nearest
    ? `: did you mean \`${nearest}\`?`
    : known.length > 0
      ? `; known are ${known.map((name) => `\`${name}\``).join(', ')}`
      : '';
  return `${article}unknown ${kind} \`${word}\`${hint}`;
}

/** A copy with every default of the schema filled in, whether or not it fits the schema yet. */
export function withDefaults(schema: AnyConnector['config'], value: unknown): Json {
  const copy: unknown = JSON.parse(JSON.stringify(value));
  const json: Json = JSON.parse(JSON.stringify(Default(schema, copy)));
  return json;
}

/** A source's block as its connector reads it: filled, and without our own key where the connector does not ask for it. */
export function filledConfig({ config }: AnyConnector, source: { readonly connector: string }): Json {
  const { connector: _id, ...rest } = source;
  return withDefaults(config, namesItself(config) ? source : rest);
}
