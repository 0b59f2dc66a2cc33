import { escapeMarkup } from '../render/escape-markup.ts';
import { HTML_STYLE } from '../render/html-style.ts';
import { type Field, fieldsOf, type Shape, typeOf } from './page-shapes.ts';

/** What OpenAPI says of the API, as far as the page shows it. */
export interface Description {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly 'x-problems'?: readonly { readonly code: string; readonly status: number; readonly title: string }[];
}

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema: Shape;
  }[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses?: Readonly<Record<string, { readonly description?: string; readonly content?: Content }>>;
}

type Content = Readonly<Record<string, { readonly schema?: Shape }>>;

interface Route extends Operation {
  readonly method: string;
  readonly path: string;
}

const STYLE = `${HTML_STYLE}
h3{font-size:1.05rem;margin:2rem 0 .25rem;overflow-wrap:anywhere}
h3 code{font-size:1rem}
h4{font-size:.85rem;margin:1rem 0 .25rem;color:var(--soft)}
.method{display:inline-block;min-width:4.2rem}
.scope{color:var(--soft);margin:.1rem 0}
details{margin:.35rem 0;border:1px solid var(--line);border-radius:6px;padding:.3rem .7rem}
summary{cursor:pointer}
td:first-child code{white-space:nowrap}
`.replaceAll('\n', '');

/** The page of the API, made from its description alone: no script, no font and no image, in light, dark and print. */
export function renderPage({ info, paths = {}, 'x-problems': problems = [] }: Description): string {
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Route => ({ ...operation, method: method.toUpperCase(), path })),
  );
  const byTag = [...Map.groupBy(routes, ({ tags }) => tags?.[0] ?? 'other')];
  const links = [...byTag.map(([tag]) => tag), 'problems'].map((tag) => `<li><a href="#${anchorOf(tag)}">${escapeMarkup(tag)}</a></li>`);
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta name="color-scheme" content="light dark"><title>${escapeMarkup(info.title)}: API</title><style>${STYLE}</style></head><body><main>`,
    `<h1>${escapeMarkup(info.title)}: API ${escapeMarkup(info.version)}</h1>`,
    paragraph(info.description),
    '<p>Where a route needs a token, send <code>Authorization: Bearer SECRET</code>. A token has the scope <code>read</code> or <code>write</code>; ',
    'one that writes reads too. Bodies are JSON, and a field that is not named here is refused. ',
    'The same as <a href="openapi.json">OpenAPI 3.1</a>.</p>',
    `<nav aria-label="Parts"><ul>${links.join('')}</ul></nav>`,
    `<h2 id="routes">Routes</h2>${overviewOf(routes)}`,
    ...byTag.map(([tag, of]) => `<h2 id="${anchorOf(tag)}">${escapeMarkup(capital(tag))}</h2>${of.map(routeOf).join('')}`),
    problemsOf(problems),
    '</main></body></html>\n',
  ].join('');
}

function overviewOf(routes: readonly Route[]): string {
  const rows = routes.map((route) => {
    const name = `${route.method} ${route.path}`;
    return `<tr><td><a href="#${anchorOf(name)}"><code>${escapeMarkup(name)}</code></a></td><td>${scopeOf(route)}</td><td>${wordsOf(route.summary ?? '')}</td></tr>`;
  });
  const head = '<thead><tr><th>route</th><th>token</th><th></th></tr></thead>';
  return `<div class="table"><table>${head}<tbody>${rows.join('')}</tbody></table></div>`;
}

function routeOf(route: Route): string {
  const { method, path, summary = '', description, parameters = [], requestBody, responses = {} } = route;
  const body = requestBody?.content['application/json']?.schema;
  return [
    `<section><h3 id="${anchorOf(`${method} ${path}`)}"><code><span class="method">${method}</span> ${escapeMarkup(path)}</code></h3>`,
    `<p>${wordsOf(summary)}.</p>`,
    paragraph(description),
    `<p class="scope">Token: ${scopeOf(route)}.</p>`,
    parameters.length > 0 ? `<h4>Parameters</h4>${tableOf(parameters.map(parameterOf))}` : '',
    body ? `<h4>Body</h4>${bodyOf(body)}` : '',
    '<h4>Answers</h4>',
    ...Object.entries(responses).map(([status, answer]) => answerOf(status, answer)),
    '</section>',
  ].join('');
}

function scopeOf({ security = [] }: Operation): string {
  const scopes = security.flatMap((one) => one['token'] ?? []);
  if (scopes.length > 0) return `<strong>${scopes.map(escapeMarkup).join(', ')}</strong>`;
  return security.some((one) => one['signature']) ? 'none, but the body is signed' : 'none';
}

type Parameter = NonNullable<Operation['parameters']>[number];

function parameterOf({ name, in: place, required = false, description, schema }: Parameter): Field {
  return { name: `${name} (${place})`, type: typeOf(schema), isRequired: required, description: description ?? schema.description ?? '' };
}

function bodyOf(body: Shape): string {
  const fields = fieldsOf(body);
  return fields.length === 0 ? `<p>${escapeMarkup(typeOf(body))}</p>` : tableOf(fields);
}

function answerOf(
  status: string,
  { description = '', content = {} }: { readonly description?: string; readonly content?: Content },
): string {
  const kinds = Object.keys(content);
  const fields = Object.values(content).flatMap(({ schema }) => (schema ? fieldsOf(schema) : []));
  const named = `<strong>${status === 'default' ? 'otherwise' : escapeMarkup(status)}</strong> ${wordsOf(description)}`;
  const line = `${named}${kinds.length > 0 ? ` <code>${kinds.map(escapeMarkup).join('</code>, <code>')}</code>` : ''}`;
  return fields.length === 0 ? `<p>${line}</p>` : `<details><summary>${line}</summary>${tableOf(fields)}</details>`;
}

function tableOf(fields: readonly Field[]): string {
  const rows = fields.map(
    ({ name, type, isRequired, description }) =>
      `<tr><td><code>${escapeMarkup(name)}</code></td><td>${escapeMarkup(type)}</td><td>${isRequired ? 'yes' : 'no'}</td><td>${wordsOf(description)}</td></tr>`,
  );
  const head = '<thead><tr><th>name</th><th>is</th><th>needed</th><th></th></tr></thead>';
  return `<div class="table"><table>${head}<tbody>${rows.join('')}</tbody></table></div>`;
}

function problemsOf(problems: NonNullable<Description['x-problems']>): string {
  const rows = problems.map(
    ({ code, status, title }) =>
      `<tr><td><code>urn:hindcast:problem:${escapeMarkup(code)}</code></td><td>${status}</td><td>${escapeMarkup(title)}</td></tr>`,
  );
  const words =
    'Every error is <code>application/problem+json</code> (RFC 9457): a stable <code>type</code>, and the id under which the log has it.';
  const head = '<thead><tr><th>type</th><th>status</th><th></th></tr></thead>';
  return `<h2 id="problems">Problems</h2><p>${words}</p><div class="table"><table>${head}<tbody>${rows.join('')}</tbody></table></div>`;
}

function paragraph(text: string | undefined): string {
  return text === undefined ? '' : `<p>${wordsOf(text)}</p>`;
}

/** Words of a description, with what stands in backquotes as code. */
function wordsOf(text: string): string {
  return escapeMarkup(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

function anchorOf(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
