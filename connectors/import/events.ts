import type { EventSeed, TimeMeaning } from '../../src/contract/index.ts';
import type { FieldName } from './mapping.ts';
import type { Row, ToldTime } from './row.ts';

const MEANINGS = ['occurred', 'started', 'ended', 'recorded', 'published', 'asserted'] as const satisfies readonly TimeMeaning[];
const STATES = ['investigating', 'identified', 'monitoring', 'resolved'] as const;
const OUTCOMES = ['succeeded', 'failed', 'running'] as const;

/** What a record is where it does not say: what was published is a message, what is stated a statement, all else a note. */
const TYPE_OF = {
  published: 'message.posted',
  asserted: 'event.asserted',
  occurred: 'note.added',
  started: 'note.added',
  ended: 'note.added',
  recorded: 'note.added',
} as const satisfies Record<TimeMeaning, Type>;

/** Everything that the events of one record have in common. */
interface Context {
  readonly row: Row;
  readonly source: string;
  readonly key: string;
  readonly message: string;
  readonly meaning: TimeMeaning;
}
type Common = Omit<Extract<EventSeed, { readonly type: 'note.added' }>, 'type' | 'attributes'>;
type Telling = readonly EventSeed[] | { readonly problem: string };
type Teller = (common: Common, context: Context) => Telling;

/** What a mapping may call a record, and the events that it then tells. `deployment` is a whole rollout: its start and its end. */
const TELLERS = {
  'message.posted': (common, { message }) => [{ ...common, type: 'message.posted', attributes: { text: message } }],
  'note.added': (common, { message }) => [{ ...common, type: 'note.added', attributes: { text: message } }],
  'event.asserted': (common, { message, row, source }) => {
    const attributes = { text: message, reason: `told by ${source}`, author: row.text('actor') ?? source };
    return [{ ...common, type: 'event.asserted', attributes }];
  },
  'status.published': (common, { message, row }) => {
    const state = STATES.find((one) => one === row.text('state'));
    if (!state) return unknownWord('state', row.text('state'), STATES);
    return [{ ...common, type: 'status.published', attributes: { text: message, state } }];
  },
  deployment: tellRollout,
  'deployment.started': (common, context) => [{ ...common, type: 'deployment.started', attributes: rolloutOf(context) }],
  'deployment.succeeded': (common, context) => [{ ...common, type: 'deployment.succeeded', attributes: rolloutOf(context) }],
  'deployment.failed': (common, context) => [{ ...common, type: 'deployment.failed', attributes: rolloutOf(context) }],
  'flag.changed': (common, { message, row }) => [
    { ...common, type: 'flag.changed', attributes: { key: message, value: row.text('value') ?? '' } },
  ],
  'config.changed': (common, { message, row }) => [
    { ...common, type: 'config.changed', attributes: { key: message, value: row.text('value') ?? '' } },
  ],
  'release.published': (common, { message, row }) => [
    { ...common, type: 'release.published', attributes: { 'release.tag': row.text('version') ?? message } },
  ],
  'alert.fired': (common, { message }) => [{ ...common, type: 'alert.fired', attributes: { 'alert.rule': message } }],
  'alert.resolved': (common, { message }) => [{ ...common, type: 'alert.resolved', attributes: { 'alert.rule': message } }],
} as const satisfies Record<string, Teller>;
type Type = keyof typeof TELLERS;

/** The types of all events that a file can tell. */
export const EMITS = Object.keys(TELLERS).filter((type): type is Exclude<Type, 'deployment'> => type !== 'deployment');

/** The events of one record. `key` names the record in its stream. */
export function tellEvents(row: Row, source: string, key: string): Telling {
  const message = row.text('message');
  if (message === undefined) return { problem: 'no message: it is what a draft will say' };
  const meaning = MEANINGS.find((one) => one === row.text('meaning'));
  if (!meaning) return unknownWord('meaning', row.text('meaning'), MEANINGS);
  const named = row.text('type') ?? TYPE_OF[meaning];
  if (!isType(named)) return unknownWord('type', named, Object.keys(TELLERS));
  const tell: Teller = TELLERS[named];
  const isRollout = named.startsWith('deployment');
  const context = { row, source, key, message, meaning };
  return tell(commonOf(context, isRollout), context);
}

function isType(name: string): name is Type {
  return Object.hasOwn(TELLERS, name);
}

function commonOf({ row, source, key, meaning }: Context, isRollout: boolean): Common {
  const service = row.text('service');
  const actor = row.text('actor');
  const url = row.text('url');
  const belongs = row.text('belongs_to');
  const place = isRollout ? [`deployment:${service ?? source}#${row.text('id') ?? key}`] : [];
  return {
    key,
    ...timeOf(row.time),
    timeMeaning: meaning,
    ...(actor !== undefined && { actor: actorOf(actor, source) }),
    ...(url !== undefined && /^https?:\/\//i.test(url) && { url }),
    belongsTo: [...(belongs === undefined ? [] : [belongs]), ...(service === undefined ? [] : [`${source}/service:${service}`])],
    correlationKeys: [...place, ...row.keys],
  };
}

function timeOf({ moment, pointer, text }: ToldTime) {
  return { time: moment, knowableAt: moment.at, pointer, originalTime: text };
}

/** A handle of one word is an id and no name: as a name it would be replaced in every text that has the word. */
function actorOf(actor: string, source: string): NonNullable<EventSeed['actor']> {
  return { kind: 'person', id: `${source}:user:${actor}`, ...(/\S\s+\S/.test(actor) && { name: actor }) };
}

/** Its start where the record's time is one, or where it says both ends; and its end once it has one. */
function tellRollout(common: Common, context: Context): Telling {
  const { row, meaning } = context;
  const outcome = OUTCOMES.find((one) => one === (row.text('outcome') ?? 'succeeded'));
  if (!outcome) return unknownWord('outcome', row.text('outcome'), OUTCOMES);
  const attributes = rolloutOf(context);
  const started = { ...common, timeMeaning: 'started', type: 'deployment.started', attributes } as const;
  const end = row.ends ?? (meaning === 'started' ? undefined : row.time);
  const type = outcome === 'failed' ? 'deployment.failed' : 'deployment.succeeded';
  const ended = end && outcome !== 'running' ? [{ ...common, ...timeOf(end), timeMeaning: 'ended', type, attributes } as const] : [];
  return meaning === 'started' || row.ends || outcome === 'running' ? [started, ...ended] : ended;
}

function rolloutOf({ row, key, message }: Context) {
  const version = row.text('version');
  const revision = row.text('sha')?.toLowerCase() ?? version;
  return {
    'deployment.id': row.text('id') ?? key,
    'deployment.environment.name': row.text('environment') ?? 'an environment not stated',
    ...(revision !== undefined && { 'vcs.ref.head.revision': revision }),
    ...(version !== undefined && { 'vcs.ref.head.name': version }),
    'deployment.description': message,
  };
}

function unknownWord(name: FieldName, word: string | undefined, known: readonly string[]): { readonly problem: string } {
  const what = word === undefined ? `no ${name}` : `${JSON.stringify(word.slice(0, 60))} is no ${name}`;
  return { problem: `${what}: known are ${known.join(', ')}` };
}
