import { createHash } from 'node:crypto';
import type { App, Drafted } from '../app/app.ts';
import { arranged } from '../app/arranged.ts';
import type { TemplateTexts } from '../app/ports.ts';
import { tracedNow } from '../app/trace.ts';
import { renderHtml } from '../render/html.ts';
import { renderJson } from '../render/json.ts';
import { renderMarkdown } from '../render/markdown.ts';

const WRITERS = {
  'application/json': renderJson,
  'text/markdown': renderMarkdown,
  'text/html': renderHtml,
} as const satisfies Record<string, (draft: Drafted['draft']) => string>;

/** The formats that a draft is given in. */
export type DraftKind = keyof typeof WRITERS;

/** A text as it is sent, with its tag. */
export interface Written {
  readonly bytes: Buffer;
  /** Strong, in quotes. */
  readonly tag: string;
}

/** Drafts of one server, as they were sent last. */
export interface DraftTexts {
  /** The newest draft of an incident. Throws AppError('not_stored'). */
  newest(id: string, kind: DraftKind): Promise<Written>;
  write(drafted: Drafted, kind: DraftKind): Written;
}

interface TextOptions {
  readonly elapsedMs?: () => number;
  /** The configuration's: Markdown is arranged by it. */
  readonly template?: TemplateTexts | undefined;
}

interface Kept extends Written {
  readonly until: number;
}

/** All texts together; a draft of a long incident is some hundred kilobytes. */
const MAX_BYTES = 32 * 1_048_576;
/** What was purged from the store must not be told for longer. */
const KEEP_MS = 60_000;

/**
 * Keeps the texts of drafts that were sent in the last minute, by the draft's id: the same id is the same text, so that only the
 * id has to be looked up. The oldest go first where they grow too large together.
 */
export function keepTexts(app: App, { elapsedMs = () => performance.now(), template }: TextOptions = {}): DraftTexts {
  const kept = new Map<string, Kept>();
  let size = 0;
  const drop = (key: string) => {
    size -= kept.get(key)?.bytes.length ?? 0;
    kept.delete(key);
  };
  const write = ({ draftId, draft }: Drafted, kind: DraftKind): Written => {
    const isArranged = kind === 'text/markdown' && template !== undefined;
    const bytes = Buffer.from(isArranged ? arranged(draft, template) : WRITERS[kind](draft));
    const written = { bytes, tag: tagOf(bytes), until: elapsedMs() + KEEP_MS };
    drop(`${kind} ${draftId}`);
    kept.set(`${kind} ${draftId}`, written);
    size += bytes.length;
    for (const key of kept.keys()) {
      if (size <= MAX_BYTES) break;
      drop(key);
    }
    return written;
  };
  const render: typeof write = (drafted, kind) => tracedNow('render', { format: kind }, () => write(drafted, kind));
  return {
    newest: async (id, kind) => {
      const draftId = await app.newest(id);
      const known = draftId === undefined ? undefined : kept.get(`${kind} ${draftId}`);
      return known && known.until > elapsedMs() ? known : render(await app.stored(id), kind);
    },
    write: render,
  };
}

/** The tag of a text: equal texts have equal ones. */
export function tagOf(text: string | Buffer): string {
  return `"${createHash('sha256').update(text).digest('base64url')}"`;
}
