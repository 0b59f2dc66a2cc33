import Type, { type Static } from 'typebox';
import { isAllowedAddress } from '../../src/contract/index.ts';

export const DEFAULT_BASE_URL = 'https://api.github.com';

/** One account of GitHub or of a GitHub Enterprise Server (`https://host/api/v3`), by a token. Signing in as an app is not offered yet. */
export const GitHubConfig = Type.Object(
  {
    connector: Type.Literal('github'),
    token_env: Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }),
    base_url: Type.Optional(
      Type.Refine(
        Type.String({ minLength: 1 }),
        (url) => isAllowedAddress(url),
        () => 'must be https, or http on this machine',
      ),
    ),
  },
  { additionalProperties: false },
);
export type GitHubConfig = Static<typeof GitHubConfig>;

/** What a service owns here. No environments means all of them; names are GitHub's own, upper and lower case included. */
export const GitHubScope = Type.Object(
  {
    repositories: Type.Array(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$' })),
    environments: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 255 }))),
    /** Which records say that something was rolled out; deployments where absent. */
    deploys: Type.Optional(Type.Union([Type.Literal('deployments'), Type.Literal('workflow_runs'), Type.Literal('releases')])),
  },
  { additionalProperties: false },
);
export type GitHubScope = Static<typeof GitHubScope>;
