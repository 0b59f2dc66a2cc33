import { AppError } from '../app/errors.ts';
import type { Token } from '../app/ports.ts';

/** The secrets that the configuration names, read from the environment. */
export interface Secrets {
  /** The value of the variable `name`, without the line end that a file or a shell left on it. Throws AppError('config') where it is missing or can be none. */
  read(name: string, source: string): string;
  /** The same where the variable holds several, separated by commas. */
  split(name: string, source: string): readonly string[];
  /** Every value handed out so far, and what AWS's own chain finds in the environment: what a log must never print, and no record keep. */
  readonly values: () => readonly string[];
}

export function createSecrets(env: Readonly<Record<string, string | undefined>>): Secrets {
  // The default credential chain of AWS reads these by itself.
  const known = new Set(['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'].flatMap((name) => env[name]?.trim() || []));
  const secrets: Secrets = {
    values: () => [...known],
    split: (name, source) => {
      const parts = secrets
        .read(name, source)
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '');
      for (const part of parts) known.add(part);
      return parts;
    },
    read: (name, source) => {
      const value = env[name]?.trim();
      if (!value) {
        const state = env[name] === undefined ? 'is not set' : 'is empty';
        throw new AppError(
          'config',
          `source \`${source}\` needs the environment variable ${name}, which ${state}: export it, or name another in its \`_env\` key`,
        );
      }
      known.add(value);
      // It would stand in a header, which takes no such character. A private key is lines of text.
      if (/[^ -~]/.test(value) && !value.startsWith('-----BEGIN ')) {
        const what = 'holds a line break or another character that no token has: copy it anew';
        throw new AppError('config', `source \`${source}\`: the environment variable ${name} ${what}`);
      }
      return value;
    },
  };
  return secrets;
}

/** The secrets that a webhook's events may be signed with, comma separated. Throws AppError('config') where there is none or one is short. */
export function readWebhookSecrets(
  secrets: Secrets,
  { source, secrets_env }: { readonly source: string; readonly secrets_env: string },
): readonly string[] {
  const found = secrets.split(secrets_env, source);
  const short = found.findIndex((secret) => secret.length < MIN_SECRET_LENGTH);
  if (found.length > 0 && short < 0) return found;
  const why = short < 0 ? ' names none' : `: secret ${short + 1} has fewer than ${MIN_SECRET_LENGTH} characters`;
  throw new AppError('config', `${secrets_env}${why}: write the secret that PagerDuty showed for the subscription`);
}

const MIN_SECRET_LENGTH = 24;
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,63}$/u;
const FORM = 'write name:read:secret or name:write:secret, separated by commas';

/**
 * `name:read|write:secret`, comma separated. Throws AppError('config') that counts to the wrong entry and prints none of it,
 * since what stands in the name's place may be a secret written in the wrong order.
 */
export function parseTokens(text: string, variable = 'HINDCAST_TOKENS'): readonly Token[] {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  const tokens = entries.map((entry, index) => parseToken(entry, `${variable}: entry ${index + 1} `));
  const repeated = tokens.findIndex(({ name, secret }, index) =>
    tokens.slice(0, index).some((other) => other.name === name || other.secret === secret),
  );
  if (repeated >= 0) throw new AppError('config', `${variable}: entry ${repeated + 1} repeats the name or the secret of an earlier one`);
  return tokens;
}

/** The tokens of the variable that `server.tokens_env` names; none where it is not set. */
export function readTokens(env: Readonly<Record<string, string | undefined>>, variable: string): readonly Token[] {
  return parseTokens(env[variable] ?? '', variable);
}

function parseToken(entry: string, where: string): Token {
  const [name = '', scope, ...rest] = entry.split(':');
  const secret = rest.join(':');
  if (scope !== 'read' && scope !== 'write') throw new AppError('config', `${where}has no scope: ${FORM}`);
  if (!NAME.test(name)) throw new AppError('config', `${where}has no usable name: ${FORM}`);
  if (secret.length < MIN_SECRET_LENGTH) {
    throw new AppError(
      'config',
      `${where}has a secret of fewer than ${MIN_SECRET_LENGTH} characters: make one with \`openssl rand -hex 24\``,
    );
  }
  if (/\s/.test(secret)) throw new AppError('config', `${where}has white space inside its secret`);
  return { name, scope, secret };
}
