import Type, { type Static } from 'typebox';
import { isAllowedAddress, type Part } from '../../src/contract/index.ts';

/** One account and region. `endpoint` is for stand-ins and private endpoints: https, or an address of this machine. */
export const CloudWatchConfig = Type.Object(
  {
    connector: Type.Literal('cloudwatch'),
    region: Type.String({ pattern: '^[a-z]{2,}(-[a-z]+)+-\\d+$' }),
    role_arn: Type.Optional(Type.String({ pattern: '^arn:aws[a-z-]*:iam::\\d{12}:role/\\S+$' })),
    external_id_env: Type.Optional(Type.String({ minLength: 1 })),
    endpoint: Type.Optional(
      Type.Refine(
        Type.String({ minLength: 1 }),
        (url) => isAllowedAddress(url),
        () => 'must be https, or http on this machine',
      ),
    ),
  },
  { additionalProperties: false, dependentRequired: { external_id_env: ['role_arn'] } },
);
export type CloudWatchConfig = Static<typeof CloudWatchConfig>;

/** What a service owns here: alarms by the beginning of their name, metrics as `NAMESPACE/NAME` or `NAMESPACE NAME`, a `*` at the end for all that begin so. The first space ends the namespace: a name may hold more. */
export const CloudWatchScope = Type.Object(
  {
    alarm_prefixes: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 255 }))),
    metrics: Type.Optional(Type.Array(Type.String({ pattern: '^[^:\\s]\\S*[ /]\\S(?:.*\\S)?$' }))),
  },
  { additionalProperties: false },
);
export type CloudWatchScope = Static<typeof CloudWatchScope>;

/** A part for each prefix. Beside names, what a prefix lists tells which account is read: then nothing is parted. */
export function eachPrefix({ scope, keys }: Part<CloudWatchScope>): readonly Part<CloudWatchScope>[] {
  const { alarm_prefixes = [] } = scope;
  if (keys.length > 0 || alarm_prefixes.length < 2) return [{ scope, keys }];
  return alarm_prefixes.map((prefix) => ({ keys, scope: { ...scope, alarm_prefixes: [prefix] } }));
}
