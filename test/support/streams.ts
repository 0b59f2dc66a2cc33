import type { Gap, Json, Kit, PullRequest, RawRecord, Stream } from '../../src/contract/index.ts';

/** What one pull yielded, sorted by kind. */
export interface Yielded {
  readonly records: readonly RawRecord[];
  readonly gaps: readonly Gap[];
  readonly checkpoints: readonly string[];
  readonly hints: readonly string[];
}

/** Runs a stream's pull to its end, or until it throws. */
export async function pullAll<Client, Scope>(stream: Stream<Client, Scope>, client: Client, request: PullRequest<Scope>): Promise<Yielded> {
  const records: RawRecord[] = [];
  const gaps: Gap[] = [];
  const checkpoints: string[] = [];
  const hints: string[] = [];
  for await (const item of stream.pull(client, request)) {
    if (item.kind === 'record') records.push(item.record);
    else if (item.kind === 'gap') gaps.push(item.gap);
    else if (item.kind === 'hint') hints.push(item.hint);
    else checkpoints.push(item.cursor);
  }
  return { records, gaps, checkpoints, hints };
}

/** A kit with no budget, an empty cache, and the secrets given. Log lines are kept for the test to read. */
export function plainKit(secrets: Readonly<Record<string, string>> = {}): Kit & { readonly lines: readonly string[] } {
  const cache = new Map<string, Json>();
  const lines: string[] = [];
  const log = (fields: object, message: string) => {
    lines.push(`${message} ${JSON.stringify(fields)}`);
  };
  return {
    lines,
    limited: (task) => task(),
    cache: {
      get: async (key) => cache.get(key),
      set: async (key, value) => {
        cache.set(key, value);
      },
    },
    secret: (name) => {
      const value = secrets[name];
      if (value === undefined) throw new Error(`no secret ${name}`);
      return value;
    },
    log: { debug: log, warn: log },
  };
}
