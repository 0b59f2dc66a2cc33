import type { AnyConnector, ObservedLimits, SourceLimits } from '../contract/connector.ts';
import type { NoteWriter } from '../contract/notes.ts';
import type { DraftOptions, PersonConfig, Policy } from '../core/analysis/policy.ts';
import type { ServiceConfig, Snapshot } from '../core/case.ts';
import type { Admitted, Edit, NewEdit } from '../core/draft/edits.ts';
import type { EvidenceId, EvidenceRecord, Json } from '../core/evidence.ts';
import type { Instant, Window } from '../core/time.ts';
import type { Gap, Pulled } from '../core/timeline/coverage.ts';
import type { PageStore } from './page-ports.ts';
import type { WebhookSettings } from './webhook-ports.ts';

/** The only wall clock of the product. The demo's root gives the world's now. */
export interface Clock {
  now(): Instant;
  /** Resolves after `ms`, or rejects with the signal's reason. Not scaled: it waits real time. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** One configured instance of a connector, opened. */
export interface Source {
  readonly name: string;
  readonly connector: AnyConnector;
  readonly client: unknown;
  /** What this process signs in with anywhere: none of it is kept, should an answer repeat it. */
  readonly secrets?: () => readonly string[];
}

/** The configured sources. A connector is known without being opened, so that a bundle needs no credentials. */
export interface Sources {
  readonly names: readonly string[];
  /** All that this build knows, configured or not: what a draft lacks is said for those without a source. */
  readonly connectors: readonly AnyConnector[];
  /** The connector of a configured source, or of one that a normalizer id such as `cloudwatch/1` names. */
  connectorOf(name: string, normalizer?: string): AnyConnector | undefined;
  /** Opens the client once. Throws AppError('config') that names the variable and the source where a secret is missing. */
  open(name: string): Source;
  /** The configured source, or the one followed before, that covers the account and region of an alarm ARN. */
  covering(arn: string): string | undefined;
  /**
   * A source for the AWS account and region of an alarm ARN that no configured source covers, where the default
   * credential chain has something to offer; else the reason why not, in words for the coverage table.
   */
  follow(arn: string): { readonly source: Source } | { readonly why: string };
  /** What writes notes to a source's incidents, where the configuration asks for it. Throws AppError('config') where its token is missing. */
  noteWriter(name: string): NoteWriter | undefined;
  /** Makes a source known whose records people or files told, by its connector's id. It is not among `names`: nobody is asked. */
  tell(name: string, connector: string): void;
}

/** One question to one stream: what plan.ts makes and pull.ts answers. */
export interface Ask {
  readonly source: string;
  readonly stream: string;
  readonly window: Window;
  readonly keys: readonly string[];
  /** What services own at this source, merged; checked by the connector's own scope schema. */
  readonly scope: Json;
}

/** What the store keeps of one answered ask. `evidence` is in the order of arrival. */
export interface StoredPull {
  readonly ask: Ask;
  readonly pulled: Pulled;
  readonly evidence: readonly EvidenceId[];
}

/** With the run that filed it: the records' places in their source's order are that run's, and of another's they may differ. */
export interface FiledPull extends StoredPull {
  readonly run: number;
}

/** How far a question, or a part of its window, was read. */
export interface Progressed {
  /** To go on behind; absent where there was no checkpoint. */
  readonly cursor?: string;
  /** It was read to its end. */
  readonly isDone: boolean;
  /** Of all that was read, not only since the last mark. */
  readonly gaps: readonly Gap[];
  readonly hints: readonly string[];
}

/** One mark: `evidence` is what was read since the last one, in the order of arrival. */
export interface Mark extends Progressed {
  readonly at: Instant;
  readonly isFirst: boolean;
  readonly evidence: readonly EvidenceId[];
}

/** All that a run left of a question it did not finish. */
export interface Reading extends Progressed {
  readonly run: number;
  readonly evidence: readonly EvidenceId[];
}

/** A record that a person or a file told, and where it is found again: under an incident's key, else by the time that it covers. */
export interface ToldRecord {
  readonly record: EvidenceRecord;
  readonly key?: string;
  readonly window?: Window;
}

/** Evidence and pull runs: append-only truth. Every method is one or more short transactions. */
export interface EvidenceStore extends PageStore {
  /**
   * Starts a run; its id is what pulls and snapshots are filed under. A run may stand at another moment than that in which it
   * reads, as a backfill's does: `begunAt` is when, for what retention counts from.
   */
  startRun(startedAt: Instant, begunAt?: Instant): Promise<number>;
  /**
   * Stores what is new and links every record to the run; repeats are harmless. At most 100 records a transaction. Returns the numbers
   * of those that were not stored before.
   */
  keep(run: number, records: readonly EvidenceRecord[]): Promise<ReadonlyMap<EvidenceId, number>>;
  /**
   * Notes how far a question was read, in one transaction with what was read since the last mark. The first mark of a run begins
   * anew; a later one whose beginning is gone is nothing, since no reading may be resumed that lacks a part. `whole` is the question
   * that `ask` is, or is a part of.
   */
  mark(run: number, whole: Ask, ask: Ask, mark: Mark): Promise<void>;
  /** The reading of the same question that was marked last, not before `since`. It is this run's from now on. */
  resume(run: number, ask: Ask, since: Instant): Promise<Reading | undefined>;
  /** Files the answer of an ask, with its gaps; where it is complete its marks are dropped. */
  finishPull(run: number, pull: StoredPull): Promise<void>;
  /** The newest finished answer to the same source, stream, window, keys and scope; with `from`, of a run that began then or later. */
  lastPull(ask: Ask, from?: Instant): Promise<FiledPull | undefined>;
  /** Records by id, in the order of the ids; those not stored are left out. `sequence` is that of the run, else of the newest. */
  read(ids: readonly EvidenceId[], run?: number): Promise<readonly EvidenceRecord[]>;
  /** The same records, some at a time and in no order: of many the bodies need not all be held at once. */
  batches(ids: readonly EvidenceId[], run?: number): AsyncIterable<readonly EvidenceRecord[]>;
  /**
   * Keeps what was told. A record that already is the newest version of its object is not told again. Returns how many were.
   * All of them are of connectors with the id `connector`.
   */
  tell(run: number, connector: string, told: readonly ToldRecord[]): Promise<number>;
  /**
   * Of each told object the newest version: those under any of the keys, or without keys those whose window touches the
   * question's. In the order of telling, which is their `sequence`.
   */
  told(question: Pick<Ask, 'source' | 'stream' | 'window' | 'keys'>): Promise<readonly EvidenceRecord[]>;
  /** Every source that anything was told of, with its connector's id, by name. */
  toldSources(): Promise<readonly { readonly source: string; readonly connector: string }[]>;
}

/** What one record of a file tells, where it is found again, and what it is named by. */
export interface FileRecord extends Omit<ToldRecord, 'record'>, Pick<EvidenceRecord, 'stream' | 'nativeId' | 'body'> {
  /** It has nothing to say but where it takes the place of one that had: a file without a line that could not be read. */
  readonly replacesOnly?: boolean;
}

/** What a file told, known once all its records were taken. */
export interface FileSummary {
  /** From the first to the last time that the file tells. */
  readonly window?: Window;
  /** Lines (of a .json file, records) that could be read, counted from 1. */
  readonly read: number;
  readonly refused: readonly { readonly line: number; readonly problem: string }[];
}

/** A file read by a mapping: its records one at a time, the summary at the end. */
export type FileReading = Generator<FileRecord, FileSummary>;

/** Reads the files of other systems. `name` says the format by its ending, `mapping` is YAML or the name of a shipped mapping. */
export interface FileReader {
  /** The connector that the records are of. */
  readonly connector: string;
  /** Streams whose objects are told again and again, and hang on what was told of them before. */
  readonly growing: readonly string[];
  /** Rejects with AppError('usage') for a file or a mapping of which nothing can be read. */
  read(file: {
    readonly name: string;
    readonly text: string;
    readonly mapping?: { readonly name: string; readonly text?: string };
    /** What every record of the file has in common: the service it is about, and further correlation keys. */
    readonly common: { readonly service?: string; readonly keys: readonly string[] };
  }): Promise<FileReading>;
  /** The body of an object that was told before, with what is told of it now: nothing that was told is lost. */
  merge(stream: string, before: Json, now: Json): Json;
}

/** Snapshots and edits: append-only truth. Rendered drafts are a cache beside them. */
export interface DraftStore {
  /**
   * Writes the snapshot under its draft id; one that exists is not written again, so its `takenAt` stands. Returns the one stored.
   * A look back in time is kept under its id, and becomes the newest of its incident only where there is none.
   */
  saveSnapshot(draftId: string, snapshot: Snapshot, as?: 'newest' | 'look_back'): Promise<Snapshot>;
  /**
   * The newest snapshot of a case by the key of its first incident, or the one with the draft id. Newest is what was saved last,
   * even where that draft id was known before: it is the draft that people saw last.
   */
  findSnapshot(incidentOrDraft: string): Promise<{ readonly draftId: string; readonly snapshot: Snapshot } | undefined>;
  /** The draft id of the newest snapshot of a case, by the key of its first incident. */
  newestDraft(incident: string): Promise<string | undefined>;
  /** The rendered JSON of a draft, or nothing where the cache was dropped. */
  saveRendered(draftId: string, markdown: string): Promise<void>;
  findRendered(draftId: string): Promise<string | undefined>;
  edits(incident: string): Promise<readonly Edit[]>;
  /**
   * Numbers new edits and keeps them in one step, so that of two authors the later one is in conflict where they had not seen the
   * earlier. An edit in conflict is not kept; the others are.
   */
  record(incident: string, edits: readonly NewEdit[]): Promise<Admitted>;
  /** Keeps edits with the numbers that they have, as a bundle brings them. Those that are there stay as they are. */
  keepEdits(incident: string, edits: readonly Edit[]): Promise<void>;
  /** The ids of the drafts that were made of a case, the last one first, each once. */
  draftsOf(incident: string, limit: number): Promise<readonly string[]>;
  /**
   * Incidents with a snapshot, each as drafted last, newest first by the start of their incident window. `from` and `to` keep those
   * whose incident window touches [from, to); `before` is the draft id (or incident) of the last one of the page before.
   */
  listIncidents(filter: {
    readonly from?: Instant;
    readonly to?: Instant;
    readonly limit: number;
    readonly before?: string;
  }): Promise<readonly { readonly draftId: string; readonly snapshot: Snapshot }[]>;
}

/** A source's limits, or those of one of its operations, which has a window of its own in place of the minute. */
export interface BudgetLimits extends SourceLimits {
  readonly windowMs?: number;
}

/** Waits for the source's budget. Every call to a vendor goes through it. */
export interface Budget {
  limited<T>(source: string, limits: BudgetLimits, task: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** What an answer's headers said: obeyed from the next call on. */
  observe(source: string, limits: SourceLimits, seen: ObservedLimits): void;
}

/** What is known of each account's calls, shared by all processes on one store. */
export interface Leases {
  /** Reads the account, changes it and writes it as one step: nobody else's change falls between. `text` is JSON of the caller's own. */
  change<T>(source: string, act: (text: string | undefined) => { readonly text: string; readonly result: T }): Promise<T>;
}

/** Lines for whoever runs this: fields by name, and words. No secret is ever in them. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** The configuration, read and checked: what `hindcast.yaml` says, with every default filled in. */
export interface Settings {
  /** The file it came from; absent where the shipped defaults stand alone. */
  readonly path?: string;
  /** By name; each value was checked by its connector's own schema. */
  readonly sources: Readonly<Record<string, { readonly connector: string; readonly config: Json }>>;
  readonly services: readonly ServiceConfig[];
  readonly people: readonly PersonConfig[];
  readonly policy: Policy;
  readonly draft: DraftOptions;
  /** What `draft.template` names, read: Markdown is arranged by it. A request names none, and a bundle brings none. */
  readonly template?: TemplateTexts;
  /** `keep_evidence`: how long a record's body stays after a run read it last; absent, for good. */
  readonly storage: { readonly url: string; readonly keep_evidence?: string };
  readonly server: {
    readonly host: string;
    readonly port: number;
    readonly tokens_env: string;
    readonly requests_per_minute?: number;
    /** Proxies whose word on the client's address is believed: addresses and networks. */
    readonly trust_proxy?: readonly string[];
  };
  /** Backfills that come round by cron (UTC), each of the time before. */
  readonly schedule?: readonly { readonly cron: string; readonly backfill: { readonly last: string } }[];
  /** Absent where none is configured: then the route does not exist. */
  readonly webhooks?: { readonly pagerduty?: WebhookSettings };
}

/** A Liquid template and the files of its folder, by name. */
export interface TemplateTexts {
  readonly main: string;
  readonly files: Readonly<Record<string, string>>;
}

/** A bearer token of the API: the author of an edit is its name. */
export interface Token {
  readonly name: string;
  readonly scope: 'read' | 'write';
  readonly secret: string;
}
