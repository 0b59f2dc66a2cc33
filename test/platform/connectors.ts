import Type, { type TSchema } from 'typebox';
import { type AnyConnector, type Connector, defineConnector, isAllowedAddress } from '../../src/contract/index.ts';

const CLOSED = { additionalProperties: false } as const;

function connectorOf<Config extends TSchema, Scope extends TSchema>(
  id: string,
  config: Config,
  scope: Scope,
  claims: Connector<Config, Scope, null>['claims'],
): AnyConnector {
  return defineConnector<Config, Scope, null>({
    id,
    normalizer: `${id}/1`,
    config,
    scope,
    limits: { requestsPerMinute: 60, concurrency: 1, pageSize: 100 },
    streams: [],
    open: () => null,
    claims,
    check: async () => ({ checks: [] }),
  });
}

const Address = Type.Refine(
  Type.String({ default: 'https://api.pagerduty.com' }),
  (url) => isAllowedAddress(url),
  () => 'must be https',
);

/** Two connectors of made-up vendors. This one leaves the key `connector` to the configuration, as a third party's may. */
const pager = connectorOf(
  'pagerduty',
  Type.Object({ token_env: Type.String(), base_url: Address }, CLOSED),
  Type.Object({ service_ids: Type.Array(Type.String({ minLength: 1 })) }, CLOSED),
  (source, scope) => scope.service_ids.map((id) => `${source}/service:${id}`),
);

/** This one states the key itself, and takes one of two forms. */
const forge = connectorOf(
  'forge',
  Type.Union([
    Type.Object({ connector: Type.Literal('forge'), token_env: Type.String() }, CLOSED),
    Type.Object(
      {
        connector: Type.Literal('forge'),
        app: Type.Object({ app_id: Type.Integer({ minimum: 1 }), private_key_env: Type.String() }, CLOSED),
      },
      CLOSED,
    ),
  ]),
  Type.Object(
    { repositories: Type.Array(Type.String()), deploys: Type.Optional(Type.Enum(['deployments', 'releases'], { default: 'deployments' })) },
    CLOSED,
  ),
  (source, scope) => scope.repositories.map((name) => `${source}/repo:${name}`),
);

export const SAMPLE_CONNECTORS: readonly AnyConnector[] = [pager, forge];
export const KNOWN = {
  connectors: (id: string) => SAMPLE_CONNECTORS.find((connector) => connector.id === id),
  connectorIds: SAMPLE_CONNECTORS.map(({ id }) => id),
};
