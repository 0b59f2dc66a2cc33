import Type, { type Static } from 'typebox';
import { isAllowedAddress } from '../../src/contract/index.ts';

/** One PagerDuty account. EU accounts live at https://api.eu.pagerduty.com; a key is unknown to the other region. */
export const PagerDutyConfig = Type.Object(
  {
    connector: Type.Literal('pagerduty'),
    token_env: Type.String({ minLength: 1 }),
    /** `token` for account and user API keys, `bearer` for OAuth. */
    token_type: Type.Optional(Type.Union([Type.Literal('token'), Type.Literal('bearer')])),
    base_url: Type.Optional(
      Type.Refine(
        Type.String({ minLength: 1, default: 'https://api.pagerduty.com' }),
        (url) => isAllowedAddress(url),
        () => 'must be https, or http on this machine',
      ),
    ),
  },
  { additionalProperties: false },
);
export type PagerDutyConfig = Static<typeof PagerDutyConfig>;

/** What a service of ours owns here: PagerDuty's services, by id. */
export const PagerDutyScope = Type.Object(
  { service_ids: Type.Array(Type.String({ pattern: '^[A-Za-z0-9]+$' })) },
  { additionalProperties: false },
);
export type PagerDutyScope = Static<typeof PagerDutyScope>;
