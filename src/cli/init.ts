import { parseDocument, stringify } from 'yaml';
import { AppError } from '../app/errors.ts';
import type { Context } from './io.ts';
import { withProgress } from './progress.ts';

export interface InitFlags {
  readonly write?: boolean;
  readonly config?: string;
}

/** `hindcast init`: what the sources have, as `services:` for the configuration. Writes nothing without `--write`. */
export async function runInit({ io, open }: Context, flags: InitFlags): Promise<number> {
  const { app, settings, close } = await open(flags.config === undefined ? {} : { config: flags.config });
  try {
    if (flags.write && settings.services.length > 0) {
      const names = settings.services.map(({ name }) => name).join(', ');
      throw new AppError('usage', `${settings.path} has services already (${names}): leave out --write, and take over what is missing`);
    }
    const { services, problems } = await withProgress(io, 'asking every source', () => app.propose(io.signal));
    for (const problem of problems) io.err(`could not be asked: ${problem}\n`);
    if (services.length === 0) {
      io.err('the sources name nothing that a service could own: write `services:` by hand\n');
      return 0;
    }
    io.out(stringify({ services }, { lineWidth: 0 }));
    if (!flags.write) return 0;
    const path = settings.path ?? 'hindcast.yaml';
    const before = settings.path === undefined ? stringify({ sources: sourcesOf(settings.sources) }) : io.readFile(path);
    io.writeFile(path, withServices(before, services));
    io.err(`services written to ${path}: read them before you rely on them\n`);
    return 0;
  } finally {
    await close();
  }
}

function sourcesOf(sources: Readonly<Record<string, { readonly config: unknown }>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(sources).map(([name, { config }]) => [name, config]));
}

/** The file as it is, with its comments, and the services in it. */
function withServices(text: string, services: unknown): string {
  const document = parseDocument(text);
  document.set('services', document.createNode(services));
  return document.toString({ lineWidth: 0 });
}
