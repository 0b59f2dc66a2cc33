import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Staged, stage } from '../../demo/run.ts';
import type { World } from '../../demo/world.ts';
import type { App, Drafted } from '../../src/app/app.ts';
import { openApp } from '../../src/compose.ts';
import { parseEvidenceId } from '../../src/core/evidence.ts';
import type { Instant } from '../../src/core/time.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { instant } from './events.ts';

export const at = (clock: string) => instant(`2024-01-15T${clock}Z`);
export const selectOf = ({ world }: Staged, id = world.truth.incident) => ({ kind: 'incident', id }) as const;

/** The world as it stood at `now`, behind stand-ins of its own, and an app that reads it. */
export async function openAt(now: string, change?: (world: World) => World) {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-as-of-'));
  const staged = await stage({ now, folder, ...(change && { change }) });
  const opened = await openApp({ config: staged.config, env: staged.env, cwd: '.', now: instant(now) });
  const close = async () => {
    await opened.close();
    await staged.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { staged, app: opened.app, close };
}

/**
 * All that a reader and a program see, but for what must differ: when it was taken, the draft's id, and the hashes of objects
 * that have changed since. These stand as the objects that they are the hashes of.
 */
export async function seenOf(app: App, { draft }: Drafted): Promise<string> {
  const same: typeof draft = { ...draft, id: 'the draft', case: { ...draft.case, takenAt: at('00:00:00') } };
  const text = `${JSON.stringify(same, null, 1)}\n${renderMarkdown(same)}`;
  const names = new Map<string, string>();
  for (const hash of new Set(text.match(/sha256:[0-9a-f]{64}/g))) {
    const id = parseEvidenceId(hash);
    const record = id && (await app.evidence(id));
    if (record) names.set(hash, `${record.source}/${record.stream}/${record.nativeId}`);
  }
  // Beside a block's key stands the digest of its text and citations.
  return text
    .replaceAll(/sha256:[0-9a-f]{64}/g, (hash) => names.get(hash) ?? hash)
    .replaceAll(/(<!-- \S+) [0-9a-f]{10} (e\d+ -->)/g, '$1 $2');
}

/** What whoever drafted at that moment saw: of the world's incident, or of another one. */
export async function draftThen(time: Instant, change?: (world: World) => World, incident?: string): Promise<string> {
  const { app, staged, close } = await openAt(time, change);
  try {
    return await seenOf(app, await app.draft({ select: selectOf(staged, incident), asOf: time }));
  } finally {
    await close();
  }
}
