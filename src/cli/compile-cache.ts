import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Has Node keep what it compiled, so that the next command starts sooner. It stands in the user's own cache folder, not in the shared
 * temporary one that is Node's default: whoever can write there could hand us code. Where it cannot be kept, a command starts as slowly
 * as the first did. `NODE_COMPILE_CACHE` names another folder, `NODE_DISABLE_COMPILE_CACHE=1` ends it.
 * Source: nodejs.org/api/module.html, module compile cache.
 */
export function keepCompiled(env: Readonly<Record<string, string | undefined>>): void {
  const folder = env['NODE_COMPILE_CACHE'] || cacheFolder(env['XDG_CACHE_HOME']);
  // A Node that is too old for us may not know it, and must come as far as saying so.
  if (folder !== undefined) module.enableCompileCache?.(folder);
}

function cacheFolder(ofUser: string | undefined): string | undefined {
  try {
    return join(ofUser || join(homedir(), '.cache'), 'hindcast');
  } catch {
    // A container's user may have no home at all.
    return undefined;
  }
}
