import type { Answer, Asked, Fault, Logged, StandIn, Vendor } from '../../demo/standins/server.ts';
import { startStandIn } from '../../demo/standins/server.ts';
import {
  type AnyConnector,
  atMost,
  type EvidenceRecord,
  type Gap,
  type Instant,
  type Json,
  type Kit,
  type Normalized,
  type PullRequest,
  type RawRecord,
  SourceError,
} from '../../src/contract/index.ts';
import { digest } from '../../src/core/digest.ts';
import { seal } from '../../src/core/evidence.ts';
import { plainKit } from '../support/streams.ts';

export type AnyStream = AnyConnector['streams'][number];

/** One question that the sample world has an answer to. */
export type Question = Pick<PullRequest<unknown>, 'scope' | 'keys' | 'window'> & {
  readonly stream: string;
  readonly name?: string;
  /** Each page is one object of the vendor's, and so a record: other pages are other records. */
  readonly pagesAreRecords?: true;
};

/** A vendor over the wire, and what is asked of it. A connector without a network has none of this. */
export interface Network {
  /** The member of the config that holds the address. */
  readonly address: string;
  /** The stand-in's side, on small pages; `grown` has records more than the plain one, among them on the pages already read. */
  vendor(world?: 'grown'): Vendor;
  /** The same with pages so large that each list is one: what was there to be read. */
  unpaged(): Vendor;
  /** Headers of a refusal that tell to wait seven seconds. */
  readonly sevenSeconds: Readonly<Record<string, string>>;
  /** Statuses of refusals in which a vendor may quote what it was sent. */
  readonly quoting: readonly number[];
  /** Which permission a request needs. */
  permissionOf(request: Logged): string;
  /** Whether an answer can be in another zone than UTC, and the request asks for UTC. Undefined: it has no such choice. */
  asksUtc?(request: Logged): boolean | undefined;
  /** An answer that says that more follows, at an address of another host. */
  foreignNext(answer: Answer, url: string): Answer;
  /** An object of an answer without the objects that it nests and that are records of their own. */
  asSent?(part: Json): Json;
  /** Writes a body as it stood on the wire, where the SDK changes how it is written; series are not sent as one object. */
  asWire?(body: Json): Json;
}

/** What the suite needs to know of a connector. */
export interface Fixture {
  readonly source: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly now: Instant;
  readonly questions: readonly Question[];
  readonly scopes: readonly unknown[];
  /** The field of the window where `spec.windowField` says none (the filter is the connector's own), in each form that a record has. */
  readonly windowFields?: Readonly<Record<string, readonly string[]>>;
  /** For event types that the sample world has no record of: one more body each. */
  readonly bodies?: readonly (Pick<RawRecord, 'nativeId' | 'body'> & { readonly stream: string })[];
  open(url: string, kit: Kit, deadlineMs: number): unknown;
  readonly network?: Network;
}

export interface Told {
  readonly records: readonly RawRecord[];
  readonly gaps: readonly Gap[];
  readonly hints: readonly string[];
  readonly checkpoints: readonly { readonly cursor: string; readonly after: number }[];
  readonly error: unknown;
  /** The reasons of gaps, and of the error under its own name. */
  readonly reasons: readonly string[];
  readonly requests: readonly Logged[];
  readonly answers: readonly unknown[];
  readonly lines: readonly string[];
}

export interface Circumstances {
  readonly request?: Partial<PullRequest<unknown>>;
  readonly faults?: readonly Fault[];
  readonly deadlineMs?: number;
  /** Stops reading behind the checkpoint of this number. */
  readonly untilCheckpoint?: number;
  /** Told of each request before it is answered, counted from 1. */
  readonly onRequest?: (count: number) => void;
  readonly vendor?: (vendor: Vendor, network: Network) => Vendor;
}

const PATIENT_MS = 10_000;

/** Asks one question of a fresh stand-in with a fresh client; whatever comes of it is told, an error too. */
export async function ask(connector: AnyConnector, fixture: Fixture, question: Question, given: Circumstances = {}): Promise<Told> {
  const stream = streamOf(connector, question.stream);
  const standing = await start(fixture, given);
  const records: RawRecord[] = [];
  const gaps: Gap[] = [];
  const hints: string[] = [];
  const checkpoints: { cursor: string; after: number }[] = [];
  let error: unknown;
  try {
    for await (const item of stream.pull(standing.client, requestOf(fixture, question, given.request))) {
      if (item.kind === 'record') records.push(item.record);
      if (item.kind === 'gap') gaps.push(item.gap);
      if (item.kind === 'hint') hints.push(item.hint);
      if (item.kind !== 'checkpoint') continue;
      checkpoints.push({ cursor: item.cursor, after: records.length });
      if (checkpoints.length === given.untilCheckpoint) break;
    }
  } catch (thrown) {
    error = thrown;
  }
  await standing.close();
  const reasons = [...gaps.map(({ reason }) => reason), ...(error === undefined ? [] : [reasonOf(error)])];
  const { requests, answers, kit } = standing;
  return { records, gaps, hints, checkpoints, error, reasons, requests, answers, lines: kit.lines };
}

