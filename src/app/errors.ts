/** Every way a use case can refuse, with what its surfaces answer: the closed list. */
export const APP_ERRORS = {
  /** The command line, a body or a query says something that we cannot act on. */
  usage: { exit: 2, status: 400, title: 'The request cannot be understood' },
  /** The configuration, or a variable that it names, is wrong or missing. */
  config: { exit: 2, status: 500, title: 'The configuration is not usable' },
  /** The incident's own record does not exist at its source. */
  unknown_incident: { exit: 4, status: 404, title: 'No such incident' },
  /** A draft, snapshot or evidence record that the store does not hold. */
  not_stored: { exit: 4, status: 404, title: 'Not in the store' },
  /** The incident's own record could not be read, or no source answered. */
  unreadable: { exit: 4, status: 502, title: 'The incident could not be read' },
  /** The store is full, locked, read-only or damaged. One that cannot be opened at all is `config`. */
  store: { exit: 4, status: 503, title: 'The store cannot be used' },
  /** A rebuilt document differs from the stored one, or a file disagrees with itself. */
  not_reproduced: { exit: 5, status: 409, title: 'Not reproduced' },
  /** Somebody wrote the same block since: both texts are in the error's details, and nothing was written. */
  conflict: { exit: 5, status: 409, title: 'Somebody edited this block meanwhile' },
  /** Words cannot change what is computed: a fact can. */
  computed: { exit: 2, status: 422, title: 'This block is computed' },
  interrupted: { exit: 130, status: 503, title: 'Interrupted' },
} as const satisfies Record<string, { readonly exit: number; readonly status: number; readonly title: string }>;

/** What went wrong, by the name that tells its exit code and its HTTP status. */
export type AppErrorCode = keyof typeof APP_ERRORS;

/** The only error that a use case throws on purpose. The message says what is wrong and what to do; it carries no secret. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: AppErrorCode;
  /** What a program may read of it, beside the message. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: AppErrorCode, message: string, options?: { cause?: unknown; details?: Readonly<Record<string, unknown>> }) {
    super(message, options);
    this.code = code;
    this.details = options?.details ?? {};
  }
}
