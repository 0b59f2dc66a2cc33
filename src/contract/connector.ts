import type { Static, TSchema } from 'typebox';
import type { RecordedType } from '../core/events.ts';
import type { EvidenceRecord, Json } from '../core/evidence.ts';
import type { Instant, Window } from '../core/time.ts';
import type { Gap } from '../core/timeline/coverage.ts';
import type { Normalized } from '../core/timeline/normalize.ts';
import type { Calls } from './calls.ts';
import type { NoteTaker } from './notes.ts';
import type { Part } from './parts.ts';

/** One listable thing of a source, and what that source cannot do with it. */
export interface StreamSpec {
  readonly id: string;
  readonly emits: readonly RecordedType[];
  /** 'needed': a gap here makes the draft partial. 'extra': it is one line of coverage. */
  readonly need: 'needed' | 'extra';
  /** The field that the source's date filter reads; 'none' where it has no filter and we page back. */
  readonly windowField: string;
  readonly mutability: 'append-only' | 'mutable';
  /** Records may appear this late; a window that ends nearer to now is pulled again. */
  readonly settleSeconds: number;
  /** Older records are gone: that part of a window becomes a gap, unasked. */
  readonly retentionDays?: number;
  /** The source stops here whatever the window; on that gap the runner halves the window and asks again. */
  readonly maxResults?: number;
}

/** What a vendor lets one account ask: calls a minute and at a time, and records of one page. */
export interface SourceLimits {
  readonly requestsPerMinute: number;
  readonly concurrency: number;
  readonly pageSize: number;
  /** Calls a second of operations that the vendor counts for themselves, by the name that `limited` is given. */
  readonly perSecond?: Readonly<Record<string, number>>;
}

/** One question to a stream: of which time, which part of the account, and what earlier rounds named. */
export interface PullRequest<Scope> {
  readonly window: Window;
  readonly scope: Scope;
  /** What earlier rounds named: `pagerduty/incident:PABC`, `alarm:arn:aws:…`, `sha:9f2c…`. Empty where the stream needs none. */
  readonly keys: readonly string[];
  /** The connector's only clock: retention and settling are counted from here. In the demo it is in January 2024. */
  readonly now: Instant;
  readonly resumeAfter?: string;
  /** Calls that may be made: `take` one before each. The parts of a question take theirs from the same. */
  readonly calls: Calls;
  readonly signal: AbortSignal;
}

/** The source's own object, as sent, and enough to ask for it again. */
export interface RawRecord {
  readonly nativeId: string;
  readonly body: Json;
  readonly request: string;
  /** Where one answer nests another stream's objects, each is a record of its own stream. */
  readonly stream?: string;
  /** Place in the source's own order, oldest first, among records of one instant. Kept beside the evidence, not hashed. */
  readonly sequence?: number;
}

/** What a stream gives while it answers, in order: records, places to resume from, what it could not read, and a hint. */
export type PullItem =
  | { readonly kind: 'record'; readonly record: RawRecord }
  | { readonly kind: 'checkpoint'; readonly cursor: string }
  | { readonly kind: 'gap'; readonly gap: Gap }
  /** Why a complete answer is empty, and what to set: one sentence, for `Coverage.hint`. */
  | { readonly kind: 'hint'; readonly hint: string };

/** What `hindcast check` tells of one source: each permission that was tried, and how far its clock is off, in milliseconds. */
export interface CheckReport {
  /** `extra`: most drafts do without it, so that its failing is told and fails no check. */
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string; readonly extra?: true }[];
  /** Their clock minus ours, from the Date header: shown as a caveat, never applied unasked. */
  readonly clockOffsetMs?: number;
}

/** What one answer of the vendor says of the account's budget; leave out what it does not say. */
export interface ObservedLimits {
  /** Calls left until the reset. */
  readonly remaining?: number;
  /** Milliseconds from this answer to the reset, by the vendor's own word: a wait, never a time of its clock. */
  readonly resetMs?: number;
  /** Calls of a whole window, where the vendor says how many. */
  readonly limit?: number;
  /** The answer was a refusal for asking too much: nothing is asked before the reset, or a pause of ours where none is told. */
  readonly throttled?: true;
}

/** A question to what was told: a stream's records under any of the keys, or those whose time touches the window where there are no keys. */
export interface ToldQuestion {
  readonly stream: string;
  readonly window: Window;
  readonly keys: readonly string[];
}

