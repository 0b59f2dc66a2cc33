import { Liquid, type LiquidError } from 'liquidjs';
import type { Draft } from '../core/draft/model.ts';
import { type MarkdownOptions, type MarkdownParts, partsOf } from './markdown.ts';

/** A template of the configuration with the files of its folder, read before: rendering reads no file. */
export interface TemplateFiles {
  /** The name of the first file, as it stands in `files`. */
  readonly main: string;
  /** Texts by path inside the folder: what `render` and `include` may name. */
  readonly files: Readonly<Record<string, string>>;
}

/** A template that cannot be used; the message names file, line, and the variable or tag that is meant. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

const LIMITS = { parseLimit: 1_000_000, renderLimit: 2_000, memoryLimit: 50_000_000 } as const;

/**
 * What a template sees. Every text is Markdown that is ready and inert; a template says where it stands. `section` has the sections
 * that the draft has, by key, for `{% if section.timeline %}`.
 */
export interface TemplateModel extends MarkdownParts {
  readonly section: Readonly<Record<string, MarkdownParts['sections'][number]>>;
}

/**
 * The draft as a template of the configuration arranges it: it moves sections and blocks, and makes no sentence. It sees the members
 * of its model and nothing else, reads no file beside its own folder's, and ends after two seconds. Throws TemplateError.
 */
export function renderTemplate(draft: Draft, { main, files }: TemplateFiles, options: MarkdownOptions = {}): string {
  const parts = partsOf(draft, options);
  const model: TemplateModel = { ...parts, section: Object.fromEntries(parts.sections.map((own) => [own.key, own])) };
  try {
    return String(openEngine({ main, files }).renderFileSync(main, model));
  } catch (error) {
    throw explain(error, main);
  }
}

/** Names that Liquid itself gives inside a loop: its analysis does not know them in a file that is rendered for each of a list. */
const LOOPS: readonly string[] = ['forloop', 'tablerowloop'];

const MODEL = {
  title: true,
  facts: true,
  sections: true,
  section: true,
  lost: true,
  sources: true,
} as const satisfies Record<keyof TemplateModel, true>;

/** What is wrong with a template whatever the draft: its syntax, its filters, its links, a name that it is not given. */
export function templateProblem({ main, files }: TemplateFiles): string | undefined {
  try {
    const engine = openEngine({ main, files });
    for (const [name, text] of Object.entries(files)) engine.parse(text, name);
    return unknownName(engine, main);
  } catch (error) {
    return explain(error, main).message;
  }
}

/** A variable of the first file, or of one that it renders, that no draft has. */
function unknownName(engine: Liquid, main: string): string | undefined {
  const { globals } = engine.analyzeSync(engine.parseFileSync(main));
  const [name] = Object.keys(globals).filter((name) => !Object.hasOwn(MODEL, name) && !LOOPS.includes(name));
  if (name === undefined) return undefined;
  const { file = main, row } = globals[name]?.[0]?.location ?? { row: 1 };
  return `${file}:${row}: undefined variable: ${name}`;
}

function openEngine({ files }: TemplateFiles): Liquid {
  for (const [name, text] of Object.entries(files)) refuseLinks(name, text);
  return new Liquid({
    templates: { ...files },
    // A templates map alone counts; nothing is looked for on disk.
    relativeReference: false,
    ownPropertyOnly: true,
    strictVariables: true,
    strictFilters: true,
    // `{% if section.lessons %}` asks whether the draft has one.
    lenientIf: true,
    ...LIMITS,
  });
}

/** Addresses that the template's own text gives. Those in the draft's texts were checked when they were written. */
const ADDRESS = /(?:\]\(\s*<?|\]:\s*<?|\b(?:href|src)\s*=\s*["']?|<)\s*(?:(?<scheme>[a-z][a-z0-9+.-]*):|(?<made>\{\{))/gi;

function refuseLinks(name: string, text: string): void {
  for (const { index, groups } of text.matchAll(ADDRESS)) {
    const line = text.slice(0, index).split('\n').length;
    if (groups?.['made'])
      throw new TemplateError(`${name}:${line}: an address cannot be made of a variable: the draft's texts hold their links`);
    const scheme = groups?.['scheme'] ?? '';
    if (!/^https?$/i.test(scheme)) throw new TemplateError(`${name}:${line}: a link may lead to http and https, not to ${scheme}:`);
  }
}

function explain(error: unknown, main: string): TemplateError {
  if (error instanceof TemplateError) return error;
  if (!isLiquidError(error))
    return new TemplateError(`${main}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  const [line] = error.token.getPosition();
  const said = error.message
    .replace(/(?:, file:[^,]*)?, line:\d+, col:\d+$/, '')
    .replace(/^ENOENT: Failed to lookup "(.*?)" in ".*"$/, 'no file $1 in the folder of the template');
  return new TemplateError(`${error.token.file ?? main}:${line}: ${said}`, { cause: error });
}

function isLiquidError(
  error: unknown,
): error is LiquidError & { readonly token: { readonly file?: string; getPosition(): [number, number] } } {
  return (
    error instanceof Error && 'token' in error && typeof error.token === 'object' && error.token !== null && 'getPosition' in error.token
  );
}
