import { setTimeout as wait } from 'node:timers/promises';
import { isLoopback } from '../api/auth.ts';
import { buildServer } from '../api/server.ts';
import { AppError } from '../app/errors.ts';
import type { Context, Opened } from './io.ts';

export interface ServeFlags {
  readonly config?: string;
  readonly host?: string;
  readonly port?: string;
}

/** `hindcast serve`: the API until an interrupt; what runs by then is finished. */
export async function runServe({ io, open }: Context, flags: ServeFlags): Promise<number> {
  const opened = await open({ serves: true, ...(flags.config !== undefined && { config: flags.config }) });
  const { app, settings, tokens, webhook, log, service, close } = opened;
  try {
    // As a URL writes an IPv6 address, and no socket does.
    const host = (flags.host ?? settings.server.host).replace(/^\[(.*)\]$/, '$1');
    const port = readPort(flags.port, settings.server.port);
    if (tokens.length === 0 && !isLoopback(host)) {
      throw new AppError(
        'config',
        `${settings.server.tokens_env} is not set, and without tokens the API is served on a loopback address only, not on ${host}. ` +
          `Set ${settings.server.tokens_env}=name:write:SECRET (at least 24 random characters), or serve on 127.0.0.1`,
      );
    }
    const backfills = service && (async () => (await service()).backfills);
    const { requests_per_minute: requestsPerMinute, trust_proxy: trustProxy } = settings.server;
    const { template } = settings;
    const server = await buildServer({ app, tokens, webhook, backfills, log, requestsPerMinute, trustProxy, template });
    const address = await server.listen({ host, port }).catch((error: unknown) => refuseAddress(error, host, port));
    io.err(`serving on ${address} (its page at ${address}/docs, OpenAPI at ${address}/openapi.json)\n`);
    const drafting = webhook ? app.keepDrafting(io.signal) : Promise.resolve();
    const working = service ? workOnJobs(service, io.signal, log) : Promise.resolve();
    await new Promise<void>((resolve) => {
      if (io.signal.aborted) resolve();
      io.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.all([server.close(), drafting, working]);
    return 0;
  } finally {
    await close();
  }
}

/** Jobs and the schedule until it is told to stop. A store that is away when the API starts is waited for. */
async function workOnJobs(open: NonNullable<Opened['service']>, stop: AbortSignal, log: Opened['log']): Promise<void> {
  while (!stop.aborted) {
    try {
      const service = await open();
      await Promise.all([service.work(stop), service.keepSchedule(stop), service.keepRetention(stop)]);
    } catch (error) {
      log.warn({ cause: error instanceof Error ? error.message : String(error) }, 'queue not opened');
      await wait(STORE_AWAY_MS, undefined, { signal: stop }).catch(() => undefined);
    }
  }
}

/** Between two tries to open the queue. */
const STORE_AWAY_MS = 5_000;

const LISTEN_PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there: stop it, or choose another with --port',
  EACCES: 'permission denied: choose a port from 1024 on with --port',
  EADDRNOTAVAIL: 'no interface of this machine has that address: choose another with --host',
  ENOTFOUND: 'that name has no address: choose another with --host',
};

function refuseAddress(error: unknown, host: string, port: number): never {
  const problem = error instanceof Error && 'code' in error ? LISTEN_PROBLEMS[String(error.code)] : undefined;
  if (problem === undefined) throw error;
  throw new AppError('config', `cannot serve on ${host}, port ${port}: ${problem}`, { cause: error });
}

function readPort(flag: string | undefined, configured: number): number {
  if (flag === undefined) return configured;
  const port = Number(flag);
  if (/^\d{1,5}$/.test(flag) && port <= 65_535) return port;
  throw new AppError('usage', `--port ${JSON.stringify(flag)} is not a port: write a number from 0 to 65535`);
}
