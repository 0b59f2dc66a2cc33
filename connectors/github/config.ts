import Type, { type Static } from 'typebox';
import { isAllowedAddress } from '../../src/contract/index.ts';

export const DEFAULT_BASE_URL = 'https://api.github.com';

const Variable = Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' });
const AppNumber = Type.Union([Type.Integer({ minimum: 1 }), Type.String({ pattern: '^\\d+$' })]);

/** Signing in as an installed GitHub App: `private_key_env` names the variable that holds the key's PEM text. */
const App = Type.Object({ app_id: AppNumber, installation_id: AppNumber, private_key_env: Variable }, { additionalProperties: false });

/** One account of GitHub or of a GitHub Enterprise Server (`https://host/api/v3`), by a token or as an installed app. */
export const GitHubConfig = Type.Refine(
  Type.Object(
    {
      connector: Type.Literal('github'),
      token_env: Type.Optional(Variable),
      app: Type.Optional(App),
      base_url: Type.Optional(
        Type.Refine(
          Type.String({ minLength: 1 }),
          (url) => isAllowedAddress(url),
          () => 'must be https, or http on this machine',
        ),
      ),
    },
    { additionalProperties: false },
  ),
  ({ token_env, app }) => (token_env === undefined) !== (app === undefined),
  () => 'needs exactly one of `token_env` and `app`',
);
export type GitHubConfig = Static<typeof GitHubConfig>;

/** What a service owns here. No environments means all of them; names are GitHub's own, upper and lower case included. */
export const GitHubScope = Type.Object(
  {
    repositories: Type.Array(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$' })),
    environments: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 255 }))),
    /** With `deploys: workflow_runs`, the files of the workflows that roll out: `deploy.yml`. */
    workflows: Type.Optional(Type.Array(Type.String({ pattern: '^[A-Za-z0-9._-]+\\.ya?ml$' }))),
    /** Which records say that something was rolled out; deployments where absent. */
    deploys: Type.Optional(Type.Union([Type.Literal('deployments'), Type.Literal('workflow_runs'), Type.Literal('releases')])),
  },
  { additionalProperties: false },
);
export type GitHubScope = Static<typeof GitHubScope>;
