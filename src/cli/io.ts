import type { App } from '../app/app.ts';
import type { JobService } from '../app/backfill.ts';
import type { Log, Settings, Token } from '../app/ports.ts';
import type { WebhookSecrets } from '../app/webhook-ports.ts';
import type { Instant } from '../core/time.ts';

/** What a command may touch of the world outside: a test gives its own. */
export interface Io {
  /** Results. Everything else goes to `err`. */
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether `err` is a terminal: progress is shown nowhere else. */
  readonly isTerminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly now: () => Instant;
  readonly readFile: (path: string) => string;
  /** The text of a file, where one stands there and is text. */
  readonly findFile: (path: string) => string | undefined;
  readonly writeFile: (path: string, text: string) => void;
  /** Throws what `writeFile` would, and writes nothing: asked before long work whose result goes there. */
  readonly checkWritable: (path: string) => void;
  /** Where it stands already, nothing. */
  readonly makeFolder: (path: string) => void;
  /** Aborted by the first interrupt. */
  readonly signal: AbortSignal;
}

/** What a command works on, opened only once it is known that the command needs it. */
export interface Opened {
  readonly app: App;
  readonly settings: Settings;
  /** Of the API; none where the variable is not set. */
  readonly tokens: readonly Token[];
  /** Of PagerDuty, where one is configured. */
  readonly webhook?: WebhookSecrets | undefined;
  readonly log: Log;
  /** What an operator does to the store. */
  readonly upkeep?: () => Promise<{ schema(): Promise<number>; backup(path: string): Promise<void> }>;
  /** Past incidents, and the jobs that draft them. */
  readonly service?: () => Promise<JobService>;
  readonly close: () => Promise<void>;
}

/**
 * Opens configuration, store and sources. `select` is the text that names the incident: its host may say which PagerDuty is meant.
 * `offline` needs no token, since no source is asked.
 */
export type Open = (options: {
  readonly config?: string;
  readonly select?: string;
  readonly bundle?: boolean;
  readonly offline?: boolean;
  /** Only what is stored is worked on: where there is no store an empty one is read, and none is made. */
  readonly existing?: boolean;
  /** A server: its log is told at `info`. */
  readonly serves?: boolean;
}) => Promise<Opened>;

/** What each command is given. It returns the exit code. */
export interface Context {
  readonly io: Io;
  readonly open: Open;
}