export function requestOf(
  fixture: Fixture,
  { scope, keys, window }: Question,
  over: Partial<PullRequest<unknown>> = {},
): PullRequest<unknown> {
  return { scope, keys, window, now: fixture.now, calls: atMost(500), signal: new AbortController().signal, ...over };
}

function reasonOf(error: unknown): string {
  return error instanceof SourceError ? error.reason : `not a SourceError: ${error instanceof Error ? error.stack : String(error)}`;
}

export interface Standing {
  readonly client: unknown;
  readonly kit: ReturnType<typeof plainKit>;
  readonly requests: readonly Logged[];
  /** Bodies as they were sent. */
  readonly answers: readonly unknown[];
  close(): Promise<void>;
}

/** A client, and the stand-in behind it where the connector has a network. */
export async function start(fixture: Fixture, given: Circumstances = {}): Promise<Standing> {
  const kit = { ...plainKit(fixture.secrets), now: () => fixture.now };
  const answers: unknown[] = [];
  const { network } = fixture;
  const standIn = network && (await listen(network, answers, given));
  for (const fault of given.faults ?? []) standIn?.fail(fault);
  const client = fixture.open(standIn?.url ?? '', kit, given.deadlineMs ?? PATIENT_MS);
  return { client, kit, requests: standIn?.requests ?? [], answers, close: async () => standIn?.close() };
}

async function listen(network: Network, answers: unknown[], { vendor: change, onRequest }: Circumstances): Promise<StandIn> {
  const plain = network.vendor();
  const vendor = change ? change(plain, network) : plain;
  let count = 0;
  const answer = (asked: Asked, base: string): Answer => {
    count += 1;
    onRequest?.(count);
    const sent = vendor.answer(asked, base);
    answers.push(sent.body);
    return sent;
  };
  return startStandIn({ ...vendor, answer });
}

export function streamOf(connector: AnyConnector, id: string): AnyStream {
  const stream = connector.streams.find(({ spec }) => spec.id === id);
  if (!stream) throw new Error(`${connector.id} has no stream ${id}`);
  return stream;
}

export interface Said {
  readonly stream: AnyStream;
  readonly evidence: EvidenceRecord;
  readonly normalized: Normalized;
}

/** What records say, each version of an object once, as the store would keep them. */
export function sayAll(connector: AnyConnector, fixture: Fixture, question: Question, records: readonly RawRecord[]): readonly Said[] {
  const sealed = records.map(({ nativeId, body, stream = question.stream }) =>
    seal({ source: fixture.source, stream, nativeId, body, observedTime: fixture.now }),
  );
  const distinct = [...new Map(sealed.map((record) => [record.id, record])).values()];
  return distinct.map((evidence) => {
    const stream = streamOf(connector, evidence.stream);
    return { stream, evidence, normalized: stream.normalize(evidence) };
  });
}

/** Each record's name and content: equal where two pulls read the same. */
export function namesOf(question: Question, records: readonly RawRecord[]): readonly string[] {
  return [...new Set(records.map(({ nativeId, body, stream = question.stream }) => `${stream} ${nativeId} ${digest(body)}`))].toSorted();
}

/** Every event's identity, of each object's last version. */
export function eventIdsOf(said: readonly Said[]): readonly string[] {
  const newest = new Map(said.map((one) => [`${one.evidence.stream} ${one.evidence.nativeId}`, one]));
  return [...newest.values()].flatMap(({ evidence, normalized }) =>
    normalized.events.map(({ key, type }) => `${evidence.stream}/${key}#${type}`),
  );
}

export function labelOf({ stream, name }: Question): string {
  return name === undefined ? stream : `${stream} ${name}`;
}

/** The member that a JSON pointer names. */
export function memberAt(body: unknown, pointer: string): unknown {
  const parts = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return parts.reduce((value: unknown, part) => (typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined), body);
}

/** A copy with another value where a JSON pointer points to. */
export function withMember(body: Json, pointer: string, value: Json): Json {
  const parts = pointer.split('/').slice(1);
  const copy: Json = structuredClone(body);
  const owner = memberAt(copy, ['', ...parts.slice(0, -1)].join('/'));
  if (typeof owner === 'object' && owner !== null) Reflect.set(owner, parts.at(-1) ?? '', value);
  return copy;
}