/** Everything that a connector may touch besides its request. */
export interface Kit {
  /**
   * Waits for the source's budget, shared by all workers. Every call to the vendor goes through it. With a signal the wait ends
   * too (rejects with its reason); a task that has begun must watch the signal itself. An operation of `limits.perSecond` is named.
   */
  readonly limited: <T>(task: () => Promise<T>, signal?: AbortSignal, operation?: string) => Promise<T>;
  /**
   * Tells the shared budget what an answer's headers said, each answer and each refusal alike, so that all workers slow down before
   * the vendor refuses. Absent where nothing keeps a budget.
   */
  readonly observe?: (limits: ObservedLimits) => void;
  /** How long one call may take, in place of the connector's own deadline. */
  readonly deadlineMs?: number;
  /** Answers kept by ETag, so that a 304 costs nothing. */
  readonly cache: { get(key: string): Promise<Json | undefined>; set(key: string, value: Json): Promise<void> };
  readonly secret: (name: string) => string;
  /** What people or files told of this source, in the order of telling: of each object the newest version. Only for `told` connectors. */
  readonly told?: (question: ToldQuestion) => Promise<readonly RawRecord[]>;
  /** Our clock, for how far theirs is off and for nothing else: windows and retention are counted from `request.now`. */
  readonly now?: () => Instant;
  readonly log: { debug(fields: object, message: string): void; warn(fields: object, message: string): void };
}

/** One list or kind of object that a source has: how it is asked for, what that costs, and how its records read. */
export interface Stream<Client, Scope> {
  readonly spec: StreamSpec;
  /** How needed it is where that hangs on the scope: a release is an extra, unless a service says that releases are its deploys. */
  need?(scope: Scope): StreamSpec['need'];
  /** Calls and cost, told before anything is asked. */
  estimate(request: PullRequest<Scope>): { readonly requests: number; readonly usd?: number };
  pull(client: Client, request: PullRequest<Scope>): AsyncIterable<PullItem>;
  /**
   * The question in parts that need nothing of each other, for the runner to ask side by side: together they yield what the whole does,
   * by no more calls. Each is a pull of its own, with the duties of one. Absent where a question cannot be parted.
   */
  parts?(question: Part<Scope>): readonly Part<unknown>[];
  /** Takes no client: it must run with no credentials, years later. */
  normalize(record: EvidenceRecord): Normalized;
}

/** A vendor: how its configuration reads, how it is reached, what its services own, and its streams. */
export interface Connector<Config extends TSchema, Scope extends TSchema, Client> {
  readonly id: string;
  /** Bumped when any stream's normalize changes its meaning; part of every draft's identity. */
  readonly normalizer: string;
  readonly config: Config;
  /** What one service may say it owns here; checks `services[].owns.<source>`. */
  readonly scope: Scope;
  readonly limits: SourceLimits;
  /** What a draft without this vendor lacks: "no CloudWatch source is configured: the onset of the impact … would come from it". */
  readonly adds?: { readonly vendor: string; readonly what: string };
  readonly streams: readonly Stream<Client, Static<Scope>>[];
  /**
   * Set where there is nobody to ask: people (`assert`) and files (`import`) tell the records, and a pull reads `kit.told`.
   * `claims` are the ownership claims that a service has here by its name alone, with no configuration.
   */
  readonly told?: { claims(source: string, service: string): readonly string[] };
  /**
   * Makes the client and asks nothing. It loads nothing heavy either: `client.ts` imports the vendor's SDK by `await import()`
   * on its first call (types by `import type`), so that `--help` and a bundle start without any SDK.
   */
  open(config: Static<Config>, kit: Kit): Client;
  /** The scope as ownership claims: `pagerduty/service:PAPI001`, `aws-prod/alarm:api-*`. */
  claims(source: string, scope: Static<Scope>): readonly string[];
  /**
   * The smallest scope that claims these ownership keys, or nothing where none of them is this connector's: the inverse of
   * `claims`. A first run with no `services` drafts by it.
   */
  scopeFor?(source: string, keys: readonly string[]): Static<Scope> | undefined;
  /** For `init`: what a service could own here. `tell` is told in words of what was not looked at: a limit, a refusal. */
  propose?(
    client: Client,
    signal: AbortSignal,
    tell?: (left: string) => void,
  ): Promise<readonly { readonly name: string; readonly scope: Static<Scope> }[]>;
  check(client: Client, scopes: readonly Static<Scope>[], signal: AbortSignal): Promise<CheckReport>;
  /** Set where a note of ours can be written beside the vendor's record. Nothing but what the configuration asks for opens it. */
  readonly notes?: NoteTaker<Static<Config>>;
}

/** As the registry holds them. Methods, not properties, so that every connector fits. */
export type AnyConnector = Connector<TSchema, TSchema, unknown>;

/** The connector, frozen: its parts agree with each other by their types. */
export function defineConnector<Config extends TSchema, Scope extends TSchema, Client>(
  connector: Connector<Config, Scope, Client>,
): Connector<Config, Scope, Client> {
  return Object.freeze(connector);
}
