import { stage } from '../../demo/run.ts';
import { openApp } from '../../src/compose.ts';
import { parseInstant } from '../../src/core/time.ts';

/** The sample incident, pulled from the stand-ins and exported as a bundle's text. */
export async function exportSample(): Promise<string> {
  const staged = await stage();
  const now = parseInstant(staged.world.now);
  if (!now) throw new Error('the world has no now');
  const { app, close } = await openApp({ config: staged.config, env: staged.env, cwd: '.', now });
  try {
    await app.draft({ select: { kind: 'incident', id: staged.world.truth.incident } });
    return await app.exportBundle(staged.world.truth.incident, { roles: false });
  } finally {
    await close();
    await staged.close();
  }
}
