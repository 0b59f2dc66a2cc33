import Type, { type Static } from 'typebox';
import {
  type EventSeed,
  type EvidenceRecord,
  type Normalized,
  type PullItem,
  type PullRequest,
  parseInstant,
  reader,
  type Stream,
  type Window,
} from '../../../src/contract/index.ts';
import { AlarmRule, ruleFact } from '../alarm-shape.ts';
import { accountOf, consoleUrl, nameOf, regionOf } from '../arn.ts';
import type { CloudWatch } from '../client.ts';
import { type CloudWatchScope, eachPrefix } from '../config.ts';
import { nextToken } from '../pages.ts';

/** AlarmNames of one call. */
const NAMES = 100;
const TYPES = { ALARM: 'alert.fired', OK: 'alert.resolved' } as const;

const Alarm = Type.Intersect([
  AlarmRule,
  Type.Object({
    AlarmName: Type.String(),
    AlarmArn: Type.String(),
    StateValue: Type.String(),
    StateUpdatedTimestamp: Type.Optional(Type.String()),
    StateTransitionedTimestamp: Type.Optional(Type.String()),
    AlarmConfigurationUpdatedTimestamp: Type.Optional(Type.String()),
  }),
]);
const alarm = reader(Alarm);
const named = reader(Type.Object({ AlarmArn: Type.String() }));

/** Every alarm of the scope, and those that keys name, as they are configured now. */
export const alarms: Stream<CloudWatch, CloudWatchScope> = {
  spec: {
    id: 'alarms',
    emits: [TYPES.ALARM, TYPES.OK],
    need: 'needed',
    windowField: 'none',
    mutability: 'mutable',
    settleSeconds: 180,
  },
  estimate: ({ scope, keys }) => ({ requests: (scope.alarm_prefixes ?? []).length + Math.ceil(keys.length / NAMES) }),
  pull,
  parts: eachPrefix,
  normalize,
};

/** One list to page through: the alarms of a prefix, or those of some ARNs. */
type List = { readonly prefix: string } | { readonly arns: readonly string[] };

async function* pull(
  client: CloudWatch,
  { scope, keys, window, resumeAfter, calls, signal }: PullRequest<CloudWatchScope>,
): AsyncGenerator<PullItem> {
  const lists = [...(scope.alarm_prefixes ?? []).map((prefix) => ({ prefix })), ...namedLists(keys, client.region)];
  const seen = new Set<string>();
  for (const list of lists.slice(lists.findIndex((candidate) => requestOf(candidate) === resumeAfter) + 1)) {
    const request = requestOf(list);
    const tokens = new Set<string>();
    let token: string | undefined;
    let found = 0;
    do {
      if (!calls.take()) return yield { kind: 'gap', gap: { window, reason: 'budget', detail: `alarms not read from ${request} on` } };
      const question = 'arns' in list ? { names: list.arns.map(nameOf) } : list;
      const page = await client.describeAlarms({ ...question, token }, signal);
      found += page.items.length;
      for (const body of page.items) {
        const arn = named.read(body)?.AlarmArn ?? JSON.stringify(body);
        if (!seen.has(arn)) yield { kind: 'record', record: { nativeId: arn, body, request } };
        seen.add(arn);
      }
      token = nextToken(page, tokens, 'DescribeAlarms');
    } while (token !== undefined);
    if ('arns' in list) yield* tellMissing(list.arns, seen, window);
    else if (found === 0) yield { kind: 'hint', hint: `No alarm in ${client.region} begins with ${list.prefix}: see alarm_prefixes.` };
    yield { kind: 'checkpoint', cursor: request };
  }
}

/** The ARNs that keys name, of this region: those of another region are another source's. */
function namedLists(keys: readonly string[], region: string): readonly List[] {
  const arns = keys.filter((key) => key.startsWith('alarm:')).map((key) => key.slice('alarm:'.length));
  const here = arns.filter((arn) => regionOf(arn) === region);
  return Array.from({ length: Math.ceil(here.length / NAMES) }, (_, index) => ({ arns: here.slice(index * NAMES, (index + 1) * NAMES) }));
}

function requestOf(list: List): string {
  return 'arns' in list ? `DescribeAlarms AlarmNames=${list.arns.map(nameOf).join(',')}` : `DescribeAlarms AlarmNamePrefix=${list.prefix}`;
}

/** An alarm that was named and is not there: deleted, unless the answers show that its account is another one. */
function* tellMissing(wanted: readonly string[], seen: ReadonlySet<string>, window: Window): Generator<PullItem> {
  const accounts = new Set([...seen].map(accountOf));
  const missing = wanted.filter((arn) => !seen.has(arn) && (accounts.size === 0 || accounts.has(accountOf(arn))));
  for (const arn of missing) {
    const detail = `the alarm ${nameOf(arn)} is not in this account and region: deleted since, or another account's`;
    yield { kind: 'gap', gap: { window, reason: 'unreadable', detail } };
  }
}

function normalize({ source, body }: EvidenceRecord): Normalized {
  const read = alarm.read(body);
  if (!read) return { events: [], issues: [alarm.problem(body)] };
  const heldFrom = parseInstant(read.AlarmConfigurationUpdatedTimestamp ?? '');
  const fact = { ...ruleFact(source, read.AlarmArn, read), ...(heldFrom && { heldFrom }) };
  const found = lastTransition(source, read);
  return { events: 'problem' in found ? [] : found.events, facts: [fact], issues: 'problem' in found ? [found] : [] };
}

/**
 * The last change of state, as the event that alarm history would tell. It is all that is left once the history is gone. What the
 * state was before is not said, and INSUFFICIENT_DATA tells of no alert.
 */
function lastTransition(
  source: string,
  read: Static<typeof Alarm>,
): { readonly events: readonly EventSeed[] } | { readonly pointer: string; readonly problem: string } {
  const field = read.StateTransitionedTimestamp === undefined ? 'StateUpdatedTimestamp' : 'StateTransitionedTimestamp';
  const stamp = read[field];
  if (!isTold(read.StateValue) || stamp === undefined) return { events: [] };
  const at = parseInstant(stamp);
  if (!at) return { pointer: `/${field}`, problem: 'not a time with an offset' };
  const url = consoleUrl(read.AlarmArn);
  const seed = {
    type: TYPES[read.StateValue],
    key: `${read.AlarmName}@${at}`,
    pointer: `/${field}`,
    originalTime: stamp,
    time: { at, minusMs: 0, plusMs: 1 },
    timeMeaning: 'occurred' as const,
    knowableAt: at,
    ...(url !== undefined && { url }),
    belongsTo: [`${source}/alarm:${read.AlarmName}`],
    correlationKeys: [`alarm:${read.AlarmArn}`],
    attributes: { 'alert.rule': read.AlarmName },
  };
  return { events: [seed] };
}

function isTold(state: string): state is keyof typeof TYPES {
  return Object.hasOwn(TYPES, state);
}
