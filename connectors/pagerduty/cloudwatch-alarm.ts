import Type, { type Static } from 'typebox';
import { type Json, reader } from '../../src/contract/index.ts';
import { maybe } from './shapes.ts';

/** The message that CloudWatch sent through SNS, as far as it is read here. */
const Message = Type.Object({
  AlarmName: Type.String(),
  AlarmArn: maybe(Type.String()),
  NewStateValue: maybe(Type.String()),
  StateChangeTime: maybe(Type.String()),
});
const message = reader(Message);

/** An alarm's message inside a payload, and where it stands. */
export interface AlarmMessage {
  readonly name: string;
  /** `alarm:` and the full ARN. */
  readonly key?: string;
  /** Its own time of change, while it tells of the alarm's start. */
  readonly changed?: { readonly text: string; readonly pointer: string };
}

/** Where integrations put the message; some leave it as text. */
const PLACES = [['cef_details', 'details'], ['details'], ['cef_details', 'message'], ['details', 'Message']] as const;

/** Finds what CloudWatch said in an alert's body or a trigger's channel, wherever the integration put it. `at` is its pointer. */
export function alarmMessage(payload: Json | undefined, at: string): AlarmMessage | undefined {
  for (const path of PLACES) {
    const found = path.reduce<Json | undefined>(memberOf, payload);
    const text = typeof found === 'string' ? parse(found) : undefined;
    const said = message.read(text ?? found);
    if (said) return toMessage(said, `${at}/${path.join('/')}${text === undefined ? '/StateChangeTime' : ''}`);
  }
  return undefined;
}

function toMessage({ AlarmName, AlarmArn, NewStateValue, StateChangeTime }: Static<typeof Message>, pointer: string): AlarmMessage {
  const isStart = (NewStateValue ?? 'ALARM') === 'ALARM';
  return {
    name: AlarmName,
    ...(AlarmArn && { key: `alarm:${AlarmArn}` }),
    ...(StateChangeTime && isStart && { changed: { text: StateChangeTime, pointer } }),
  };
}

function memberOf(value: Json | undefined, name: string): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
    ? (value as { readonly [key: string]: Json })[name]
    : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
