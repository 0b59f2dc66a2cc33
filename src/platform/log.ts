import pino, { type LevelWithSilent } from 'pino';
import { AppError } from '../app/errors.ts';
import type { Log } from '../app/ports.ts';
import { traceIds } from './telemetry.ts';

const LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const satisfies readonly LevelWithSilent[];
export type LogLevel = (typeof LEVELS)[number];

/** A value this short would blot out ordinary words; no vendor gives one. */
const MIN_MASKED_LENGTH = 6;
const MASK = '[redacted: secret]';

/**
 * The level that `HINDCAST_LOG` names; where it names none that of the command: a person reads gaps in the answer, and no log between
 * its lines. Throws AppError('config') for any other word.
 */
export function logLevel(env: Readonly<Record<string, string | undefined>>, unsaid: LogLevel = 'error'): LogLevel {
  const word = env['HINDCAST_LOG'] ?? '';
  const level = LEVELS.find((known) => known === word.toLowerCase());
  if (word !== '' && !level) throw new AppError('config', `HINDCAST_LOG must be one of ${LEVELS.join(', ')}`);
  return level ?? unsaid;
}

/**
 * JSON lines on standard error, a static message with its fields beside it. The values that `secrets` gives are masked in the whole
 * line, so that no path into it (a field, a message, an error's stack or cause, a URL) can leave one readable.
 */
export function createLog(options: {
  readonly level: LogLevel;
  readonly secrets: () => readonly string[];
  readonly write?: (line: string) => void;
}): Log {
  const write = options.write ?? ((line) => process.stderr.write(line));
  const mask = rememberForms(options.secrets);
  const logger = pino(
    {
      level: options.level,
      base: null,
      formatters: { level: (level) => ({ level }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: traceIds,
      serializers: { error: pino.stdSerializers.err },
    },
    { write: (line) => write(mask(line)) },
  );
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}

/** The text with every secret in it masked: as it is, as JSON or a URL would write it, in Base64, and line by line for a private key. */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  return maskForms(text, allForms(secrets));
}

/** The forms are made again only where there are more secrets than before: a line of a server's log is written for each request. */
function rememberForms(secrets: () => readonly string[]): (line: string) => string {
  let known: { readonly count: number; readonly forms: readonly string[] } = { count: 0, forms: [] };
  return (line) => {
    const now = secrets();
    if (now.length !== known.count) known = { count: now.length, forms: allForms(now) };
    return maskForms(line, known.forms);
  };
}

function allForms(secrets: readonly string[]): readonly string[] {
  const forms = secrets.flatMap(formsOf).filter((form) => form.length >= MIN_MASKED_LENGTH);
  // The longest first, or a secret that contains another would leave its rest readable.
  return [...new Set(forms)].toSorted((a, b) => b.length - a.length);
}

function maskForms(text: string, forms: readonly string[]): string {
  return forms.reduce((masked, form) => (masked.includes(form) ? masked.replaceAll(form, MASK) : masked), text);
}

function formsOf(secret: string): readonly string[] {
  const lines = secret.includes('\n') ? secret.split('\n').map((line) => line.trim()) : [];
  return [secret, ...lines.filter((line) => line.length >= 20)].flatMap((plain) => [
    plain,
    JSON.stringify(plain).slice(1, -1),
    encodeURIComponent(plain),
    Buffer.from(plain).toString('base64'),
  ]);
}
