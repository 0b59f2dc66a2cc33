import { type Instant, parseInstant, type Window } from '../core/time.ts';
import type { Select } from './app.ts';
import { AppError } from './errors.ts';

/** The id of a window that never paged: `w~20240115T143200Z~20240115T145700Z~api`. */
export function windowId(window: Window, service?: string): string {
  const ends = `w~${compactOf(window.from)}~${compactOf(window.to)}`;
  return service === undefined ? ends : `${ends}~${service}`;
}

/** What an imported bundle is filed under, from what a person or a path writes: `bundle:<root>` or `bundle~<root>`. */
export function bundleKey(text: string): string | undefined {
  return /^bundle[:~]/.test(text) ? text.replace(/^bundle~/, 'bundle:') : undefined;
}

/** The key of a case as a path, a command and a file name take it: `pagerduty~PABC`, `bundle~sha256:…`; a window's is such already. */
export function pathIdOf(key: string): string {
  return key.replace('/incident:', '~').replace(/^bundle:/, 'bundle~');
}

/** Reads a window's id back; nothing where the text is none. */
export function parseWindowId(text: string): Extract<Select, { kind: 'window' }> | undefined {
  const [, from, to, service] = /^w~([^~]+)~([^~]+)(?:~(.+))?$/.exec(text) ?? [];
  const window = { from: expand(from ?? ''), to: expand(to ?? '') };
  if (!window.from || !window.to) return undefined;
  return { kind: 'window', window: { from: window.from, to: window.to }, ...(service !== undefined && { service }) };
}

function compactOf(instant: Instant): string {
  return instant.replaceAll(/[-:]|\.000/g, '');
}

function expand(compact: string): Instant | undefined {
  const [, year, month, day, hour, minute, rest] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d(?:\.\d{3})?Z)$/.exec(compact) ?? [];
  return parseInstant(`${year}-${month}-${day}T${hour}:${minute}:${rest}`);
}

/**
 * The key of an incident, `SOURCE/incident:ID`, from what a person writes: an id, a number, the URL of its page (or of a
 * page below it), `SOURCE/ID`, `SOURCE~ID`, or the key itself. `sources` are those that have incidents.
 * Throws AppError('usage') where several sources could be meant or the text is none of these, AppError('config') with no source.
 */
export function incidentKeyOf(text: string, sources: readonly string[]): string {
  const { source, id } = readIncident(text.trim());
  if (source !== undefined && sources.includes(source)) return `${source}/incident:${id}`;
  if (source !== undefined) {
    throw new AppError(
      'usage',
      `${JSON.stringify(text)} names the source ${source}; configured with incidents: ${sources.join(', ') || 'none'}`,
    );
  }
  const [only, another] = sources;
  if (only === undefined) {
    throw new AppError(
      'config',
      'no source with incidents is configured: set PAGERDUTY_TOKEN, or name a pagerduty source in hindcast.yaml',
    );
  }
  if (another !== undefined) {
    throw new AppError('usage', `several sources have incidents: write ${sources.map((name) => `${name}/${id}`).join(' or ')}`);
  }
  return `${only}/incident:${id}`;
}

const FORMS = [
  /^https?:\/\/[^/?#]+\/incidents\/(?<id>[A-Za-z0-9]+)(?:[/?#].*)?$/,
  /^(?<source>[^/~]+)[/~](?:incident:)?(?<id>[A-Za-z0-9]+)$/,
  /^#?(?<id>[A-Za-z0-9]+)$/,
] as const;

function readIncident(text: string): { readonly source?: string; readonly id: string } {
  for (const form of FORMS) {
    const { source, id } = form.exec(text)?.groups ?? {};
    if (id !== undefined) return { id, ...(source !== undefined && { source }) };
  }
  throw new AppError(
    'usage',
    `${JSON.stringify(text)} is no incident: write its id (PABC123), its number, its PagerDuty URL (https://acme.pagerduty.com/incidents/PABC123), or SOURCE/ID`,
  );
}
