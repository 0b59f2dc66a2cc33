import Type, { type Static, type TSchema } from 'typebox';
import type { AnyConnector } from '../contract/connector.ts';
import { METRICS } from '../core/analysis/metrics.ts';
import { DEFAULT_DRAFT, DEFAULT_POLICY } from '../core/analysis/policy.ts';
import { OFFSET_PATTERN } from '../core/clocks.ts';
import type { Json } from '../core/evidence.ts';

const CLOSED = { additionalProperties: false } as const;

const text = (description: string, more: { readonly default?: string; readonly pattern?: string } = {}) =>
  Type.Optional(Type.String({ description, minLength: 1, ...more }));

/** What `durationMs` reads, at most 400 days: no vendor keeps more, and the arithmetic of instants ends somewhere. */
export const DURATION_PATTERN = '^(?:[0-9]{1,6}s|[0-9]{1,5}m|[0-9]{1,4}h|[1-3]?[0-9]{1,2}d|400d)$';
/** Long enough for any law; the arithmetic of instants ends somewhere. */
export const KEEP_PATTERN = '^(?:(?:2[4-9]|[3-9][0-9]|[1-9][0-9]{2,4})h|[1-9][0-9]{0,4}d)$';
const duration = (description: string, fallback?: string) =>
  text(`${description} Write 30s, 15m, 24h or 7d.`, {
    pattern: DURATION_PATTERN,
    ...(fallback === undefined ? {} : { default: fallback }),
  });

const { windows, targets } = DEFAULT_POLICY;

const Windows = Type.Object(
  {
    changes_before: duration('How far before the first trigger changes are looked for.', windows.changes_before),
    alarms_before: duration('How far before the first trigger the incident itself may have begun.', windows.alarms_before),
    series_before: duration('How far before the first trigger metrics are read at their finest resolution.', windows.series_before),
    baseline_before: duration('How far back the usual course of the metrics is learned.', windows.baseline_before),
    after: duration('How long after the last resolve notes, status posts and reopenings still belong to it.', windows.after),
  },
  CLOSED,
);

const Targets = Type.Object(
  Object.fromEntries(
    Object.entries(METRICS).map(([name, { label }]) => [
      name,
      duration(`${label}: longer is listed under what went wrong.`, targetOf(name)),
    ]),
  ) as Record<keyof typeof METRICS, ReturnType<typeof duration>>,
  CLOSED,
);

function targetOf(name: string): string | undefined {
  return Object.entries(targets).find(([metric]) => metric === name)?.[1];
}

const ImpactMetric = Type.Object(
  {
    metric: Type.String({
      description: '`NAMESPACE NAME`, such as `AWS/ApplicationELB HTTPCode_Target_5XX_Count`.',
      pattern: '^\\S+ \\S.*$',
    }),
    severe: Type.Optional(Type.Number({ description: 'Under it the worst is over.' })),
  },
  CLOSED,
);

const PolicyBlock = Type.Object(
  {
    windows: Type.Optional(Windows),
    settle: duration('How long after the incident is resolved the first draft waits.', DEFAULT_POLICY.settle),
    stable_for: duration('How long the metrics must stay normal to count as recovered.', DEFAULT_POLICY.stable_for),
    mitigation_within: duration('How soon after a reversal the metrics must fall.', DEFAULT_POLICY.mitigation_within),
    impact_metrics: Type.Optional(Type.Array(ImpactMetric, { description: 'The metrics that stand for what users felt.', default: [] })),
    actors: Type.Optional(Type.Enum(['roles', 'names'], { description: 'How people are called.', default: DEFAULT_POLICY.actors })),
    join: Type.Optional(
      Type.Enum(['merged', 'overlapping', 'none'], {
        description: 'Which incidents a backfill makes one draft of. With `none` no draft takes in what was merged into its incident.',
        default: DEFAULT_POLICY.join,
      }),
    ),
    suspect_score: Type.Optional(
      Type.Number({
        description: 'A change needs this score, of 1, to be called a suspect.',
        minimum: 0,
        maximum: 1,
        default: DEFAULT_POLICY.suspect_score,
      }),
    ),
    targets: Type.Optional(Targets),
    clock_offsets: Type.Optional(
      Type.Record(
        Type.String(),
        Type.String({ description: 'Ahead of the true time (+) or behind it (-): -45s, 1500ms, 2m.', pattern: OFFSET_PATTERN }),
        { description: 'By source (or `source/change_events`), how far its clock is off: its times are corrected by this.' },
      ),
    ),
  },
  CLOSED,
);

