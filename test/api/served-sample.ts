import type { FastifyInstance } from 'fastify';
import { type Staged, stage } from '../../demo/run.ts';
import { buildServer, type ServerOptions } from '../../src/api/server.ts';
import { type OpenedApp, openApp } from '../../src/compose.ts';
import { parseInstant } from '../../src/core/time.ts';

export const READ = 'r'.repeat(30);
export const WRITE = 'w'.repeat(30);
export const TOKENS = [
  { name: 'dashboard', scope: 'read', secret: READ },
  { name: 'ann', scope: 'write', secret: WRITE },
] as const;

/** The sample incident behind the API, with nothing drafted yet. */
export interface ServedSample extends Pick<OpenedApp, 'app' | 'log'> {
  readonly staged: Staged;
  readonly server: FastifyInstance;
  /** The incident's, at its pager. */
  readonly id: string;
  close(): Promise<void>;
}

/** Serves the sample as at the hour of its world, to the two `TOKENS` unless others are given. */
export async function serveSample(options: Partial<Omit<ServerOptions, 'app'>> = {}): Promise<ServedSample> {
  const staged = await stage();
  const now = parseInstant(staged.world.now);
  const opened = await openApp({ config: staged.config, env: staged.env, cwd: '.', ...(now && { now }) });
  const { app, log } = opened;
  const server = await buildServer({ app, tokens: TOKENS, log, requestsPerMinute: 10_000, ...options });
  return {
    app,
    log,
    staged,
    server,
    id: staged.world.truth.incident,
    close: async () => {
      await server.close();
      await opened.close();
      await staged.close();
    },
  };
}