const ServiceBlock = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 80, pattern: '^[^/~]+$', description: 'What a draft calls it.' }),
    owns: Type.Optional(
      Type.Record(Type.String(), Type.Unsafe<Json>({}), { description: 'By the name of a source, which of its records are ours.' }),
    ),
    depends_on: Type.Optional(
      Type.Array(Type.String(), { description: 'Services whose changes may be suspects, named as theirs.', default: [] }),
    ),
  },
  CLOSED,
);

const PersonBlock = Type.Object(
  {
    role: Type.String({ minLength: 1, description: 'What a draft prints in place of the name.' }),
    pagerduty: text('The id of the PagerDuty user, PXPGF42.'),
    github: text('The GitHub login.'),
    names: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), { description: 'Names that stand for this person in texts.', default: [] }),
    ),
    automation: Type.Optional(
      Type.Boolean({ description: "The account is a program's: what it acknowledges or writes, no person did. `false`: a person's." }),
    ),
  },
  CLOSED,
);

const SOURCES = { description: 'The systems to ask; the key is the name of the source everywhere.' };
const SERVICES = { description: 'Which records belong to which service.', default: [] };

const NoteBlock = Type.Object(
  {
    link: Type.String({ description: 'Where people reach this API: the note says LINK/incidents/ID/draft.' }),
    token_env: Type.String({ description: "The variable that holds a token which may write: the source's own may only read." }),
    token_type: Type.Optional(
      Type.Enum(['token', 'bearer'], { description: '`bearer` for OAuth, with incidents.write.', default: 'token' }),
    ),
    from: Type.Optional(
      Type.String({
        description: "E-mail address of the PagerDuty user that the note stands under; an account's key needs one.",
        pattern: '^[^\\s@]+@[^\\s@]+$',
      }),
    ),
  },
  { ...CLOSED, description: 'A note with the link goes back to the incident, one a draft. Without it nothing is written.' },
);

/** The whole file. What a source and a scope may say is for each connector to know, and is checked by its own schema. */
export const ConfigFile = Type.Object(
  {
    sources: Type.Optional(Type.Record(Type.String(), Type.Object({ connector: Type.String() }, { additionalProperties: true }), SOURCES)),
    services: Type.Optional(Type.Array(ServiceBlock, SERVICES)),
    people: Type.Optional(Type.Array(PersonBlock, { description: 'Who is who; a draft prints the role.', default: [] })),
    policy: Type.Optional(PolicyBlock),
    draft: Type.Optional(
      Type.Object(
        {
          authors: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { description: 'They never come from a source.', default: [] })),
          code: Type.Optional(
            Type.Enum(['none', 'files', 'patch'], { description: 'How much of a diff is printed.', default: DEFAULT_DRAFT.code }),
          ),
          template: Type.Optional(
            Type.Union([Type.String(), Type.Null()], {
              description:
                'Path of a Liquid template for Markdown, from the folder of this file; config/templates/default.liquid says what it sees.',
              default: null,
            }),
          ),
        },
        CLOSED,
      ),
    ),
    storage: Type.Optional(
      Type.Object(
        {
          url: text('`sqlite:` and the path of a file, or postgres://user@host/database.', { default: 'sqlite:./hindcast.db' }),
          keep_evidence: text(
            'How long records stay after they were read last, at least a day; then `serve`, `worker` and `hindcast purge` purge them, and drafts stand as they were made. Without it they stay for good. Write 90d or 400d.',
            { pattern: KEEP_PATTERN },
          ),
        },
        CLOSED,
      ),
    ),
    server: Type.Optional(
      Type.Object(
        {
          host: text('The address to listen on.', { default: '127.0.0.1' }),
          port: Type.Optional(Type.Integer({ description: '0 takes a free one.', minimum: 0, maximum: 65_535, default: 8080 })),
          tokens_env: text('The variable that holds the bearer tokens.', { default: 'HINDCAST_TOKENS' }),
          requests_per_minute: Type.Optional(
            Type.Integer({
              description: 'Of one address; more are answered 429. 0: no limit.',
              minimum: 0,
              maximum: 1_000_000,
              default: 600,
            }),
          ),
          trust_proxy: Type.Optional(
            Type.Array(Type.String(), {
              description:
                'Addresses of the proxies in front, or networks (10.0.0.0/8): only what they say in X-Forwarded-For is believed.',
              default: [],
            }),
          ),
        },
        CLOSED,
      ),
    ),
    webhooks: Type.Optional(
      Type.Object(
        {
          pagerduty: Type.Optional(
            Type.Object(
              {
                source: Type.String({ description: 'The source whose incidents the events are of.' }),
                secrets_env: Type.String({ description: 'The variable that holds the secrets of the subscription, comma separated.' }),
                note: Type.Optional(NoteBlock),
              },
              CLOSED,
            ),
          ),
        },
        { ...CLOSED, description: 'Without an entry its route does not exist.', default: {} },
      ),
    ),
    schedule: Type.Optional(
      Type.Array(
        Type.Object({ cron: Type.String(), backfill: Type.Object({ last: Type.String({ pattern: DURATION_PATTERN }) }, CLOSED) }, CLOSED),
        { description: 'Backfills that `serve` and `worker` begin by cron, in UTC: once, however many they are.', default: [] },
      ),
    ),
  },
  CLOSED,
);
export type ConfigFile = Static<typeof ConfigFile>;

/** Whether a connector's own schema asks for the `connector` key too; one that does not never sees it. */
export function namesItself(config: ObjectSchema): boolean {
  return config.properties?.['connector'] !== undefined || (config.anyOf ?? []).some(namesItself);
}

/** The schema of the whole file with every connector's part in its place: what an editor completes and checks by. */
export function configJsonSchema(all: readonly AnyConnector[]): Json {
  // What people and files tell has nothing to configure.
  const connectors = all.filter(({ told }) => !told);
  const source = Type.Union(connectors.map(({ id, config }) => withConnector(id, config)));
  const owned = Type.Union(connectors.map(({ scope }) => scope));
  const service = Type.Object({ ...ServiceBlock.properties, owns: Type.Optional(Type.Record(Type.String(), owned)) }, CLOSED);
  const whole = Type.Object(
    {
      ...ConfigFile.properties,
      sources: Type.Optional(Type.Record(Type.String(), source, SOURCES)),
      services: Type.Optional(Type.Array(service, SERVICES)),
    },
    CLOSED,
  );
  const json: { readonly [key: string]: Json } = JSON.parse(JSON.stringify(whole));
  return { $schema: 'http://json-schema.org/draft-07/schema#', title: 'hindcast.yaml', ...json };
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly ObjectSchema[];
}

/** A connector's schema with the key that chooses the connector, which its own may leave to us. */
function withConnector(id: string, config: ObjectSchema): TSchema {
  if (config.anyOf) return Type.Unsafe({ ...config, anyOf: config.anyOf.map((part) => withConnector(id, part)) });
  return Type.Unsafe({
    ...config,
    properties: { connector: { type: 'string', const: id }, ...config.properties },
    required: [...new Set(['connector', ...(config.required ?? [])])],
  });
}
